//! Queues of any size, made in the style of real ones: some 400 bytes a task, comments, quotes of several kinds, some blockers.

use std::fmt::Write as _;

const TYPES: [&str; 5] = ["refactor", "docs", "test", "feature", "bugfix"];
const PRIORITIES: [&str; 4] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

/// A queue of which a quarter is completed, the rest pending; one task in six waits for another one.
pub(crate) struct MadeQueue {
    pub(crate) tasks: u32,
}

/// What decides which task is the next one.
struct Made {
    number: u32,
    status: &'static str,
    priority: usize,
    /// In tenths.
    score: u32,
    blocker: Option<u32>,
}

impl MadeQueue {
    fn made(&self) -> impl Iterator<Item = Made> + '_ {
        (0..self.tasks).map(|number| Made {
            number,
            status: if number < self.tasks / 4 { "completed" } else { "pending" },
            priority: (number % 4) as usize,
            score: number * 37 % 100,
            blocker: (number % 6 == 0).then(|| number.checked_sub(7)).flatten(),
        })
    }

    /// As YAML.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "# The queue of one project: who takes a task writes a name to it.\nqueue_metadata:\n  version: \"1.4\"\n  # counted by hand\n  \
             total_tasks: {}\ntasks:\n",
            self.tasks
        );
        for Made { number, status, priority, score, blocker } in self.made() {
            let above = match number % 10 {
                0 => format!("  # --- part {} ---\n", number / 10),
                1 | 5 => format!("  # after the talk of part {number}\n"),
                _ => String::new(),
            };
            let behind = if number % 5 == 0 { "  # not yet reviewed" } else { "" };
            let kind = TYPES[number as usize % TYPES.len()];
            let priority = PRIORITIES[priority];
            let blocker = blocker.map(|blocker| format!("TASK-{blocker:05}")).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{above}  - id: TASK-{number:05}\n    title: \"Look at part {number}, and say what it is\"\n    type: {kind}\n    \
                 status: {status}{behind}\n    priority: {priority}\n    priority_score: {}.{}\n    estimated_minutes: {}\n    \
                 blockedBy: [{blocker}]\n    resource_type: cpu_bound\n    parallel_group: group_{}\n    tags: [part-{}, reviewed]\n    \
                 created_at: \"2026-11-0{}T04:11:09Z\"\n    notes: |\n      as it was told\n      and then again\n",
                score / 10,
                score % 10,
                15 + number % 90,
                number % 7,
                number % 13,
                1 + number % 9,
            );
        }
        text
    }

    /// The same tasks as statements that fill a database.
    pub(crate) fn sql(&self) -> String {
        let mut sql = String::from(
            "PRAGMA journal_mode=WAL;\nBEGIN;\n\
             CREATE TABLE tasks (id TEXT PRIMARY KEY, title TEXT, type TEXT, status TEXT, priority INTEGER, score REAL, minutes INTEGER, \
             claimed_by TEXT, claimed_at TEXT, lease_until TEXT, completed_at TEXT, attempt INTEGER NOT NULL DEFAULT 0, notes TEXT);\n\
             CREATE TABLE blockers (task TEXT, blocker TEXT, PRIMARY KEY (task, blocker)) WITHOUT ROWID;\n\
             CREATE INDEX next ON tasks (status, priority, score DESC);\n",
        );
        for Made { number, status, priority, score, blocker } in self.made() {
            let _ = writeln!(
                sql,
                "INSERT INTO tasks (id, title, type, status, priority, score, minutes, notes) VALUES ('TASK-{number:05}', 'Look at part {number}, and \
                 say what it is', '{}', '{status}', {priority}, {}.{}, {}, 'as it was told\nand then again\n');",
                TYPES[number as usize % TYPES.len()],
                score / 10,
                score % 10,
                15 + number % 90,
            );
            if let Some(blocker) = blocker {
                let _ =
                    writeln!(sql, "INSERT INTO blockers VALUES ('TASK-{number:05}', 'TASK-{blocker:05}');");
            }
        }
        sql.push_str("COMMIT;\n");
        sql
    }
}

/// How many tasks of a queue in YAML, whoever wrote it, have this status.
pub(crate) fn with_status(text: &str, status: &str) -> usize {
    let has = |line: &&str| {
        let value = line.trim_start().trim_start_matches("- ").strip_prefix("status: ");
        value.is_some_and(|value| value.split_whitespace().next() == Some(status))
    };
    text.lines().filter(has).count()
}

#[cfg(test)]
mod tests {
    use super::{MadeQueue, with_status};

    #[test]
    fn a_task_has_some_four_hundred_bytes_and_a_quarter_is_completed() {
        let text = MadeQueue { tasks: 1_000 }.text();
        assert!((350_000..450_000).contains(&text.len()), "{}", text.len());
        assert_eq!((with_status(&text, "completed"), with_status(&text, "pending")), (250, 750));
        atomic_io::Document::parse(text).unwrap();
    }
}
