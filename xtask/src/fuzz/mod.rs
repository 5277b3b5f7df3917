//! Fuzz programs on the stable toolchain: `cargo xtask fuzz TARGET --for 60s`.
//!
//! - [`targets`]: what is fuzzed, as plain functions from bytes to a judgement
//! - [`campaign`]: cases by the thousand, on every core, until the time is up or something is found
//! - [`attempt`]: one case, whose panics are findings
//! - [`finding`]: making a finding small, keeping it, and repeating it
//! - [`watching`]: what is shown meanwhile

mod attempt;
mod campaign;
mod finding;
mod targets;
mod watching;

use crate::engine::{Explain, Failure, fail};
use campaign::Limits;
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use targets::{Case, DamagedLog, Edits, LockContent, Outline};

#[derive(Debug, Args)]
pub(crate) struct FuzzArgs {
    /// What to fuzz
    #[arg(value_enum, required_unless_present = "list")]
    target: Option<Target>,
    /// Name the targets
    #[arg(long)]
    list: bool,
    /// Stop after this time: 90s, 10m, 2h
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = "60s")]
    time: Duration,
    /// Stop after so many cases, if the time is not up before
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// Repeat the cases of an earlier run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Try one finding again; or, if it is a folder, every one in it
    #[arg(long, value_name = "FILE", conflicts_with = "cases")]
    repeat: Option<PathBuf>,
    /// Try the case that the bytes of this file stand for, as other fuzzers make them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "repeat"])]
    input: Option<PathBuf>,
    /// Where findings are written [default: target/xtask/fuzz/TARGET]
    #[arg(long, value_name = "DIR")]
    findings: Option<PathBuf>,
}

/// What can be fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Whatever text is outlined is read as two reference parsers read it
    Outline,
    /// An edit does what was meant, changes no other value and no other line, or is refused and changes nothing
    Edit,
    /// After any damage to the end of a log, one append makes it a list with every whole record in its order
    EventLog,
    /// Whatever stands in a lock file, the lock can be had, a record is taken over, and what is somebody's stays
    LockRecord,
}

impl Target {
    pub(crate) const ALL: [Target; 4] = [Target::Outline, Target::Edit, Target::EventLog, Target::LockRecord];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Target::Outline => "outline",
            Target::Edit => "edit",
            Target::EventLog => "event-log",
            Target::LockRecord => "lock-record",
        }
    }
}

pub(crate) fn run(args: &FuzzArgs) -> Result<ExitCode, Failure> {
    match args.target {
        _ if args.list => {
            println!("{}", Target::ALL.map(Target::name).join("\n"));
            Ok(ExitCode::SUCCESS)
        }
        Some(target @ Target::Outline) => fuzz::<Outline>(target, args),
        Some(target @ Target::Edit) => fuzz::<Edits>(target, args),
        Some(target @ Target::EventLog) => fuzz::<DamagedLog>(target, args),
        Some(target @ Target::LockRecord) => fuzz::<LockContent>(target, args),
        None => Err(fail("which target? --list names them")),
    }
}

fn fuzz<C: Case>(target: Target, args: &FuzzArgs) -> Result<ExitCode, Failure> {
    attempt::keep_panics_quiet();
    if let Some(path) = &args.repeat {
        return finding::repeat::<C>(path);
    }
    if let Some(path) = &args.input {
        return try_bytes::<C>(path);
    }
    let limits = Limits { time: args.time, cases: args.cases.unwrap_or(u64::MAX) };
    let findings = match &args.findings {
        Some(folder) => folder.clone(),
        None => beside_this_program()?.join("xtask").join("fuzz").join(target.name()),
    };
    campaign::run::<C>(target, limits, args.seed.unwrap_or_else(seed_of_the_moment), &findings)
}

fn try_bytes<C: Case>(path: &Path) -> Result<ExitCode, Failure> {
    let bytes = fs::read(path).explain(path.display())?;
    match attempt::caught(|| targets::check::<C>(&bytes)) {
        Ok(()) => {
            println!("nothing found");
            Ok(ExitCode::SUCCESS)
        }
        Err(what) => Err(fail(what)),
    }
}

/// The target folder, which holds this program in a folder of its own.
fn beside_this_program() -> Result<PathBuf, Failure> {
    let this = std::env::current_exe()?;
    this.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| fail("this program is not in a target folder"))
}

/// `90`, `90s`, `10m` or `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time is a number with `s`, `m` or `h` behind it".to_owned()),
    };
    let Ok(number) = number.parse::<u64>() else { return Err("a time begins with a number".to_owned()) };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Different on every run, and short enough to be typed.
fn seed_of_the_moment() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_micros()))
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "s", "1d", "-1s", "1.5s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
