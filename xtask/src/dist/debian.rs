//! The tree as a Debian package, made with Debian's own `dpkg-deb`.

mod control;
mod needs;

use super::contents::{ZSH, gzip};
use super::release::Release;
use super::tools;
use super::tree::{self, Tree};
use crate::engine::{Explain, Failure};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Debian's policy has the licence in `copyright`, and the texts of the usual ones once on each system.
const LEFT_OUT: [&str; 2] = ["share/doc/mooring/LICENSE-APACHE", "share/doc/mooring/LICENSE-MIT"];

pub(super) enum Made {
    Package(PathBuf),
    /// What this machine lacks for it.
    Without(String),
}

/// Makes the package in `out`, by way of a folder in `scratch`.
pub(super) fn build(
    tree: &Tree,
    workspace: &Path,
    release: &Release,
    scratch: &Path,
    out: &Path,
) -> Result<Made, Failure> {
    if let Some(lacking) = lacking() {
        return Ok(Made::Without(lacking));
    }
    let root = scratch.join("package");
    let places = lay_out(tree, release, &root)?;
    let control = root.join("DEBIAN");
    let md5sums = tools::output(Command::new("md5sum").args(&places).current_dir(&root), "coreutils")?;
    tree::write(&control.join("md5sums"), &md5sums, 0o644)?;
    let conffiles: String =
        places.iter().filter(|place| place.starts_with("etc/")).map(|place| format!("/{place}\n")).collect();
    tree::write(&control.join("conffiles"), conffiles.as_bytes(), 0o644)?;
    let packaging = workspace.join("packaging").join("debian");
    for script in SCRIPTS {
        let from = packaging.join(script);
        tree::write(&control.join(script), &fs::read(&from).explain(from.display())?, 0o755)?;
    }
    let description = packaging.join("description");
    let facts = control::Facts {
        release,
        architecture: control::architecture(&release.target)?,
        depends: needs::of_programs(&root.join("usr/bin"))?,
        installed_size_kib: installed_size_kib(tree),
        description: fs::read_to_string(&description).explain(description.display())?,
    };
    tree::write(&control.join("control"), facts.control().as_bytes(), 0o644)?;
    make_timeless(&root, UNIX_EPOCH + Duration::from_secs(release.epoch))?;
    let package = out.join(facts.file_name());
    let mut dpkg = Command::new("dpkg-deb");
    // A third larger than with xz, and ten times as fast.
    dpkg.args(["--root-owner-group", "-Zgzip", "--build"]).arg(&root).arg(&package);
    tools::output(dpkg.env("SOURCE_DATE_EPOCH", release.epoch.to_string()), "dpkg")?;
    Ok(Made::Package(package))
}

/// The first of the tools that is not there.
fn lacking() -> Option<String> {
    let tools = [("dpkg-deb", "dpkg"), ("objdump", "binutils"), ("md5sum", "coreutils")];
    tools.iter().find_map(|(tool, of)| {
        tools::output(Command::new(tool).arg("--version"), of).err().map(|failure| failure.told)
    })
}

/// Puts the files where they are in the package, and says where, sorted.
fn lay_out(tree: &Tree, release: &Release, root: &Path) -> Result<Vec<String>, Failure> {
    let mut places = Vec::new();
    let news = gzip(control::changelog(release).as_bytes())?;
    let news = [("share/doc/mooring/changelog.Debian.gz", news.as_slice())];
    let files = tree.files().filter(|(place, _)| !LEFT_OUT.contains(place)).chain(news);
    for (place, bytes) in files {
        let there = place_in_package(place);
        tree::write(&root.join(&there), bytes, tree::mode(place))?;
        places.push(there);
    }
    places.sort_unstable();
    Ok(places)
}

/// Where a file of the tree is in the package.
fn place_in_package(place: &str) -> String {
    match (place.strip_prefix("etc/"), place.strip_prefix(ZSH)) {
        (Some(_), _) => place.into(),
        (_, Some(name)) => format!("usr/share/zsh/vendor-completions/{name}"),
        _ => format!("usr/{place}"),
    }
}

/// As Debian counts: each file in whole KiB, each folder as one.
fn installed_size_kib(tree: &Tree) -> u64 {
    let folders: std::collections::BTreeSet<_> =
        tree.files().flat_map(|(place, _)| Path::new(place).ancestors().skip(1)).collect();
    let files = tree.files().map(|(_, bytes)| (bytes.len() as u64).div_ceil(1024));
    files.sum::<u64>() + folders.len() as u64
}

/// Gives everything below `path` one time, and folders the usual mode; `dpkg-deb` only makes earlier what is later.
fn make_timeless(path: &Path, time: SystemTime) -> Result<(), Failure> {
    if path.is_dir() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).explain(path.display())?;
        for entry in fs::read_dir(path).explain(path.display())? {
            make_timeless(&entry?.path(), time)?;
        }
    }
    File::open(path).and_then(|file| file.set_modified(time)).explain(path.display())
}

#[cfg(test)]
mod tests {
    use super::place_in_package;

    #[test]
    fn files_lie_where_debian_has_them() {
        assert_eq!(place_in_package("bin/queue"), "usr/bin/queue");
        assert_eq!(place_in_package("etc/lock-janitor.yaml"), "etc/lock-janitor.yaml");
        assert_eq!(
            place_in_package("share/zsh/site-functions/_queue"),
            "usr/share/zsh/vendor-completions/_queue"
        );
    }
}
