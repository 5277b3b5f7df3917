use super::*;
use atomic_io::Document;

const NOW: &str = "2026-11-23T12:00:00.000Z";

/// What is missing for one task with these fields, as `kind attempt at agent`; `log` is its beginning, and `kind attempt` for each
/// record of the task.
fn missing(fields: &str, begins: Option<&str>, log: &[(&str, u64)]) -> Vec<String> {
    let document = Document::parse(format!("tasks:\n- id: A\n{fields}")).unwrap();
    let mut history = History { begins: begins.map(|time| time.parse().unwrap()), ..History::default() };
    for (kind, attempt) in log {
        history.add("A", *attempt, kind);
    }
    let found = missing_events(&tasks(&document).unwrap(), &history, NOW.parse().unwrap());
    assert!(found.iter().all(|event| event.recovered && event.task_id == "A"));
    found
        .iter()
        .map(|event| {
            let states = (event.data.from_state.as_deref().unwrap_or("-"), &event.data.to_state);
            let time = event.timestamp.strip_prefix("2026-11-23T").unwrap();
            format!("{} {} {time} {}>{}", event.kind.word(), event.attempt.unwrap(), states.0, states.1)
        })
        .collect()
}

const BEFORE: Option<&str> = Some("2026-11-23T08:00:00Z");
const AFTER: Option<&str> = Some("2026-11-23T11:00:00Z");
const CLAIMED: &str =
    "  status: claimed\n  attempt: 2\n  claimed_by: ann\n  claimed_at: '2026-11-23T09:00:00.000Z'\n";
const STARTED: &str = "  status: IN_PROGRESS\n  attempt: 2\n  claimed_by: ann\n  claimed_at: '2026-11-23T09:00:00.000Z'\n  started_at: '2026-11-23T09:30:00.000Z'\n";
const COMPLETED: &str = "  status: completed\n  attempt: 2\n  claimed_by: ann\n  claimed_at: '2026-11-23T09:00:00.000Z'\n  completed_at: '2026-11-23T10:00:00.000Z'\n";
const FAILED: &str = "  status: failed\n  attempt: 2\n  claimed_by: ann\n  claimed_at: '2026-11-23T09:00:00.000Z'\n  failure_count: 1\n  last_error: broken\n";

#[test]
fn what_is_in_the_log_is_not_missing() {
    assert!(missing(CLAIMED, BEFORE, &[("claimed", 2)]).is_empty());
    assert!(missing(STARTED, BEFORE, &[("claimed", 2), ("started", 2)]).is_empty());
    assert!(missing(COMPLETED, BEFORE, &[("claimed", 2), ("completed", 2)]).is_empty());
    assert!(missing(FAILED, BEFORE, &[("claimed", 2), ("failed", 2)]).is_empty());
}

#[test]
fn of_a_task_in_hand_the_claim_and_the_beginning_belong_to_the_log() {
    let claimed = "claimed 2 09:00:00.000Z pending>claimed";
    let started = "started 2 09:30:00.000Z claimed>in_progress";
    for begins in [BEFORE, AFTER, None] {
        assert_eq!(missing(CLAIMED, begins, &[("claimed", 1), ("released", 1)]), [claimed]);
        assert_eq!(missing(STARTED, begins, &[]), [claimed, started]);
        assert_eq!(missing(STARTED, begins, &[("claimed", 2)]), [started]);
    }
}

#[test]
fn an_end_is_missing_where_the_log_has_its_claim() {
    for begins in [BEFORE, AFTER, None] {
        let completed = "completed 2 10:00:00.000Z claimed>completed";
        assert_eq!(missing(COMPLETED, begins, &[("claimed", 2)]), [completed]);
        let completed = "completed 2 10:00:00.000Z in_progress>completed";
        assert_eq!(missing(COMPLETED, begins, &[("claimed", 2), ("started", 2)]), [completed]);
        // A queue does not say when a task failed.
        assert_eq!(missing(FAILED, begins, &[("claimed", 2)]), ["failed 2 12:00:00.000Z claimed>failed"]);
    }
}

#[test]
fn a_log_that_was_begun_or_cut_later_is_not_flooded() {
    for begins in [AFTER, None] {
        assert!(missing(COMPLETED, begins, &[]).is_empty());
        assert!(missing(FAILED, begins, &[]).is_empty());
        assert!(missing(COMPLETED, begins, &[("claimed", 1), ("completed", 1)]).is_empty());
    }
    assert_eq!(
        missing(COMPLETED, BEFORE, &[]),
        ["claimed 2 09:00:00.000Z pending>claimed", "completed 2 10:00:00.000Z claimed>completed"]
    );
}

#[test]
fn what_a_queue_does_not_prove_is_not_told() {
    for fields in [
        "  status: completed\n",
        "  status: in_progress\n  claimed_by: ann\n",
        // By hand: no time, no reason, a time of an earlier attempt, no claim.
        &COMPLETED.replace("  completed_at: '2026-11-23T10:00:00.000Z'\n", ""),
        &COMPLETED.replace("T10:", "T07:"),
        &COMPLETED.replace("2026-11-23T10:00:00.000Z", "this morning"),
        &FAILED.replace("  last_error: broken\n", ""),
        "  status: in_progress\n  attempt: 2\n",
        "  status: completed\n  attempt: two\n  completed_at: '2026-11-23T10:00:00.000Z'\n",
    ] {
        assert!(missing(fields, BEFORE, &[("claimed", 2)]).is_empty(), "{fields}");
    }
    let begun_before_its_claim = STARTED.replace("T09:30", "T08:30");
    assert!(missing(&begun_before_its_claim, BEFORE, &[("claimed", 2)]).is_empty());
}

#[test]
fn what_is_pending_again_was_given_back_unless_the_log_has_an_end() {
    let pending = "  status: pending\n  attempt: 2\n";
    let released = "released 2 12:00:00.000Z claimed>pending";
    assert_eq!(missing(pending, AFTER, &[("claimed", 2)]), [released]);
    let retried =
        "  status: pending\n  attempt: 2\n  last_error: broken\n  retry_at: '2026-11-23T13:00:00.000Z'\n";
    assert_eq!(
        missing(retried, AFTER, &[("claimed", 2), ("started", 2)]),
        ["failed 2 12:00:00.000Z in_progress>pending"]
    );
    for end in ["released", "requeued", "failed", "completed", "called-back"] {
        assert!(missing(pending, BEFORE, &[("claimed", 2), (end, 2)]).is_empty(), "{end}");
    }
    // That an attempt the log never heard of was given back says nothing.
    assert!(missing(pending, BEFORE, &[("claimed", 1)]).is_empty());
}

#[test]
fn the_oldest_comes_first() {
    let document = Document::parse(format!(
        "tasks:\n- id: A\n{FAILED}- id: B\n{COMPLETED}- id: C\n{}",
        CLAIMED.replace("T09", "T08")
    ));
    let history = History { begins: BEFORE.map(|time| time.parse().unwrap()), ..History::default() };
    let found = missing_events(&tasks(&document.unwrap()).unwrap(), &history, NOW.parse().unwrap());
    let ids: Vec<_> = found.iter().map(|event| (event.task_id.as_str(), event.kind.word())).collect();
    assert_eq!(
        ids,
        [("C", "claimed"), ("A", "claimed"), ("B", "claimed"), ("B", "completed"), ("A", "failed")]
    );
}

#[test]
fn a_log_begins_with_the_first_record_that_is_not_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.yaml");
    fs::write(
        &path,
        "- {timestamp: '2026-11-23T07:00:00Z', type: claimed, task_id: A, attempt: 1, recovered: true}
- {timestamp: someday, type: started, task_id: B, agent: another program}
- {timestamp: '2026-11-23T09:00:00+01:00', type: started, task_id: B}
- {timestamp: '2026-11-23T06:00:00Z', type: claimed, task_id: A, attempt: 2}
- {timestamp: '2026-11-23T06:30:00Z', type: started, task_id: A, agent: another program}
",
    )
    .unwrap();
    let history = History::of(&atomic_io::EventLog::at(&path).read().unwrap());
    assert_eq!(history.begins, Some("2026-11-23T08:00:00Z".parse().unwrap()));
    assert!(history.has("A", 1, EventKind::Claimed) && history.has("A", 2, EventKind::Claimed));
    assert!(!history.has("A", 1, EventKind::Started) && history.attempts.len() == 1);
}

/// It is pending again because a person said so, and nobody gave it back.
#[test]
fn what_a_person_decided_ends_an_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.yaml");
    let document = Document::parse("tasks:\n- {id: A, status: pending, attempt: 2}\n").unwrap();
    let missing = |decision: &str| {
        let claims = "- {type: claimed, task_id: A, attempt: 1}\n- {type: claimed, task_id: A, attempt: 2}\n";
        fs::write(&path, format!("{claims}{decision}")).unwrap();
        let history = History::of(&atomic_io::EventLog::at(&path).read().unwrap());
        missing_events(&tasks(&document).unwrap(), &history, NOW.parse().unwrap()).len()
    };
    assert_eq!(missing(""), 1);
    assert_eq!(missing("- {type: requeued, task_id: B}\n- {type: noted, task_id: A}\n"), 1);
    assert_eq!(missing("- {type: requeued, task_id: A}\n"), 0);
}
