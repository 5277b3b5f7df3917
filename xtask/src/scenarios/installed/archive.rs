//! The archive, by the installer that is in it.

use super::clean_root::CleanRoot;
use super::listing::{self, Files};
use super::same_names;
use crate::engine::{Explain, Failure, Stage, fail};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIGURATION: &str = "usr/local/etc/lock-janitor.yaml";

/// What Debian's package has elsewhere or besides, and what it leaves out.
const ZSH: (&str, &str) = ("usr/share/zsh/vendor-completions/", "usr/share/zsh/site-functions/");
const PACKAGE_ALONE: [&str; 1] = ["usr/share/doc/mooring/changelog.Debian.gz"];
const ARCHIVE_ALONE: [&str; 2] =
    ["usr/share/doc/mooring/LICENSE-APACHE", "usr/share/doc/mooring/LICENSE-MIT"];

/// Unpacks it, and says which folder that made.
pub(super) fn unpack(stage: &Stage, archive: &Path) -> Result<PathBuf, Failure> {
    let folder = stage.folder().join("unpacked");
    fs::create_dir_all(&folder).explain(folder.display())?;
    let mut tar = stage.command("tar");
    tar.arg("-xzf").arg(archive).arg("-C").arg(&folder);
    stage.finish(&mut tar, "tar")?.expect(0)?;
    let mut made = fs::read_dir(&folder).explain(folder.display())?;
    match (made.next(), made.next()) {
        (Some(only), None) => Ok(only?.path()),
        _ => Err(fail("the archive is not one folder")),
    }
}

/// Runs the installer for a system below `destdir`, and gives what it says.
pub(super) fn install(
    stage: &Stage,
    unpacked: &Path,
    destdir: &Path,
    words: &[&str],
) -> Result<String, Failure> {
    let mut install = stage.command(unpacked.join("install.sh"));
    install.arg("--destdir").arg(destdir).args(words);
    Ok(stage.finish(&mut install, "install.sh")?.expect(0)?.stdout)
}

/// That the installer puts the same files into `/usr` as the package does, byte for byte, and with the same modes.
pub(super) fn compare(stage: &Stage, unpacked: &Path, package: &Files) -> Result<(), Failure> {
    let folder = stage.folder().join("beside-the-package");
    install(stage, unpacked, &folder, &["--prefix", "/usr"])?;
    let mut ours = listing::files(&folder)?;
    ours.retain(|name, _| !ARCHIVE_ALONE.contains(&name.as_str()));
    let theirs: Files = package
        .iter()
        .filter(|(name, _)| !PACKAGE_ALONE.contains(&name.as_str()))
        .map(|(name, file)| (name.replace(ZSH.0, ZSH.1), file.clone()))
        .collect();
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    let (our_names, their_names) = (names(&ours), names(&theirs));
    same_names(
        "the installer, beside the package",
        our_names.iter().map(String::as_str),
        their_names.iter().map(String::as_str),
    )?;
    match ours.iter().find(|(name, file)| theirs.get(*name) != Some(file)) {
        None => Ok(()),
        Some((name, _)) => {
            Err(fail(format!("{name} is not the same file from the installer and the package")))
        }
    }
}

/// That installing again keeps a changed configuration, and a removal leaves that alone.
pub(super) fn again_and_remove(
    stage: &Stage,
    unpacked: &Path,
    root: &CleanRoot,
    before: &Files,
) -> Result<(), Failure> {
    let configuration = root.path().join(CONFIGURATION);
    let own = "roots: [/srv]\nmin_idle: 3h\n";
    fs::write(&configuration, own).explain(configuration.display())?;
    let said = install(stage, unpacked, root.path(), &[])?;
    let kept = fs::read_to_string(&configuration).explain(configuration.display())? == own;
    if !kept || !said.contains("kept, because it differs") {
        return Err(fail(format!("installing again has not kept the configuration, or not said so: {said}")));
    }
    install(stage, unpacked, root.path(), &["--remove"])?;
    let left = listing::files(root.path())?;
    let wanted = before.keys().map(String::as_str).chain([CONFIGURATION]);
    same_names("after the installer's removal", left.keys().map(String::as_str), wanted)
}
