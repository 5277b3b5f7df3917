//! `queue prioritize`, `resolve`, `export` and `graph`, as programs see them.

use crate::program::{Ended, Program};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// One queue in three dialects: C waits for B, B for A, and A is done; D waits for what is not there.
const DIALECTS: [&str; 3] = [
    "\
tasks:
- {id: A, status: completed, estimated_minutes: 5}
- {id: B, status: pending, priority: LOW, estimated_minutes: 20, blockedBy: [A]}
- {id: C, status: pending, priority: CRITICAL, estimated_minutes: 30, blockedBy: [B]}
- {id: D, status: pending, blockedBy: [GONE]}
- {id: E, status: pending, priority: HIGH}
",
    "\
queue:
- {id: A, status: completed, estimated_minutes: 5}
- {id: B, status: pending, priority: low, estimated_minutes: 20, dependencies: [A (first)]}
- {id: C, status: pending, priority: critical, estimated_minutes: 30, dependencies: [B (must complete first)]}
- {id: D, status: pending, dependencies: [GONE (someday)]}
- {id: E, status: pending, priority: high, dependencies: []}
",
    "\
queue:
- {task_id: A, status: COMPLETED, estimated_minutes: 5}
- {task_id: B, status: PENDING, priority: low, estimated_minutes: 20, blocked_by: A}
- {task_id: C, status: PENDING, priority: critical, estimated_minutes: 30, blocked_by: [B]}
- {task_id: D, status: PENDING, blocked_by: GONE}
- {task_id: E, status: PENDING, priority: high}
",
];

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}{}", ended.out, ended.err))
}

fn words(value: &Value) -> String {
    let list = value.as_array().unwrap().iter();
    list.map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn all_dialects_are_planned_alike() {
    for text in DIALECTS {
        let program = Program::with_queue(text);
        let plan = json(&program.run("resolve --json"));
        assert_eq!(words(&plan["order"]), "E B C", "{text}");
        assert_eq!(words(&plan["waves"][0]["tasks"]), "E B");
        assert_eq!(words(&plan["critical_path"]["tasks"]), "B C");
        assert_eq!(plan["critical_path"]["minutes"], 50);
        assert_eq!(plan["missing"][0]["missing"], "GONE");
        assert_eq!(plan["left_out"][0]["id"], "D");
        assert_eq!(program.run("resolve --check").code, 1);
        assert_eq!(program.run("resolve").code, 0);
        assert_eq!((program.read("queue.yaml"), program.names()), (text.into(), vec!["queue.yaml".into()]));
    }
}

#[test]
fn a_broken_queue_is_refused_with_its_line() {
    let program = Program::with_queue("tasks:\n- id: A\n- id: A\n");
    for verb in ["resolve", "prioritize", "prioritize --write", "export", "graph --format svg"] {
        let ended = program.run(&format!("{verb} --json"));
        assert_eq!((ended.code, ended.out.as_str()), (6, ""), "{verb}");
        let error: Value = serde_json::from_str(&ended.err).unwrap();
        assert_eq!(error["error"]["line"], 3, "{verb}: {error}");
    }
}

/// All 41 scores of a real file disagreed with the formula that stood in the same file.
#[test]
fn scores_are_written_when_asked_for_and_once() {
    let text = "\
tasks:
- id: A   # by the formula 0.224
  status: completed
  priority_score: 8.5
  roi: {impact: 8.5, effort: 45, confidence: 1.2, business_value: 9, technical_debt: 8, unblock_factor: 8}
- {id: B, status: PENDING, estimated_minutes: 10, roi: {impact: 5, confidence: 1}}
- {id: C, status: pending, priority_score: 3, roi: {impact: 5, effort: 0, confidence: 1}}
- {id: D, status: pending, priority_score: 0.25, roi: {impact: 1, effort: 4, confidence: 1}}
- {id: E, status: pending, priority_score: 7}
";
    let program = Program::with_queue(text);
    let told = json(&program.run("prioritize --json"));
    assert_eq!((&told["differ"], &told["written"]), (&Value::from(2), &Value::from(false)));
    let by_id: HashMap<&str, &Value> =
        told["tasks"].as_array().unwrap().iter().map(|task| (task["id"].as_str().unwrap(), task)).collect();
    assert_eq!((by_id["A"]["computed"].as_f64(), by_id["A"]["stored"].as_f64()), (Some(0.224), Some(8.5)));
    assert_eq!(by_id["D"]["differs"], false);
    for (id, why) in [("C", "its effort is 0"), ("E", "it has no `roi`")] {
        assert!(by_id[id]["why"].as_str().unwrap().starts_with(why), "{}", by_id[id]);
        assert_eq!(by_id[id]["computed"], Value::Null);
    }
    assert_eq!(program.read("queue.yaml"), text);
    assert_eq!(program.run("prioritize --write").code, 0);
    let expected = text
        .replace("priority_score: 8.5\n", "priority_score: 0.224\n")
        .replace("confidence: 1}}\n- {id: C", "confidence: 1}, priority_score: 0.5}\n- {id: C");
    assert_eq!(program.read("queue.yaml"), expected);
    let saved = fs::metadata(program.path("queue.yaml")).unwrap().modified().unwrap();
    assert_eq!(json(&program.run("prioritize --write --json"))["differ"], 0);
    assert_eq!(fs::metadata(program.path("queue.yaml")).unwrap().modified().unwrap(), saved);
}

const FIELDS: [&str; 6] = ["generated_at", "counts", "order", "waves", "conflicts", "tasks"];

#[test]
fn the_plan_is_read_by_other_programs() {
    let nasty = "\
tasks:
- {id: yes, status: pending, title: '2026-02-07', estimated_minutes: 5}
- {id: 'a: b # c', status: pending, title: \"line\\nline\", blockedBy: [yes], resources: ['on']}
- {id: '017', status: pending, resources: ['on'], roi: {impact: 1, effort: 1000000, confidence: 1}}
- {id: \"\\x01\\u2028\\x85 ü 😀\", status: pending}
";
    for text in [DIALECTS[0], DIALECTS[1], DIALECTS[2], nasty, "tasks: []\n"] {
        let program = Program::with_queue(text);
        let plan = program.run("export");
        assert_eq!(plan.code, 0, "{}", plan.err);
        let as_yaml: Value = serde_yaml::from_str(&plan.out).unwrap();
        let as_json = json(&program.run("export --json"));
        for field in FIELDS {
            assert!(as_yaml[field] == as_json[field] || field == "generated_at", "{field}");
            assert!(!as_yaml[field].is_null(), "{field}");
        }
        let written = program.run("export --output plan.yaml");
        assert_eq!((written.code, written.out.as_str()), (0, ""));
        assert_eq!(json(&program.run("export --json -o plan.json"))["file"], "plan.json");
        let in_file: Value = serde_json::from_str(&program.read("plan.json")).unwrap();
        assert_eq!((&in_file["tasks"], &in_file["waves"]), (&as_json["tasks"], &as_json["waves"]));
        let script = format!(
            "import sys, yaml, json\nplan = yaml.safe_load(open('plan.yaml'))\nassert set({FIELDS:?}) <= set(plan), \
             plan\nplan.pop('generated_at')\nprint(json.dumps(plan))"
        );
        match Command::new("python3").args(["-c", &script]).current_dir(program.path("")).output() {
            Ok(ran) if ran.status.success() => {
                let mut read: Value = serde_json::from_slice(&ran.stdout).unwrap();
                read["generated_at"] = as_json["generated_at"].clone();
                assert_eq!(read, as_json, "{text}");
            }
            Ok(ran) => {
                let error = String::from_utf8_lossy(&ran.stderr).into_owned();
                assert!(error.contains("No module named 'yaml'"), "{error}");
            }
            Err(error) => println!("not read by PyYAML: there is no python3 ({error})"),
        }
    }
}

#[test]
fn the_queue_is_not_overwritten_by_its_own_plan() {
    let program = Program::with_queue(DIALECTS[0]);
    std::os::unix::fs::symlink("queue.yaml", program.path("link.yaml")).unwrap();
    for line in ["export -o queue.yaml", "graph --output ./link.yaml", "export -o nowhere/plan.yaml"] {
        let ended = program.run(line);
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (if line.contains("nowhere") { 1 } else { 2 }, ""),
            "{line}"
        );
        let path = line.rsplit(' ').next().unwrap();
        assert!(ended.err.contains(path), "{}", ended.err);
        assert_eq!(program.read("queue.yaml"), DIALECTS[0]);
    }
}

/// The original's recursion died at 1,500.
#[test]
fn a_long_chain_needs_no_deep_stack() {
    let mut chain = String::from("tasks:\n- {id: t0, status: pending}\n");
    for number in 1..20_000 {
        chain.push_str(&format!("- {{id: t{number}, status: pending, blockedBy: [t{}]}}\n", number - 1));
    }
    let program = Program::with_queue(&chain);
    for verb in
        ["resolve", "export", "graph", "graph --format dot", "graph --format mermaid", "graph --format svg"]
    {
        let queue = env!("CARGO_BIN_EXE_queue");
        // A recursion of 20,000 steps would need more. On Linux the main thread's stack is what the shell's limit says, in KiB.
        let line = format!("ulimit -s 2048 && exec '{queue}' {verb}");
        let ran = Command::new("sh").args(["-c", &line]).current_dir(program.path("")).output().unwrap();
        assert!(ran.status.success(), "{verb}: {}", String::from_utf8_lossy(&ran.stderr));
        assert!(String::from_utf8_lossy(&ran.stdout).contains("t19999"), "{verb}");
    }
}

/// What it is known for of a folder of real queues; where the environment names none, nothing is looked at.
#[test]
fn real_queues_are_told_right() {
    let Some(folder) = std::env::var_os("MOORING_CORPUS") else {
        return println!("MOORING_CORPUS names no folder of real queues");
    };
    let run = |name: &str, line: &str| {
        let path = Path::new(&folder).join(name);
        let program = Program::with_queue(&fs::read_to_string(path).unwrap());
        json(&program.run(&format!("{line} --json")))
    };
    assert_eq!(run("queue-41.yaml", "prioritize")["differ"], 41);
    let plan = run("queue-41.yaml", "resolve");
    let length = |value: &Value| value.as_array().unwrap().len();
    assert_eq!((length(&plan["disagreeing"]), length(&plan["order"])), (10, 25));
    assert_eq!(length(&run("queue-88-dumped.yaml", "resolve")["disagreeing"]), 36);
    assert_eq!(length(&run("queue-90-commented.yaml", "resolve")["disagreeing"]), 38);
    assert_eq!(run("queue-41.yaml", "counts")["drifted"], 0);
    for name in ["queue-88-dumped.yaml", "queue-90-commented.yaml"] {
        assert!(run(name, "counts")["drifted"].as_u64() > Some(10), "{name}");
    }
    let missing = &run("queue-dialect-queue-id.yaml", "resolve")["missing"];
    assert_eq!((length(missing), &missing[0]["missing"]), (1, &Value::from("TASK-1769916002")));
    assert_eq!(length(&run("queue-dialect-queue-task_id.yaml", "resolve")["order"]), 5);
}

/// Who had the lock went on beside who came next: the lock file was another one by then.
#[test]
fn a_lock_file_is_replaced_by_a_plan() {
    let program = Program::with_queue(DIALECTS[0]);
    std::os::unix::fs::symlink("queue.yaml", program.path("link.yaml")).unwrap();
    let own = ["queue.yaml.lock", "./events.yaml.lock", "other.lock", "queue.yaml.backup"];
    let refuse = |options: &str, own: &str| {
        let ended = program.run(&format!("{options} --also-lock other.lock export -o {own}"));
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{own}: {}", ended.err);
        assert!(ended.err.contains(own) && ended.err.contains("give another file"), "{}", ended.err);
    };
    let before = program.names();
    own.into_iter().for_each(|own| refuse("-f queue.yaml", own));
    assert_eq!(program.names(), before);
    assert_eq!(program.run("--also-lock other.lock claim").code, 0);
    let look = || own.map(|own| (fs::metadata(program.path(own)).unwrap().ino(), program.read(own)));
    let before = look();
    for own in own {
        refuse("-f queue.yaml", own);
        refuse("-f link.yaml", own);
    }
    refuse("-f link.yaml", "link.yaml.lock");
    assert_eq!(look(), before);
    assert_eq!(program.run("export -o queue.yaml.plan").code, 0);
}

/// So was the archive, with every task that was ever finished.
#[test]
fn an_archive_and_what_belongs_to_a_queue_are_replaced_by_a_plan() {
    let program = Program::with_queue("tasks:\n- {id: A, status: completed}\n- {id: B, status: pending}\n");
    std::os::unix::fs::symlink("queue.yaml", program.path("link.yaml")).unwrap();
    let own = [
        "queue.archive.yaml",
        "./queue.archive.yaml.lock",
        "queue.archive.yaml.backup",
        "execution-state.yaml",
        "execution-state.yaml.lock",
        "execution-state.yaml.backup",
    ];
    let refuse = |options: &str| {
        for own in own {
            for verb in ["export", "graph", "timeline"] {
                let ended = program.run(&format!("{options} {verb} -o {own}"));
                assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{own}: {}", ended.err);
                assert!(ended.err.contains(own) && ended.err.contains("give another file"), "{}", ended.err);
            }
        }
    };
    assert_eq!(program.run("claim B").code, 0);
    refuse("-f queue.yaml");
    assert_eq!(program.run("archive").code, 0);
    let archive = program.read("queue.archive.yaml");
    refuse("-f queue.yaml");
    refuse("-f link.yaml");
    assert_eq!(program.read("queue.archive.yaml"), archive);
}
