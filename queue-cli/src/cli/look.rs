//! Arguments of what looks at tasks over time: `events`, `timeline`, `logs`, `wait`, `restore`.

use super::{duration, moment};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// In which form.
    #[arg(long, value_enum, default_value_t = Picture::Svg)]
    pub(crate) format: Picture,
    /// Only what was not over before this time: RFC 3339, a date, or how long ago (10m).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,
    /// Write into this file, which readers find whole at any time.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// A picture that needs nothing else.
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The task.
    pub(crate) id: String,
    /// The attempt; by default the newest one that has a log.
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u64>,
    /// Go on with what is written, until this attempt has come to its end.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// The queue. (Its short form -f is --follow here, as it is everywhere with logs; before the verb it is the queue's.)
    // The id is that of the option which every command has, whose place this takes.
    #[arg(id = "file", long = "file", value_name = "FILE")]
    _file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// The tasks; by default all tasks of the queue.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Give up after this time (exit code 1).
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<SignedDuration>,
}

#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Only of this task.
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    /// Only since this time: 2026-11-23T04:11:09Z, 2026-11-23 (UTC), or 10m for ten minutes ago.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,
    /// Go on with what happens, until Ctrl-C. With --json each event is an object on a line of its own.
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A name from `queue backups`, a file, or a time: the version that stood then. By default the newest one.
    #[arg(value_name = "NAME|TIME")]
    pub(crate) version: Option<String>,
    /// Also when tasks are held now, and also a version that is YAML but no queue.
    #[arg(long)]
    pub(crate) force: bool,
}
