//! `lock-janitor sweep`: one pass, from a shell or from cron.

use crate::cli::Sweep as Args;
use crate::desk::Desk;
use crate::exit::{Exit, Failure, with_causes};
use crate::output::say;
use crate::settings::Settings;
use crate::show::{exit_of, lock_json, parties, printable, shown};
use crate::sole::Sole;
use lock_janitor::{Deletion, Finding, Janitor, Judged, Leftover, Outcome, Reason, Sweep, Verdict, scan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long a bridge is served before it is said that there is one.
const BRIDGES_END: Duration = Duration::from_secs(2);
/// And after the program was told to end.
const PATIENCE: Duration = Duration::from_secs(4);

pub(crate) fn run(args: &Args, as_json: bool) -> Result<(String, Exit), Failure> {
    let mut settings = Settings::of(&args.place)?;
    if args.dry_run {
        settings.rules.deletion = Deletion::ReportOnly;
    }
    let desk = Desk::open().map_err(|error| Failure::because("cannot listen to signals", error))?;
    let stop = || desk.is_to_stop();
    // A report changes nothing, so any number of them may run beside another janitor.
    let _sole = match settings.rules.deletion {
        Deletion::Retire => Some(Sole::claim(&settings.roots, &stop)?),
        Deletion::ReportOnly => None,
    };
    let janitor = Janitor::new();
    let mut found = scan(&settings.roots, &settings.rules, &stop);
    let mut sweep = janitor.sweep(&found, &settings.rules, &stop);
    let bridges_left = end_bridges(&janitor, &desk);
    sweep.troubles.append(&mut found.troubles);
    let exit = exit_of(&sweep.troubles).max(if bridges_left > 0 { Exit::Failure } else { Exit::Done });
    if as_json {
        return Ok((sweep_json(&sweep, bridges_left), exit));
    }
    for trouble in &sweep.troubles {
        say(&format!("lock-janitor: {}", printable(&with_causes(trouble))));
    }
    if bridges_left > 0 {
        say(&format!(
            "lock-janitor: {bridges_left} retired lock files were still used when this was told to end; run it again, it goes on with them"
        ));
    }
    Ok((text(&sweep, args.quiet), exit))
}

/// Leaving a retired file that somebody still uses would leave that one without protection, so that is only done when told.
fn end_bridges(janitor: &Janitor, desk: &Desk) -> usize {
    let mut is_said = false;
    while janitor.bridges_open() > 0 && !desk.is_to_stop() {
        if !janitor.bridges_are_over_within(BRIDGES_END) && !is_said {
            say(
                "lock-janitor: a retired lock file is still used by a program that keeps it open; it is served until that is done",
            );
            is_said = true;
        }
    }
    janitor.finish(if desk.is_to_stop() { PATIENCE } else { Duration::ZERO })
}

fn text(sweep: &Sweep, quiet: bool) -> String {
    let mut text = String::new();
    let mut row = |what: &str, path: &Path, why: &str| {
        text.push_str(&format!(
            "{what:<12} {}{}\n",
            shown(path),
            if why.is_empty() { String::new() } else { format!(": {}", printable(why)) }
        ));
    };
    for left in &sweep.leftovers {
        let (what, why) = leftover_words(left);
        row(what, left.path(), &why);
    }
    for judged in &sweep.judged {
        let (what, why) = words(judged);
        if !(quiet && matches!(judged.outcome, Outcome::Kept(_))) {
            row(what, &judged.lock.path, &why);
        }
    }
    for (path, reason) in sweep.passed_over.iter().filter(|_| !quiet) {
        row("kept", path, &reason.to_string());
    }
    text + &summary(sweep)
}

/// What was done with a lock file, and why.
fn words(judged: &Judged) -> (&'static str, String) {
    match (&judged.outcome, &judged.verdict) {
        (Outcome::Kept(Reason::Held | Reason::WaitedFor), _) if !judged.facts.holders.is_empty() => {
            ("kept", parties(&judged.facts).join(", "))
        }
        (Outcome::Kept(reason), _) => ("kept", reason.to_string()),
        (Outcome::Reported, Verdict::Report(finding @ Finding::Leaked(_))) => ("leaked", finding.to_string()),
        (Outcome::Reported, Verdict::Report(finding)) => ("long hold", finding.to_string()),
        (Outcome::Reported, verdict) => ("reported", format!("{verdict:?}")),
        (Outcome::WouldRetire, _) => ("would retire", String::new()),
        (Outcome::Retired, _) => ("retired", String::new()),
        (Outcome::PutBack, _) => ("put back", "somebody came for it".into()),
        (Outcome::Bridged, _) => ("bridged", "somebody came for it when others had made a new one".into()),
        (_, _) => ("other", String::new()),
    }
}

fn leftover_words(left: &Leftover) -> (&'static str, String) {
    match left {
        Leftover::Removed(_) => ("removed", "left by a killed writer, and kept elsewhere".into()),
        Leftover::PutAside { to, .. } => {
            ("put aside", format!("left by a killed writer; now {}", to.display()))
        }
        Leftover::Restored(_) => ("restored", "left by a killed janitor; it has its name again".into()),
        Leftover::Cleared(_) => ("cleared", "left by a killed janitor, and used by nobody".into()),
        Leftover::Bridged(_) => ("bridged", "left by a killed janitor, and still used".into()),
        Leftover::Kept(_, Reason::SymbolicLink) => (
            "kept",
            "its document, or `.mooring` beside it, is a symbolic link, which is not followed".into(),
        ),
        Leftover::Kept(_, reason) => ("kept", reason.to_string()),
        Leftover::Found(_) => ("would clear", "left by a killed writer or janitor".into()),
        _ => ("other", String::new()),
    }
}

/// How many met each fate, and of those that stay how many for which reason.
fn summary(sweep: &Sweep) -> String {
    let mut fates: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in &sweep.judged {
        *fates.entry(words(judged).0).or_default() += 1;
        if let Outcome::Kept(reason) = &judged.outcome {
            *reasons.entry(reason.word()).or_default() += 1;
        }
    }
    let listed = |counts: BTreeMap<&str, usize>| {
        counts.into_iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    };
    let files = match sweep.judged.len() {
        0 => "no lock files".into(),
        1 => "1 lock file".into(),
        files => format!("{files} lock files"),
    };
    let fates = if fates.is_empty() { String::new() } else { format!(": {}", listed(fates)) };
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", listed(reasons)) };
    format!("{files}{fates}{reasons}\n")
}

fn sweep_json(sweep: &Sweep, bridges_left: usize) -> String {
    let errors: Vec<_> = sweep.troubles.iter().map(|trouble| with_causes(trouble)).collect();
    let object = json!({
        "locks": sweep.judged.iter().map(judged_json).collect::<Vec<_>>(),
        "leftovers": sweep.leftovers.iter().map(leftover_json).collect::<Vec<_>>(),
        "passed_over": sweep.passed_over.iter().map(|(path, reason)| json!({
            "path": path.display().to_string(), "reason": reason.word(), "message": reason.to_string(),
        })).collect::<Vec<_>>(),
        "bridges_left": bridges_left,
        "took_s": sweep.took.as_secs_f64(),
        "errors": errors,
    });
    format!("{object:#}\n")
}

fn judged_json(judged: &Judged) -> Value {
    let (outcome, reason) = match (&judged.outcome, &judged.verdict) {
        (Outcome::Kept(reason), _) => ("kept", Some(reason.word())),
        (Outcome::Reported, Verdict::Report(finding)) => ("reported", Some(finding.word())),
        (Outcome::Reported, _) => ("reported", None),
        (Outcome::WouldRetire, _) => ("would_retire", None),
        (Outcome::Retired, _) => ("retired", None),
        (Outcome::PutBack, _) => ("put_back", None),
        (Outcome::Bridged, _) => ("bridged", None),
        (_, _) => ("other", None),
    };
    let mut object = lock_json(&judged.lock, &judged.facts);
    object["outcome"] = outcome.into();
    object["reason"] = reason.into();
    object["message"] = words(judged).1.into();
    object
}

fn leftover_json(left: &Leftover) -> Value {
    let to = if let Leftover::PutAside { to, .. } = left { Some(to.display().to_string()) } else { None };
    json!({
        "path": left.path().display().to_string(),
        "what": left.word(),
        "to": to,
        "message": leftover_words(left).1,
    })
}
