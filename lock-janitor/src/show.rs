//! How a lock and what is known of it are shown, to people and to programs.

use crate::exit::Exit;
use lock_core::{LockMode, LockProcess};
use lock_janitor::{Content, Facts, Finding, FoundLock, Trouble, Verdict};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// A path, fit for a terminal: what would move the cursor or break the row is shown as an escape.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// The same for any text from outside.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
    out
}

/// In the largest unit of which there are at least two.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// All that is known of a lock. JSON is text: a path that is not is shown as far as it is.
pub(crate) fn lock_json(lock: &FoundLock, facts: &Facts) -> Value {
    json!({
        "path": lock.path.display().to_string(),
        "state": facts.state,
        "holders": facts.holders.iter().filter_map(|holder| holder.pid).collect::<Vec<_>>(),
        "held_by": facts.holders.iter().map(process_json).collect::<Vec<_>>(),
        "held_s": facts.held_for.map(|held| held.as_secs_f64()),
        "awaited_by": facts.waiters.iter().map(process_json).collect::<Vec<_>>(),
        "leaked_to": facts.leak.as_ref().map(|leak| json!({
            "pid": leak.pid, "command": leak.command, "fd": leak.descriptor,
        })),
        "idle_s": facts.idle.as_secs(),
        "size": facts.size,
        "content": match facts.content {
            Content::Ours => "ours",
            Content::RunLock { .. } => "run_lock",
            Content::Foreign => "foreign",
            Content::Unreadable => "unreadable",
        },
        "owner_uid": facts.owner_uid,
    })
}

fn process_json(process: &LockProcess) -> Value {
    let mode = match process.mode {
        LockMode::Exclusive => "exclusive",
        LockMode::Shared => "shared",
    };
    json!({ "pid": process.pid, "command": process.command, "mode": mode })
}

/// The verdict in one word, the reason in another, and both as a sentence.
pub(crate) fn verdict_words(verdict: &Verdict) -> (&'static str, Option<&'static str>, String) {
    match verdict {
        Verdict::Keep(reason) => ("keep", Some(reason.word()), reason.to_string()),
        Verdict::Report(finding) => ("report", Some(finding.word()), finding.to_string()),
        Verdict::Retire => ("retire", None, "nobody uses it".into()),
    }
}

/// Who has a lock and who waits for it, a line for each.
pub(crate) fn parties(facts: &Facts) -> Vec<String> {
    let mut lines = Vec::new();
    for holder in &facts.holders {
        lines.push(printable(&format!("held by {holder}")));
    }
    for waiter in &facts.waiters {
        lines.push(printable(&format!("awaited by {waiter}")));
    }
    lines
}

/// What a finding says beyond who has the lock.
pub(crate) fn finding_line(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Report(finding @ (Finding::Leaked(_) | Finding::LongHold { .. })) => {
            Some(printable(&finding.to_string()))
        }
        _ => None,
    }
}

pub(crate) fn exit_of(troubles: &[Trouble]) -> Exit {
    let exit = |trouble: &Trouble| match trouble {
        Trouble::NoSuchFolder { .. } => Exit::NotFound,
        _ => Exit::Failure,
    };
    troubles.iter().map(exit).max().unwrap_or(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::{printable, span};
    use std::time::Duration;

    #[test]
    fn idle_times_have_one_unit() {
        let seconds = [0, 119, 120, 7_199, 7_200, 172_799, 172_800, 9_000_000];
        let shown = seconds.map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(shown, ["0s", "119s", "2m", "119m", "2h", "47h", "2d", "104d"]);
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
    }
}
