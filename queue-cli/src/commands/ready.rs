//! `queue ready`

use super::Context;
use super::list::print_tasks;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use jiff::Timestamp;
use queue_cli::{Board, QueueError, Task, tasks};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, explain: Option<Option<String>>) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    match explain {
        None => print_ready(context, &board),
        Some(None) => explain_tasks(context, &board, &tasks.iter().collect::<Vec<_>>()),
        Some(Some(id)) => {
            let task = board.find(&id).ok_or(QueueError::NoSuchTask { id })?;
            explain_tasks(context, &board, &[task]);
        }
    }
    Ok(Exit::Done)
}

fn print_ready(context: &Context, board: &Board<'_>) {
    let ready = board.ready();
    if context.global.json {
        let object =
            |task: &&Task| json!({ "id": task.id, "title": task.title, "priority": task.priority_word });
        print_json(&json!({ "ready": ready.iter().map(object).collect::<Vec<Value>>() }));
    } else if ready.is_empty() {
        print_text("no task is ready\n");
    } else {
        print_tasks(board, &ready);
    }
}

fn explain_tasks(context: &Context, board: &Board<'_>, tasks: &[&Task]) {
    let why = |task: &Task| board.waiting(task).map_or("ready".to_owned(), |why| why.to_string());
    if context.global.json {
        let object =
            |task: &&Task| json!({ "id": task.id, "ready": board.waiting(task).is_none(), "why": why(task) });
        print_json(&json!({ "tasks": tasks.iter().map(object).collect::<Vec<Value>>() }));
        return;
    }
    let mut table = table(&["id", "why"]);
    for task in tasks {
        table.add_row([&task.id, &why(task)].map(|text| printable(text)));
    }
    print_table(&table);
}
