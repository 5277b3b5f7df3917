//! `queue counts`

use super::Context;
use crate::cli::Counts;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use crate::table::{print_table, table};
use queue_cli::ops::{self, Counter};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &Counts) -> Result<Exit, Failure> {
    let counters = if args.sync {
        context.queue.apply(|document, _| ops::sync_counters(document))?
    } else {
        ops::counters(&context.queue.read()?)?
    };
    let drifted = counters.iter().filter(|counter| counter.has_drifted()).count();
    if context.global.json {
        let object = |counter: &Counter| json!({ "path": counter.path.to_string(), "stored": counter.stored, "actual": counter.actual });
        let list: Vec<Value> = counters.iter().map(object).collect();
        print_json(&json!({ "counters": list, "drifted": drifted, "written": args.sync }));
    } else {
        print(&counters, args.sync);
    }
    Ok(if args.check && drifted > 0 { Exit::Failure } else { Exit::Done })
}

fn print(counters: &[Counter], written: bool) {
    let mut table = table(&["counter", "says", "is", ""]);
    for counter in counters {
        let said = counter.stored.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let verdict = match (counter.has_drifted(), written) {
            (false, _) => "",
            (true, false) => "drifted",
            (true, true) => "written",
        };
        table.add_row([counter.path.to_string(), said, counter.actual.to_string(), verdict.into()]);
    }
    match (counters.is_empty(), written) {
        (true, true) => print_text("no counter has drifted\n"),
        (true, false) => print_text("the file carries no counters that are known here\n"),
        (false, _) => print_table(&table),
    }
}
