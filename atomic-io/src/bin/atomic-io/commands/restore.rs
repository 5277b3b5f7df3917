//! `atomic-io restore`

use crate::cli::Restore;
use crate::context::{Context, holds_nothing, refuse_within_lock};
use crate::exit::{Exit, Failure};
use crate::output::Answer;
use atomic_io::{BackupKind, SharedFile};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn run(context: &Context, args: Restore) -> Result<Answer, Failure> {
    refuse_within_lock(&args.file)?;
    let file = context.file(&args.file);
    let from = match args.from {
        Some(from) => from,
        None => last_good(&file)?,
    };
    let was_there = args.file.exists();
    let saving = context.interrupts.saving()?;
    let aside = file.restore(&from)?;
    saving.done();
    let changed = aside.is_some() || !was_there;
    let (name, from) = (args.file.display(), from.display());
    let text = match &aside {
        Some(aside) => {
            format!("{name} is what {from} was; the version before is kept as {}\n", aside.display())
        }
        None => format!("{name} is what {from} is\n"),
    };
    let aside = aside.map(|aside| aside.display().to_string());
    let json =
        json!({"file": name.to_string(), "changed": changed, "from": from.to_string(), "aside": aside});
    Ok(Answer::new(text, json))
}

/// The newest version that was saved under the lock and parses. What was displaced is for a person to choose.
fn last_good(file: &SharedFile) -> Result<PathBuf, Failure> {
    let mut backups = file.backups()?.into_iter();
    let has_content = |path: &Path| fs::read_to_string(path).is_ok_and(|text| !holds_nothing(&text));
    let good = backups
        .find(|backup| backup.parses && backup.kind != BackupKind::Recovered && has_content(&backup.path));
    let none = || {
        Failure::new(
            Exit::NotFound,
            format!("{} has no backup that parses and holds anything", file.path().display()),
        )
    };
    good.map(|backup| backup.path).ok_or_else(none)
}
