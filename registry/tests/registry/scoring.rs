use crate::sample::Sample;
use registry::RegistryError;
use registry::ops::{self, MetricEdit, Recalculated};

const SKILLS: &str = "\
metrics_schema:
  components:
  - {name: success_rate, weight: 0.5}
  - {name: quality_score, weight: 0.3}
  - {name: reuse_rate, weight: 0.2}
skills:
  whole:   # has all
    category: agent
    metrics: {effectiveness_score: 1, success_rate: null, quality_score: 10, reuse_rate: 50}
    usage: {usage_count: 3, success_count: 2}
  lacking:
    category: agent
    metrics: {effectiveness_score: 90, success_rate: 80, quality_score: 70}
  bare: {category: tool}
task_outcomes:
- {task_id: T-1, skill_used: whole, quality_rating: 4}
- {task_id: T-2, skill_used: whole, quality_rating: 3}
- {task_id: T-3, skill_used: whole}
analysis:
  category_performance:
  - {category: agent, avg_effectiveness: 7}
";

fn recalculated(sample: &Sample) -> Vec<Recalculated> {
    sample.registry.apply(ops::recalculate).unwrap()
}

#[test]
fn the_score_is_the_weighted_mean_and_none_is_made_up() {
    let sample = Sample::of(SKILLS);
    let all = recalculated(&sample);
    assert_eq!((all[0].before, all[0].after), (Some(1.0), Some(64.34)), "66.67 * .5 + 70 * .3 + 50 * .2");
    assert_eq!((all[1].before, all[1].after), (Some(90.0), None));
    assert_eq!(all[1].missing, ["reuse_rate"]);
    assert_eq!((all[2].after, all[2].missing.len()), (None, 3));
    let whole = sample.registry.metrics("whole").unwrap();
    assert_eq!((whole.success_rate, whole.quality_score), (Some(66.67), Some(70.0)));
    let lacking = sample.registry.metrics("lacking").unwrap();
    assert_eq!(
        (lacking.success_rate, lacking.quality_score),
        (Some(80.0), Some(70.0)),
        "what was given stays"
    );
    assert!(sample.text().contains("bare: {category: tool}\n"));
    let agent = &sample.registry.analysis().unwrap().category_performance[0];
    assert_eq!(
        (agent.avg_effectiveness, agent.total_tasks, agent.success_rate),
        (Some(64.34), Some(3.0), Some(66.67))
    );
}

/// More successes than uses made a rate of 250 %.
#[test]
fn counts_that_contradict_each_other_make_no_rate() {
    let sample = Sample::of(&SKILLS.replace(
        "usage: {usage_count: 3, success_count: 2}",
        "usage: {usage_count: 4, success_count: 3, failure_count: 2}",
    ));
    let all = recalculated(&sample);
    assert_eq!((all[0].after, all[0].missing.as_slice()), (None, &["success_rate".to_owned()][..]));
    assert_eq!(sample.registry.metrics("whole").unwrap().success_rate, None);
    let agent = &sample.registry.analysis().unwrap().category_performance[0];
    assert_eq!((agent.total_tasks, agent.success_rate), (Some(4.0), None));

    let sample = Sample::of(
        &SKILLS
            .replace("success_rate: null", "success_rate: 250")
            .replace("usage: {usage_count: 3, success_count: 2}", "usage: {success_count: 2}"),
    );
    recalculated(&sample);
    assert_eq!(sample.registry.metrics("whole").unwrap().success_rate, None, "successes without a use");
}

#[test]
fn a_second_time_changes_nothing() {
    let sample = Sample::of(SKILLS);
    recalculated(&sample);
    let text = sample.text();
    recalculated(&sample);
    assert_eq!(sample.text(), text);
}

#[test]
fn weights_count_for_their_part_of_their_sum() {
    let sample =
        Sample::of(&SKILLS.replace("weight: 0.5", "weight: 5").replace("0.3", "3").replace("0.2", "2"));
    assert_eq!(recalculated(&sample)[0].after, Some(64.34));
}

#[test]
fn without_components_there_is_nothing_to_calculate() {
    for (text, line) in [("skills: {}\n", 1), ("metrics_schema:\n  components: []\nskills: {}\n", 2)] {
        let sample = Sample::of(text);
        let error = sample.registry.apply(ops::recalculate).unwrap_err();
        assert!(
            matches!(error, RegistryError::Invalid { line: Some(found), .. } if found == line),
            "{error}"
        );
    }
}

#[test]
fn metrics_are_written_all_or_none() {
    let sample = Sample::of(SKILLS);
    let set = |edits: &[(&str, Option<f64>)]| {
        let edits: Vec<MetricEdit> =
            edits.iter().map(|(name, value)| MetricEdit { name: (*name).into(), value: *value }).collect();
        sample.registry.apply(|document, now| ops::update_metrics(document, now, "bare", &edits))
    };
    for bad in [("speed", Some(1.0)), ("reuse_rate", Some(101.0)), ("quality_score", Some(f64::INFINITY))] {
        assert!(
            matches!(set(&[("success_rate", Some(1.0)), bad]), Err(RegistryError::BadValue { .. })),
            "{bad:?}"
        );
        assert_eq!(sample.text(), SKILLS);
    }
    set(&[("success_rate", Some(90.0)), ("time_efficiency", Some(-20.5)), ("reuse_rate", None)]).unwrap();
    let bare = sample.registry.metrics("bare").unwrap();
    assert_eq!((bare.success_rate, bare.time_efficiency, bare.reuse_rate), (Some(90.0), Some(-20.5), None));
}

#[test]
fn the_best_come_first_and_those_without_a_score_not_at_all() {
    let sample = Sample::of(
        "skills:\n  none: {}\n  second: {metrics: {effectiveness_score: 50}}\n  first: {metrics: {effectiveness_score: 50}, usage: {usage_count: 2}}\n  third: {metrics: {effectiveness_score: 5.5}}\n",
    );
    let ids: Vec<_> = sample.registry.top_skills(2).unwrap().into_iter().map(|skill| skill.id).collect();
    assert_eq!(ids, ["first", "second"]);
}
