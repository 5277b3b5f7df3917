//! `man` and systemd, which read what is installed.

use super::made::Made;
use super::{archive, trial::PROGRAMS};
use crate::engine::{Explain, Failure, Pace, Stage, Verdict, fail};
use std::fs;
use std::path::{Path, PathBuf};

const UNITS: [&str; 3] = ["lock-janitor.service", "lock-janitor-sweep.service", "lock-janitor.timer"];

/// Where systemd has its own units.
const SYSTEM_UNITS: &str = "/usr/lib/systemd/system";

pub(super) fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let made = Made::with(stage, "made", "022")?;
    let unpacked = archive::unpack(stage, made.archive()?)?;
    let mut pages = 0;
    for prefix in ["/usr", "/usr/local"] {
        let root = stage.folder().join(format!("root{}", prefix.replace('/', "-")));
        archive::install(stage, &unpacked, &root, &["--prefix", prefix])?;
        take_units(stage, &root, prefix)?;
        if prefix == "/usr" {
            pages = render_all(stage, &root.join("usr/share/man/man1"))?;
        }
    }
    Ok(format!("{pages} pages, {} units at 2 places", UNITS.len()).into())
}

/// Every page without a warning; in a quick run that of each program.
fn render_all(stage: &Stage, folder: &Path) -> Result<usize, Failure> {
    let mut pages: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).explain(folder.display())? {
        pages.push(entry?.path());
    }
    let name = |page: &Path| {
        page.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".1.gz").to_owned()
    };
    if stage.pace() == Pace::Quick {
        pages.retain(|page| PROGRAMS.contains(&name(page).as_str()));
    }
    for page in &pages {
        let name = name(page);
        stage.step(&format!("the page {name}"));
        let mut man = stage.command("man");
        man.args(["--warnings", "--encoding=UTF-8", "--local-file"]).arg(page);
        man.env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").env_remove("MANPAGER").env_remove("PAGER");
        let rendered = stage.finish(&mut man, &format!("man-{name}"))?.expect(0)?;
        let has_all = ["NAME", "SYNOPSIS"].iter().all(|title| rendered.stdout.contains(title));
        if !has_all || !rendered.stdout.contains(&name) || !rendered.stderr.is_empty() {
            return Err(fail(format!("man shows {name} as: {}", rendered.said())));
        }
    }
    Ok(pages.len())
}

/// What systemd says of the units in a root that has its own, and what they call that is not ours.
fn take_units(stage: &Stage, root: &Path, prefix: &str) -> Result<(), Failure> {
    let system = root.join(SYSTEM_UNITS.trim_start_matches('/'));
    fs::create_dir_all(&system).explain(system.display())?;
    for entry in fs::read_dir(SYSTEM_UNITS).explain(SYSTEM_UNITS)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".target") && entry.path().is_file() {
            fs::copy(entry.path(), system.join(entry.file_name())).explain(entry.path().display())?;
        }
    }
    let kill = root.join("bin/kill");
    fs::create_dir_all(root.join("bin"))
        .and_then(|()| fs::copy("/bin/true", &kill))
        .explain(kill.display())?;
    let mut verify = stage.command("systemd-analyze");
    verify.arg(format!("--root={}", root.display())).arg("verify").args(UNITS);
    // The units name a manual page, which it looks for.
    let manuals = root.join(prefix.trim_start_matches('/')).join("share/man");
    verify.env("MANPATH", manuals).env("LC_ALL", "C.UTF-8");
    let finished = stage.finish(&mut verify, &format!("verify{}", prefix.replace('/', "-")))?.expect(0)?;
    if finished.stderr.is_empty() {
        Ok(())
    } else {
        Err(fail(format!("systemd says of the units below {prefix}: {}", finished.said())))
    }
}
