//! The fuzz programs, bounded: what was found once, then generated input.
//!
//! They run as processes of their own: input that exhausts the stack or the memory ends a process, not the matrix.

use crate::engine::{Client, Failure, Fault, Invariant, Scenario, Stage, Verdict, fail};
use crate::fuzz::Target;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "fuzz",
    proves: "generated documents, edits, damaged logs and lock files by the thousand are read as two reference parsers read them, edited as meant, healed, and locked",
    clients: &[Client::Crates],
    faults: &[Fault::BadInput, Fault::TornLog],
    upholds: &[Invariant::NoVersionIsLost, Invariant::UnknownIsKept, Invariant::ErrorsNameTheCause],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[],
    bound: Duration::from_secs(180),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let mut told = Vec::new();
    for target in Target::ALL {
        known_findings(stage, target)?;
        told.push(format!("{} {}", target.name(), generated(stage, target, random.next() % 1_000_000)?));
    }
    Ok(told.join("; ").into())
}

/// Cases that a search found once, and those that are here because no search needs to find them.
fn known_findings(stage: &Stage, target: Target) -> Result<(), Failure> {
    let known = stage.workspace().join("xtask").join("fixtures").join("fuzz").join(target.name());
    stage.step(&format!("{}: what is known", target.name()));
    let mut fuzz = stage.command(stage.client_path());
    fuzz.args(["fuzz", target.name(), "--repeat"]).arg(known);
    stage.finish(&mut fuzz, &format!("{}-known", target.name()))?.expect(0).map(drop)
}

fn generated(stage: &Stage, target: Target, seed: u64) -> Result<String, Failure> {
    // The time is for machines that are busy; on others the cases are used up in a second or two.
    let cases = match target {
        Target::Outline => stage.rounds(40_000, 500_000),
        Target::Edit => stage.rounds(12_000, 150_000),
        Target::EventLog => stage.rounds(5_000, 60_000),
        Target::LockRecord => stage.rounds(10_000, 100_000),
    };
    let seconds = stage.rounds(2, 15);
    stage.step(&format!("{}: {cases} cases, seed {seed}", target.name()));
    let (cases, time, seed) = (cases.to_string(), format!("{seconds}s"), seed.to_string());
    let mut fuzz = stage.command(stage.client_path());
    fuzz.args(["fuzz", target.name(), "--cases", &cases, "--for", &time, "--seed", &seed, "--findings"]);
    fuzz.arg(stage.folder().join("findings"));
    let finished = stage.finish(&mut fuzz, target.name())?;
    if let Some(finding) = finding(&finished.stdout) {
        return Err(fail(format!("{}: {finding}", target.name())));
    }
    let finished = finished.expect(0)?;
    let last = finished.stdout.lines().last().unwrap_or_default();
    let cases = last.split(" cases").next().and_then(|cases| cases.parse::<u64>().ok());
    match cases {
        Some(cases) if cases > 0 => Ok(cases.to_string()),
        _ => Err(fail(format!("{} tried nothing: {}", target.name(), finished.said()))),
    }
}

/// What was found, and how it is repeated, in what a fuzz program printed.
fn finding(printed: &str) -> Option<String> {
    let lines: Vec<&str> = printed.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("repeat it: "))?;
    Some(format!("{}\n{}", lines.get(at.checked_sub(1)?)?, lines[at]))
}

#[cfg(test)]
mod tests {
    use super::finding;

    #[test]
    fn a_finding_is_told_with_the_command_that_repeats_it() {
        let printed =
            "edit: 3 edits\nthe comment is gone\nrepeat it: cargo xtask fuzz\n7 cases in 1 s, 1 findings\n";
        assert_eq!(finding(printed).as_deref(), Some("the comment is gone\nrepeat it: cargo xtask fuzz"));
        assert_eq!(finding("edit: 3 edits\n7 cases in 1 s, 0 findings\n"), None);
    }
}
