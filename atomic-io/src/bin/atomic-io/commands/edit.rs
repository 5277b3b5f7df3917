//! `atomic-io edit`

use crate::child;
use crate::cli::Edit;
use crate::context::{Context, document, holds_nothing, text};
use crate::exit::{Exit, Failure};
use crate::output::{Answer, printable, say};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempPath;

/// How a line begins that a merge put around what both sides changed.
const MARKERS: [&str; 2] = ["<<<<<<< ", ">>>>>>> "];

pub(crate) fn run(context: &Context, args: &Edit) -> Result<Answer, Failure> {
    let base = context.file(&args.file).read()?.into_text();
    let copy = EditedCopy::of(&args.file, &base)?;
    match edit(context, &args.file, base, &copy) {
        Ok(changed) => {
            copy.remove();
            Ok(Answer::changed(&args.file, changed))
        }
        Err(failure) => Err(copy.keep(failure)),
    }
}

/// Whether the file was changed.
fn edit(context: &Context, file: &Path, mut base: String, copy: &EditedCopy) -> Result<bool, Failure> {
    loop {
        context.interrupts.left_to_editor(|| open_editor(&copy.path))?;
        let edited = copy.read()?;
        if edited == base {
            return Ok(false);
        }
        let mut conflict = None;
        match save(context, file, &base, &edited, &mut conflict) {
            Err(failure) if wants_to_edit_again(&failure) => {}
            other => return other,
        }
        if let Some(Conflict { current, marked }) = conflict {
            base = current;
            copy.write(&marked)?;
        }
    }
}

/// What others saved meanwhile, and the two versions in one with marks around the differences.
struct Conflict {
    current: String,
    marked: String,
}

/// Saves what was edited, if nothing but that was saved since `base`; otherwise what comes of both.
fn save(
    context: &Context,
    file: &Path,
    base: &str,
    edited: &str,
    conflict: &mut Option<Conflict>,
) -> Result<bool, Failure> {
    if edited.lines().any(|line| MARKERS.iter().any(|marker| line.starts_with(marker))) {
        return Err(Failure::new(Exit::Conflict, "marks of a conflict are still in it"));
    }
    if holds_nothing(edited) && !holds_nothing(base) {
        return Err(Failure::new(Exit::Invalid, "it holds nothing any more; `null` or `[]` empties a file"));
    }
    let edited = document(edited.to_owned(), "what you edited")?;
    let ((), changed) = context.update(file, |current| {
        if current.text() == base {
            *current = edited.clone();
            return Ok(());
        }
        match diffy::merge(base, edited.text(), current.text()) {
            Ok(merged) => *current = document(merged, "the merge of both versions")?,
            Err(marked) => {
                *conflict = Some(Conflict { current: current.text().to_owned(), marked });
                let message =
                    format!("{} was saved meanwhile with other changes to the same lines", file.display());
                return Err(Failure::new(Exit::Conflict, message));
            }
        }
        Ok(())
    })?;
    Ok(changed)
}

/// Runs the user's editor. It is a piece of shell, as `code --wait`.
fn open_editor(copy: &Path) -> Result<(), Failure> {
    let named = |name| env::var_os(name).filter(|editor| !editor.is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut script: OsString = editor.clone();
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh").arg(copy);
    let status = command.status().map_err(|error| child::cannot_run(&command, error))?;
    if status.success() {
        return Ok(());
    }
    let message = format!("the editor `{}` {}; nothing was changed", editor.display(), child::ending(status));
    Err(Failure::new(Exit::CommandFailed, message))
}

/// Shows what stands in the way and asks whether to go on, if there is somebody to be asked.
fn wants_to_edit_again(failure: &Failure) -> bool {
    if !io::stdin().is_terminal() || !matches!(failure.exit(), Exit::Conflict | Exit::Invalid) {
        return false;
    }
    say(&printable(&failure.story()));
    say("Edit again? [Y/n]");
    let mut line = String::new();
    let answered = io::stdin().lock().read_line(&mut line).is_ok_and(|read| read > 0);
    answered && matches!(line.trim(), "" | "y" | "Y" | "yes")
}

/// The copy that is edited: beside the file, so that it outlives a restart if it has to be kept. If the program
/// is killed it stays.
struct EditedCopy {
    path: TempPath,
    folder: PathBuf,
    original: String,
}

impl EditedCopy {
    fn of(file: &Path, content: &str) -> Result<Self, Failure> {
        let failed = |error| Failure::because(format!("cannot make a copy of {}", file.display()), error);
        let real = fs::canonicalize(file).map_err(failed)?;
        let folder = real.parent().unwrap_or(Path::new("/")).join(".mooring/edits");
        fs::create_dir_all(&folder).map_err(failed)?;
        // An editor goes by the ending.
        let mut stem = real.file_stem().unwrap_or_default().to_os_string();
        stem.push(".");
        let mut ending = OsString::from(if real.extension().is_some() { "." } else { "" });
        ending.push(real.extension().unwrap_or_default());
        let made = tempfile::Builder::new().prefix(&stem).suffix(&ending).tempfile_in(&folder);
        let mut made = made.map_err(failed)?;
        made.write_all(content.as_bytes()).map_err(failed)?;
        Ok(Self { path: made.into_temp_path(), folder, original: content.to_owned() })
    }

    fn read(&self) -> Result<String, Failure> {
        let bytes =
            fs::read(&self.path).map_err(|error| Failure::because("cannot read what you edited", error))?;
        text(bytes, "what you edited")
    }

    fn write(&self, content: &str) -> Result<(), Failure> {
        fs::write(&self.path, content)
            .map_err(|error| Failure::because("cannot put both versions into the copy", error))
    }

    /// Leaves the copy where it is, because of `failure`, if there is anything in it that is nowhere else.
    fn keep(self, failure: Failure) -> Failure {
        if fs::read(&self.path).is_ok_and(|bytes| bytes == self.original.as_bytes()) {
            self.remove();
            return failure;
        }
        match self.path.keep() {
            Ok(copy) => Failure::Kept { failure: Box::new(failure), copy },
            Err(error) => {
                Failure::because(format!("{}; and your version is lost", failure.story()), error.error)
            }
        }
    }

    /// And the folders, if nobody else's copy is in them.
    fn remove(self) {
        let Self { path, folder, .. } = self;
        drop(path);
        if fs::remove_dir(&folder).is_ok()
            && let Some(hidden) = folder.parent()
        {
            let _ = fs::remove_dir(hidden);
        }
    }
}
