//! Arguments of what looks at the queue again: `reanalyze`, `hook`.

use clap::{Args, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use queue_cli::reanalysis::Trigger;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Reanalyze {
    /// Only say what would be changed.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only rules with this trigger (may be repeated, or separated by commas); by default all.
    #[arg(long = "trigger", value_name = "T", value_delimiter = ',', num_args = 1.., value_parser = trigger())]
    pub(crate) triggers: Vec<Trigger>,
    /// The rules; by default those that are built in.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// The git revision that files are compared with; by default what the rules say, HEAD~1.
    #[arg(long, value_name = "REVISION", value_parser = revision)]
    pub(crate) since: Option<String>,
    /// Print the rules that are built in, to be changed and given back with --rules.
    #[arg(long, exclusive = true)]
    pub(crate) print_rules: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Hook {
    /// After a commit: what changed since HEAD~1, and what tasks waited for.
    PostCommit(HookRules),
    /// After a merge or a pull: what it brought, by all rules.
    PostMerge(HookRules),
    /// Have git run both in the repository that the queue is in. A hook that is there already stays as it is.
    Install(HookRules),
}

#[derive(Debug, Args)]
pub(crate) struct HookRules {
    /// The rules; by default those that are built in.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

fn trigger() -> impl TypedValueParser<Value = Trigger> {
    PossibleValuesParser::new(Trigger::ALL.map(Trigger::word))
        .try_map(|word| Trigger::from_word(&word).ok_or("no trigger"))
}

fn revision(text: &str) -> Result<String, String> {
    // To git it would be an option.
    if text.is_empty() || text.starts_with('-') {
        Err("give a revision, such as HEAD~1".into())
    } else {
        Ok(text.into())
    }
}
