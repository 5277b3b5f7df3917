//! `queue show`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{fields_json, print_json, print_text, printable, task_json};
use jiff::Timestamp;
use queue_cli::{Board, QueueError, tasks};

pub(crate) fn run(context: &Context, id: &str) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let task = board.find(id).ok_or_else(|| QueueError::NoSuchTask { id: id.into() })?;
    let item = document.node(task.path()).map_err(QueueError::from)?;
    if context.global.json {
        print_json(&task_json(&board, task, item)?);
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for (key, value) in item.into_iter().flat_map(|item| item.entries()) {
        let line = match value.str() {
            Some(scalar) => scalar.into_owned(),
            None if value.is_null() => String::new(),
            None => fields_json(value)?.to_string(),
        };
        text.push_str(&format!("{:<18} {}\n", printable(&key), printable(&line)));
    }
    let why = board.waiting(task).map_or("ready".to_owned(), |why| why.to_string());
    text.push_str(&format!("{:<18} {why}\n", "(now)"));
    print_text(&text);
    Ok(Exit::Done)
}
