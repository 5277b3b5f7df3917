//! From the system calls of a program to what they did to the files under one folder.
//!
//! Whatever this does not know for certain is refused by the name of the call: a model that lacks an operation would call states
//! impossible that are not. One thread may change the files, because the order of calls that overlap is not known.

mod calls;

use crate::crash::world::{Change, Node, Operation, Place, ROOT, World};
use crate::judges::trace::{Argument, Call};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Calls that change nothing that a power cut could lose. Reading and `lseek` move the position, which is looked after apart.
const HARMLESS: &[&str] = &[
    "pread64",
    "preadv",
    "preadv2",
    "getdents64",
    "newfstatat",
    "fstat",
    "stat",
    "lstat",
    "statx",
    "statfs",
    "fstatfs",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getcwd",
    "execve",
    "execveat",
    "flock",
    "poll",
    "ppoll",
    "fadvise64",
    "readahead",
    "getxattr",
    "lgetxattr",
    "fgetxattr",
    "listxattr",
    "llistxattr",
    "flistxattr",
    "utimensat",
    "sync_file_range",
    "inotify_add_watch",
    "name_to_handle_at",
    "epoll_ctl",
];

/// What a program did, from what it began with.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) initial: World,
    pub(crate) operations: Vec<Operation>,
}

impl History {
    /// The files after each number of operations, as programs see them.
    pub(crate) fn worlds(&self) -> Vec<World> {
        let mut worlds = vec![self.initial.clone()];
        for operation in &self.operations {
            let mut next = worlds[worlds.len() - 1].clone();
            next.apply(&operation.change);
            worlds.push(next);
        }
        worlds
    }
}

/// An open file; descriptors that are copies of each other share it.
#[derive(Clone, Copy)]
struct Opened {
    node: Node,
    position: usize,
    appends: bool,
}

struct Recorder<'a> {
    root: &'a Path,
    umask: u32,
    folder: PathBuf,
    thread: Option<String>,
    world: World,
    next: Node,
    opened: Vec<Opened>,
    descriptors: HashMap<i64, usize>,
    operations: Vec<Operation>,
}

/// What `calls`, made by a program that began in `root`, did to the files under `root`.
pub(crate) fn record(calls: &[Call], root: &Path, initial: World, umask: u32) -> Result<History, String> {
    let mut recorder = Recorder {
        root,
        umask,
        folder: root.into(),
        thread: None,
        next: initial.bodies.len(),
        world: initial.clone(),
        opened: Vec::new(),
        descriptors: HashMap::new(),
        operations: Vec::new(),
    };
    for call in calls.iter().filter(|call| call.succeeded()) {
        recorder.call(call).map_err(|why| format!("line {}: {}: {why}", call.ended + 1, call.name))?;
    }
    Ok(History { initial, operations: recorder.operations })
}

impl Recorder<'_> {
    fn call(&mut self, call: &Call) -> Result<(), String> {
        if call.name.starts_with("io_uring") {
            return Err("what a program does by io_uring is not seen".into());
        }
        if HARMLESS.contains(&call.name.as_str()) {
            return Ok(());
        }
        let before = self.operations.len();
        match call.name.as_str() {
            "open" | "openat" | "openat2" | "creat" => self.open(call)?,
            "close" => drop(self.descriptors.remove(&number(call, 0)?)),
            "dup" | "dup2" | "dup3" | "fcntl" => self.duplicate(call)?,
            "read" | "readv" | "lseek" => self.move_position(call)?,
            "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2" => self.write(call)?,
            "ftruncate" | "truncate" => self.truncate(call)?,
            "rename" | "renameat" | "renameat2" => self.rename(call)?,
            "link" | "linkat" => self.link(call)?,
            "unlink" | "unlinkat" | "rmdir" => self.unlink(call)?,
            "mkdir" | "mkdirat" => self.make_folder(call)?,
            "chmod" | "fchmod" | "fchmodat" | "fchmodat2" => self.change_mode(call)?,
            // Nothing is asked of the owner of a file; that it was changed has to be synced like anything else.
            "chown" | "lchown" | "fchown" | "fchownat" => self.change_owner(call)?,
            "fsync" | "fdatasync" | "sync" | "syncfs" => self.sync(call)?,
            "chdir" | "fchdir" => self.change_folder(call)?,
            "mmap" if !shares_writing(call) => {}
            "ioctl" if !call.args.contains("FICLONE") => {}
            _ if self.concerns_us(call) => {
                return Err(format!(
                    "this call on a tracked file is not modelled: {}({})",
                    call.name, call.args
                ));
            }
            _ => {}
        }
        if self.operations.len() > before {
            let first = self.thread.get_or_insert_with(|| call.thread.clone());
            if *first != call.thread {
                return Err("a second thread changes the files".into());
            }
        }
        Ok(())
    }

    /// Notes the change, and does it to the files as programs see them.
    fn note(&mut self, change: Change, told: String) {
        self.world.apply(&change);
        self.operations.push(Operation { change, told });
    }
}

/// Looking things up.
impl Recorder<'_> {
    fn opened(&mut self, call: &Call) -> Option<&mut Opened> {
        let opened = *self.descriptors.get(&call.descriptor()?)?;
        self.opened.get_mut(opened)
    }

    /// The node that a call works on, by its descriptor or by its path; `None` if it is not one of ours.
    fn subject(&mut self, call: &Call) -> Result<Option<Node>, String> {
        let first = argument(call, 0)?;
        let is_at = call.name.ends_with("at") || call.name.ends_with("at2");
        if is_at || first.string().is_some() {
            let Some(path) = self.path(call, usize::from(is_at))? else { return Ok(None) };
            return self
                .world
                .find(&path)
                .map(Some)
                .ok_or_else(|| format!("the model has no {}", path.display()));
        }
        if let Some(opened) = self.opened(call) {
            return Ok(Some(opened.node));
        }
        if self.place_is_ours(argument(call, 0)?) {
            Err("its descriptor is not known".into())
        } else {
            Ok(None)
        }
    }

    /// The path in argument `at`, taken from the folder in the argument before it; `None` if it is outside.
    fn path(&self, call: &Call, at: usize) -> Result<Option<PathBuf>, String> {
        let text = argument(call, at)?.string().ok_or("its path is not known")?;
        let before = at.checked_sub(1).and_then(|at| call.arguments.get(at)).and_then(Argument::place);
        let whole = plain(&before.unwrap_or(&self.folder).join(OsStr::from_bytes(text)));
        Ok(whole.strip_prefix(self.root).ok().map(Path::to_path_buf))
    }

    fn place(&self, path: &Path) -> Result<Place, String> {
        let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
            return Err("it is about the tracked folder itself".into());
        };
        let folder =
            self.world.find(parent).ok_or_else(|| format!("the model has no folder {}", parent.display()))?;
        Ok(Place { folder, name: name.into() })
    }

    fn name_of(&self, node: Node) -> String {
        let found = self.world.names.iter().find(|(_, named)| **named == node);
        match found {
            Some((place, _)) => place.name.to_string_lossy().into_owned(),
            None if node == ROOT => "the folder".into(),
            None => "a file without a name".into(),
        }
    }

    fn place_is_ours(&self, argument: &Argument) -> bool {
        argument.place().is_some_and(|path| path.starts_with(self.root))
    }

    fn concerns_us(&self, call: &Call) -> bool {
        let is_known = |argument: &Argument| {
            // AT_FDCWD stands for the folder in every call, whatever it is about.
            argument.number.is_some() && self.place_is_ours(argument)
        };
        let is_path = |path: &PathBuf| plain(path).starts_with(self.root);
        call.arguments.iter().any(is_known) || call.paths(&self.folder).iter().any(is_path)
    }
}

fn shares_writing(call: &Call) -> bool {
    call.args.contains("PROT_WRITE") && call.args.contains("MAP_SHARED")
}

fn argument(call: &Call, at: usize) -> Result<&Argument, String> {
    call.arguments.get(at).ok_or_else(|| format!("argument {at} is missing in ({})", call.args))
}

fn number(call: &Call, at: usize) -> Result<i64, String> {
    let found = argument(call, at)?;
    found.number.ok_or_else(|| format!("argument {at} is no number: {}", found.text))
}

/// Without `.` and `..`. There are no symbolic links in the folders that are tracked.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}
