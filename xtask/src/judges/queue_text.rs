//! Whether only the fields that a transition changes have changed in the text of a queue. Works on lines, on purpose: it knows
//! nothing of YAML that our own reader could have got wrong too.

use crate::judges::queue::TOUCHED;
use crate::judges::queue_fields::Meant;
use std::collections::BTreeSet;

/// A queue cut into what stands before its tasks, the text of each task, and what stands after them.
struct Cut<'a> {
    head: &'a str,
    /// Each with its id, its comments, and the blank lines up to the next one.
    tasks: Vec<(String, &'a str)>,
    tail: &'a str,
}

/// That only touched fields of tasks in `ran` differ: no other byte, no comment, no order.
pub(crate) fn only_transitions(before: &str, after: &str, ran: &BTreeSet<&str>) -> Result<(), String> {
    let fields = ran.iter().map(|id| ((*id).to_owned(), TOUCHED.to_vec())).collect();
    only(before, after, &Meant { list: "tasks", id: "id", fields, added: Vec::new() })
}

/// That nothing differs but what was meant to.
pub(crate) fn only(before: &str, after: &str, meant: &Meant) -> Result<(), String> {
    let (before, after) = (cut(before, meant)?, cut(after, meant)?);
    if (before.head, before.tail) != (after.head, after.tail) {
        return Err("bytes outside the list of tasks changed".into());
    }
    let ids = |cut: &Cut<'_>| cut.tasks.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    if [ids(&before), meant.added.clone()].concat() != ids(&after) {
        return Err(format!("the tasks are not the same ones in the same order, and {:?}", meant.added));
    }
    let old_ones = before.tasks.len();
    for (place, ((id, old), (_, new))) in before.tasks.iter().zip(&after.tasks).enumerate() {
        // What stands between the last task and the end of the list may stand behind another one now.
        let is_followed = place + 1 == old_ones && !meant.added.is_empty();
        let (old, new) = if is_followed { (old.trim_end(), new.trim_end()) } else { (*old, *new) };
        if let Some(fields) = meant.fields.get(id) {
            same_but_for(old, new, fields).map_err(|what| format!("{id}: {what}"))?;
        } else if old != new {
            return Err(format!("{id} is not byte for byte as before:\n{new}"));
        }
    }
    Ok(())
}

fn cut<'a>(text: &'a str, meant: &Meant) -> Result<Cut<'a>, String> {
    let starts = |line: &str| line.strip_prefix(meant.list).is_some_and(|rest| rest.starts_with(':'));
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .scan(0, |next, line| {
            let at = *next;
            *next += line.len();
            Some((at, line))
        })
        .skip_while(|(_, line)| !starts(line))
        .collect();
    if lines.is_empty() {
        return Err("there is no list of tasks".into());
    }
    let is_item = |line: &str| line.trim_start().starts_with("- ");
    let (first, indent) = lines
        .iter()
        .find(|(_, line)| is_item(line))
        .map(|(at, line)| (*at, line.len() - line.trim_start().len()))
        .ok_or("the list has no tasks")?;
    let ends_list = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        let says_something = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        says_something && (depth < indent || (depth == indent && !is_item(line)))
    };
    let next =
        lines.iter().find(|(at, line)| *at > first && ends_list(line)).map_or(text.len(), |(at, _)| *at);
    // Comments at the margin right before the next key are about that one.
    let is_before_next = |line: &str| line.trim().is_empty() || line.starts_with('#');
    let before_next = lines.iter().rev().filter(|(at, _)| *at < next);
    let end = before_next.take_while(|(_, line)| is_before_next(line)).last().map_or(next, |(at, _)| *at);
    let mut starts: Vec<usize> = lines
        .iter()
        .filter(|(at, line)| {
            (first..end).contains(at) && is_item(line) && line.len() - line.trim_start().len() == indent
        })
        .map(|(at, _)| *at)
        .collect();
    starts.push(end);
    let tasks = starts.windows(2).map(|pair| &text[pair[0]..pair[1]]);
    let tasks = tasks.map(|task| (id(task, meant.id), task)).collect();
    Ok(Cut { head: &text[..first], tasks, tail: &text[end..] })
}

/// The value of the task's id, on a line of its own or in braces.
fn id(task: &str, key: &str) -> String {
    let value = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '{']).strip_prefix(key)?.strip_prefix(':')?;
        Some(line.split([',', '}']).next().unwrap_or_default().to_owned())
    };
    let value = task.lines().find_map(value).unwrap_or_default();
    value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
}

/// A task's lines, told apart by whether they are of the fields in question.
struct Told {
    others: String,
    /// What is said behind a `#` on the lines of each field.
    comments: Vec<(String, String)>,
}

/// Fields whose words may hold anything, also what looks like a comment.
const FREE_TEXT: [&str; 3] = ["title", "notes", "last_error"];

/// A field is the line with its key, and the lines behind that are deeper.
fn tell(task: &str, column: usize, fields: &[&str]) -> Told {
    let mut told = Told { others: String::new(), comments: Vec::new() };
    let mut field: Option<&str> = None;
    // Blank lines are of the field only if it goes on behind them.
    let mut blank = String::new();
    for line in task.split_inclusive('\n') {
        let key = line.trim_start_matches([' ', '-']);
        if key.trim().is_empty() {
            blank.push_str(line);
            continue;
        }
        if line.len() - key.len() <= column {
            let is_named = |name: &&&str| key.strip_prefix(**name).is_some_and(|rest| rest.starts_with(':'));
            field = fields.iter().find(is_named).copied();
        }
        let Some(name) = field else {
            told.others.push_str(&std::mem::take(&mut blank));
            told.others.push_str(line);
            continue;
        };
        if line.len() - key.len() <= column {
            told.others.push_str(&blank);
        }
        blank.clear();
        let comment = line.find(" #").filter(|_| !FREE_TEXT.contains(&name));
        told.comments.extend(comment.map(|at| (name.to_owned(), line[at..].trim().to_owned())));
    }
    told.others.push_str(&blank);
    told
}

/// That the lines of other fields are the same, and the comments on these are still there.
fn same_but_for(old: &str, new: &str, fields: &[&str]) -> Result<(), String> {
    let column = old.find(|c: char| !matches!(c, ' ' | '-')).unwrap_or(0);
    if old[column..].starts_with('{') {
        return same_braces(old, new, fields);
    }
    let (old, told) = (tell(old, column, fields), tell(new, column, fields));
    if old.others != told.others {
        return Err(format!("lines of other fields than {} changed:\n{new}", fields.join(", ")));
    }
    match old.comments.iter().find(|comment| !told.comments.contains(comment)) {
        Some((name, comment)) => Err(format!("the comment on {name} is gone: {comment}")),
        None => Ok(()),
    }
}

/// A task in braces on one line: the same for what stands between its commas.
fn same_braces(old: &str, new: &str, fields: &[&str]) -> Result<(), String> {
    let others = |text: &str| -> Vec<String> {
        let inside = text.trim().trim_start_matches(['-', ' ', '{']).trim_end_matches('}');
        let parts = inside.split(", ").map(str::to_owned);
        parts.filter(|part| !fields.iter().any(|name| part.starts_with(&format!("{name}:")))).collect()
    };
    if others(old) == others(new) {
        Ok(())
    } else {
        Err(format!("other fields than {} changed:\n{new}", fields.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::{only, only_transitions};
    use crate::judges::queue_fields::Meant;
    use std::collections::{BTreeMap, BTreeSet};

    const BEFORE: &str = "\
# head
tasks:
  # first
  - id: \"A\"   # the first
    status: pending  # why
    tags:
      - status: x
  - id: B
    status: in_progress
    # last
meta: 1
";

    fn judge(after: &str) -> Result<(), String> {
        only_transitions(BEFORE, after, &BTreeSet::from(["A"]))
    }

    #[test]
    fn changed_and_added_fields_of_a_task_that_ran_are_right() {
        let after = BEFORE
            .replace("status: pending", "status: completed")
            .replace("      - status: x\n", "      - status: x\n    attempt: 1\n");
        assert_eq!(judge(&after), Ok(()));
        assert_eq!(
            only_transitions(
                "a: 1\ntasks:\n- id: A\n  b: 1\nc: 2\n",
                "a: 1\ntasks:\n- id: A\n  b: 1\n  attempt: 1\nc: 2\n",
                &BTreeSet::from(["A"])
            ),
            Ok(())
        );
    }

    #[test]
    fn every_other_change_is_noticed() {
        for (old, new) in [
            ("# head\n", ""),
            ("meta: 1", "meta: 2"),
            ("  # first\n", ""),
            ("   # the first", " # the first"),
            ("  # why", ""),
            ("- status: x", "- status: y"),
            ("in_progress", "completed"),
            ("in_progress\n", "in_progress\n    attempt: 1\n"),
            ("    # last\n", ""),
            ("id: B", "id: C"),
        ] {
            assert!(BEFORE.contains(old));
            assert!(judge(&BEFORE.replace(old, new)).is_err(), "{old} -> {new}");
        }
    }

    const OTHER: &str = "\
queue:
  - task_id: A
    notes: |
      one

      # two
    blocked_by:
      - B   # first

    # on its own
    status: PENDING
  - {task_id: B, status: PENDING, title: b}

metadata: 1
";

    fn judge_other(after: &str, added: &[&str]) -> Result<(), String> {
        let fields =
            BTreeMap::from([("A".to_owned(), vec!["notes", "blocked_by"]), ("B".to_owned(), vec!["status"])]);
        let added = added.iter().map(|id| (*id).to_owned()).collect();
        only(OTHER, after, &Meant { list: "queue", id: "task_id", fields, added })
    }

    #[test]
    fn fields_of_several_lines_may_change_and_no_line_beside_them() {
        let after = OTHER
            .replace("      # two\n", "      # two\n      three\n")
            .replace("B   # first\n", "B   # first\n      - C\n")
            .replace("{task_id: B, status: PENDING,", "{task_id: B, status: COMPLETED,");
        assert_eq!(judge_other(&after, &[]), Ok(()));
        let added = after.replace("title: b}\n", "title: b}\n\n  - task_id: C\n    status: PENDING\n");
        assert_eq!(judge_other(&added, &["C"]), Ok(()));
        assert!(judge_other(&added, &[]).is_err());
        assert!(judge_other(&after, &["C"]).is_err());
        for (old, new) in [
            ("   # first", ""),
            ("    # on its own\n", ""),
            ("\n    # on its own", "    # on its own"),
            ("blocked_by:", "blockedBy:"),
            ("    status: PENDING\n", "    status: pending\n"),
            ("title: b", "title: c"),
            ("title: b", "title: b, attempt: 1"),
            ("metadata: 1", "metadata: 2"),
        ] {
            assert!(after.contains(old), "{old}");
            assert!(judge_other(&after.replacen(old, new, 1), &[]).is_err(), "{old} -> {new}");
        }
    }
}
