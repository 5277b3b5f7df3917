//! `cargo xtask mutants`: takes one safeguard after the other out of the product, and sees a scenario go red for each.
//!
//! A scenario that passes says nothing as long as nobody has seen it fail. Each file of `xtask/mutants` is a patch that takes a
//! safeguard out, under a line that says which and a line that names the scenario. The patches are applied to a copy of the
//! workspace, one at a time; the scenarios must pass there first without any.

mod tree;

use crate::engine::{Explain, Failure, Pace, fail};
use clap::Args;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tree::Tree;

#[derive(Args, Debug)]
pub(crate) struct MutantsArgs {
    /// Only those whose name contains this
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// One safeguard taken out.
pub(crate) struct Mutant {
    name: String,
    /// What is taken out.
    without: String,
    /// Which scenario must notice.
    scenario: String,
    patch: PathBuf,
}

/// What a scenario said to a mutant.
struct Answer {
    failed: bool,
    told: String,
}

pub(crate) fn run(args: &MutantsArgs) -> Result<ExitCode, Failure> {
    let mutants = read_all()?;
    let wanted = |mutant: &&Mutant| args.only.as_ref().is_none_or(|pattern| mutant.name.contains(pattern));
    let chosen: Vec<&Mutant> = mutants.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<_> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
        return Err(fail(format!("no mutant's name contains that; there are: {}", names.join(", "))));
    }
    let tree = Tree::copy()?;
    let scenarios: BTreeSet<&str> = chosen.iter().map(|mutant| mutant.scenario.as_str()).collect();
    for scenario in scenarios {
        eprintln!("{scenario}, with nothing taken out");
        let answer = ask(&tree, scenario, Pace::Quick)?;
        if answer.failed {
            return Err(fail(format!("{scenario} fails with nothing taken out: {}", answer.told)));
        }
    }
    let mut survivors = 0;
    let mut rows = Vec::new();
    for (place, mutant) in chosen.iter().enumerate() {
        eprintln!("[{}/{}] without {}", place + 1, chosen.len(), mutant.without);
        tree.apply(&mutant.patch)?;
        let mut answer = ask(&tree, &mutant.scenario, Pace::Quick).explain(&mutant.name)?;
        if !answer.failed {
            eprintln!("    not noticed in a quick run; a full one");
            answer = ask(&tree, &mutant.scenario, Pace::Full).explain(&mutant.name)?;
        }
        tree.restore()?;
        survivors += usize::from(!answer.failed);
        let word = if answer.failed { "red" } else { "NOT NOTICED" };
        if !args.json {
            println!("{word}: without {}: {}: {}", mutant.without, mutant.scenario, answer.told);
        }
        rows.push(serde_json::json!({
            "name": mutant.name, "without": mutant.without, "scenario": mutant.scenario,
            "noticed": answer.failed, "told": answer.told,
        }));
    }
    if args.json {
        println!("{}", serde_json::json!({"format": 1, "mutants": rows}));
    } else {
        println!("{} taken out, {survivors} not noticed", chosen.len());
    }
    Ok(if survivors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a scenario in the tree as it is now.
fn ask(tree: &Tree, scenario: &str, pace: Pace) -> Result<Answer, Failure> {
    let mut cargo = tree.cargo();
    cargo.args(["xtask", "test", "--json", "--require-all", "--only", scenario]);
    if pace == Pace::Quick {
        cargo.arg("--quick");
    }
    let output = cargo.output().explain("cannot run cargo")?;
    // Without a report nothing was tried: it does not build, or there is no such scenario.
    let report: Value = serde_json::from_slice(&output.stdout)
        .explain(format_args!("no report; cargo said: {}", String::from_utf8_lossy(&output.stderr).trim()))?;
    let cases = report["cases"].as_array().ok_or_else(|| fail("the report has no cases"))?;
    let red = cases.iter().find(|case| case["outcome"] == "failed");
    let told = red.or(cases.first()).and_then(|case| case["detail"].as_str()).unwrap_or_default();
    Ok(Answer { failed: red.is_some(), told: told.lines().next().unwrap_or_default().to_owned() })
}

/// All mutants of the workspace, by name.
pub(crate) fn read_all() -> Result<Vec<Mutant>, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mutants");
    let mut mutants = Vec::new();
    for entry in fs::read_dir(&folder).explain(folder.display())? {
        let patch = entry?.path();
        if patch.extension().is_some_and(|extension| extension == "patch") {
            mutants.push(read(patch)?);
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

/// The two lines above the patch itself: `Without: …` and `Scenario: …`.
fn read(patch: PathBuf) -> Result<Mutant, Failure> {
    let text = fs::read_to_string(&patch).explain(patch.display())?;
    let header = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
        line.ok_or_else(|| fail(format!("{} has no line `{key} …`", patch.display())))
    };
    let name = patch.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Mutant { name, without: header("Without:")?, scenario: header("Scenario:")?, patch })
}

#[cfg(test)]
mod tests {
    use super::read_all;
    use crate::scenarios::ALL;
    use std::path::Path;
    use std::process::Command;

    #[test]
    fn every_mutant_fits_the_code_as_it_is_and_names_a_scenario() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for mutant in read_all().unwrap() {
            assert!(ALL.iter().any(|scenario| scenario.name == mutant.scenario), "{}", mutant.name);
            let mut git = Command::new("git");
            let check = git.args(["apply", "--check"]).arg(&mutant.patch).current_dir(workspace);
            let output = check.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "renew {}: {said}", mutant.patch.display());
        }
    }
}
