//! The janitor beside programs that never look whether their lock file is still there.

mod crowd;
pub(super) mod exclusion;
pub(super) mod killed;
pub(super) mod long_open;
pub(super) mod named;
pub(super) mod untouched;

use crate::engine::{Failure, Stage, fail};
use serde_json::Value;
use std::process::Command;

/// The grace beside programs that never look, in milliseconds: a hundredth of the default. A tenth of this was seen to be too short on a machine
/// that others kept busy: three cases of one run lost turns, which passed before and after that.
const GRACE_MS: &str = "20";

/// `lock-janitor sweep` with no idle time asked for and a short grace.
pub(super) fn eager(stage: &Stage) -> Result<Command, Failure> {
    let mut command = stage.program("lock-janitor")?;
    command.args(["sweep", "--json", "--min-idle", "0s", "--grace", "2ms"]);
    Ok(command)
}

/// The one of these objects that is about `path`.
fn about<'a>(list: &'a Value, path: &str) -> Result<&'a Value, Failure> {
    let found = list.as_array().into_iter().flatten().find(|object| object["path"] == path);
    found.ok_or_else(|| fail(format!("nothing was said of {path}: {list}")))
}
