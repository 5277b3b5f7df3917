//! What is given away, installed where nothing of the sources is in sight.

mod archive;
mod clean_root;
mod listing;
mod made;
mod package;
mod readers;
mod trial;

use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use clean_root::CleanRoot;
use made::Made;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "dist-installed",
    proves: "the package and the archive are the same bytes twice, put everything where it belongs, work in a clean root, and leave when told to",
    clients: &[Client::Queue, Client::Dispatch, Client::Registry, Client::Janitor, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Dpkg, Tool::CleanRoot, Tool::Bash, Tool::Proc],
    bound: Duration::from_secs(900),
    run,
};

pub(crate) const READ: Scenario = Scenario {
    name: "dist-read",
    proves: "man renders every manual page that is installed, and systemd takes the units, wherever they are installed",
    clients: &[],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Man, Tool::SystemdAnalyze],
    bound: Duration::from_secs(900),
    run: readers::run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    stage.step("making it twice");
    let made = Made::with(stage, "first", "022")?;
    made.compare(&Made::with(stage, "second", "077")?)?;
    let package = made.package()?;

    stage.step("the package");
    let root = CleanRoot::make(stage, "of-the-package")?;
    let before = listing::files(root.path())?;
    package::install(stage, &root, package)?;
    let there = listing::files(root.path())?;
    let installed = listing::without(&there, &before);
    package::expect_all(stage, &installed)?;
    trial::try_out(stage, &root, "/usr", "/etc/lock-janitor.yaml")?;
    package::upgrade_keeps_the_configuration(stage, &root, package)?;
    package::remove(stage, &root, &before)?;

    stage.step("the archive");
    let archive = archive::unpack(stage, made.archive()?)?;
    archive::compare(stage, &archive, &installed)?;
    let root = CleanRoot::make(stage, "of-the-archive")?;
    let before = listing::files(root.path())?;
    archive::install(stage, &archive, root.path(), &[])?;
    trial::try_out(stage, &root, "/usr/local", "/usr/local/etc/lock-janitor.yaml")?;
    archive::again_and_remove(stage, &archive, &root, &before)?;

    let bytes = fs::metadata(package).explain(package.display())?.len();
    Ok(format!("{} files, a package of {} kB", installed.len(), bytes / 1000).into())
}

/// That two lists have the same names; otherwise which are on one alone.
fn same_names<'a>(
    what: &str,
    found: impl Iterator<Item = &'a str>,
    wanted: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let found: std::collections::BTreeSet<&str> = found.collect();
    let wanted: std::collections::BTreeSet<&str> = wanted.collect();
    if found == wanted {
        return Ok(());
    }
    let missing: Vec<_> = wanted.difference(&found).collect();
    let too_many: Vec<_> = found.difference(&wanted).collect();
    Err(fail(format!("{what}: missing are {missing:?}, and there should not be {too_many:?}")))
}
