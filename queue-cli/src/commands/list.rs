//! `queue list`

use super::Context;
use crate::cli::List;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_table, print_text, printable, table, task_json};
use jiff::Timestamp;
use queue_cli::{Board, Dialect, Status, Task, Waiting, tasks};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &List) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let shown: Vec<&Task> = tasks.iter().filter(|task| matches(args, task)).collect();
    if context.global.json {
        let list = document.root().field(Dialect::of(&document)?.list_key());
        let items: Vec<_> = list.into_iter().flat_map(|list| list.items()).collect();
        let objects = shown.iter().map(|task| task_json(&board, task, items.get(task.index).copied()));
        print_json(&json!({ "tasks": objects.collect::<Result<Vec<Value>, _>>()? }));
        return Ok(Exit::Done);
    }
    print_tasks(&board, &shown);
    if !context.global.quiet {
        print_text(&format!("{} of {} tasks\n", shown.len(), tasks.len()));
    }
    Ok(Exit::Done)
}

/// The table of `list` and `ready`: what each task is, and for those that wait, why.
pub(crate) fn print_tasks(board: &Board<'_>, shown: &[&Task]) {
    if shown.is_empty() {
        return;
    }
    let mut table = table(&["id", "status", "priority", "title", "waits"]);
    for task in shown {
        let why = match board.waiting(task) {
            None => "ready".to_owned(),
            // Without a word in the row, the reason is the only place to say so.
            Some(Waiting::Marked(status)) if status.word().is_empty() => status.to_string(),
            // What is finished waits for nothing, and its status stands in the row already.
            Some(Waiting::Marked(status)) if status != Status::InProgress => String::new(),
            Some(why) => why.to_string(),
        };
        table.add_row([&task.id, &task.status_word, task.priority_text(), &task.title, &why].map(printable));
    }
    print_table(&table);
}

fn matches(args: &List, task: &Task) -> bool {
    let among = |words: &[String], word: &str| {
        words.is_empty() || words.iter().any(|one| one.eq_ignore_ascii_case(word))
    };
    among(&args.status, &task.status_word)
        && among(&args.priority, task.priority_word.as_deref().unwrap_or_default())
}
