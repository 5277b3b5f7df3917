//! `queue status`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use jiff::Timestamp;
use queue_cli::{Board, Task, tasks};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for task in &tasks {
        *counts.entry(task.status.word()).or_default() += 1;
    }
    let ready = board.ready().len();
    let in_hand: Vec<&Task> = tasks.iter().filter(|task| task.status.is_in_hand()).collect();
    if context.global.json {
        let object = |task: &&Task| {
            let why = board.waiting(task).map(|why| why.to_string());
            let (status, holder) = (task.status.word(), &task.claimed_by);
            json!({ "id": task.id, "status": status, "claimed_by": holder, "attempt": task.attempt, "waiting": why })
        };
        let in_hand: Vec<Value> = in_hand.iter().map(object).collect();
        print_json(&json!({ "total": tasks.len(), "ready": ready, "counts": counts, "in_hand": in_hand }));
        return Ok(Exit::Done);
    }
    let mut text = format!("{} tasks, {ready} ready\n", tasks.len());
    for (status, count) in counts {
        text.push_str(&format!("{count:>6} {status}\n"));
    }
    print_text(&text);
    if !in_hand.is_empty() {
        let mut table = table(&["id", "in hand"]);
        for task in in_hand {
            let why = board.waiting(task).map_or("its holder is gone".to_owned(), |why| why.to_string());
            table.add_row([&task.id, &why].map(|text| printable(text)));
        }
        print_table(&table);
    }
    Ok(Exit::Done)
}
