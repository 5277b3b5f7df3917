use crate::sample::Sample;
use registry::ops::{self, NewOutcome, NewUsage, Recorded};
use registry::{Ending, Registry, RegistryError};
use std::fs;

const SMALL: &str = "\
# kept
metadata: {total_skills: 2, total_usage_records: 0, last_updated: never}
skills:
  a:
    name: A   # the first
    usage: {usage_count: 0, success_count: 0, failure_count: 0, first_used: null, avg_execution_time_ms: null}
  b: {name: B}
usage_history: []
";

fn log(registry: &Registry, skill: &str, result: Ending, time: Option<u64>) {
    let usage = NewUsage { execution_time_ms: time, ..NewUsage::new("T-1", skill, result) };
    registry.apply(|document, now| ops::log_usage(document, now, &usage)).unwrap();
}

fn done(task: &str, skill: &str, outcome: Ending, minutes: f64) -> NewOutcome {
    NewOutcome {
        task_id: task.into(),
        skill_used: Some(skill.into()),
        outcome: Some(outcome),
        duration_minutes: Some(minutes),
        ..NewOutcome::default()
    }
}

fn record(registry: &Registry, new: &NewOutcome) -> Recorded {
    registry.apply(|document, now| ops::record(document, now, new)).unwrap()
}

#[test]
fn a_use_is_appended_and_counted_at_its_skill() {
    let sample = Sample::of(SMALL);
    log(&sample.registry, "a", Ending::Success, Some(100));
    log(&sample.registry, "a", Ending::Failure, Some(201));
    log(&sample.registry, "a", Ending::Partial, None);
    log(&sample.registry, "b", Ending::Unknown, Some(7));
    let usage = sample.registry.usage("a").unwrap();
    assert_eq!((usage.usage_count, usage.success_count, usage.failure_count), (3, 1, 1));
    assert_eq!(usage.avg_execution_time_ms, Some(151.0), "the mean of the two whose duration is known");
    assert!(usage.first_used < usage.last_used);
    assert_eq!(sample.registry.usage("b").unwrap().usage_count, 1, "a skill without usage gets it");
    assert_eq!(sample.registry.history().unwrap().len(), 4);
    let document = sample.document();
    assert_eq!(document.get::<u64>("metadata.total_usage_records").unwrap(), 4);
    assert_ne!(document.get::<String>("metadata.last_updated").unwrap(), "never");
    assert_eq!(Sample::comments(&sample.text()), [" kept", " the first"]);
}

/// Rounding in each step would add up, and a skill whose older uses were cut off has no history to count anew.
#[test]
fn the_mean_is_that_of_all_uses_also_where_the_history_was_cut() {
    let sample = Sample::of(
        &SMALL.replace("usage_count: 0", "usage_count: 3").replace("time_ms: null", "time_ms: 10"),
    );
    for time in 0..200_u64 {
        log(&sample.registry, "a", Ending::Success, Some(time * 7 % 13));
    }
    let sum: u64 = 30 + (0..200).map(|time| time * 7 % 13).sum::<u64>();
    let mean = sample.registry.usage("a").unwrap().avg_execution_time_ms.unwrap();
    assert!((mean - f64::from(u32::try_from(sum).unwrap()) / 203.0).abs() < 1e-6, "{mean}");
}

/// The older uses have no mean, so the new one must not be spread over them.
#[test]
fn uses_whose_duration_nobody_knows_do_not_count_for_the_mean() {
    let sample = Sample::of(&SMALL.replace("usage_count: 0", "usage_count: 9"));
    log(&sample.registry, "a", Ending::Success, Some(100));
    log(&sample.registry, "a", Ending::Success, None);
    log(&sample.registry, "a", Ending::Success, Some(201));
    let usage = sample.registry.usage("a").unwrap();
    assert_eq!((usage.usage_count, usage.avg_execution_time_ms), (12, Some(150.5)));
}

#[test]
fn two_that_were_open_at_once_lose_nothing_to_each_other() {
    let sample = Sample::of(SMALL);
    let other = sample.registry.clone();
    log(&sample.registry, "a", Ending::Success, None);
    log(&other, "a", Ending::Success, None);
    log(&sample.registry, "b", Ending::Success, None);
    assert_eq!(other.usage("a").unwrap().usage_count, 2);
    assert_eq!(other.history().unwrap().len(), 3);
}

#[test]
fn the_example_keeps_its_comments_and_all_it_is_not_about() {
    let sample = Sample::example();
    let before = sample.text();
    record(&sample.registry, &done("NEW-1", "mover", Ending::Success, 2.5));
    let after = sample.text();
    assert_eq!(Sample::comments(&after), Sample::comments(&before));
    let changed: Vec<&str> = before.lines().filter(|line| !after.lines().any(|kept| kept == *line)).collect();
    assert_eq!(changed.len(), 6, "{changed:#?}");
    let scale: std::collections::BTreeMap<u8, String> =
        sample.document().get("quality_rating_scale").unwrap();
    assert_eq!(scale[&5], "could not be better");
}

#[test]
fn recording_a_task_again_changes_what_was_recorded() {
    let sample = Sample::of(SMALL);
    let registry = &sample.registry;
    assert_eq!(record(registry, &done("T-1", "a", Ending::Failure, 1.0)), Recorded::Added);
    let text = sample.text();
    assert_eq!(record(registry, &done("T-1", "a", Ending::Failure, 1.0)), Recorded::Unchanged);
    assert_eq!(sample.text(), text, "nothing new, nothing written");

    let better = NewOutcome {
        task_id: "T-1".into(),
        outcome: Some(Ending::Success),
        quality_rating: Some(5),
        ..NewOutcome::default()
    };
    assert_eq!(record(registry, &better), Recorded::Updated);
    let outcomes = registry.outcomes().unwrap();
    assert_eq!(outcomes.len(), 1);
    assert_eq!((outcomes[0].duration_minutes, outcomes[0].quality_rating), (Some(1.0), Some(5.0)));
    let usage = registry.usage("a").unwrap();
    assert_eq!((usage.usage_count, usage.success_count, usage.failure_count), (1, 1, 0));
    assert_eq!(usage.avg_execution_time_ms, Some(60_000.0));
    assert_eq!(sample.log().matches("type: recorded").count(), 1);
}

#[test]
fn a_skill_that_was_wrong_loses_the_use_to_the_right_one() {
    let sample = Sample::of(SMALL);
    let registry = &sample.registry;
    record(registry, &done("T-1", "a", Ending::Success, 2.0));
    record(registry, &done("T-2", "a", Ending::Success, 4.0));
    record(
        registry,
        &NewOutcome { skill_used: Some("b".into()), task_id: "T-1".into(), ..NewOutcome::default() },
    );
    let (a, b) = (registry.usage("a").unwrap(), registry.usage("b").unwrap());
    assert_eq!((a.usage_count, a.success_count, a.avg_execution_time_ms), (1, 1, Some(240_000.0)));
    assert_eq!((b.usage_count, b.success_count, b.avg_execution_time_ms), (1, 1, Some(120_000.0)));
    assert_eq!(registry.outcomes_of("b").unwrap().len(), 1);
}

/// A task is done whatever became of its skill since.
#[test]
fn a_task_whose_skill_was_removed_is_recorded_again_without_being_counted() {
    let sample = Sample::of(SMALL);
    let registry = &sample.registry;
    record(registry, &done("T-1", "a", Ending::Success, 1.0));
    let with_use = sample.text().replace("  a:\n", "  c:\n");
    let without_use = "skills: {}\ntask_outcomes: [{task_id: T-1, skill_used: a, outcome: success}]\n";
    for (text, uses) in [(with_use.as_str(), 1), (without_use, 0)] {
        fs::write(sample.path("r.yaml"), text).unwrap();
        let worse = NewOutcome { skill_used: None, ..done("T-1", "", Ending::Failure, 2.0) };
        assert_eq!(record(registry, &worse), Recorded::Updated);
        assert_eq!(registry.outcomes().unwrap()[0].outcome.as_deref(), Some("failure"));
        let history = registry.history().unwrap();
        assert_eq!(history.len(), uses);
        assert!(history.iter().all(|found| found.result.as_deref() == Some("failure")), "{history:?}");
        assert_eq!(registry.skills().unwrap().iter().map(|skill| skill.usage.failure_count).sum::<u64>(), 0);
    }
}

fn correct(registry: &Registry, task: &str, skill: &str) {
    let new = NewOutcome { task_id: task.into(), skill_used: Some(skill.into()), ..NewOutcome::default() };
    registry.apply(|document, now| ops::add_task_outcome(document, now, &new)).unwrap();
}

/// Each skill with how often it was used.
fn counts(registry: &Registry) -> Vec<(String, u64)> {
    registry.skills().unwrap().into_iter().map(|skill| (skill.id, skill.usage.usage_count)).collect()
}

#[test]
fn an_outcome_whose_skill_was_corrected_is_not_counted_twice() {
    let again = NewOutcome { task_id: "T-1".into(), ..NewOutcome::default() };
    let one_each = |a, b| vec![("a".to_owned(), a), ("b".to_owned(), b)];
    let sample = Sample::of(SMALL);
    record(&sample.registry, &done("T-1", "a", Ending::Success, 1.0));
    correct(&sample.registry, "T-1", "b");
    record(&sample.registry, &again);
    assert_eq!(counts(&sample.registry), one_each(0, 1));
    assert_eq!(sample.registry.history().unwrap().len(), 1);

    let sample = Sample::of(SMALL);
    correct(&sample.registry, "T-1", "a");
    record(&sample.registry, &again);
    correct(&sample.registry, "T-1", "b");
    record(&sample.registry, &again);
    assert_eq!(counts(&sample.registry), one_each(0, 1), "also where the outcome was there first");

    let sample = Sample::of(
        "skills: {a: {usage: {usage_count: 1}}, b: {}}\nusage_history: [{task_id: T-1, skill: a, timestamp: \"2026-01-01T00:00:00Z\"}]\n",
    );
    correct(&sample.registry, "T-1", "b");
    record(&sample.registry, &again);
    assert_eq!(counts(&sample.registry), one_each(1, 1), "a use from before the outcome is another one");
}

#[test]
fn a_use_that_moves_takes_its_time_along() {
    let sample = Sample::of(SMALL);
    let registry = &sample.registry;
    record(registry, &done("T-1", "a", Ending::Success, 1.0));
    let time = registry.history().unwrap()[0].timestamp.clone();
    let moved = NewOutcome { skill_used: Some("b".into()), ..done("T-1", "", Ending::Success, 1.0) };
    record(registry, &moved);
    let (a, b) = (registry.usage("a").unwrap(), registry.usage("b").unwrap());
    assert_eq!((&b.first_used, &b.last_used), (&time, &time));
    assert_eq!((a.first_used, a.last_used), (None, None));
}

#[test]
fn a_use_that_moves_leaves_the_times_of_the_others() {
    let sample = Sample::of(
        "skills:\n  a:\n    usage: {usage_count: 3, first_used: \"2026-01-01T00:00:00Z\", last_used: \"2026-03-02T00:00:00+01:00\"}\n  b:\n    usage: {usage_count: 1, first_used: \"2026-02-01T00:00:00Z\", last_used: 2026-04-01}\nusage_history:\n- {task_id: T-0, skill: a, timestamp: \"2026-02-02T00:00:00Z\"}\n- {task_id: T-1, skill: a, timestamp: \"2026-03-02T00:00:00+01:00\"}\ntask_outcomes:\n- {task_id: T-1, skill_used: a, timestamp: \"2026-03-02T00:00:00+01:00\"}\n",
    );
    let moved = NewOutcome { task_id: "T-1".into(), skill_used: Some("b".into()), ..NewOutcome::default() };
    record(&sample.registry, &moved);
    let times = |skill: &str| {
        let usage = sample.registry.usage(skill).unwrap();
        (usage.first_used.unwrap(), usage.last_used.unwrap())
    };
    assert_eq!(times("a"), ("2026-01-01T00:00:00Z".into(), "2026-02-02T00:00:00Z".into()));
    assert_eq!(times("b"), ("2026-02-01T00:00:00Z".into(), "2026-04-01".into()), "what is no time stays");
}

#[test]
fn what_was_logged_before_is_not_counted_again_by_record() {
    let sample = Sample::of(SMALL);
    log(&sample.registry, "a", Ending::Unknown, None);
    record(&sample.registry, &done("T-1", "a", Ending::Success, 1.0));
    let usage = sample.registry.usage("a").unwrap();
    assert_eq!((usage.usage_count, usage.success_count), (1, 1));
}

#[test]
fn the_use_of_an_outcome_that_was_written_before_has_all_that_it_tells() {
    let sample = Sample::of(SMALL);
    let new = done("T-1", "a", Ending::Failure, 2.0);
    sample.registry.apply(|document, now| ops::add_task_outcome(document, now, &new)).unwrap();
    assert_eq!(sample.registry.history().unwrap(), []);
    record(&sample.registry, &NewOutcome { task_id: "T-1".into(), ..NewOutcome::default() });
    let usage = sample.registry.usage("a").unwrap();
    assert_eq!((usage.failure_count, usage.avg_execution_time_ms), (1, Some(120_000.0)));
}

#[test]
fn a_task_without_a_skill_has_an_outcome_and_no_use() {
    let sample = Sample::of(SMALL);
    let new = NewOutcome { skill_used: None, ..done("T-9", "", Ending::Partial, 3.0) };
    record(&sample.registry, &new);
    assert_eq!(sample.registry.history().unwrap(), []);
    assert_eq!(sample.registry.outcomes().unwrap()[0].skill_used, None);
    assert!(sample.text().contains("skill_used: null"));
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let sample = Sample::of(SMALL);
    let refused = |new: &NewOutcome| {
        let result = sample.registry.apply(|document, now| ops::record(document, now, new));
        assert_eq!(sample.text(), SMALL);
        assert!(!sample.path("events.yaml").exists());
        result.unwrap_err()
    };
    assert!(matches!(refused(&done("T", "c", Ending::Success, 1.0)), RegistryError::NoSuchSkill { .. }));
    assert!(matches!(refused(&done("", "a", Ending::Success, 1.0)), RegistryError::BadValue { .. }));
    assert!(matches!(refused(&done("T", "a", Ending::Success, f64::NAN)), RegistryError::BadValue { .. }));
    let bad = NewOutcome { quality_rating: Some(6), ..done("T", "a", Ending::Success, 1.0) };
    assert!(matches!(refused(&bad), RegistryError::BadValue { .. }));
}

/// As after a kill between the two: the registry is saved and its event is not.
#[test]
fn an_event_that_is_missing_follows_with_the_next_record() {
    let sample = Sample::of(SMALL);
    record(&sample.registry.clone().with_events(None), &done("T-1", "a", Ending::Success, 1.0));
    assert_eq!(sample.registry.missing_events().unwrap().len(), 1);
    record(&sample.registry, &done("T-2", "a", Ending::Success, 1.0));
    assert_eq!(sample.registry.missing_events().unwrap(), []);
    let log = sample.log();
    assert_eq!(log.matches("type: recorded").count(), 2);
    assert_eq!(log.matches("recovered: true").count(), 1);
    assert_eq!(sample.registry.add_missing_events().unwrap(), 0);
    assert_eq!(sample.log(), log);
}

#[test]
fn a_repeated_record_writes_its_own_event_where_that_is_missing() {
    let sample = Sample::of(SMALL);
    record(&sample.registry.clone().with_events(None), &done("T-1", "a", Ending::Success, 1.0));
    assert_eq!(record(&sample.registry, &done("T-1", "a", Ending::Success, 1.0)), Recorded::Unchanged);
    assert_eq!(sample.log().matches("type: recorded").count(), 1);
}

#[test]
fn outcomes_of_other_programs_and_of_the_time_before_the_log_are_not_missing() {
    let sample = Sample::example();
    assert_eq!(sample.registry.missing_events().unwrap(), []);
    let without_log = sample.registry.clone().with_events(None);
    record(&without_log, &done("EARLY", "mover", Ending::Success, 1.0));
    fs::write(
        sample.path("events.yaml"),
        "- {timestamp: \"2999-01-01T00:00:00Z\", type: claimed, task_id: X}\n",
    )
    .unwrap();
    assert_eq!(sample.registry.missing_events().unwrap(), []);
}
