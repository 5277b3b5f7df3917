//! What the help of each verb says behind its options. Each begins with examples; a test reads those as command lines.

pub(super) const LIST: &str = "Examples:
  registry list
  registry list --category agent --json";

pub(super) const GET: &str = "Examples:
  registry get mover
  registry get mover --json

A skill that is not there: exit code 7.";

pub(super) const METRICS: &str = "Examples:
  registry metrics
  registry metrics mover
  registry metrics mover --set reuse_rate=70 --set quality_score=

Percentages. The score itself follows with `registry recalculate`.";

pub(super) const MATCH: &str = "Examples:
  registry match 'move the shelf to another room'
  registry match 'move the shelf' --json

Each trigger of a skill that is found in the text counts 20 percent, up to 100. A trigger is found where its words stand one behind the other as \
whole words, in any case of letters, with + and # right behind a word if it has them (C++); it counts once. The best comes first; of equals, the one that is first in the file.";

pub(super) const TOP: &str = "Examples:
  registry top
  registry top -n 3 --json

By effectiveness score; of equals, the one used more often, then the one that is first in the file. Skills without a score are left out.";

pub(super) const HISTORY: &str = "Examples:
  registry history
  registry history --skill mover -n 10
  registry history --task T-7 --json";

pub(super) const OUTCOMES: &str = "Examples:
  registry outcomes
  registry outcomes --skill mover --json";

pub(super) const LOG: &str = "Examples:
  registry log --task T-7 --skill mover --outcome success --duration-minutes 3
  registry log --task T-7 --skill mover --outcome failure --notes 'the door is locked'

Each call is one more use; `record` is the one that may be repeated. success and failure are counted as such, partial and unknown only as uses.";

pub(super) const OUTCOME: &str = "Examples:
  registry outcome --task T-7 --skill mover --outcome success --quality-rating 4
  registry outcome --task T-7 --would-use-again true

A task has one outcome: where there is one, what is given is changed and all else stays.";

pub(super) const RECORD: &str = "Examples:
  registry record --task T-7 --skill mover --outcome success --duration-minutes 3
  registry record
  registry record --quality-rating 5 --notes 'as planned'

What is not given is taken from the environment: BB5_TASK_ID, BB5_SKILL_USED, BB5_OUTCOME, BB5_DURATION_MINUTES, BB5_QUALITY_RATING,
BB5_TRIGGER_CORRECT, BB5_WOULD_USE_AGAIN, BB5_NOTES; what is empty there is not given. Recording a task again changes what was recorded
instead of counting it twice. If this program is killed before the event is written, it follows with the next record, or with `check --fix`.";

pub(super) const RECALCULATE: &str = "Examples:
  registry recalculate
  registry recalculate --json

The score is the mean of the components that the registry lists in metrics_schema, by their weights. success_rate, time_efficiency,
trigger_accuracy and quality_score follow from what is written down; where nothing is, and for all others, a value that somebody gave stays.
Where more uses succeeded and failed than there were, success_rate is null. If a component has no value there is no score.";

pub(super) const CHECK: &str = "Examples:
  registry check
  registry check --fix
  registry check --json

Healthy, or all mended: exit code 0; something is left to do: 1; the file is no registry: 6.";

pub(super) const COMPLETIONS: &str = "Examples:
  registry completions bash
  registry completions zsh

For bash: registry completions bash > ~/.local/share/bash-completion/completions/registry";

pub(super) const MAN: &str = "Examples:
  registry man
  registry man --dir ~/.local/share/man/man1

To read it at once: registry man | man -l -";

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use clap::{CommandFactory, Parser};

    /// The words of a line as a shell reads them: quotes hold blanks together.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for character in line.chars() {
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (None, '\'' | '"') => quote = Some(character),
                (None, ' ') => words.push(String::new()),
                _ => words.last_mut().unwrap().push(character),
            }
        }
        words
    }

    #[test]
    fn every_verb_has_examples_that_are_understood() {
        for verb in Cli::command().get_subcommands() {
            let name = verb.get_name();
            let help = verb.get_after_help().unwrap_or_else(|| panic!("{name} has no examples")).to_string();
            let lines: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            assert!(help.starts_with("Examples:\n") && !lines.is_empty(), "{name}");
            for line in lines {
                let read = Cli::try_parse_from(words(line));
                assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
                assert!(words(line).iter().any(|word| word == name), "{line} is no example of {name}");
            }
        }
    }
}
