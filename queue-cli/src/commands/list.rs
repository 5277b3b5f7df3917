//! `queue list`

use super::Context;
use crate::cli::List;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable, task_json};
use crate::table::{lines_of, width};
use jiff::Timestamp;
use queue_cli::{Board, Dialect, Status, Task, Waiting, tasks};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &List) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    // Given on this command line it says whose tasks to show; the environment's names who acts.
    let filter = Filter { args, board: &board, holder: context.global.agent.as_deref() };
    let shown: Vec<&Task> = tasks.iter().filter(|task| filter.lets_through(task)).collect();
    if context.global.json {
        // Looking each item up by its place would walk the list every time.
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
    let row = |task: &&Task| {
        let why = match board.waiting(task) {
            None => "ready".to_owned(),
            // Without a word in the row, the reason is the only place to say so.
            Some(Waiting::Marked(status)) if status.word().is_empty() => status.to_string(),
            // What is finished waits for nothing, and its status stands in the row already.
            Some(Waiting::Marked(status)) if status != Status::InProgress => String::new(),
            Some(why) => why.to_string(),
        };
        let status = if task.status_word.is_empty() { "-" } else { &task.status_word };
        [&task.id, status, task.priority_text(), &task.title, &why].map(printable).to_vec()
    };
    let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
    let lines = lines_of(&["id", "status", "priority", "title", "waits"], &rows, width());
    print_text(&(lines.join("\n") + "\n"));
}

/// What is to be shown: tasks that agree with every option that was given, with any of its words.
struct Filter<'a> {
    args: &'a List,
    board: &'a Board<'a>,
    holder: Option<&'a str>,
}

impl Filter<'_> {
    fn lets_through(&self, task: &Task) -> bool {
        let args = self.args;
        let is_ready = || self.board.waiting(task).is_none();
        let is_waiting = || matches!(task.status, Status::Pending | Status::Blocked) && !is_ready();
        among(&args.status, Some(&task.status_word))
            && among(&args.priority, task.priority_word.as_deref())
            && among(&args.kind, task.kind.as_deref())
            && among(&args.group, task.parallel_group.as_deref())
            && (args.tag.is_empty() || task.tags.iter().any(|tag| among(&args.tag, Some(tag))))
            && self
                .holder
                .is_none_or(|holder| task.status.is_in_hand() && task.claimed_by.as_deref() == Some(holder))
            && (!args.ready || is_ready())
            && (!args.waiting || is_waiting())
    }
}

fn among(words: &[String], word: Option<&str>) -> bool {
    words.is_empty() || words.iter().any(|one| one.eq_ignore_ascii_case(word.unwrap_or_default()))
}
