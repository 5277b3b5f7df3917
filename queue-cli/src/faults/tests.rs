use super::*;

fn found(text: &str) -> Vec<String> {
    faults(&Document::parse(text).unwrap())
        .into_iter()
        .map(|fault| {
            let line = fault.line.map_or("-".into(), |line| line.to_string());
            format!("{} {} {line}: {}", fault.kind.word(), fault.task.as_deref().unwrap_or("-"), fault.what)
        })
        .collect()
}

#[test]
fn a_sound_queue_has_none() {
    let text = "\
tasks:
- {id: A, status: COMPLETED, priority: Urgent, blockedBy: [gone, B]}
- {id: B, status: pending, priority: high, blockedBy: A, attempt: 3, retry_at: '2026-11-23T09:00:00Z'}
- {id: C, status: claimed, attempt: 1, lease_until: '2026-11-23T09:00:00+01:00'}
- {id: D, status: obsolete, blockedBy: [gone]}
";
    assert_eq!(found(text), Vec::<String>::new());
    assert_eq!(found("tasks: []\n"), Vec::<String>::new());
}

#[test]
fn all_that_makes_a_queue_invalid_is_told_at_once() {
    let text = "tasks:\n- id: A\n- title: x\n- id: A\n- text\n- id: B\n  blockedBy: [[C]]\n- id: A\n";
    assert_eq!(
        found(text),
        [
            "invalid - 3: line 3: task 2 of the list has no id",
            "doubled-id A 4: line 4: the id A is taken already on line 2; give one of the two another id",
            "invalid - 5: line 5: task 4 of the list is not a mapping",
            "invalid - 6: line 6: task 5 of the list waits for something that is no id",
            "doubled-id A 8: line 8: the id A is taken already on line 2; give one of the two another id",
        ]
    );
    assert_eq!(found("- a\n").len(), 1);
}

#[test]
fn words_and_fields_that_cannot_be_read_are_told_with_what_that_means() {
    let text = "\
tasks:
- {id: A, status: on hold, priority: urgent}
- {id: B, priority: HIGH}
- {id: C, status: claimed, attempt: two, lease_until: tomorrow, supervisor: somebody}
- {id: D, status: pending, retry_at: [1], lease_until: }
";
    assert_eq!(
        found(text),
        [
            "unknown-status A 2: its status `on hold` is not known, so it is never ready",
            "unknown-priority A 2: its priority `urgent` is not known, so it comes last",
            "unknown-status B 3: it has no status, so it is never ready",
            "unreadable-field C 4: its `attempt` is not a number, so the next claim begins again with 1, as if nobody had ever claimed it",
            "unreadable-field C 4: its `lease_until` is not a time like 2026-11-23T04:11:09Z, so the claim never ends by itself",
            "unreadable-field C 4: its `supervisor` is not the identity of a process, so the claim is taken for one whose process is gone",
            "unreadable-field D 5: its `retry_at` is not a time like 2026-11-23T04:11:09Z, so it is never tried again",
        ]
    );
}

/// Defect of the original: a missing dependency was accepted, and the task waited for ever.
#[test]
fn missing_dependency_accepted() {
    assert_eq!(
        found("tasks:\n- id: A\n  status: pending\n  blockedBy: [B, C]\n- id: B\n  status: pending\n"),
        ["unknown-blocker A 2: it waits for C, which is not in the queue, so it is never ready"]
    );
}

#[test]
fn circles_are_told_with_their_path_once_each() {
    let text = "\
tasks:
- {id: before, status: pending, blockedBy: [A]}
- {id: A, status: pending, blockedBy: [done, B]}
- {id: B, status: pending, blockedBy: [free, C]}
- {id: C, status: failed, blockedBy: [A]}
- {id: self, status: pending, blockedBy: [self]}
- {id: done, status: completed, blockedBy: [D]}
- {id: D, status: pending, blockedBy: [done]}
- {id: free, status: pending}
- {id: after, status: pending, blockedBy: [C, self]}
";
    assert_eq!(
        found(text),
        [
            "cycle A 3: tasks wait for each other, so none of them is ever ready: A waits for B waits for C waits for A",
            "cycle self 6: it waits for itself, so it is never ready",
        ]
    );
}

/// The chain ends in the circle, so every one of the 20,000 is walked. Recursion would need more than the stack.
#[test]
fn a_chain_of_10_000_into_a_circle_of_10_000_is_fine() {
    let (count, entry) = (20_000, 10_000);
    let blocker = |place: usize| if place + 1 == count { entry } else { place + 1 };
    let task =
        |place: usize| format!("- {{id: T{place}, status: pending, blockedBy: [T{}]}}\n", blocker(place));
    let faults =
        faults(&Document::parse(format!("tasks:\n{}", (0..count).map(task).collect::<String>())).unwrap());
    assert_eq!(faults.len(), 1);
    let (task, what) = (faults[0].task.as_deref(), &faults[0].what);
    assert_eq!(task, Some("T10000"));
    assert!(what.contains(" T10005 waits for … (9989 more) … waits for T19995 "), "{what}");
}
