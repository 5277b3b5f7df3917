//! The command line of `atomic-io`, and nothing else.

use atomic_io::Wait;
use clap::{Args, Parser, Subcommand};
use command_pages::{Completions, Man};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const EXIT_CODES: &str = "Exit codes: 0 done (also when nothing had to change); 1 other failure; 2 usage; 4 conflict (an edit and another save do not merge);
5 lock timed out; 6 file or input invalid (nothing was changed); 7 not found; 8 the filter or editor failed (nothing was changed);
9 saved, but durability unknown; 126, 127 a command could not be run or found; 128+N ended by signal N. `lock` ends with its command's own code.

PATH is keys joined by dots, items by place or by a field: tasks[id=TASK-1].status, tasks[3].roi.impact, skills.\"bmad.pm\".usage; `.` is the root.";

/// Reads and changes YAML files that other processes use at the same time: under their lock, whole or not at all, and without touching
/// a byte that was not meant.
#[derive(Debug, Parser)]
#[command(name = "atomic-io", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// How long to wait for a lock that somebody else has, in seconds; 0 does not wait, `forever` does.
    #[arg(long, global = true, default_value = "10", value_name = "SECONDS", value_parser = wait)]
    pub(crate) timeout: Wait,
    /// Take the lock file NAME together with the file's own, for programs that know the lock under that name (may be repeated).
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) also_lock: Vec<PathBuf>,
    /// Do not keep the version before as FILE.backup, and no snapshots.
    #[arg(long, global = true)]
    pub(crate) no_backup: bool,
    /// Print one JSON object instead of text; an error is one, in one line, on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the value at a path. Takes no lock: a save is never seen half done.
    #[command(after_help = "Examples:
  atomic-io get queue.yaml 'tasks[id=TASK-1].status'
  atomic-io --json get queue.yaml tasks

A text, number or boolean is printed as it is, a list or mapping as YAML with its comments. Nothing at PATH: exit code 7.")]
    Get(Get),
    /// Set values, all in one update. Every other byte of the file stays.
    #[command(after_help = "Examples:
  atomic-io set queue.yaml 'tasks[id=TASK-1].status' claimed 'tasks[id=TASK-1].attempt' 2
  atomic-io set queue.yaml limits '{slots: 4, per_day: 100}'
  atomic-io set --string queue.yaml -- note \"$TEXT\"

VALUE is read as YAML (an empty one is null); with --string it is taken literally. `--` before the paths lets values begin with `-`.
A last key that is missing is added.")]
    Set(Set),
    /// Append items to the list at a path. A list that is missing is made.
    #[command(after_help = "Examples:
  atomic-io push queue.yaml tasks '{id: TASK-9, status: pending}'
  atomic-io push --string queue.yaml 'tasks[id=TASK-9].notes' -- \"$TEXT\"")]
    Push(Push),
    /// Remove keys or items, all in one update. If one is not there nothing is removed: exit code 7.
    #[command(after_help = "Examples:
  atomic-io remove queue.yaml 'tasks[id=TASK-9]' drafts")]
    Remove(Remove),
    /// Append an event, a mapping, to a log, which is a YAML list. Costs the same at any length of the log.
    #[command(after_help = "Examples:
  atomic-io append events.yaml '{id: E-7, type: claimed, task: TASK-1}'
  make-event | atomic-io append events.yaml --key id

With --key an event whose value of FIELD is in the log already is not appended again, so a repeated run is safe.")]
    Append(Append),
    /// Print the last records of a log, without reading the rest.
    #[command(after_help = "Examples:
  atomic-io tail events.yaml
  atomic-io --json tail -n 100 events.yaml")]
    Tail(Tail),
    /// Replace the whole content by standard input, which must be YAML; or make the file.
    #[command(after_help = "Examples:
  generate-state | atomic-io write state.yaml

Content that is there and does not parse is not overwritten, and none is by nothing: what generates it may have failed.")]
    Write(Write),
    /// Run a command while holding the lock, and end as it ended.
    #[command(after_help = "Examples:
  atomic-io lock queue.yaml -- ./report.sh
  atomic-io --timeout 60 lock queue.yaml -- python3 old-tool.py

The command and what it starts inherit the lock: it stays held if atomic-io is killed, until they have all ended. Signals are passed on.
A command that takes the lock itself, as `atomic-io set` does, would wait for it in vain and is refused: use `pipe`, or one `set`
with several pairs. `get` needs no lock.")]
    Lock(Lock),
    /// Put the content through a filter, under the lock. What comes out must be YAML before it replaces anything.
    #[command(after_help = "Examples:
  atomic-io pipe queue.yaml -- yq '.tasks |= sort_by(.priority)'
  atomic-io pipe queue.yaml -- sed 's/status: stuck/status: pending/'

A filter that fails, or whose output is no YAML, leaves the file as it is. If somebody saves without the lock meanwhile, the filter is run
again on what is there then, so it should do nothing but filter.")]
    Pipe(Pipe),
    /// Open an editor on a copy, without holding the lock, and merge what was saved meanwhile line by line.
    #[command(after_help = "Examples:
  EDITOR='code --wait' atomic-io edit queue.yaml

The editor is $VISUAL, else $EDITOR, else vi. What cannot be saved (no YAML, or lines that others changed too) is kept as a copy, and
its place is said; on a terminal you are asked whether to edit again.")]
    Edit(Edit),
    /// List the versions that stand beside a file, the one that was saved last first.
    #[command(after_help = "Examples:
  atomic-io backups queue.yaml

backup is the version before the last save, snapshot an older one, recovered what a kill, a save without the lock or `restore` displaced.")]
    Backups(Backups),
    /// Go back to a version that parses. The one that is replaced is put aside, and its place is said.
    #[command(after_help = "Examples:
  atomic-io restore queue.yaml
  atomic-io restore queue.yaml --from .mooring/history/queue.yaml.20261123T041109Z")]
    Restore(Restore),
    /// Say of files whether they parse, where not, and whether they can be edited.
    #[command(after_help = "Examples:
  atomic-io check *.yaml

A file that cannot be edited in place (anchors, tabs, several names …) is told with the reason; only one that does not parse fails.")]
    Check(Check),
    /// Write a file anew whose structure cannot be edited in place. Its comments and layout are lost.
    #[command(after_help = "Examples:
  atomic-io normalize --yes anchors.yaml

Anchors and merge keys are written out, and values as this program reads them. The version before is kept as FILE.backup. A file that
can be edited as it is stays as it is.")]
    Normalize(Normalize),
    /// Print what a shell needs to complete the words of this program.
    #[command(after_help = "Examples:
  atomic-io completions bash
  atomic-io completions zsh

For bash: atomic-io completions bash > ~/.local/share/bash-completion/completions/atomic-io")]
    Completions(Completions),
    /// Print the manual page, or write a page for this program and each of its verbs.
    #[command(after_help = "Examples:
  atomic-io man
  atomic-io man --dir ~/.local/share/man/man1

To read it at once: atomic-io man | man -l -")]
    Man(Man),
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The file.
    pub(crate) file: PathBuf,
    /// Where in it.
    #[arg(default_value = ".")]
    pub(crate) path: String,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The file.
    pub(crate) file: PathBuf,
    /// Where in it, and the value that is to stand there.
    #[arg(required = true, num_args = 2.., value_names = ["PATH", "VALUE"], allow_negative_numbers = true)]
    pub(crate) pairs: Vec<String>,
    /// Take values as text, whatever they look like.
    #[arg(long)]
    pub(crate) string: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The file.
    pub(crate) file: PathBuf,
    /// The list.
    pub(crate) path: String,
    /// The items.
    #[arg(required = true, value_name = "VALUE", allow_negative_numbers = true)]
    pub(crate) values: Vec<String>,
    /// Take values as text, whatever they look like.
    #[arg(long)]
    pub(crate) string: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The file.
    pub(crate) file: PathBuf,
    /// What to remove; each path is looked up when those before it are gone.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Append {
    /// The log.
    pub(crate) file: PathBuf,
    /// The event, a mapping in YAML; by default standard input.
    pub(crate) event: Option<String>,
    /// The field by which a double is known.
    #[arg(long, value_name = "FIELD")]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// The log.
    pub(crate) file: PathBuf,
    /// How many records.
    #[arg(short = 'n', long, default_value_t = 10, value_name = "N")]
    pub(crate) count: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Write {
    /// The file.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// The file whose lock is taken; it need not exist.
    pub(crate) file: PathBuf,
    /// The command.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Pipe {
    /// The file.
    pub(crate) file: PathBuf,
    /// The filter, from standard input to standard output.
    #[arg(last = true, required = true, value_name = "FILTER")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The file.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Backups {
    /// The file.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The file.
    pub(crate) file: PathBuf,
    /// The version; by default the newest backup or snapshot that parses.
    #[arg(long, value_name = "VERSION")]
    pub(crate) from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Normalize {
    /// The file.
    pub(crate) file: PathBuf,
    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

fn wait(text: &str) -> Result<Wait, String> {
    if text == "forever" {
        return Ok(Wait::Forever);
    }
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds {
        // No time at all too: `Never` does not say who has the lock.
        Some(time) => Ok(Wait::AtMost(time)),
        None => Err("give a number of seconds, such as 10 or 0.5, or `forever`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read() {
        assert_eq!(wait("0"), Ok(Wait::AtMost(Duration::ZERO)));
        assert_eq!(wait("0.5"), Ok(Wait::AtMost(Duration::from_millis(500))));
        assert_eq!(wait("forever"), Ok(Wait::Forever));
        assert!(["-1", "soon", "nan", "inf", ""].iter().all(|text| wait(text).is_err()));
    }
}
