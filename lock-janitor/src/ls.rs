//! `lock-janitor ls`

use crate::cli::Ls;
use crate::exit::Exit;
use lock_janitor::{Lock, Report, State, Trouble, look, scan};
use std::error::Error;
use std::io;

/// What a table line holds before the path: state, idle time, size and owner with a space behind each.
const PATH_COLUMN: usize = 35;
const WIDTH: usize = 80;

pub(crate) fn run(args: &Ls) -> io::Result<(String, Exit)> {
    let report = look(scan(&args.folders));
    let exit = report.troubles.iter().map(exit_of).max().unwrap_or(Exit::Done);
    if args.json {
        return Ok((json(&report)?, exit));
    }
    for trouble in &report.troubles {
        eprintln!("lock-janitor: {}", story(trouble));
    }
    Ok((table(&report.locks), exit))
}

fn exit_of(trouble: &Trouble) -> Exit {
    if matches!(trouble, Trouble::NoSuchFolder { .. }) { Exit::NotFound } else { Exit::Failure }
}

fn json(report: &Report) -> io::Result<String> {
    let errors: Vec<_> = report.troubles.iter().map(story).collect();
    let locks: Vec<_> = report.locks.iter().map(lock_json).collect();
    let object = serde_json::json!({ "locks": locks, "errors": errors });
    Ok(serde_json::to_string_pretty(&object)? + "\n")
}

/// JSON is text: a path that is not is shown as far as it is.
fn lock_json(lock: &Lock) -> serde_json::Value {
    serde_json::json!({
        "path": lock.path.display().to_string(),
        "state": lock.state,
        "holders": lock.holders,
        "idle_s": lock.idle_s,
        "size": lock.size,
        "owner_uid": lock.owner_uid,
    })
}

/// The path stands last, and on a line of its own where it is too long: so it can be copied, and nothing is cut off.
fn table(locks: &[Lock]) -> String {
    if locks.is_empty() {
        return "no lock files\n".into();
    }
    let mut table = format!("{:<10} {:>5} {:>8} {:>8} LOCK FILE\n", "STATE", "IDLE", "SIZE", "OWNER");
    for lock in locks {
        let path = lock.path.display().to_string();
        let facts =
            format!("{:<10} {:>5} {:>8} {:>8}", lock.state, idle(lock.idle_s), lock.size, lock.owner_uid);
        let fits = path.chars().count() <= WIDTH - PATH_COLUMN;
        table.push_str(&format!("{facts}{}{path}\n", if fits { " " } else { "\n  " }));
    }
    let held = locks.iter().filter(|lock| matches!(lock.state, State::Exclusive | State::Shared)).count();
    let files = if locks.len() == 1 { "1 lock file".into() } else { format!("{} lock files", locks.len()) };
    table.push_str(&format!("{files}, {held} held\n"));
    table
}

/// In the largest unit of which there are at least two.
fn idle(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The error and its causes on one line.
fn story(trouble: &Trouble) -> String {
    let mut story = trouble.to_string();
    let mut cause = trouble.source();
    while let Some(error) = cause {
        story.push_str(&format!(": {error}"));
        cause = error.source();
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_times_have_one_unit() {
        let shown = [0, 119, 120, 7_199, 7_200, 172_799, 172_800, 9_000_000].map(idle);
        assert_eq!(shown, ["0s", "119s", "2m", "119m", "2h", "47h", "2d", "104d"]);
    }
}
