//! Commands that are measured from their start to their end.

use crate::engine::{Explain, Failure, Stage, fail};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a command to its end: how long it took, in nanoseconds, and what it said.
pub(super) fn run(command: &mut Command) -> Result<(f64, String), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().explain(&name)?;
    let time = started.elapsed().as_nanos() as f64;
    if !output.status.success() {
        return Err(fail(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))));
    }
    Ok((time, String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

/// The median of what was found.
pub(super) fn median(mut found: Vec<f64>) -> Result<f64, Failure> {
    found.sort_by(f64::total_cmp);
    found.get(found.len() / 2).copied().ok_or_else(|| fail("nothing was measured"))
}

/// The command line of SQLite, with `statements` for a database that others use too.
pub(super) fn sqlite(stage: &Stage, base: &Path, statements: &str) -> Command {
    let mut command = stage.command("sqlite3");
    command.args(["-cmd", ".timeout 10000", "-cmd", "PRAGMA synchronous=FULL;"]).arg(base).arg(statements);
    command
}

/// A new database, out of more statements than a command line has room for.
pub(super) fn make_database(stage: &Stage, base: &Path, statements: &str) -> Result<(), Failure> {
    let mut sqlite = stage.command("sqlite3");
    let mut sqlite =
        sqlite.arg(base).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().explain("sqlite3")?;
    if let Some(mut input) = sqlite.stdin.take() {
        input.write_all(statements.as_bytes()).explain("sqlite3")?;
    }
    let is_made = sqlite.wait().explain("sqlite3")?.success();
    if is_made { Ok(()) } else { Err(fail(format!("{}: sqlite3 cannot make the database", base.display()))) }
}
