//! What is printed, and what goes into the documentation.

use crate::crash::controls::{Control, states};
use crate::crash::models::Model;
use crate::crash::programs::Expected;
use crate::crash::trial::{Tally, Trial};
use crate::engine::Failure;
use crate::markdown;
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) trials: Vec<Trial>,
    pub(crate) controls: Vec<Control>,
}

impl Report {
    pub(crate) fn is_good(&self) -> bool {
        self.problems().is_empty()
    }

    /// What must not be: a wrong state of ours, and a control that does not hold.
    pub(crate) fn problems(&self) -> Vec<String> {
        let ours = self.trials.iter().filter(|trial| trial.expected == Expected::Sound);
        let stories = ours.flat_map(|trial| trial.tallies.iter().filter_map(|tally| tally.first.clone()));
        let failed = self.controls.iter().filter(|control| !control.holds);
        stories.chain(failed.map(|control| format!("control: {}: {}", control.what, control.seen))).collect()
    }

    /// In one line.
    pub(crate) fn told(&self) -> String {
        let ours = self.trials.iter().filter(|trial| trial.expected == Expected::Sound);
        let (programs, distinct, wrong) =
            ours.fold((0, 0, 0), |(n, d, w), trial| (n + 1, d + trial.distinct, w + trial.bad()));
        let others = self.trials.iter().filter(|trial| trial.expected != Expected::Sound);
        let (peers, bad) = others.fold((0, 0), |(n, b), trial| (n + 1, b + u64::from(trial.bad() > 0)));
        format!(
            "{programs} programs of ours: {distinct} distinct states, {wrong} wrong; {peers} peers, {bad} with wrong states"
        )
    }

    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        println!("{}", self.table());
        for trial in &self.trials {
            let first = trial.tallies.iter().find_map(|tally| tally.first.as_ref());
            if let Some(story) = first {
                println!("\n{story}");
            }
        }
        println!();
        for control in &self.controls {
            let word = if control.holds { "holds" } else { "FAILS" };
            println!("control {word}: {}: {}", control.what, control.seen);
        }
        for problem in self.problems() {
            println!("\nproblem: {problem}");
        }
        println!("\n{}", self.told());
        Ok(())
    }

    /// Programs by models, in Markdown.
    fn table(&self) -> String {
        let head = ["program", "operations", "distinct states"].into_iter().map(String::from);
        let mut rows: Vec<Vec<String>> =
            vec![head.chain(Model::ALL.map(|model| model.name().into())).collect()];
        for trial in &self.trials {
            let first = [trial.program.to_owned(), trial.operations.to_string(), trial.distinct.to_string()];
            rows.push(first.into_iter().chain(trial.tallies.iter().map(cell)).collect());
        }
        let all: u64 = self.trials.iter().map(states).sum();
        let left_out = self.trials.iter().flat_map(|trial| &trial.tallies);
        let left_out = left_out.fold(0, |sum: u64, tally| sum.saturating_add(tally.left_out));
        let left_out =
            if left_out == u64::MAX { "more than can be counted".into() } else { left_out.to_string() };
        format!(
            "{}\n\n{all} states; combinations of sectors and names that were not tried: {left_out}.",
            markdown::table(&rows)
        )
    }

    /// Replaces what stands between the markers in `file`.
    pub(crate) fn write_docs(&self, file: &Path, command: &str) -> Result<(), Failure> {
        let (date, seed) = (markdown::today()?, self.seed);
        let table = format!("`{command} --seed {seed}`, {date}:\n\n{}", self.table());
        markdown::write_between(file, "crash table", &table)
    }
}

fn cell(tally: &Tally) -> String {
    let parts = [(tally.torn, "torn"), (tally.lost, "lost"), (tally.other, "wrong otherwise")];
    let bad: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if bad.is_empty() { tally.states.to_string() } else { format!("{}: {}", tally.states, bad.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::crash::controls::Control;
    use crate::crash::programs::Expected;
    use crate::crash::trial::{Tally, Trial};

    fn report(expected: Expected, torn: u64, holds: bool) -> Report {
        let first = (torn > 0).then(|| "story".to_owned());
        let tally = Tally { model: "m", states: 9, torn, first, ..Tally::default() };
        let trial = Trial { program: "p", expected, operations: 1, distinct: 9, tallies: vec![tally] };
        let control = Control { what: String::new(), holds, seen: String::new() };
        Report { seed: 1, trials: vec![trial], controls: vec![control] }
    }

    #[test]
    fn a_wrong_state_of_ours_and_a_failed_control_are_problems_and_a_peers_is_not() {
        assert!(report(Expected::Sound, 0, true).is_good());
        assert!(!report(Expected::Sound, 1, true).is_good());
        assert!(!report(Expected::Sound, 0, false).is_good());
        assert!(report(Expected::Compared, 1, true).is_good());
    }
}
