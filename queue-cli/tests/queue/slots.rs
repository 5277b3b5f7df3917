//! The slots' file, in both of its forms.

use atomic_io::{DocPath, Document};
use jiff::{SignedDuration, Timestamp};
use queue_cli::QueueError;
use queue_cli::slots::{Metric, Occupant, Profile, beat, count, set_field, set_occupant, slots};

const SHORT: &str = "\
slots:
  a: {id: a, status: idle, profile: compute}   # ours
  b:
    status: paused
    max_duration: 90
";

const LONG: &str = "\
execution_slots:
  slot_1:
    status: \"idle\"  # idle | active
    profile: \"io_bound\"
    resource_profile:
      max_duration: \"20m\"
    current_task:
      task_id: null
      task_type: null
      started_at: null
      heartbeat: null
      pid: null
metrics:
  tasks:
    total_submitted: 3
";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn occupant() -> Occupant {
    Occupant { task: "T".into(), kind: Some("docs".into()), pid: 7, since: now() }
}

#[test]
fn both_forms_are_read() {
    let short = slots(&Document::parse(SHORT).unwrap()).unwrap();
    let told: Vec<_> =
        short.iter().map(|slot| (slot.name.as_str(), &slot.profile, slot.is_usable())).collect();
    assert_eq!(told, [("a", &Profile::Compute, true), ("b", &Profile::General, false)]);
    assert_eq!(short[1].max_duration, Some(SignedDuration::from_secs(90)));
    let long = slots(&Document::parse(LONG).unwrap()).unwrap();
    assert_eq!((&long[0].profile, long[0].max_duration), (&Profile::Io, Some(SignedDuration::from_mins(20))));
    assert!(slots(&Document::parse("a: 1\n").unwrap()).unwrap().is_empty());
}

#[test]
fn each_form_is_written_in_its_own_terms_and_nothing_else_changes() {
    let mut document = Document::parse(LONG).unwrap();
    let slot = slots(&document).unwrap().remove(0);
    set_occupant(&mut document, now(), &slot, Some(&occupant())).unwrap();
    let busy = LONG
        .replace("status: \"idle\"", "status: \"active\"")
        .replace("task_id: null", "task_id: T")
        .replace("task_type: null", "task_type: docs")
        .replace("started_at: null", "started_at: \"2026-03-01T12:00:00.000Z\"")
        .replace("heartbeat: null", "heartbeat: \"2026-03-01T12:00:00.000Z\"")
        .replace("pid: null", "pid: 7");
    assert_eq!(document.text(), busy);
    assert_eq!(slots(&document).unwrap()[0].current_task.as_deref(), Some("T"));
    set_occupant(&mut document, now(), &slot, None).unwrap();
    assert_eq!(document.text(), LONG.replace("heartbeat: null", "heartbeat: \"2026-03-01T12:00:00.000Z\""));
    let mut document = Document::parse(SHORT).unwrap();
    let slot = slots(&document).unwrap().remove(0);
    set_occupant(&mut document, now(), &slot, Some(&occupant())).unwrap();
    beat(&mut document, now() + SignedDuration::from_secs(30), &slot).unwrap();
    assert_eq!(document.get::<String>("slots.a.heartbeat_at").unwrap(), "2026-03-01T12:00:30.000Z");
    assert_eq!(document.get::<String>("slots.a.current_task").unwrap(), "T");
}

#[test]
fn a_slot_whose_task_is_no_mapping_was_never_written_again() {
    for current in ["null", "", "T", "{}", "[]"] {
        let state = format!("execution_slots:\n  slot_1:\n    status: idle\n    current_task: {current}\n");
        let mut document = Document::parse(state).unwrap();
        let slot = slots(&document).unwrap().remove(0);
        set_occupant(&mut document, now(), &slot, Some(&occupant())).unwrap();
        let slot = slots(&document).unwrap().remove(0);
        assert_eq!((slot.status.as_str(), slot.current_task.as_deref()), ("active", Some("T")), "{current}");
        set_occupant(&mut document, now(), &slot, None).unwrap();
        let slot = slots(&document).unwrap().remove(0);
        assert_eq!((slot.status.as_str(), slot.current_task), ("idle", None), "{}", document.text());
    }
}

#[test]
fn what_is_counted_is_counted_where_the_file_counts() {
    let mut long = Document::parse(LONG).unwrap();
    count(&mut long, Metric::Dispatched, 2).unwrap();
    count(&mut long, Metric::Preempted, 1).unwrap();
    assert_eq!(long.get::<u64>("metrics.tasks.total_submitted").unwrap(), 5);
    assert_eq!(long.get::<u64>("metrics.tasks_preempted").unwrap(), 1);
    let mut short = Document::parse(SHORT).unwrap();
    count(&mut short, Metric::Completed, 1).unwrap();
    count(&mut short, Metric::Completed, 1).unwrap();
    count(&mut short, Metric::Failed, 1).unwrap();
    assert!(
        short.text().ends_with("metrics:\n  tasks_completed: 2\n  tasks_failed: 1\n"),
        "{}",
        short.text()
    );
}

#[test]
fn a_task_fits_its_own_profile_best_and_any_other_least() {
    let fit = |slot: &str, resource: Option<&str>| Profile::from_word(slot).fit(resource);
    assert_eq!(fit("compute", Some("cpu_bound")), 100);
    assert_eq!(fit("memory_bound", Some("memory")), 100);
    assert_eq!(fit("general", Some("io_bound")), 50);
    assert_eq!(fit("network", Some("io_bound")), 10);
    // Who says nothing belongs where anything does.
    assert_eq!((fit("reserve", None), fit("io", None)), (100, 10));
    assert_eq!(fit("gpu", Some("GPU")), 100);
}

#[test]
fn a_field_that_makes_a_slot_unreadable_is_refused() {
    let set = |slot: &str, field: &str, value: &str| {
        let mut document = Document::parse(SHORT).unwrap();
        set_field(&mut document, slot, &field.parse::<DocPath>().unwrap(), &value).map(|()| document)
    };
    assert!(matches!(set("c", "status", "idle"), Err(QueueError::NoSuchSlot { .. })));
    assert!(matches!(set("b", "max_duration", "soon"), Err(QueueError::BadSlot { line: Some(_), .. })));
    let unlimited = set("b", "max_duration", "unlimited").unwrap();
    assert_eq!(slots(&unlimited).unwrap()[1].max_duration, None);
    assert!(slots(&set("b", "status", "idle").unwrap()).unwrap()[1].is_usable());
}
