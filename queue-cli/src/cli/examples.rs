//! What the help of each verb says behind its options. Each begins with examples; a test reads those as command lines.

pub(super) const INIT: &str = "Examples:
  queue init
  queue -f work/queue.yaml init

What stands there already is left alone: exit code 4.";

pub(super) const ADD: &str = "Examples:
  queue add 'Draw the plan' --type docs --priority HIGH
  queue add 'Print the plan' --id PRINT --after DOCS-001,ROOMS --run 'make print'

The id is made from the type and the next free number. A task that is to wait for one that is not there is refused: exit code 7.";

pub(super) const EDIT: &str = "Examples:
  queue edit PLAN priority=high title='Draw the plan: both floors'
  queue edit PLAN 'roi={effort: 30}' 'files_referenced=[plan.svg, notes.md]'
  queue edit PLAN --unset goal

A number, true and false are taken as such, [a, b] and {a: 1} as YAML, all else as a text; --string takes everything as a text. What claims and \
other verbs keep (status, attempt, blockers …) is refused, and the verb is named.";

pub(super) const DEP: &str = "Examples:
  queue dep add PLAN ROOMS GARDEN
  queue dep rm PLAN GARDEN

A task that is not there is refused (exit code 7), and so is one that would make a task wait for itself (4), with the way round.";

pub(super) const NOTE: &str = "Examples:
  queue note PLAN 'ask Ann about the door'
  queue note PLAN 'half way' --attempt 1

Adds a line with the time and who says it to the field `notes`. Of a task in hand its holder alone speaks.";

pub(super) const RETRY: &str = "Examples:
  queue retry ROOMS

For tasks that failed, were cancelled, wait for their time to be tried again, or were marked in_progress by hand. What it failed of last stays.";

pub(super) const CANCEL: &str = "Examples:
  queue cancel ROOMS

Refused (exit code 4) while somebody holds the task.";

pub(super) const BLOCK: &str = "Examples:
  queue block ROOMS

A blocked task is not claimed until `queue unblock`.";

pub(super) const UNBLOCK: &str = "Examples:
  queue unblock ROOMS";

pub(super) const ARCHIVE: &str = "Examples:
  queue archive --dry-run
  queue archive

Completed, cancelled, invalid and obsolete tasks go to queue.archive.yaml beside queue.yaml, line by line as they stand, unless an unfinished task \
waits for them. The archive is a queue too: queue -f queue.archive.yaml list";

pub(super) const COUNTS: &str = "Examples:
  queue counts
  queue counts --check
  queue counts --sync

With --check the exit code is 1 if a counter has drifted. Counters that are not known here are left alone.";

pub(super) const PRIORITIZE: &str = "Examples:
  queue prioritize
  queue prioritize --json
  queue prioritize --write

score = impact / effort * confidence, from the task's `roi`; impact = 0.4 * business_value + 0.35 * technical_debt + 0.25 * unblock_factor where all \
three are given, else roi.impact; effort is roi.effort, else estimated_minutes. Without --write nothing is changed.";

pub(super) const RESOLVE: &str = "Examples:
  queue resolve
  queue resolve --check
  queue resolve --json

Each wave can be done side by side once those before it are done; each task comes in the first wave that it can. Completed tasks block nobody. Left \
out is what never comes to its turn as the queue stands: in a circle, behind one that failed or is not there. Two tasks that use the same thing \
(`resources`, or a `resource_type` that is not cpu_bound, io_bound, memory_bound or network_bound) are a conflict.";

pub(super) const EXPORT: &str = "Examples:
  queue export
  queue export --output plan.yaml
  queue export --json

Fields: generated_at, counts, order, waves, critical_path, conflicts, cycles, missing, disagreeing, left_out, tasks.";

pub(super) const GRAPH: &str = "Examples:
  queue graph
  queue graph --open --format svg --output queue.svg
  queue graph --format dot
  queue graph --format mermaid

Lines run from a task to those that wait for it. Ready, running, waiting, stuck, held, done and failed tasks are told apart by words, signs and borders \
besides colours; the critical path is thick, circles are dashed. A picture of more than 500 tasks or 700 dependencies, or of very long lines, is not laid out: \
its columns are the waves.";

pub(super) const LIST: &str = "Examples:
  queue list
  queue list --waiting --priority critical,high
  queue list --status in_progress --agent ann
  queue list --type docs --tag urgent --json

Words are compared without regard to case. --agent shows what that agent has in hand. Tasks with a status that is not known are shown as \
they are. On a terminal titles are cut to fit, and reasons that \
are too long for the line stand below it; elsewhere a task is one line, unless COLUMNS is in the environment.";

pub(super) const SHOW: &str = "Examples:
  queue show ROOMS
  queue show ROOMS --json";

pub(super) const READY: &str = "Examples:
  queue ready
  queue ready --explain
  queue ready --explain PLAN

The order: priority, then score, then how many tasks wait for it, then the place in the file.";

pub(super) const WHY: &str = "Examples:
  queue why PLAN
  queue why PLAN --json

Each task that is waited for is followed down to who has it and since when, to what it failed of, or to the circle in which tasks wait for \
each other. A task that is ready has its place in the order instead.";

pub(super) const CLAIM: &str = "Examples:
  queue claim --agent ann
  queue claim ROOMS --lease 1h
  queue claim --next --json

Prints the task and its attempt. The attempt is the proof that later calls give; it is refused once the task has been claimed again. Without a \
heartbeat the claim ends with its lease; to claim what one holds already is one too, for a name that was given with --agent. Nothing is ready: exit code 3. Somebody has the task, or it waits: exit code 4.";

pub(super) const START: &str = "Examples:
  queue start ROOMS --attempt 1
  queue start ROOMS --agent ann

Inside a task that `run` or `dispatch` started, the task and its attempt are known from the environment.";

pub(super) const HEARTBEAT: &str = "Examples:
  queue heartbeat ROOMS --attempt 1
  queue heartbeat ROOMS --agent ann --lease 1h";

pub(super) const DONE: &str = "Examples:
  queue done ROOMS --attempt 1
  queue done ROOMS --agent ann

Refused (exit code 4) when the task has been claimed again since, or ended otherwise.";

pub(super) const FAIL: &str = "Examples:
  queue fail ROOMS --attempt 1 --reason 'the door is locked'
  queue fail ROOMS --attempt 1 --retries 3 --retry-wait 1m

With --retries the task is pending again until it has failed that often, each time after a longer wait.";

pub(super) const RELEASE: &str = "Examples:
  queue release ROOMS --attempt 1";

pub(super) const REANALYZE: &str = "Examples:
  queue reanalyze --dry-run
  queue reanalyze --trigger time_based,health_drop
  queue reanalyze --since origin/main --rules rules.yaml
  queue reanalyze --print-rules

The rules, and how to write others: docs/reanalysis.md. A second run changes nothing. Tasks that are finished, and those with the tag \
hands-off, are left alone; those in hand are flagged at most. Where git cannot tell what changed, that is said and all else is looked at; \
exit code 1 then if structural_change was asked for by name. Broken rules: exit code 6.";

pub(super) const HOOK: &str = "Examples:
  queue hook install
  queue hook post-commit
  queue hook post-merge --rules rules.yaml

A hook never fails: what goes wrong is said on standard error. `install` puts both into the repository around the queue. Where another hook stands \
already it prints the line to add (exit code 4).";

pub(super) const DISPATCH: &str = "Examples:
  queue dispatch
  queue dispatch --slots 8 --timeout 30m --retries 2
  queue dispatch --watch --preempt
  queue dispatch --dry-run
  queue dispatch --monitor
  queue dispatch -- sh -c 'echo \"working on $QUEUE_TASK_ID\"'

The command is what stands after `--`, else the task's field `run`. The task is in its environment (QUEUE_TASK_ID and others) and as JSON on \
its standard input. Some tasks failed: exit code 8. Ctrl-C starts nothing more; the second one stops what runs.";

pub(super) const STOP: &str = "Examples:
  queue stop
  queue stop --now

What Ctrl-C does to a dispatcher, from outside: once, or with --now twice. No dispatcher runs: exit code 3.";

pub(super) const PAUSE: &str = "Examples:
  queue pause

What runs goes on. The pause stands beside the queue and holds dispatchers that are started later, too. `claim` and `run` are not held.";

pub(super) const RESUME: &str = "Examples:
  queue resume";

pub(super) const SLOTS: &str = "Examples:
  queue slots
  queue slots set slot_2 status paused
  queue slots set slot_2 max_duration 30m --state work/execution-state.yaml

Tasks are put into slots that are idle or active, into the one that fits best what they use most (100 for the same profile, 50 for `general`,
10 for any other). A dispatcher reads the file when it starts.";

pub(super) const RUN: &str = "Examples:
  queue run -- make test
  queue run ROOMS --timeout 10m -- ./measure.sh
  queue run --json -- make test

Its claim lasts as long as any process of the command lives, unless somebody ends it before (`queue done`, `fail`, `release`). A program or folder that is not there is \
 found before a task is claimed: exit code 7. With --json what the command prints goes to standard error.";

pub(super) const LOGS: &str = "Examples:
  queue logs ROOMS
  queue logs ROOMS --attempt 2
  queue logs ROOMS -f

What `dispatch` runs is logged; what `run` runs is printed where it runs. No log: exit code 7. -f ends when the attempt does, however it \
ended.";

pub(super) const WAIT: &str = "Examples:
  queue wait
  queue wait ROOMS PLAN --timeout 30m

Over is what is completed, failed, cancelled, invalid or obsolete, and what was archived or removed meanwhile. All completed: exit code 0; some \
not: 8; the time is up: 1. Tasks that can only go on if somebody changes the queue (held back, or behind one that failed, is missing, \
or waits for them) are not waited for once nothing else is left: exit code 3.";

pub(super) const STATUS: &str = "Examples:
  queue status
  queue status --json";

pub(super) const EVENTS: &str = "Examples:
  queue events --task ROOMS
  queue events --since 2h --json
  queue events --follow --json";

pub(super) const TIMELINE: &str = "Examples:
  queue timeline --output timeline.svg
  queue timeline --since 2h
  queue timeline --json

The lanes are the slots of dispatchers; what ran in none is in the lane of its agent. Long times in which nobody worked are cut out, and how long they \
were is said. Pointing at a bar shows its task, how long it waited and ran, and how it ended.";

pub(super) const BACKUPS: &str = "Examples:
  queue backups
  queue backups --json

backup is the version before the last save, snapshot an older one, recovered what a kill, a save without the lock or `restore` displaced.";

pub(super) const RESTORE: &str = "Examples:
  queue restore
  queue restore queue.yaml.20261123T041109Z
  queue restore 30m

Refused while somebody holds a task (exit code 4), and for a version that is no queue (exit code 6), unless --force is given. Attempts \
do not go back, so that no claim from before fits one to come; where the queue cannot be read, events.yaml tells them. The history there stays as it is.";

pub(super) const DOCTOR: &str = "Examples:
  queue doctor
  queue doctor --fix
  queue doctor --json

It looks at the file and its tasks, at locks that do not exclude each other, the filesystem, versions and what was put aside, claims whose holder
is gone, the history and the counters. With --fix events that a killed program could not write down are added, marked `recovered`, and
counters that have drifted get what is true; nothing is ever taken away. Healthy, or all mended: exit code 0; something is left
to do: 1; the file is no queue: 6, with the way back.";

pub(super) const DEMO: &str = "Examples:
  queue demo
  queue demo look --slots 2";

pub(super) const COMPLETIONS: &str = "Examples:
  queue completions bash
  queue completions zsh

For bash: queue completions bash > ~/.local/share/bash-completion/completions/queue";

pub(super) const MAN: &str = "Examples:
  queue man
  queue man --dir ~/.local/share/man/man1

To read it at once: queue man | man -l -";

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
        for verb in Cli::command().get_subcommands().filter(|verb| !verb.is_hide_set()) {
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
