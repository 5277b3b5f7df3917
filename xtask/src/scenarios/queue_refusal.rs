//! One command that must be refused, and that the file does not notice.

use crate::engine::{Failure, Finished, Stage, fail};
use crate::judges::leftovers;
use std::fs;
use std::path::Path;
use std::process::Command;

/// `queue -f q.yaml WORDS…` in `folder`, which must exit with `exit` and say all of `says`.
pub(super) struct Refusal<'a> {
    pub(super) folder: &'a Path,
    pub(super) words: &'a [&'a str],
    pub(super) exit: i32,
    pub(super) says: &'a [&'a str],
}

impl Refusal<'_> {
    pub(super) fn run(&self, stage: &Stage, name: &str) -> Result<Finished, Failure> {
        self.run_with(stage, name, stage.program("queue")?)
    }

    /// The same with a program that was prepared, to be run as somebody else for example.
    pub(super) fn run_with(
        &self,
        stage: &Stage,
        name: &str,
        mut queue: Command,
    ) -> Result<Finished, Failure> {
        let file = self.folder.join("q.yaml");
        // A folder or nothing at all may stand there.
        let before = fs::read(&file).ok();
        queue.current_dir(self.folder).args(["-f", "q.yaml"]).args(self.words);
        let finished = stage.finish(&mut queue, name)?.expect(self.exit)?;
        if let Some(missing) = self.says.iter().find(|words| !finished.stderr.contains(**words)) {
            return Err(fail(format!("{name} did not say `{missing}` but: {}", finished.said())));
        }
        file_stands(&file, before.as_deref())?;
        leftovers::none(self.folder).map_err(fail)?;
        Ok(finished)
    }
}

/// That `file` holds what it held before.
pub(super) fn file_stands(file: &Path, before: Option<&[u8]>) -> Result<(), Failure> {
    if fs::read(file).ok().as_deref() == before {
        Ok(())
    } else {
        Err(fail(format!("{} is not byte for byte as before", file.display())))
    }
}
