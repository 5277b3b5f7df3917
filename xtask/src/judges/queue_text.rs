//! Whether only the fields that a transition changes have changed in the text of a queue. Works on lines, on purpose: it knows
//! nothing of YAML that our own reader could have got wrong too.

use crate::judges::queue::TOUCHED;
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
    let (before, after) = (cut(before)?, cut(after)?);
    if (before.head, before.tail) != (after.head, after.tail) {
        return Err("bytes outside the list of tasks changed".into());
    }
    let order = |cut: &Cut<'_>| cut.tasks.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    if order(&before) != order(&after) {
        return Err("the tasks are not the same ones in the same order".into());
    }
    for ((id, old), (_, new)) in before.tasks.iter().zip(&after.tasks) {
        if ran.contains(id.as_str()) {
            same_but_touched(old, new).map_err(|what| format!("{id}: {what}"))?;
        } else if old != new {
            return Err(format!("{id} is not byte for byte as before:\n{new}"));
        }
    }
    Ok(())
}

fn cut(text: &str) -> Result<Cut<'_>, String> {
    let start = text.find("\ntasks:").ok_or("there is no list of tasks")? + 1;
    let lines: Vec<(usize, &str)> = text[start..]
        .split_inclusive('\n')
        .scan(start, |next, line| {
            let at = *next;
            *next += line.len();
            Some((at, line))
        })
        .collect();
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
    let end =
        lines.iter().find(|(at, line)| *at > first && ends_list(line)).map_or(text.len(), |(at, _)| *at);
    let mut starts: Vec<usize> = lines
        .iter()
        .filter(|(at, line)| {
            (first..end).contains(at) && is_item(line) && line.len() - line.trim_start().len() == indent
        })
        .map(|(at, _)| *at)
        .collect();
    starts.push(end);
    let tasks = starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).map(|task| (id(task), task)).collect();
    Ok(Cut { head: &text[..first], tasks, tail: &text[end..] })
}

fn id(task: &str) -> String {
    let value = task.lines().find_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("id:"));
    let value = value.unwrap_or_default().split(" #").next().unwrap_or_default();
    value.trim().trim_matches(['"', '\'']).to_owned()
}

/// The lines of a task without those of the touched fields, and the comments on these.
fn same_but_touched(old: &str, new: &str) -> Result<(), String> {
    let column = old.find(|c: char| !matches!(c, ' ' | '-')).unwrap_or(0);
    let field = |line: &str| {
        let key = line.trim_start_matches([' ', '-']);
        let depth = line.len() - key.len();
        TOUCHED
            .iter()
            .copied()
            .find(|name| depth == column && key.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    };
    let rest =
        |text: &str| text.split_inclusive('\n').filter(|line| field(line).is_none()).collect::<String>();
    if rest(old) != rest(new) {
        return Err(format!("other lines than those of a transition changed:\n{new}"));
    }
    let comment = |line: &str| line.find(" #").map(|at| line[at..].trim().to_owned());
    for line in old.lines() {
        let (Some(name), Some(comment_before)) = (field(line), comment(line)) else { continue };
        let stands = new
            .lines()
            .any(|line| field(line) == Some(name) && comment(line).as_ref() == Some(&comment_before));
        if !stands {
            return Err(format!("the comment on {name} is gone: {comment_before}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::only_transitions;
    use std::collections::BTreeSet;

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
}
