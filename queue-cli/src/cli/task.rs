//! Arguments of what is said and asked of tasks: `add`, `list`.

use super::finite;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What is to be done.
    pub(crate) title: String,
    /// The id; by default made from the type and the next free number.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// The type.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// CRITICAL, HIGH, MEDIUM or LOW.
    #[arg(long, value_name = "WORD")]
    pub(crate) priority: Option<String>,
    /// Orders tasks of one priority, the higher the sooner.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    pub(crate) score: Option<f64>,
    /// A task that must be completed first (may be repeated, or separated by commas).
    #[arg(long = "after", visible_alias = "blocked-by", value_name = "ID", value_delimiter = ',')]
    pub(crate) after: Vec<String>,
    /// A task that is to wait for this one (may be repeated, or separated by commas).
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) blocks: Vec<String>,
    /// How long it will take.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) minutes: Option<u64>,
    /// The parallel group; `sequential` runs alone.
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// What it uses most, such as cpu_bound.
    #[arg(long, value_name = "NAME")]
    pub(crate) resource: Option<String>,
    /// A word to filter by (may be repeated).
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Vec<String>,
    /// Notes for whoever does it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
    /// The task's own command, for a shell.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) run: Option<String>,
}

/// Options of several kinds are all asked for; of one kind given several times, any.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tasks with this status (this and the next four may be repeated, or separated by commas).
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// Only tasks with this priority.
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub(crate) priority: Vec<String>,
    /// Only tasks of this type.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) kind: Vec<String>,
    /// Only tasks of this parallel group.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Only tasks with this tag.
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) tag: Vec<String>,
    /// Only tasks that can be claimed now.
    #[arg(long, conflicts_with = "waiting")]
    pub(crate) ready: bool,
    /// Only tasks that nobody has and that cannot be claimed now.
    #[arg(long)]
    pub(crate) waiting: bool,
}
