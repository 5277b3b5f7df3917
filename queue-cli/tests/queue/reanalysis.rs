//! What rules find, and what they do about it.

use atomic_io::Document;
use jiff::Timestamp;
use queue_cli::reanalysis::{ChangedFile, Changes, Facts, Rules, Trigger, reanalyze};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn changes() -> Changes {
    let file =
        |path: &str, is_breaking| ChangedFile { path: path.into(), other_names: Vec::new(), is_breaking };
    Changes { since: "HEAD~1".into(), files: vec![file("src/lib.rs", false), file("api/v1.rs", true)] }
}

/// Runs `rules` over `text` and tells what they did, as `ID action`; a second run must find nothing.
fn run(text: &str, rules: &Rules, triggers: &[Trigger]) -> (String, Vec<String>) {
    let (changes, is_gone) = (changes(), |file: &str| file == "gone.rs");
    let facts = Facts { changes: Some(&changes), is_gone: &is_gone };
    let mut document = Document::parse(text).unwrap();
    let done = reanalyze(&mut document, now(), rules, triggers, &facts).unwrap();
    let told = done.value.changes.iter().map(|change| format!("{} {}", change.id, change.action.word()));
    let told = told.collect();
    assert_eq!(done.events.len(), done.value.changes.len());
    let after = document.text().to_owned();
    let again = reanalyze(&mut document, now(), rules, triggers, &facts).unwrap();
    assert_eq!((again.value.changes, again.events.len()), (Vec::new(), 0), "{after}");
    assert_eq!(document.text(), after);
    (after, told)
}

/// The built-in rules turn the task `before` into `after`, which the rest of the queue is as it was beside.
#[track_caller]
fn check(before: &str, after: &str) {
    let queue = |task: &str| {
        format!(
            "tasks:\n- {{id: DONE, status: completed, priority: LOW}}\n- {{id: OPEN, status: pending}}\n- {{{task}}}\n"
        )
    };
    let (text, _) = run(&queue(before), &Rules::built_in().unwrap(), &Trigger::ALL);
    assert_eq!(text, queue(after));
}

#[test]
fn structural_change() {
    check(
        "id: A, status: pending, files_referenced: [src/lib.rs]",
        "id: A, status: pending, files_referenced: [src/lib.rs], tags: [needs-review]",
    );
    check(
        "id: A, status: failed, files_referenced: api",
        "id: A, status: invalid, files_referenced: api, tags: [invalidated], notes: \"reanalysis: structural_change: api/v1.rs changed since HEAD~1, by a commit that is marked as breaking; it was failed\"",
    );
    check(
        "id: A, status: PENDING, notes: [x], files_referenced: [\"**/*.md\", gone.rs]",
        "id: A, status: INVALID, notes: [x, \"reanalysis: structural_change: gone.rs is gone; it was pending\"], files_referenced: [\"**/*.md\", gone.rs], tags: [invalidated]",
    );
    let same = "id: A, status: pending, files_referenced: [src/main.rs, README.md]";
    check(same, same);
}

#[test]
fn dependency_complete() {
    check("id: A, status: blocked, blockedBy: [DONE]", "id: A, status: pending, blockedBy: [DONE]");
    check(
        "id: A, status: Blocked, priority: low, blockedBy: [DONE, OPEN], tags: x",
        "id: A, status: Blocked, priority: medium, blockedBy: [DONE, OPEN], tags: [x, priority-boosted]",
    );
    check(
        "id: A, status: pending, priority: CRITICAL, depends_on: [DONE, GONE]",
        "id: A, status: pending, priority: CRITICAL, depends_on: [DONE, GONE], tags: [priority-boosted]",
    );
    check(
        "id: A, status: pending, blockedBy: [DONE, OPEN]",
        "id: A, status: pending, blockedBy: [DONE, OPEN], priority: LOW, tags: [priority-boosted]",
    );
    for same in [
        "id: A, status: blocked",
        "id: A, status: blocked, blockedBy: [OPEN]",
        "id: A, status: pending, blockedBy: [DONE]",
        "id: A, status: failed, priority: LOW, blockedBy: [DONE, OPEN]",
        // Nobody knows what is above this.
        "id: A, status: pending, priority: P1, blockedBy: [DONE, OPEN]",
    ] {
        check(same, same);
    }
}

#[test]
fn health_drop() {
    let flagged = |rate: &str| {
        let task = format!("id: A, status: pending, success_rate: {rate}");
        check(&task, &format!("{task}, tags: [needs-review]"));
    };
    ["0.79", "0.5", "79", "60%"].into_iter().for_each(flagged);
    for same in ["0.8", "1", "100", "null", "unknown", "-3"] {
        let same = format!("id: A, status: pending, success_rate: {same}");
        check(&same, &same);
    }
    check(
        "id: A, status: pending, success_rate: 0.49",
        "id: A, status: invalid, success_rate: 0.49, tags: [invalidated], notes: \"reanalysis: health_drop: its success rate 0.49 is below 0.5; it was pending\"",
    );
}

#[test]
fn time_based() {
    // Exactly seven days, then a second more.
    let same = "id: A, status: pending, priority: LOW, created_at: '2026-02-22T12:00:00Z'";
    check(same, same);
    check(
        "id: A, status: pending, priority: LOW, created_at: '2026-02-22T11:59:59Z'",
        "id: A, status: pending, priority: LOW, created_at: '2026-02-22T11:59:59Z', tags: [needs-review]",
    );
    check(
        "id: A, status: pending, priority: high, added_at: 2026-02-20",
        "id: A, status: pending, priority: critical, added_at: 2026-02-20, tags: [priority-boosted]",
    );
    check(
        "id: A, status: pending, priority: HIGH, created_at: '2026-02-10T00:00:00+07:00'",
        "id: A, status: pending, priority: CRITICAL, created_at: '2026-02-10T00:00:00+07:00', tags: [priority-boosted, needs-review]",
    );
    check(
        "id: A, status: pending, priority: HIGH, retry_at: '2026-03-02T00:00:00Z', created_at: '2026-01-01 00:00:00', tags: []",
        "id: A, status: invalid, priority: HIGH, created_at: '2026-01-01 00:00:00', tags: [invalidated], notes: 'reanalysis: time_based: pending for more than 30 days; it was pending'",
    );
    for same in
        ["status: failed, created_at: '2020-01-01T00:00:00Z'", "status: pending, created_at: long ago"]
    {
        check(&format!("id: A, {same}"), &format!("id: A, {same}"));
    }
}

#[test]
fn failure_pattern() {
    let queue = "\
tasks:
- {id: A, status: failed, tags: [db, slow]}
- {id: B, status: pending, failure_count: 1, tags: [db, db]}
- {id: C, status: failed, tags: [db, needs-review]}
- {id: D, status: pending, tags: [db]}
- {id: E, status: completed, failure_count: 2, tags: [slow, needs-review]}
- {id: F, status: failed, tags: [slow]}
- {id: G, status: failed, failure_count: 6, tags: [slow]}
";
    let (text, told) = run(queue, &Rules::built_in().unwrap(), &Trigger::ALL);
    assert_eq!(told, ["A flag", "B flag", "F flag", "G invalidate"]);
    assert!(
        text.contains("{id: B, status: pending, failure_count: 1, tags: [db, db, needs-review]}"),
        "{text}"
    );
    assert!(text.contains("{id: D, status: pending, tags: [db]}"), "{text}");
    // Its own tags say nothing of what tasks have in common.
    let own = "tasks:\n- {id: A, status: failed, tags: [needs-review]}\n- {id: B, status: failed, tags: [needs-review]}\n- {id: C, status: failed, tags: [needs-review]}\n";
    let rules = Rules::BUILT_IN.replace("do: flag", "do: invalidate");
    assert_eq!(run(own, &Rules::parse(&rules).unwrap(), &Trigger::ALL).0, own);
}

/// All that could be said against a task, and it is over.
const EVERYTHING: &str = "failure_count: 9, success_rate: 0.1, created_at: '2020-01-01', files_referenced: [gone.rs, src], blockedBy: [Z]";

#[test]
fn finished_tasks_are_never_touched() {
    let mut queue = "tasks:\n- {id: Z, status: completed}\n".to_owned();
    let over = ["completed", "CANCELLED", "invalid", "obsolete", "On Hold", "''"];
    for (number, status) in over.iter().enumerate() {
        queue.push_str(&format!("- {{id: T{number}, status: {status}, tags: [x], {EVERYTHING}}}\n"));
    }
    assert_eq!(run(&queue, &Rules::built_in().unwrap(), &Trigger::ALL).0, queue);
}

#[test]
fn who_works_on_a_task_is_not_disturbed() {
    for status in ["claimed", "in_progress"] {
        let task = format!("id: A, status: {status}, attempt: 1, {EVERYTHING}");
        check(&task, &format!("{task}, tags: [needs-review]"));
    }
    let same = format!("id: A, status: pending, tags: [hands-off], {EVERYTHING}");
    check(&same, &same);
}

/// What was let go has been pending for a month.
#[test]
fn what_follows_from_an_action_is_done_in_the_same_run() {
    let queue = "queue:\n- {id: D, status: completed}\n- {id: A, status: blocked, dependencies: [D], added_at: 2026-01-01}\n";
    let (_, told) = run(queue, &Rules::built_in().unwrap(), &Trigger::ALL);
    assert_eq!(told, ["A unblock", "A invalidate"]);
    let (_, told) = run(queue, &Rules::built_in().unwrap(), &[Trigger::DependencyComplete]);
    assert_eq!(told, ["A unblock"]);
}

#[test]
fn rules_of_ones_own() {
    let rules = "\
except_tags: frozen
rules:
- name: api
  trigger: structural_change
  when: {changed: [\"src/*\"], type: [docs, code], tags: [public]}
  do: boost
- name: doubtful
  trigger: failure_pattern
  when: {failures_over: 1, priority: none}
  do: flag
";
    let queue = "\
queue:
- {task_id: A, type: Code, tags: [Public], status: pending, priority: medium, files_referenced: [src]}
- {task_id: B, type: code, tags: [frozen, public], status: pending, priority: medium, files_referenced: [src]}
- {task_id: C, type: code, status: pending, priority: medium, files_referenced: [src]}
- {task_id: D, type: code, tags: [public], status: pending, priority: medium, files_referenced: [api]}
- {task_id: E, status: failed, failure_count: 2}
- {task_id: F, status: failed, failure_count: 2, priority: low}
";
    let (text, told) = run(queue, &Rules::parse(rules).unwrap(), &Trigger::ALL);
    assert_eq!(told, ["A boost", "E flag"]);
    assert!(text.contains("tags: [Public, priority-boosted], status: pending, priority: high,"), "{text}");
}

/// Tags and notes that are mappings cannot be added to.
#[test]
fn what_cannot_be_marked_is_left_alone_but_for_its_end() {
    let same = "id: A, status: pending, tags: {a: b}, success_rate: 0.7";
    check(same, same);
    check(
        "id: A, status: pending, tags: {a: b}, notes: {c: d}, success_rate: 0.1",
        "id: A, status: invalid, tags: {a: b}, notes: {c: d}, success_rate: 0.1",
    );
}

/// The tags of `when` and the marks did not regard case, those that keep a task out did.
#[test]
fn a_task_with_another_case_of_hands_off_is_not_left_alone() {
    for tag in ["hands-off", "Hands-Off", "HANDS-OFF"] {
        let same = format!("id: A, status: pending, tags: [{tag}], success_rate: 0.1");
        check(&same, &same);
    }
}

#[test]
fn tags_of_failing_tasks_are_counted_by_their_case() {
    let queue = "\
tasks:
- {id: A, status: failed, tags: [db, Needs-Review]}
- {id: B, status: failed, tags: [DB, NEEDS-REVIEW]}
- {id: C, status: failed, tags: [Db]}
- {id: D, status: failed, tags: [Needs-Review]}
";
    let (_, told) = run(queue, &Rules::built_in().unwrap(), &[Trigger::FailurePattern]);
    assert_eq!(told, ["C flag"]);
}
