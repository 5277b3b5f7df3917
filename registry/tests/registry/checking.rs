use crate::sample::Sample;
use registry::{Level, check, ops};

/// Each as kind, level and line.
fn findings(text: &str) -> Vec<(&'static str, Level, usize)> {
    let found = check(&Sample::of(text).document()).unwrap();
    found.into_iter().map(|finding| (finding.kind, finding.level, finding.line.unwrap())).collect()
}

#[test]
fn the_example_is_healthy() {
    assert_eq!(check(&Sample::example().document()).unwrap(), []);
}

#[test]
fn everything_that_contradicts_itself_is_found_with_its_line() {
    use Level::{Note, Problem};
    let check = |text: &str, expected: &[(&'static str, Level, usize)]| {
        assert_eq!(findings(text), expected, "{text}");
    };
    check("metadata: {total_skills: 2}\nskills:\n  a: {}\n", &[("counter", Problem, 1)]);
    check(
        "metadata:\n  total_usage_records: 0\nskills:\n  a:\n    usage:\n      usage_count: 1\n      success_count: 0\nusage_history:\n- {skill: a, result: success}\n",
        &[("counter", Problem, 2), ("counter", Problem, 7)],
    );
    check("skills: {a: {usage: {usage_count: 9}}}\nusage_history: [{skill: a}]\n", &[]);
    check(
        "skills: {}\nmetrics_schema:\n  components:\n  - {name: a, weight: 0.5}\n  - {name: b, weight: 0.49}\n",
        &[("weights", Problem, 4)],
    );
    check(
        "skills:\n  a:\n    category: tol\nanalysis:\n  category_performance:\n  - category: tool\n",
        &[("category", Problem, 3)],
    );
    check("skills:\n  a:\n    category: anything\n", &[]);
    check(
        "skills:\n  a:\n    selection:\n      triggers:\n      - move\n      - MOVE\n  b:\n    selection: {triggers: [Move]}\n",
        &[("trigger", Problem, 6), ("trigger", Note, 8)],
    );
    check(
        "skills: {}\ntask_outcomes:\n- task_id: A\n- task_id: A\n- {skill_used: b}\n",
        &[("outcome", Problem, 4), ("outcome", Problem, 5), ("stranger", Note, 5)],
    );
}

#[test]
fn more_successes_and_failures_than_uses_are_a_problem() {
    let of = |usage: &str| format!("skills:\n  a:\n    usage: {{{usage}}}\n");
    let problem = [("counts", Level::Problem, 3)];
    assert_eq!(findings(&of("usage_count: 4, success_count: 10, failure_count: 7")), problem);
    assert_eq!(findings(&of("usage_count: 4, success_count: 3, failure_count: 2")), problem);
    assert_eq!(findings(&of("success_count: 1")), problem);
    assert_eq!(findings(&of("usage_count: 5, success_count: 3, failure_count: 2")), []);
    assert_eq!(findings("skills:\n  a: {}\n"), []);
    let too_few = of("usage_count: 0, success_count: 1") + "usage_history: [{skill: a, result: success}]\n";
    assert_eq!(findings(&too_few), [("counter", Level::Problem, 3)], "the history says how many uses");
}

#[test]
fn triggers_that_differ_by_their_signs_are_two() {
    let of = |one: &str, other: &str| {
        findings(&format!("skills:\n  a:\n    selection:\n      triggers: ['{one}', '{other}']\n"))
    };
    for (one, other) in [("C++", "C#"), ("C++", "c"), ("++", "--")] {
        assert_eq!(of(one, other), [], "{one} {other}");
    }
    for (one, other) in [("C++", "c++"), ("quick-fix", "Quick fix"), ("++", "++"), ("what?", "what")] {
        assert_eq!(of(one, other), [("trigger", Level::Problem, 4)], "{one} {other}");
    }
}

#[test]
fn weights_that_only_binary_cannot_add_up_are_right() {
    let component = |n: u32| format!("  - {{name: c{n}, weight: 0.1}}\n");
    let all: String = (0..10).map(component).collect();
    assert_eq!(findings(&format!("skills: {{}}\nmetrics_schema:\n  components:\n{all}")), []);
}

#[test]
fn counters_that_have_drifted_get_what_is_true() {
    let sample = Sample::of(
        "metadata: {total_skills: 7, total_usage_records: 0}   # wrong\nskills:\n  a: {usage: {usage_count: 0}}\n  b: {usage: {usage_count: 5}}\nusage_history:\n- {skill: a, result: success, execution_time_ms: 50, timestamp: \"2026-01-01T00:00:00Z\"}\n- {skill: b, result: failure}\n",
    );
    let mended = sample.registry.apply(ops::sync_counters).unwrap();
    let paths: Vec<_> = mended.iter().map(|counter| counter.path().to_string()).collect();
    assert_eq!(
        paths,
        [
            "metadata.total_skills",
            "metadata.total_usage_records",
            "skills.a.usage.usage_count",
            "skills.a.usage.success_count",
            "skills.b.usage.failure_count"
        ]
    );
    assert_eq!(check(&sample.document()).unwrap(), []);
    let a = sample.registry.usage("a").unwrap();
    assert_eq!((a.usage_count, a.success_count, a.avg_execution_time_ms), (1, 1, Some(50.0)));
    assert_eq!(a.first_used.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(sample.registry.usage("b").unwrap().usage_count, 5);
    assert!(sample.text().contains("# wrong"));
}
