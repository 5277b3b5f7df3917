//! `queue prioritize`

use super::Context;
use crate::cli::Prioritize;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{lines_of, width};
use queue_cli::plan::{Score, scores, write_scores};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &Prioritize) -> Result<Exit, Failure> {
    let mut scores = if args.write {
        context.queue.apply(|document, _| write_scores(document))?
    } else {
        scores(&context.queue.read()?)?
    };
    // The highest first; of equal ones, and of those without a score, the first in the file.
    scores.sort_by(|one, other| by_computed(other).total_cmp(&by_computed(one)));
    let differ = scores.iter().filter(|score| score.differs()).count();
    if context.global.json {
        let list: Vec<Value> = scores.iter().map(as_json).collect();
        print_json(&json!({ "tasks": list, "differ": differ, "written": args.write }));
    } else {
        print(&scores, differ, args.write);
    }
    Ok(Exit::Done)
}

fn by_computed(score: &Score) -> f64 {
    score.computed.as_ref().copied().unwrap_or(f64::NEG_INFINITY)
}

fn as_json(score: &Score) -> Value {
    json!({
        "id": score.task.id,
        "status": score.task.status.word(),
        "priority": score.task.priority_word,
        "stored": score.stored,
        "computed": score.computed.as_ref().ok(),
        "differs": score.differs(),
        "why": score.computed.as_ref().err().map(ToString::to_string),
    })
}

fn print(scores: &[Score], differ: usize, written: bool) {
    let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let row = |score: &Score| {
        let verdict = match &score.computed {
            Err(why) => why.to_string(),
            Ok(_) if score.differs() && written => "written".into(),
            Ok(_) if score.differs() => "differs".into(),
            Ok(_) => String::new(),
        };
        let (stored, computed) = (number(score.stored), number(score.computed.as_ref().ok().copied()));
        let task = &score.task;
        let words =
            [&task.id, &task.status_word, task.priority_text(), &stored, &computed, &task.title, &verdict];
        words.map(printable).to_vec()
    };
    let rows: Vec<Vec<String>> = scores.iter().map(row).collect();
    if !rows.is_empty() {
        let header = ["id", "status", "priority", "stored", "computed", "title", ""];
        print_text(&(lines_of(&header, &rows, width()).join("\n") + "\n"));
    }
    let done = if written { "written" } else { "not as computed" };
    print_text(&format!("{differ} of {} scores {done}\n", scores.len()));
}
