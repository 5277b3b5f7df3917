//! Arguments of what looks ahead: `prioritize`, `resolve`, `export`, `graph`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Prioritize {
    /// Write the computed scores into the tasks that say something else.
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// End with exit code 1 if tasks wait for each other, name tasks that are not there, or disagree on who waits for whom.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Write into this file, which readers find whole at any time.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// In which form.
    #[arg(long, value_enum, default_value_t = Format::Tree)]
    pub(crate) format: Format,
    /// Leave out what is completed, cancelled, invalid or obsolete.
    #[arg(long)]
    pub(crate) open: bool,
    /// Write into this file, which readers find whole at any time.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text: under each task those that wait for it.
    Tree,
    /// For Graphviz: dot -Tsvg.
    Dot,
    /// For Mermaid, in Markdown or by itself.
    Mermaid,
    /// A picture that needs nothing else.
    Svg,
}
