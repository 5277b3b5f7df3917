//! Whether the counters that the file carries say what is true.

use super::finding::{Finding, shown};
use crate::commands::Context;
use crate::exit::with_causes;
use queue_cli::ops::{Counter, counters, sync_counters};

/// How many of them are named.
const NAMED: usize = 3;

pub(super) fn look(context: &Context, fix: bool) -> Vec<Finding> {
    let counters = context.queue.read().and_then(|document| counters(&document)).unwrap_or_default();
    let drifted: Vec<&Counter> = counters.iter().filter(|counter| counter.has_drifted()).collect();
    if drifted.is_empty() {
        return Vec::new();
    }
    let place = shown(context.queue.path());
    let mut finding = finding(&place, &drifted);
    if fix {
        match context.queue.apply(|document, _| sync_counters(document)) {
            Ok(_) => finding.fixed = true,
            Err(error) => {
                let what = format!("its counters cannot be mended: {}", with_causes(&error));
                let not_mended = Finding::problem("not-mended", place, what);
                return vec![finding, not_mended.remedy("see to that, and ask again")];
            }
        }
    }
    vec![finding]
}

fn finding(place: &str, drifted: &[&Counter]) -> Finding {
    let one = |counter: &&Counter| {
        let said = counter.stored.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
        format!("{} says {said} instead of {}", counter.path, counter.actual)
    };
    let mut named: Vec<String> = drifted.iter().take(NAMED).map(one).collect();
    if drifted.len() > NAMED {
        named.push(format!("and {} more, which queue counts shows", drifted.len() - NAMED));
    }
    let what = format!("its counters have drifted: {}", named.join(", "));
    let finding = Finding::problem("drifted-counters", place, what);
    Finding {
        fixable: true,
        ..finding.remedy("queue doctor --fix, or queue counts --sync, writes what is true")
    }
}
