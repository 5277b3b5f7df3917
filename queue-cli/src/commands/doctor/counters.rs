//! Whether the counters that the file carries say what is true.

use super::finding::{Finding, shown};
use crate::commands::Context;
use crate::exit::with_causes;
use queue_cli::ops::{Counter, counters, sync_counters};

pub(super) fn look(context: &Context, fix: bool) -> Vec<Finding> {
    let counters = context.queue.read().and_then(|document| counters(&document)).unwrap_or_default();
    let drifted: Vec<&Counter> = counters.iter().filter(|counter| counter.has_drifted()).collect();
    let mut findings: Vec<Finding> = drifted.iter().map(|counter| finding(counter)).collect();
    if fix && !drifted.is_empty() {
        match context.queue.apply(|document, _| sync_counters(document)) {
            Ok(_) => findings.iter_mut().for_each(|finding| finding.fixed = true),
            Err(error) => {
                let what = format!("its counters cannot be mended: {}", with_causes(&error));
                let place = shown(context.queue.path());
                findings
                    .push(Finding::problem("not-mended", place, what).remedy("see to that, and ask again"));
            }
        }
    }
    findings
}

fn finding(counter: &Counter) -> Finding {
    let said = counter.stored.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
    let what = format!("this counter says {said}, and {} is true", counter.actual);
    let finding = Finding::problem("drifted-counter", &counter.path, what);
    Finding { fixable: true, ..finding.remedy("queue doctor --fix, or queue counts --sync") }
}
