//! What a package says of itself.

use crate::dist::release::Release;
use crate::engine::{Failure, fail};
use jiff::Timestamp;
use std::env;

/// What the package of one version is numbered: the first one.
const REVISION: &str = "1";

pub(super) struct Facts<'a> {
    pub(super) release: &'a Release,
    pub(super) architecture: &'static str,
    /// A line of packages.
    pub(super) depends: String,
    pub(super) installed_size_kib: u64,
    /// The first line in brief, all others indented by a blank.
    pub(super) description: String,
}

impl Facts<'_> {
    pub(super) fn file_name(&self) -> String {
        format!("mooring_{}_{}.deb", version(self.release), self.architecture)
    }

    pub(super) fn control(&self) -> String {
        let Self { release, architecture, depends, installed_size_kib, description } = self;
        format!(
            "Package: mooring\n\
             Version: {version}\n\
             Architecture: {architecture}\n\
             Maintainer: {maintainer}\n\
             Installed-Size: {installed_size_kib}\n\
             Depends: {depends}\n\
             Recommends: bash-completion\n\
             Suggests: git\n\
             Section: utils\n\
             Priority: optional\n\
             Description: {description}\n",
            version = version(release),
            maintainer = maintainer(),
            description = description.trim_end(),
        )
    }
}

fn version(release: &Release) -> String {
    format!("{}-{REVISION}", release.version)
}

/// Whoever makes the package, by the variables that Debian's own tools read.
fn maintainer() -> String {
    let name = env::var("DEBFULLNAME").unwrap_or_else(|_| "The Mooring authors".into());
    let address = env::var("DEBEMAIL").unwrap_or_else(|_| "mooring@localhost".into());
    format!("{name} <{address}>")
}

/// The history of the package, in the form that Debian wants; what changed in Mooring is told elsewhere.
pub(super) fn changelog(release: &Release) -> String {
    let time = i64::try_from(release.epoch).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let time = time.unwrap_or(Timestamp::UNIX_EPOCH).strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "mooring ({}) unstable; urgency=medium\n\n  * Version {}; changelog.gz tells what is in it.\n\n -- {}  {time}\n",
        version(release),
        release.version,
        maintainer()
    )
}

/// What Debian calls the processor of `target`.
pub(super) fn architecture(target: &str) -> Result<&'static str, Failure> {
    let known = [
        ("x86_64-unknown-linux-", "amd64"),
        ("aarch64-unknown-linux-", "arm64"),
        ("armv7-unknown-linux-gnueabihf", "armhf"),
        ("i686-unknown-linux-", "i386"),
        ("powerpc64le-unknown-linux-", "ppc64el"),
        ("riscv64gc-unknown-linux-", "riscv64"),
        ("s390x-unknown-linux-", "s390x"),
    ];
    let found = known.iter().find(|(begin, _)| target.starts_with(begin)).map(|(_, name)| *name);
    found.ok_or_else(|| fail(format!("what Debian calls the processor of {target} is not known here")))
}

#[cfg(test)]
mod tests {
    use super::{Facts, architecture, changelog};
    use crate::dist::release::Release;

    fn release() -> Release {
        Release { version: "1.2.3".into(), target: "x86_64-unknown-linux-gnu".into(), epoch: 1_790_000_000 }
    }

    #[test]
    fn a_package_says_what_it_is() {
        let release = release();
        let facts = Facts {
            release: &release,
            architecture: architecture(&release.target).unwrap(),
            depends: "libc6 (>= 2.34)".into(),
            installed_size_kib: 7,
            description: "in brief\n at length\n".into(),
        };
        assert_eq!(facts.file_name(), "mooring_1.2.3-1_amd64.deb");
        let control = facts.control();
        assert!(
            control.starts_with("Package: mooring\nVersion: 1.2.3-1\nArchitecture: amd64\n"),
            "{control}"
        );
        assert!(control.ends_with("\nDescription: in brief\n at length\n"), "{control}");
        assert!(architecture("sparc64-sun-solaris").is_err());
    }

    #[test]
    fn the_history_has_debians_form() {
        let text = changelog(&release());
        assert!(text.starts_with("mooring (1.2.3-1) unstable; urgency=medium\n\n  * "), "{text}");
        assert!(text.ends_with(">  Mon, 21 Sep 2026 14:13:20 +0000\n"), "{text}");
    }
}
