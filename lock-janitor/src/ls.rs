//! `lock-janitor ls`

use crate::cli::Where;
use crate::exit::{Exit, Failure, with_causes};
use crate::output::say;
use crate::settings::Settings;
use lock_janitor::{Depth, Known, State, Trouble, scan, survey};

/// What a table line holds before the path: state, idle time, size and owner with a space behind each.
const PATH_COLUMN: usize = 35;
const WIDTH: usize = 80;

pub(crate) fn run(args: &Where, as_json: bool) -> Result<(String, Exit), Failure> {
    let Settings { roots, rules, .. } = Settings::of(args)?;
    let mut found = scan(&roots, &rules);
    let (known, troubles) = survey(&found, Depth::Descriptors);
    found.troubles.extend(troubles);
    let exit = found.troubles.iter().map(exit_of).max().unwrap_or(Exit::Done);
    if as_json {
        return Ok((json(&known, &found.troubles), exit));
    }
    for trouble in &found.troubles {
        say(&format!("lock-janitor: {}", with_causes(trouble)));
    }
    Ok((table(&known), exit))
}

fn exit_of(trouble: &Trouble) -> Exit {
    if matches!(trouble, Trouble::NoSuchFolder { .. }) { Exit::NotFound } else { Exit::Failure }
}

fn json(known: &[Known], troubles: &[Trouble]) -> String {
    let errors: Vec<_> = troubles.iter().map(|trouble| with_causes(trouble)).collect();
    let locks: Vec<_> = known.iter().map(lock_json).collect();
    let object = serde_json::json!({ "locks": locks, "errors": errors });
    format!("{object:#}\n")
}

/// JSON is text: a path that is not is shown as far as it is.
fn lock_json(Known { lock, facts }: &Known) -> serde_json::Value {
    serde_json::json!({
        "path": lock.path.display().to_string(),
        "state": facts.state,
        "holders": facts.holders.iter().filter_map(|holder| holder.pid).collect::<Vec<_>>(),
        "idle_s": facts.idle.as_secs(),
        "size": facts.size,
        "owner_uid": facts.owner_uid,
    })
}

/// The path stands last, and on a line of its own where it is too long: so it can be copied, and nothing is cut off.
fn table(locks: &[Known]) -> String {
    if locks.is_empty() {
        return "no lock files\n".into();
    }
    let mut table = format!("{:<10} {:>5} {:>8} {:>8} LOCK FILE\n", "STATE", "IDLE", "SIZE", "OWNER");
    for Known { lock, facts } in locks {
        let path = lock.path.display().to_string();
        let facts = format!(
            "{:<10} {:>5} {:>8} {:>8}",
            facts.state,
            idle(facts.idle.as_secs()),
            facts.size,
            facts.owner_uid
        );
        let fits = path.chars().count() <= WIDTH - PATH_COLUMN;
        table.push_str(&format!("{facts}{}{path}\n", if fits { " " } else { "\n  " }));
    }
    let held =
        locks.iter().filter(|lock| matches!(lock.facts.state, State::Exclusive | State::Shared)).count();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_times_have_one_unit() {
        let shown = [0, 119, 120, 7_199, 7_200, 172_799, 172_800, 9_000_000].map(idle);
        assert_eq!(shown, ["0s", "119s", "2m", "119m", "2h", "47h", "2d", "104d"]);
    }
}
