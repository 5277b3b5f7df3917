//! The workspace's own tests, counted one by one.

use crate::engine::{Client, Counts, Explain, FEATURES, Failure, Scenario, Stage, Verdict};
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "workspace-tests",
    proves: "every crate does what its own tests and examples say",
    clients: &[Client::CargoTest],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[],
    // Building the tests is in it, on a machine that may be busy.
    bound: Duration::from_secs(45 * 60),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    // In release: what the binaries are made of is compiled already, and the property tests get through more cases.
    let mut cargo = stage.cargo();
    cargo
        .args(["test", "--workspace", FEATURES, "--release", "--no-fail-fast"])
        .env("CARGO_TERM_COLOR", "never");
    let mut running = stage.start(&mut cargo, "cargo")?;
    let logs = stage.folder().join("logs");
    stage.until(|| {
        std::thread::sleep(Duration::from_millis(100));
        stage.step(&where_it_is(&logs)?);
        Ok(!running.is_running()?)
    })?;
    let finished = running.finish()?;
    let mut counts = count(&finished.stdout);
    if finished.status.success() && counts.failed == 0 {
        let ignored =
            if counts.skipped > 0 { format!(", {} ignored", counts.skipped) } else { String::new() };
        return Ok(Verdict { told: format!("{} tests{ignored}", counts.passed), counts: Some(counts) });
    }
    // Cargo can fail without a failed test: one does not compile, or a whole test program dies.
    counts.failed = counts.failed.max(1);
    let mut told = failed_tests(&finished.stdout);
    told.extend(errors(&finished.stderr));
    Err(Failure { told: told.join("\n"), counts: Some(counts) })
}

/// The tests so far, and what cargo says last: what it compiles, or which program it runs.
fn where_it_is(logs: &Path) -> Result<String, Failure> {
    let read = |name: &str| fs::read_to_string(logs.join(name)).explain(logs.display());
    let (tests, cargo) = (read("cargo.out")?, read("cargo.err")?);
    Ok(format!("{} tests; {}", count(&tests).passed, cargo.lines().last().unwrap_or_default().trim()))
}

/// Adds up libtest's lines `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
fn count(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        let number = |word: &str| {
            let part = line.split([';', '.']).map(str::trim).find_map(|part| part.strip_suffix(word));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        counts += Counts { passed: number("passed"), failed: number("failed"), skipped: number("ignored") };
    }
    counts
}

fn failed_tests(output: &str) -> Vec<String> {
    let failed = output.lines().filter(|line| line.starts_with("test ") && line.ends_with("... FAILED"));
    let panics = output.lines().filter(|line| line.contains("panicked at"));
    failed.chain(panics).map(str::to_owned).collect()
}

fn errors(output: &str) -> Vec<String> {
    output.lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Counts, count, failed_tests};

    const OUTPUT: &str = "\
running 3 tests
test a ... ok
test b ... FAILED
test c ... ignored

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s

running 20 tests
test result: ok. 20 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 1.50s
";

    #[test]
    fn adds_up_what_every_test_program_says() {
        assert_eq!(count(OUTPUT), Counts { passed: 21, failed: 1, skipped: 1 });
        assert_eq!(count("error: could not compile"), Counts::default());
    }

    #[test]
    fn names_the_failed_test() {
        assert_eq!(failed_tests(OUTPUT), ["test b ... FAILED"]);
    }
}
