//! Which packages the programs need, read from the programs.
//!
//! The dynamic loader refuses a program whose libraries lack a version that it names. So the highest version of glibc that is named
//! is the one that must be installed, whatever the machine has that the program was built on.

use crate::dist::tools;
use crate::engine::{Explain, Failure, fail};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Debian's packages, by the libraries that are in them.
const PACKAGES: [(&str, &str); 4] =
    [("libc.so.6", "libc6"), ("libm.so.6", "libc6"), ("ld-linux", "libc6"), ("libgcc_s.so.1", "libgcc-s1")];

/// What the loader must know to take such a program at all: since glibc 2.36.
const PACKED_RELOCATIONS: &str = "GLIBC_ABI_DT_RELR";

/// The field `Depends` for all programs in `folder`.
pub(super) fn of_programs(folder: &Path) -> Result<String, Failure> {
    let mut packages = BTreeSet::new();
    let mut glibc = (0, 0);
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let program = entry?.path();
        let told = tools::text(Command::new("objdump").arg("-p").arg(&program), "binutils")?;
        packages.extend(packages_of(&told).explain(program.display())?);
        glibc = glibc.max(glibc_of(&told));
    }
    let field = |name| match name {
        "libc6" => format!("libc6 (>= {}.{})", glibc.0, glibc.1),
        other => other.to_owned(),
    };
    Ok(packages.into_iter().map(field).collect::<Vec<_>>().join(", "))
}

fn packages_of(told: &str) -> Result<BTreeSet<&'static str>, Failure> {
    let libraries = told.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
    libraries
        .map(|library| {
            let library = library.trim();
            let found = PACKAGES.iter().find(|(begin, _)| library.starts_with(begin));
            found
                .map(|(_, package)| *package)
                .ok_or_else(|| fail(format!("which package has {library} is not known here")))
        })
        .collect()
}

fn glibc_of(told: &str) -> (u32, u32) {
    let words = told.split_whitespace();
    words.filter_map(version).max().unwrap_or((0, 0))
}

fn version(word: &str) -> Option<(u32, u32)> {
    if word == PACKED_RELOCATIONS {
        return Some((2, 36));
    }
    let mut numbers = word.strip_prefix("GLIBC_")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{glibc_of, packages_of};

    const TOLD: &str = "
Dynamic Section:
  NEEDED               libgcc_s.so.1
  NEEDED               libc.so.6
  NEEDED               ld-linux-x86-64.so.2
Version References:
  required from libc.so.6:
    0x09691a75 0x00 03 GLIBC_2.2.5
    0x069691b4 0x00 02 GLIBC_2.34
    0x0d696919 0x00 09 GLIBC_2.9
";

    #[test]
    fn the_highest_version_counts_and_not_the_last() {
        assert_eq!(glibc_of(TOLD), (2, 34));
        assert_eq!(glibc_of(&format!("{TOLD} 0x00 07 GLIBC_ABI_DT_RELR")), (2, 36));
    }

    #[test]
    fn libraries_are_known_by_their_packages_or_refused() {
        assert_eq!(packages_of(TOLD).unwrap().into_iter().collect::<Vec<_>>(), ["libc6", "libgcc-s1"]);
        let failure = packages_of("  NEEDED   libodd.so.3").unwrap_err();
        assert_eq!(failure.told, "which package has libodd.so.3 is not known here");
    }
}
