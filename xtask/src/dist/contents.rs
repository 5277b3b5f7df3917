//! Which files are given away, and where each belongs.

use super::release::Release;
use super::tree::Tree;
use super::{notices, tools};
use crate::engine::{Explain, Failure, Programs, fail};
use flate2::{Compression, GzBuilder};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const DOC: &str = "share/doc/mooring";

/// Where zsh looks below a prefix. Debian keeps this folder for other packages' use elsewhere.
pub(super) const ZSH: &str = "share/zsh/site-functions/";

/// The folder in which each shell looks, and what stands around the name of the program there.
const SHELLS: [(&str, &str, [&str; 2]); 3] = [
    ("bash", "share/bash-completion/completions/", ["", ""]),
    ("zsh", ZSH, ["_", ""]),
    ("fish", "share/fish/vendor_completions.d/", ["", ".fish"]),
];

/// What the service manager and its like read.
const SYSTEM: [(&str, &str); 5] = [
    ("lock-janitor.service", "lib/systemd/system/lock-janitor.service"),
    ("lock-janitor-sweep.service", "lib/systemd/system/lock-janitor-sweep.service"),
    ("lock-janitor.timer", "lib/systemd/system/lock-janitor.timer"),
    ("lock-janitor.tmpfiles.conf", "lib/tmpfiles.d/lock-janitor.conf"),
    ("lock-janitor.yaml", "etc/lock-janitor.yaml"),
];

/// What is read by people; a folder with all that is in it. Their links to each other hold.
const DOCS: [&str; 12] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs",
    "examples",
    "atomic-io/README.md",
    "lock-core/README.md",
    "lock-janitor/README.md",
    "queue-cli/README.md",
    "registry/README.md",
];

/// Everything. `scratch` is an empty folder for what programs write.
pub(super) fn gather(
    programs: &Programs,
    workspace: &Path,
    release: &Release,
    scratch: &Path,
) -> Result<Tree, Failure> {
    let mut tree = Tree::default();
    for (name, path) in programs.all() {
        add_program(&mut tree, name, path, scratch)?;
    }
    let packaging = workspace.join("lock-janitor").join("packaging");
    for (file, place) in SYSTEM {
        tree.add_file(place, &packaging.join(file))?;
    }
    for file in ["lock-janitor.yaml", "org.mooring.lock-janitor.plist"] {
        tree.add_file(format!("{DOC}/lock-janitor/packaging/{file}"), &packaging.join(file))?;
    }
    for doc in DOCS {
        add_docs(&mut tree, &workspace.join(doc), doc)?;
    }
    let changes = workspace.join("CHANGELOG.md");
    tree.add(format!("{DOC}/changelog.gz"), gzip(&fs::read(&changes).explain(changes.display())?)?)?;
    tree.add_file(format!("{DOC}/copyright"), &workspace.join("packaging/debian/copyright"))?;
    tree.add(
        format!("{DOC}/third-party.gz"),
        gzip(notices::of_libraries(workspace, &release.target)?.as_bytes())?,
    )?;
    Ok(tree)
}

/// A program without its symbols, its manual pages, and its words for shells.
fn add_program(tree: &mut Tree, name: &str, path: &Path, scratch: &Path) -> Result<(), Failure> {
    let stripped = scratch.join(name);
    tools::output(Command::new("strip").arg("-o").arg(&stripped).arg(path), "binutils")?;
    tree.add_file(format!("bin/{name}"), &stripped)?;
    let pages = scratch.join(format!("{name}-pages"));
    tools::output(Command::new(path).args(["man", "--dir"]).arg(&pages), "this workspace")?;
    for page in files_in(&pages)? {
        let file = name_of(&page)?;
        tree.add(format!("share/man/man1/{file}.gz"), gzip(&fs::read(&page).explain(page.display())?)?)?;
    }
    for (shell, folder, [before, after]) in SHELLS {
        let script = tools::output(Command::new(path).args(["completions", shell]), "this workspace")?;
        tree.add(format!("{folder}{before}{name}{after}"), script)?;
    }
    Ok(())
}

fn add_docs(tree: &mut Tree, path: &Path, name: &str) -> Result<(), Failure> {
    if !path.is_dir() {
        return tree.add_file(format!("{DOC}/{name}"), path);
    }
    for inside in files_in(path)? {
        let file = name_of(&inside)?;
        add_docs(tree, &inside, &format!("{name}/{file}"))?;
    }
    Ok(())
}

fn name_of(path: &Path) -> Result<&str, Failure> {
    let name = path.file_name().and_then(OsStr::to_str);
    name.ok_or_else(|| fail(format!("{} has a name that is no text", path.display())))
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).explain(folder.display())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// Compressed as far as it goes, with neither name nor time in it.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
