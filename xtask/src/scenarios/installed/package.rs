//! The Debian package, by `dpkg`.

use super::clean_root::{CleanRoot, as_root};
use super::listing::{self, Files};
use super::same_names;
use super::trial::PROGRAMS;
use crate::engine::{Explain, Failure, Finished, Stage, fail};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

const CONFIGURATION: &str = "etc/lock-janitor.yaml";

/// Which of the packages that ours needs are in a clean root; their versions are this system's, which the files are from.
const PRESENT: [&str; 2] = ["libc6", "libgcc-s1"];

/// What is there besides the programs' own.
const OTHERS: [&str; 11] = [
    CONFIGURATION,
    "usr/lib/systemd/system/lock-janitor.service",
    "usr/lib/systemd/system/lock-janitor-sweep.service",
    "usr/lib/systemd/system/lock-janitor.timer",
    "usr/lib/tmpfiles.d/lock-janitor.conf",
    "usr/share/doc/mooring/README.md",
    "usr/share/doc/mooring/changelog.Debian.gz",
    "usr/share/doc/mooring/changelog.gz",
    "usr/share/doc/mooring/copyright",
    "usr/share/doc/mooring/docs/operations.md",
    "usr/share/doc/mooring/third-party.gz",
];

pub(super) fn install(stage: &Stage, root: &CleanRoot, package: &Path) -> Result<(), Failure> {
    let admin = root.path().join("var/lib/dpkg");
    for folder in ["info", "updates", "../../log"] {
        fs::create_dir_all(admin.join(folder)).explain(admin.display())?;
    }
    let form = "Package: ${Package}\nStatus: install ok installed\nMaintainer: ${Maintainer}\n\
                Architecture: ${Architecture}\nVersion: ${Version}\nDescription: copied\n\n";
    let mut query = stage.command("dpkg-query");
    let query = query.args(["--show", "--showformat", form]).args(PRESENT);
    let status = stage.finish(query, "dpkg-query")?.expect(0)?.stdout;
    fs::write(admin.join("status"), status).explain(admin.display())?;
    dpkg(stage, root, "--install", package).map(drop)
}

/// A system without manuals, as containers are, says so in dpkg's configuration; this one has them.
fn dpkg(stage: &Stage, root: &CleanRoot, does: &str, what: impl AsRef<OsStr>) -> Result<Finished, Failure> {
    let mut dpkg = as_root(stage, "dpkg");
    dpkg.arg("--root").arg(root.path()).arg("--path-include=/*").arg(does).arg(what);
    stage.finish(&mut dpkg, "dpkg")?.expect(0)
}

/// That each program, a page for it and each of its verbs, its completions and all the others are there.
pub(super) fn expect_all(stage: &Stage, installed: &Files) -> Result<(), Failure> {
    let mut wanted: Vec<String> = OTHERS.iter().map(ToString::to_string).collect();
    for program in PROGRAMS {
        wanted.extend([
            format!("usr/bin/{program}"),
            format!("usr/share/man/man1/{program}.1.gz"),
            format!("usr/share/bash-completion/completions/{program}"),
            format!("usr/share/zsh/vendor-completions/_{program}"),
            format!("usr/share/fish/vendor_completions.d/{program}.fish"),
        ]);
        let help = stage.finish(stage.program(program)?.arg("--help"), program)?.expect(0)?;
        let verbs = verbs(&help.stdout);
        if verbs.len() < 4 {
            return Err(fail(format!("{program} --help names the verbs {verbs:?} alone")));
        }
        wanted.extend(verbs.iter().map(|verb| format!("usr/share/man/man1/{program}-{verb}.1.gz")));
    }
    let missing: Vec<_> = wanted.iter().filter(|name| !installed.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Err(fail(format!("the package lacks {missing:?}")));
    }
    for (name, file) in installed {
        let mode = if name.starts_with("usr/bin/") { 0o755 } else { 0o644 };
        if file.mode != mode || file.bytes.is_empty() {
            return Err(fail(format!("{name} has the mode {:o} and {} bytes", file.mode, file.bytes.len())));
        }
    }
    Ok(())
}

/// The list of commands in a help.
fn verbs(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = lines.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("  "));
    let words = list.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next());
    words.filter(|verb| *verb != "help").collect()
}

/// That what the owner of the machine has written stays when the package is installed again.
pub(super) fn upgrade_keeps_the_configuration(
    stage: &Stage,
    root: &CleanRoot,
    package: &Path,
) -> Result<(), Failure> {
    let configuration = root.path().join(CONFIGURATION);
    let own = "roots: [/srv]\nmin_idle: 3h\n";
    fs::write(&configuration, own).explain(configuration.display())?;
    dpkg(stage, root, "--install", package)?;
    if fs::read_to_string(&configuration).explain(configuration.display())? == own {
        Ok(())
    } else {
        Err(fail("an upgrade has overwritten the configuration"))
    }
}

/// That a removal leaves the configuration alone, and a purge nothing.
pub(super) fn remove(stage: &Stage, root: &CleanRoot, before: &Files) -> Result<(), Failure> {
    dpkg(stage, root, "--remove", "mooring")?;
    let with_configuration = before.keys().map(String::as_str).chain([CONFIGURATION]);
    let left = listing::files(root.path())?;
    same_names("after the removal", left.keys().map(String::as_str), with_configuration)?;
    dpkg(stage, root, "--purge", "mooring")?;
    let left = listing::files(root.path())?;
    same_names("after the purge", left.keys().map(String::as_str), before.keys().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::verbs;

    #[test]
    fn verbs_are_read_from_a_help() {
        let help = "Does things\n\nUsage: x <COMMAND>\n\nCommands:\n  run   Run\n        and so on\n  man   Print\n  help  Print this\n\nOptions:\n  -x";
        assert_eq!(verbs(help), ["run", "man"]);
    }
}
