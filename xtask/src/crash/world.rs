//! What a filesystem holds, and what one operation does to it: names apart from the files that they name, because a power cut may keep
//! the one and lose the other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file or folder, whatever it is called.
pub(crate) type Node = usize;

/// The folder in which everything is.
pub(crate) const ROOT: Node = 0;

/// Where a name can stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) folder: Node,
    pub(crate) name: OsString,
}

/// What a node is, but for its names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Body {
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) bytes: Rc<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    File,
    Folder,
}

/// Something a program did to the files, or said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Names were given, taken, or moved, in one step.
    Names {
        places: Vec<(Place, Option<Node>)>,
        /// The file that took the place of another one by a plain rename, which some filesystems treat with more care.
        took_place: Option<Node>,
    },
    /// A node came into being; its name, if it gets one, is a change of names.
    Made {
        node: Node,
        kind: Kind,
        mode: u32,
    },
    Write {
        file: Node,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: Node,
        size: usize,
    },
    Mode {
        node: Node,
        mode: u32,
    },
    /// fsync, of a file or a folder.
    Sync {
        node: Node,
    },
    /// fdatasync.
    SyncData {
        node: Node,
    },
    /// sync, syncfs.
    SyncAll,
    /// Printed: from here on the program has promised something.
    Said {
        text: String,
    },
}

/// A change, and how a person would say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) change: Change,
    pub(crate) told: String,
}

/// All names and nodes at one moment, as programs see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) names: BTreeMap<Place, Node>,
    pub(crate) bodies: BTreeMap<Node, Body>,
}

/// Files and folders by their paths: what can be compared with a real folder, or made into one.
pub(crate) type Tree = BTreeMap<PathBuf, Body>;

impl World {
    /// The real folder at `root`.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut world = Self::default();
        let mode = mode_of(root)?;
        world.bodies.insert(ROOT, Body { kind: Kind::Folder, mode, bytes: Rc::default() });
        world.read_into(root, ROOT)?;
        Ok(world)
    }

    fn read_into(&mut self, path: &Path, folder: Node) -> io::Result<()> {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let node = self.bodies.len();
            let kind = if entry.file_type()?.is_dir() { Kind::Folder } else { Kind::File };
            let bytes = if kind == Kind::File { fs::read(entry.path())?.into() } else { Rc::default() };
            self.bodies.insert(node, Body { kind, mode: mode_of(&entry.path())?, bytes });
            self.names.insert(Place { folder, name: entry.file_name() }, node);
            if kind == Kind::Folder {
                self.read_into(&entry.path(), node)?;
            }
        }
        Ok(())
    }

    /// Does what the change does, at once and for good.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Names { places, .. } => places.iter().for_each(|(place, node)| self.set(place, *node)),
            Change::Made { node, kind, mode } => {
                self.bodies.insert(*node, Body { kind: *kind, mode: *mode, bytes: Rc::default() });
            }
            Change::Write { file, at, bytes } => self.change(*file, |content| write(content, *at, bytes)),
            Change::Truncate { file, size } => self.change(*file, |content| content.resize(*size, 0)),
            Change::Mode { node, mode } => {
                if let Some(body) = self.bodies.get_mut(node) {
                    body.mode = *mode;
                }
            }
            Change::Sync { .. } | Change::SyncData { .. } | Change::SyncAll | Change::Said { .. } => {}
        }
    }

    pub(crate) fn set(&mut self, place: &Place, node: Option<Node>) {
        match node {
            Some(node) => self.names.insert(place.clone(), node),
            None => self.names.remove(place),
        };
    }

    fn change(&mut self, file: Node, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(body) = self.bodies.get_mut(&file) {
            let mut content = body.bytes.to_vec();
            change(&mut content);
            body.bytes = content.into();
        }
    }

    /// The content of a file; none before it was made.
    pub(crate) fn content(&self, file: Node) -> Rc<[u8]> {
        self.bodies.get(&file).map(|body| Rc::clone(&body.bytes)).unwrap_or_default()
    }

    /// The node at `path`, which is relative to the root.
    pub(crate) fn find(&self, path: &Path) -> Option<Node> {
        path.iter()
            .try_fold(ROOT, |folder, name| self.names.get(&Place { folder, name: name.into() }).copied())
    }

    /// Everything that can be reached from the root.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        self.walk(ROOT, Path::new(""), &mut tree);
        tree
    }

    fn walk(&self, folder: Node, path: &Path, tree: &mut Tree) {
        let from = Place { folder, name: OsString::new() };
        let inside = self.names.range(from..).take_while(|(place, _)| place.folder == folder);
        for (place, node) in inside {
            let Some(body) = self.bodies.get(node) else { continue };
            let path = path.join(&place.name);
            // A folder stands in one place; a state in which it stands in two would never end.
            if tree.insert(path.clone(), body.clone()).is_none() && body.kind == Kind::Folder {
                self.walk(*node, &path, tree);
            }
        }
    }

    /// The files that have a name that can be reached.
    pub(crate) fn named_files(&self) -> Vec<Node> {
        let mut files: Vec<_> = self.names.values().copied().filter(|node| self.is_file(*node)).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    fn is_file(&self, node: Node) -> bool {
        self.bodies.get(&node).is_some_and(|body| body.kind == Kind::File)
    }
}

/// What a write does to a content; a hole before it reads as zeros.
pub(crate) fn write(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

fn mode_of(path: &Path) -> io::Result<u32> {
    Ok(fs::symlink_metadata(path)?.permissions().mode() & 0o7777)
}

/// The first thing in which two trees differ, if any.
pub(crate) fn difference(model: &Tree, real: &Tree) -> Option<String> {
    let names = model.keys().chain(real.keys());
    for name in names {
        let told = match (model.get(name), real.get(name)) {
            (Some(_), None) => "is in the model only".into(),
            (None, Some(_)) => "is in the real folder only".into(),
            (Some(a), Some(b)) if a.kind != b.kind => "is a file in one and a folder in the other".into(),
            (Some(a), Some(b)) if a.mode != b.mode => {
                format!("has mode {:o} in the model, {:o} really", a.mode, b.mode)
            }
            (Some(a), Some(b)) if a.bytes != b.bytes => {
                let at = a.bytes.iter().zip(b.bytes.iter()).take_while(|(a, b)| a == b).count();
                format!(
                    "has {} bytes in the model, {} really, and differs from byte {at} on",
                    a.bytes.len(),
                    b.bytes.len()
                )
            }
            _ => continue,
        };
        return Some(format!("{} {told}", name.display()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Body, Kind, Tree, World, difference, write};
    use std::path::{Path, PathBuf};

    fn file(bytes: &[u8]) -> Body {
        Body { kind: Kind::File, mode: 0o644, bytes: bytes.into() }
    }

    #[test]
    fn a_real_folder_becomes_a_tree_with_its_contents_and_modes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("sub/a"), "x").unwrap();
        let world = World::read(folder.path()).unwrap();
        let tree = world.tree();
        assert_eq!(tree.keys().collect::<Vec<_>>(), [Path::new("sub"), Path::new("sub/a")]);
        assert_eq!(&*tree[Path::new("sub/a")].bytes, b"x");
        assert_eq!(world.find(Path::new("sub/a")), Some(2));
    }

    #[test]
    fn a_write_behind_the_end_leaves_a_hole_of_zeros() {
        let mut content = b"ab".to_vec();
        write(&mut content, 4, b"c");
        assert_eq!(content, b"ab\0\0c");
    }

    #[test]
    fn names_bytes_and_modes_are_compared() {
        let tree: Tree = [(PathBuf::from("a"), file(b"x"))].into();
        assert_eq!(difference(&tree, &tree), None);
        assert!(difference(&tree, &Tree::new()).is_some());
        assert!(difference(&Tree::new(), &tree).is_some());
        assert!(difference(&tree, &[(PathBuf::from("a"), file(b"y"))].into()).is_some());
        let other = Body { mode: 0o600, ..file(b"x") };
        assert!(difference(&tree, &[(PathBuf::from("a"), other)].into()).is_some());
    }
}
