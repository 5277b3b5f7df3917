//! `lock-janitor ls`

use crate::cli::Where;
use crate::exit::{Exit, Failure, with_causes};
use crate::output::say;
use crate::settings::Settings;
use crate::show::{exit_of, finding_line, lock_json, parties, shown, span, verdict_words};
use lock_janitor::{Depth, Known, Rules, State, Trouble, judge, scan, survey};
use serde_json::{Value, json};

/// What a table line holds before the path.
const PATH_COLUMN: usize = 44;
const WIDTH: usize = 80;

pub(crate) fn run(args: &Where, as_json: bool) -> Result<(String, Exit), Failure> {
    let Settings { roots, rules, .. } = Settings::of(args)?;
    let mut found = scan(&roots, &rules, &|| false);
    let (known, troubles) = survey(&found, Depth::Descriptors, &|| false);
    found.troubles.extend(troubles);
    let exit = exit_of(&found.troubles);
    if as_json {
        return Ok((all_json(&known, &rules, &found.troubles), exit));
    }
    for trouble in &found.troubles {
        say(&format!("lock-janitor: {}", with_causes(trouble)));
    }
    Ok((table(&known, &rules), exit))
}

fn all_json(known: &[Known], rules: &Rules, troubles: &[Trouble]) -> String {
    let errors: Vec<_> = troubles.iter().map(|trouble| with_causes(trouble)).collect();
    let locks: Vec<_> = known.iter().map(|known| one_json(known, rules)).collect();
    format!("{:#}\n", json!({ "locks": locks, "errors": errors }))
}

fn one_json(Known { lock, facts }: &Known, rules: &Rules) -> Value {
    let (verdict, reason, text) = verdict_words(&judge(facts, rules));
    let mut object = lock_json(lock, facts);
    object["verdict"] = verdict.into();
    object["reason"] = reason.into();
    object["message"] = text.into();
    object
}

/// The path stands last, and on a line of its own where it is too long: so it can be copied, and nothing is cut off.
fn table(locks: &[Known], rules: &Rules) -> String {
    if locks.is_empty() {
        return "no lock files\n".into();
    }
    let mut table =
        format!("{:<10} {:>5} {:>5} {:>5} {:<14} LOCK FILE\n", "STATE", "SINCE", "WAIT", "IDLE", "VERDICT");
    for Known { lock, facts } in locks {
        let verdict = judge(facts, rules);
        let (word, reason, _) = verdict_words(&verdict);
        let path = shown(&lock.path);
        let row = format!(
            "{:<10} {:>5} {:>5} {:>5} {:<14}",
            facts.state,
            facts.held_for.map_or_else(|| "-".into(), span),
            facts.waiters.len(),
            span(facts.idle),
            reason.unwrap_or(word),
        );
        let fits = path.chars().count() <= WIDTH - PATH_COLUMN;
        let row = if fits { format!("{row} ") } else { format!("{}\n  ", row.trim_end()) };
        table.push_str(&format!("{row}{path}\n"));
        for line in parties(facts).into_iter().chain(finding_line(&verdict)) {
            table.push_str(&format!("  {line}\n"));
        }
    }
    let is_held = |known: &&Known| matches!(known.facts.state, State::Exclusive | State::Shared);
    let held = locks.iter().filter(is_held).count();
    let files = if locks.len() == 1 { "1 lock file".into() } else { format!("{} lock files", locks.len()) };
    table.push_str(&format!("{files}, {held} held\n"));
    table
}
