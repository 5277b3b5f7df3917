//! `queue reanalyze`: what it announces, what it writes, what it asks git.

use crate::program::Program;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// A time so many days ago.
pub(crate) fn days_ago(days: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(24 * days + 1)).to_string()
}

/// In each dialect, with comments and own fields: something for every trigger that needs no git.
fn queues() -> Vec<String> {
    let (month, week) = (days_ago(31), days_ago(8));
    vec![
        format!(
            "# what is to be done\ntasks:\n- id: A   # the first\n  status: completed\n  success_rate: 0.1\n- id: B\n  status: blocked\n  priority: LOW\n  blockedBy: [A]\n  created_at: '{month}'\n  notes: |\n    one line\n- id: C\n  status: PENDING\n  priority: HIGH\n  created_at: '{week}'  # long ago\n  own: {{kept: yes}}\n- id: D\n  status: failed\n  failure_count: 6\n  tags:\n    - x  # why\n"
        ),
        format!(
            "queue:\n  - id: A\n    dependencies: []\n    status: completed\n    added_at: '{month}'\n\n  - id: B\n    priority: medium\n    dependencies:\n      - A (must complete first)\n      - C\n    added_at: '{week}'\n    status: pending\n  - id: C\n    success_rate: 0.7\n    status: in_progress\n    added_at: '{month}'\nmetadata:\n  current_depth: 2\n"
        ),
        format!(
            "queue:\n  - {{task_id: A, status: pending, priority: critical, created_at: '{week}', notes: \"as it was\"}}\n  - {{task_id: B, status: pending, priority: low, success_rate: 0.3}}\n"
        ),
    ]
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The tasks of a queue by id.
fn tasks(text: &str) -> Vec<(String, serde_json::Map<String, Value>)> {
    let queue: Value = serde_yaml::from_str(text).unwrap();
    let list = queue["tasks"].as_array().or_else(|| queue["queue"].as_array()).unwrap().clone();
    let id = |task: &Value| task["id"].as_str().or_else(|| task["task_id"].as_str()).unwrap().to_owned();
    list.iter().map(|task| (id(task), task.as_object().unwrap().clone())).collect()
}

/// Which fields of which tasks differ, with both values.
fn differences(before: &str, after: &str) -> Vec<(String, String, Value, Value)> {
    let mut found = Vec::new();
    for ((id, old), (_, new)) in tasks(before).into_iter().zip(tasks(after)) {
        let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let value = |task: &serde_json::Map<String, Value>| task.get(key).cloned().unwrap_or_default();
            if old.get(key) != new.get(key) {
                found.push((id.clone(), key.clone(), value(&old), value(&new)));
            }
        }
    }
    found.sort_by_key(|(id, key, ..)| (id.clone(), key.clone()));
    found
}

/// The same from what was announced: of several changes of one field the first value and the last.
fn announced(told: &Value) -> Vec<(String, String, Value, Value)> {
    let mut found: Vec<(String, String, Value, Value)> = Vec::new();
    for change in told["changes"].as_array().unwrap() {
        let id = change["id"].as_str().unwrap();
        for field in change["fields"].as_array().unwrap() {
            let key = field["field"].as_str().unwrap();
            match found.iter_mut().find(|(other, known, ..)| other == id && known == key) {
                Some((.., after)) => {
                    assert_eq!(*after, field["before"]);
                    *after = field["after"].clone();
                }
                None => found.push((id.into(), key.into(), field["before"].clone(), field["after"].clone())),
            }
        }
    }
    found.sort_by_key(|(id, key, ..)| (id.clone(), key.clone()));
    found
}

#[test]
fn a_dry_run_announces_what_a_run_changes() {
    for queue in queues() {
        let program = Program::with_queue(&queue);
        let dry_text = program.run("reanalyze --dry-run").out;
        let mut dry = json(&program.run("reanalyze --dry-run --json").out);
        assert_eq!((program.read("queue.yaml"), program.names()), (queue.clone(), vec!["queue.yaml".into()]));
        assert!(!announced(&dry).is_empty(), "{queue}");
        // The text of a run, of a copy.
        let copy = Program::with_queue(&queue);
        assert_eq!(dry_text, copy.run("reanalyze").out + "nothing was written: this is a dry run\n");
        let ran = program.run("reanalyze --json");
        assert_eq!(ran.code, 0, "{}", ran.err);
        dry["dry_run"] = false.into();
        assert_eq!(dry, json(&ran.out));
        let after = program.read("queue.yaml");
        assert_eq!(announced(&dry), differences(&queue, &after));
        assert_eq!(after, copy.read("queue.yaml"));
        // Comments, and lines of what is not changed, are there still.
        for line in queue.lines().filter(|line| line.contains('#') || line.contains("own:")) {
            assert!(after.contains(line), "{line}\n{after}");
        }
    }
}

#[test]
fn a_second_run_changes_nothing() {
    for queue in queues() {
        let program = Program::with_queue(&queue);
        program.run("reanalyze");
        let (after, events) = (program.read("queue.yaml"), program.read("events.yaml"));
        let again = program.run("reanalyze");
        assert!(again.code == 0 && again.out.ends_with(" 0 changes\n"), "{}", again.out);
        assert_eq!((program.read("queue.yaml"), program.read("events.yaml")), (after, events));
    }
}

#[test]
fn each_change_is_an_event() {
    let program = Program::with_queue(&queues()[0]);
    let told = json(&program.run("reanalyze --json").out);
    let events = json(&program.run("events --json").out);
    let events = events["events"].as_array().unwrap();
    let changes = told["changes"].as_array().unwrap();
    assert_eq!((events.len(), changes.len()), (4, 4));
    for (event, change) in events.iter().zip(changes) {
        assert_eq!(event["type"], "reanalyzed");
        assert_eq!((&event["task_id"], &event["data"]["action"]), (&change["id"], &change["action"]));
        let why = change["reasons"][0]["why"].as_str().unwrap();
        assert!(event["data"]["reason"].as_str().unwrap().contains(why), "{event}");
    }
    let of_b: Vec<_> =
        events.iter().filter(|event| event["task_id"] == "B").map(|event| &event["data"]).collect();
    assert_eq!((&of_b[0]["from_state"], &of_b[0]["to_state"]), (&"blocked".into(), &"pending".into()));
    assert_eq!((&of_b[1]["from_state"], &of_b[1]["to_state"]), (&"pending".into(), &"invalid".into()));
    assert_eq!(program.run("doctor").code, 0);
}

#[test]
fn broken_rules_are_told_with_their_line_and_change_nothing() {
    let program = Program::with_queue(&queues()[0]);
    let before = program.read("queue.yaml");
    let rules = "rules:\n- name: a\n  trigger: time_based\n  when: {pending_days_over: 7}\n  do: destroy\n";
    for (text, line) in
        [(rules, 5), ("rules:\n- {name: [\n", 2), ("rules:\n- name: a\n  do: flag\n", 2), ("", 1)]
    {
        fs::write(program.path("rules.yaml"), text).unwrap();
        for line_of in ["reanalyze --rules rules.yaml", "reanalyze --dry-run --rules rules.yaml"] {
            let refused = program.run(line_of);
            assert_eq!(refused.code, 6, "{}", refused.err);
            assert!(refused.err.contains(&format!("rules.yaml:{line}:")), "{}", refused.err);
        }
        let error = json(&program.run("reanalyze --json --rules rules.yaml").err);
        assert_eq!(error["error"]["line"], line);
    }
    assert_eq!(program.run("reanalyze --rules none.yaml").code, 7);
    fs::write(program.path("rules.yaml"), b"rules: \xff\n").unwrap();
    assert_eq!(program.run("reanalyze --rules rules.yaml").code, 6);
    assert_eq!((program.read("queue.yaml"), program.names().len()), (before, 2));
}

#[test]
fn the_rules_that_are_printed_can_be_given_back() {
    for queue in queues() {
        let (built_in, given) = (Program::with_queue(&queue), Program::with_queue(&queue));
        fs::write(given.path("rules.yaml"), given.run("reanalyze --print-rules").out).unwrap();
        assert_eq!(
            built_in.run("reanalyze --json").out,
            given.run("reanalyze --json --rules rules.yaml").out
        );
        assert_eq!(built_in.read("queue.yaml"), given.read("queue.yaml"));
    }
}

#[test]
fn only_the_triggers_that_are_named() {
    let actions = |line: &str| {
        let told = json(&Program::with_queue(&queues()[0]).run(line).out);
        let changes = told["changes"].as_array().unwrap().clone();
        changes.iter().map(|change| change["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(actions("reanalyze --json --trigger time_based"), ["C"]);
    assert_eq!(actions("reanalyze --json --trigger dependency_complete,failure_pattern"), ["B", "D"]);
    assert_eq!(actions("reanalyze --trigger time_based --trigger failure_pattern --json"), ["C", "D"]);
    assert_eq!(Program::with_queue("tasks: []\n").run("reanalyze --trigger sometimes").code, 2);
}

/// A repository around a queue, with one commit.
pub(crate) struct Repository(pub(crate) Program);

impl Repository {
    pub(crate) fn with_queue(yaml: &str) -> Self {
        let repository = Self(Program::with_queue(yaml));
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write("src/lib.rs", "one");
        repository.write("docs/plan ä.md", "one");
        repository.git(&["add", "-A"]);
        repository.git(&["commit", "-q", "-m", "first"]);
        repository
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What git says; it must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
            command.env(name, "/dev/null");
        }
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "ann");
        }
        let output = command.args(arguments).current_dir(self.0.path("")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["commit", "-a", "-m", message])
    }
}

const REFERRING: &str = "\
tasks:
- {id: LIB, status: pending, files_referenced: [src/lib.rs]}
- {id: DOCS, status: pending, files_referenced: ['docs/plan ä.md']}
- {id: OTHER, status: pending, files_referenced: [./queue.yaml, '*.toml']}
";

fn told(program: &Program, line: &str) -> Vec<String> {
    let told = json(&program.run(line).out);
    let changes = told["changes"].as_array().unwrap().iter();
    changes
        .map(|change| format!("{} {}", change["id"].as_str().unwrap(), change["action"].as_str().unwrap()))
        .collect()
}

#[test]
fn changed_files_are_asked_of_git() {
    let repository = Repository::with_queue(REFERRING);
    let program = &repository.0;
    repository.write("src/lib.rs", "two");
    repository.commit("second");
    assert_eq!(told(program, "reanalyze --dry-run --json"), ["LIB flag"]);
    // What is not committed yet has changed too.
    repository.write("docs/plan ä.md", "two");
    assert_eq!(told(program, "reanalyze --dry-run --json"), ["LIB flag", "DOCS flag"]);
    assert_eq!(told(program, "reanalyze --dry-run --json --since HEAD"), ["DOCS flag"]);
    repository.commit("docs!: another form");
    assert_eq!(told(program, "reanalyze --dry-run --json"), ["DOCS invalidate"]);
    assert_eq!(told(program, "reanalyze --dry-run --json --since HEAD~2"), ["LIB flag", "DOCS invalidate"]);
    fs::remove_file(program.path("src/lib.rs")).unwrap();
    assert_eq!(told(program, "reanalyze --json"), ["LIB invalidate", "DOCS invalidate"]);
    assert!(program.read("queue.yaml").contains("src/lib.rs is gone"));
    assert!(told(program, "reanalyze --json").is_empty());
    assert_eq!(program.run("reanalyze --since -x").code, 2);
}

/// The queue need not be in the root of its repository.
#[test]
fn files_are_named_from_the_queue_or_from_the_root() {
    let repository = Repository::with_queue("");
    let program = &repository.0;
    repository.write("work/queue.yaml", "tasks:\n- {id: ROOT, status: pending, files_referenced: [src/lib.rs]}\n- {id: HERE, status: pending, files_referenced: [../src/lib.rs]}\n- {id: NONE, status: pending, files_referenced: [lib.rs]}\n");
    repository.write("src/lib.rs", "two");
    repository.commit("second");
    assert_eq!(
        told(program, "-f work/queue.yaml reanalyze --dry-run --json"),
        ["ROOT flag", "HERE flag", "NONE invalidate"]
    );
}

#[test]
fn without_git_the_rest_is_looked_at() {
    let queue =
        format!("tasks:\n- {{id: A, status: pending, success_rate: 0.7, created_at: '{}'}}\n", days_ago(1));
    let no_repository = Program::with_queue(&queue);
    let no_such_revision = Repository::with_queue(&queue).0;
    for (program, path, why) in [
        (&no_repository, None, "not a git repository"),
        (&no_repository, Some(""), "no program git"),
        (&no_such_revision, None, "HEAD~1 is no commit"),
    ] {
        let run = |line: &str| {
            let mut command = program.command(&line.split(' ').collect::<Vec<_>>());
            command.env("GIT_CEILING_DIRECTORIES", program.path("..").canonicalize().unwrap());
            path.map(|path| command.env("PATH", path));
            crate::program::Ended::of(command.output().unwrap())
        };
        let ended = run("reanalyze --dry-run --json");
        assert!(ended.code == 0 && ended.err.contains(why), "{} {}", ended.code, ended.err);
        let told = json(&ended.out);
        assert_eq!(
            (&told["skipped"][0]["trigger"], &told["changes"][0]["id"]),
            (&"structural_change".into(), &"A".into())
        );
        let named = run("reanalyze --dry-run --trigger structural_change health_drop");
        assert!(named.code == 1 && named.out.contains("A  flag"), "{} {}", named.code, named.out);
        assert_eq!(run("reanalyze --dry-run --trigger health_drop").err, "");
    }
}

/// Only `:12` was taken off a reference, so a task that named lines in any other way, or a file with a colon in its name, was invalidated.
#[test]
fn a_file_that_is_there_is_called_gone() {
    let program = Program::with_queue(
        "tasks:
- {id: THERE, status: pending, files_referenced: ['src/lib.rs:3', 'src/lib.rs:12-20', 'src/lib.rs#L12', 'src/lib.rs#L12-L20', './src/lib.rs (main)', 'src/lib.rs:fn main', 'a:12']}
- {id: GONE, status: pending, files_referenced: ['src/gone.rs:12-20', 'src/lib.rs']}
- {id: DOUBTFUL, status: pending, files_referenced: ['src/gone.rs:fn main']}
- {id: BOTH, status: pending, files_referenced: ['gone (main)', 'src/gone.rs#L3']}
",
    );
    fs::create_dir(program.path("src")).unwrap();
    fs::write(program.path("src/lib.rs"), "").unwrap();
    fs::write(program.path("a:12"), "").unwrap();
    assert_eq!(
        told(&program, "reanalyze --json --trigger structural_change"),
        ["GONE invalidate", "DOUBTFUL flag", "BOTH invalidate"]
    );
    let queue = program.read("queue.yaml");
    assert!(queue.contains("structural_change: src/gone.rs#L3 is gone;"), "{queue}");
    assert!(told(&program, "reanalyze --json --trigger structural_change").is_empty());
}
