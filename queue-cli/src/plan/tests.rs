use super::*;
use std::fmt::Write;
use std::thread;

fn plan(yaml: &str) -> Plan {
    Plan::of(&Document::parse(yaml).unwrap()).unwrap()
}

fn told(plan: &Plan, many: &[Vec<usize>]) -> Vec<String> {
    many.iter().map(|places| plan.ids(places).join(" ")).collect()
}

fn waves(plan: &Plan) -> Vec<String> {
    plan.waves.iter().map(|wave| plan.ids(&wave.tasks).join(" ")).collect()
}

/// Where a recursion would be, a small stack shows it at once.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap().join().unwrap();
}

#[test]
fn each_task_comes_after_what_it_waits_for_and_otherwise_in_its_turn() {
    let plan = plan(
        "tasks:
- {id: low, status: pending, priority: LOW}
- {id: last, status: pending, priority: CRITICAL, blockedBy: [low, done]}
- {id: high, status: pending, priority: HIGH}
- {id: higher, status: PENDING, priority: high, priority_score: 3}
- {id: done, status: completed, blockedBy: [high]}
- {id: busy, status: in_progress, priority: LOW}
- {id: held, status: blocked, depends_on: high}
",
    );
    assert_eq!(plan.ids(&plan.order), ["busy", "higher", "high", "low", "last", "held"]);
    assert_eq!(waves(&plan), ["busy higher high low", "last held"]);
    assert!(plan.left_out.is_empty() && plan.is_sound());
}

#[test]
fn a_completed_blocker_does_not_count() {
    let plan = plan(
        "tasks:
- {id: A, status: completed, blockedBy: [B]}
- {id: B, status: pending, blockedBy: [A]}
- {id: C, status: pending, blockedBy: [A, B], estimated_minutes: 5}
",
    );
    assert!(plan.circles.is_empty());
    assert_eq!(plan.open_blockers, [vec![], vec![], vec![1]]);
    assert_eq!(waves(&plan), ["B", "C"]);
    assert_eq!(plan.ids(&plan.critical_path.tasks), ["B", "C"]);
}

#[test]
fn what_never_comes_to_its_turn_is_left_out_with_the_reason() {
    let plan = plan(
        "tasks:
- {id: failed, status: failed}
- {id: after-failed, status: pending, blockedBy: [failed, gone]}
- {id: after-that, status: pending, blockedBy: [after-failed]}
- {id: odd, status: On Hold}
- {id: bare}
- {id: self, status: pending, blockedBy: [self]}
- {id: off, status: cancelled, blockedBy: [gone]}
- {id: fine, status: pending}
",
    );
    let left_out: Vec<String> =
        (plan.left_out.iter()).map(|left| format!("{}: {}", plan.tasks[left.task].id, left.why)).collect();
    assert_eq!(
        left_out,
        [
            "after-failed: it waits in vain for failed (failed), gone (not in the queue)",
            "after-that: it waits for after-failed, which is left out too",
            "odd: its status `On Hold` is not known",
            "bare: it has no status",
            "self: it waits for itself, in a circle",
        ]
    );
    assert_eq!(plan.ids(&plan.order), ["fine"]);
    assert_eq!(told(&plan, &plan.circles), ["self self"]);
    // What is called off misses nothing.
    assert_eq!(plan.missing, [Missing { task: 1, id: "gone".into(), field: Field::WaitsFor }]);
}

#[test]
fn circles_are_told_with_their_path_and_share_tasks() {
    let plan = plan(
        "tasks:
- {id: A, status: pending, blockedBy: [B]}
- {id: B, status: pending, blockedBy: [C, D]}
- {id: C, status: pending, blockedBy: [A, B]}
- {id: D, status: pending}
- {id: E, status: pending, blockedBy: [A]}
- {id: F, status: pending, blockedBy: [G, E]}
- {id: G, status: pending, blockedBy: [F]}
",
    );
    assert_eq!(told(&plan, &plan.circles), ["A B C A", "B C B", "F G F"]);
    assert!(!plan.more_circles && !plan.is_sound());
    assert_eq!(plan.ids(&plan.order), ["D"]);
}

#[test]
fn a_tangle_is_told_in_bounded_time() {
    let mut yaml = String::from("tasks:\n");
    let all: Vec<String> = (0..300).map(|number| format!("t{number}")).collect();
    for id in &all {
        writeln!(yaml, "- {{id: {id}, status: pending, blockedBy: [{}]}}", all.join(", ")).unwrap();
    }
    let plan = plan(&yaml);
    assert!(!plan.circles.is_empty());
    assert!(plan.circles.iter().all(|circle| circle.first() == circle.last()));
}

#[test]
fn both_sides_of_a_dependency_are_compared() {
    let plan = plan(
        "tasks:
- {id: A, status: completed, blocks: [B, C, gone]}
- {id: B, status: pending, blockedBy: [A, D, E]}
- {id: C, status: pending}
- {id: D, status: pending, blocks: []}
- {id: E, status: pending}
- {id: F, status: pending, blocks: ['B (later)', gone, gone, B]}
",
    );
    let side = |one: &Disagreement| {
        format!("{} {} {:?}", plan.tasks[one.blocker].id, plan.tasks[one.blocked].id, one.said_in)
    };
    let told: Vec<String> = plan.disagreements.iter().map(side).collect();
    assert_eq!(told, ["A C Blocks", "D B WaitsFor", "F B Blocks"]);
    assert_eq!(plan.missing, [Missing { task: 5, id: "gone".into(), field: Field::Blocks }]);
}

#[test]
fn several_tasks_on_one_thing_are_a_conflict() {
    let plan = plan(
        "queue:
- {task_id: A, status: PENDING, resources: [press, cpu_bound]}
- {task_id: B, status: PENDING, resources: press, blocked_by: A}
- {task_id: C, status: pending, resource: press}
- {task_id: D, status: completed, resources: [press]}
- {task_id: E, status: pending, resources: [paper, paper], resource_type: CPU_BOUND}
",
    );
    assert_eq!(plan.conflicts.len(), 1);
    let conflict = &plan.conflicts[0];
    assert_eq!((conflict.resource.as_str(), plan.ids(&conflict.tasks)), ("press", vec!["A", "B", "C"]));
    assert_eq!(conflict.side_by_side, [(1, vec![0, 2])]);
}

#[test]
fn the_critical_path_takes_longest_and_waves_count_who_runs_alone() {
    let plan = plan(
        "tasks:
- {id: A, status: pending, estimated_minutes: 10}
- {id: B, status: pending, estimated_minutes: 10, blockedBy: [A]}
- {id: C, status: pending, estimated_minutes: 25.5}
- {id: D, status: pending, estimated_minutes: '5', blockedBy: [C, B], parallel_group: sequential}
- {id: E, status: pending, estimated_minutes: -3, blockedBy: [C]}
- {id: F, status: pending, estimated_minutes: soon, blockedBy: [C], parallel_group: sequential}
",
    );
    assert_eq!(plan.ids(&plan.critical_path.tasks), ["C", "D"]);
    assert_eq!(plan.critical_path.minutes, 30.5);
    let minutes: Vec<f64> = plan.waves.iter().map(|wave| wave.minutes).collect();
    assert_eq!(
        (waves(&plan), minutes),
        (vec!["C A".into(), "B E F".into(), "D".into()], vec![25.5, 10.0, 5.0])
    );
    assert_eq!(plan.ids(&plan.waves[1].alone), ["F"]);
    assert_eq!(plan.minutes[4..], [None, None]);
}

#[test]
fn a_chain_of_100_000_is_planned_without_recursion() {
    let mut chain = String::from("tasks:\n- {id: t0, status: pending}\n");
    for number in 1..100_000 {
        writeln!(chain, "- {{id: t{number}, status: pending, blockedBy: [t{}]}}", number - 1).unwrap();
    }
    on_a_small_stack(move || {
        let plan = plan(&chain);
        assert_eq!((plan.order.len(), plan.waves.len()), (100_000, 100_000));
        assert_eq!(plan.critical_path.tasks, (0..100_000).collect::<Vec<_>>());
        // The same, closed to a circle.
        let closed =
            chain.replacen("{id: t0, status: pending}", "{id: t0, status: pending, blockedBy: t99999}", 1);
        let plan = self::plan(&closed);
        assert_eq!((plan.circles.len(), plan.circles[0].len()), (1, 100_001));
        assert_eq!((plan.order.len(), plan.left_out.len()), (0, 100_000));
    });
}

#[test]
fn a_graph_of_50_000_edges_is_planned_without_recursion() {
    // One that waits for 50,000, and 500 that wait for each of 100 before them.
    let mut yaml = String::from("tasks:\n");
    let leaves: Vec<String> = (0..50_000).map(|number| format!("leaf-{number}")).collect();
    for leaf in &leaves {
        writeln!(yaml, "- {{id: {leaf}, status: pending}}").unwrap();
    }
    writeln!(yaml, "- {{id: root, status: pending, blockedBy: [{}]}}", leaves.join(", ")).unwrap();
    for number in 0..600_usize {
        let before: Vec<String> = (number.saturating_sub(100)..number).map(|one| format!("n{one}")).collect();
        writeln!(yaml, "- {{id: n{number}, status: pending, blockedBy: [{}]}}", before.join(", ")).unwrap();
    }
    on_a_small_stack(move || {
        let plan = plan(&yaml);
        assert_eq!(plan.open_blockers.iter().map(Vec::len).sum::<usize>(), 50_000 + 54_950);
        assert_eq!((plan.waves.len(), plan.order.len()), (600, 50_601));
        assert!(plan.left_out.is_empty());
    });
}

/// Some queue of at most nine tasks, the same for the same seed.
fn some_queue(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let words = ["pending", "pending", "pending", "in_progress", "blocked", "completed", "failed", "On Hold"];
    let count = 2 + random(8);
    let mut yaml = String::from("tasks:\n");
    for number in 0..count {
        let blockers: Vec<String> =
            (0..count).filter(|_| random(6) == 0).map(|id| format!("t{id}")).collect();
        let status = words[usize::try_from(random(8)).unwrap()];
        let (minutes, blockers) = (random(5), blockers.join(", "));
        writeln!(
            yaml,
            "- {{id: t{number}, status: {status}, estimated_minutes: {minutes}, blockedBy: [{blockers}]}}"
        )
        .unwrap();
    }
    yaml
}

/// Whether one can go from each to each along open blockers.
fn reach(open: &[Vec<usize>]) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; open.len()]; open.len()];
    for (place, blockers) in open.iter().enumerate() {
        blockers.iter().for_each(|blocker| reach[place][*blocker] = true);
    }
    for by in 0..open.len() {
        for from in 0..open.len() {
            for to in 0..open.len() {
                reach[from][to] |= reach[from][by] && reach[by][to];
            }
        }
    }
    reach
}

#[test]
fn what_is_planned_is_what_the_definitions_say() {
    for seed in 0..2000 {
        let yaml = some_queue(seed);
        let plan = plan(&yaml);
        let open = &plan.open_blockers;
        let reach = reach(open);
        // Each step of a circle is a dependency, and each dependency that leads back is a step of one.
        let steps: Vec<_> = plan.circles.iter().flat_map(|circle| circle.windows(2)).collect();
        assert!(steps.iter().all(|step| open[step[0]].contains(&step[1])), "{yaml}");
        for (place, blockers) in open.iter().enumerate() {
            for blocker in blockers.iter().filter(|blocker| **blocker == place || reach[**blocker][place]) {
                assert!(steps.contains(&&[place, *blocker][..]), "{yaml}");
            }
        }
        // A task is in the order if it and all that it leads to can be worked on and none of them waits for itself.
        let works = |place: usize| schedule::is_planned(&plan.tasks[place].status) && !reach[place][place];
        let is_planned =
            |place: usize| works(place) && (0..open.len()).all(|to| !reach[place][to] || works(to));
        let mut planned: Vec<usize> = (0..open.len()).filter(|place| is_planned(*place)).collect();
        let wave_of = |place: usize| plan.waves.iter().position(|wave| wave.tasks.contains(&place));
        let turn = |place: usize| plan.order.iter().position(|one| *one == place);
        for place in &planned {
            let before = open[*place].iter().map(|blocker| wave_of(*blocker).unwrap() + 1).max();
            assert_eq!(wave_of(*place), Some(before.unwrap_or(0)), "{yaml}");
            assert!(open[*place].iter().all(|blocker| turn(*blocker) < turn(*place)), "{yaml}");
        }
        let mut order = plan.order.clone();
        order.sort_unstable();
        planned.sort_unstable();
        assert_eq!(order, planned, "{yaml}");
        // No chain takes longer than the critical path.
        let mut longest = vec![0.0_f64; open.len()];
        for place in &plan.order {
            let before = open[*place].iter().map(|blocker| longest[*blocker]).fold(0.0, f64::max);
            longest[*place] = before + plan.minutes[*place].unwrap();
        }
        assert_eq!(longest.into_iter().fold(0.0, f64::max), plan.critical_path.minutes, "{yaml}");
        let path = &plan.critical_path.tasks;
        assert!(path.windows(2).all(|pair| open[pair[1]].contains(&pair[0])), "{yaml}");
        let sum: f64 = path.iter().filter_map(|place| plan.minutes[*place]).sum();
        assert_eq!(sum, plan.critical_path.minutes, "{yaml}");
    }
}
