//! Each call of the guide's table, the old way and ours, on copies of the same files: what both leave there is compared.

use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "guide-moving-in",
    proves: "what the guide gives for each call of a Python and bash system does the same to the same files, and comments stand",
    clients: &[Client::Queue, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock],
    bound: Duration::from_secs(180),
    run,
};

const OLD_SYSTEM: &str = include_str!("../../../clients/old_system.py");
const QUEUE: &str = "\
# The move. Ask Ines before you change priorities.
tasks:
  - id: TASK-1
    title: Pack the maps     # the large ones lie flat
    status: pending
    priority: HIGH
    owner_remark: two people
  - id: TASK-2
    title: Carry the maps
    status: pending
    priority: LOW
    blockedBy: [TASK-1]
";
const STATE: &str = "\
# Who works where.
slots:
  slot_1: {id: 1, status: idle, profile: general}
";
/// In both, `old CALL WORD…` calls a function of the old system.
const BEFORE: &str = r#"set -eu; old() { python3 "$OLD_SYSTEM" "$@"; }
"#;

/// One row of the table.
struct Call {
    /// As its first column begins.
    called: &'static str,
    old: &'static str,
    ours: &'static str,
    /// Files, and the place in each that must be the same: a JSON pointer.
    same: &'static [(&'static str, &'static str)],
}

const CALLS: &[Call] = &[
    Call {
        called: "file_lock",
        old: "flock queue.yaml.lock sh -c 'grep -c id: queue.yaml > out.yaml'",
        ours: "atomic-io lock queue.yaml -- sh -c 'grep -c id: queue.yaml > out.yaml'",
        same: &[("out.yaml", "")],
    },
    Call {
        called: "load_yaml_locked",
        old: "old load_yaml_locked queue.yaml > out.yaml",
        ours: "atomic-io get queue.yaml > out.yaml",
        same: &[("out.yaml", "")],
    },
    Call {
        called: "atomic_write_yaml",
        old: "old atomic_write_yaml state.yaml '{turns: 3, when: \"2026-02-07\"}'",
        ours: "echo '{turns: 3, when: \"2026-02-07\"}' | atomic-io write state.yaml",
        same: &[("state.yaml", "")],
    },
    Call {
        called: "atomic_append_yaml_event",
        old: "old atomic_append_yaml_event log.yaml '{type: opened, n: 1}'; old atomic_append_yaml_event log.yaml '{type: closed, n: 2}'",
        ours: "atomic-io append log.yaml '{type: opened, n: 1}'; atomic-io append log.yaml '{type: closed, n: 2}'",
        same: &[("log.yaml", "")],
    },
    Call {
        called: "save(data)",
        old: "old save_queue TASK-2 priority HIGH",
        ours: "queue edit TASK-2 priority=HIGH",
        same: &[("queue.yaml", "")],
    },
    Call {
        called: "claim_task",
        old: "old claim_task TASK-1 ann",
        ours: "queue claim TASK-1 --agent ann",
        same: &[
            ("queue.yaml", "/tasks/0/status"),
            ("queue.yaml", "/tasks/0/claimed_by"),
            ("queue.yaml", "/tasks/1"),
        ],
    },
    Call {
        called: "update_task_status",
        old: "old update_task_status TASK-1 completed",
        ours: "queue claim TASK-1 --agent ann; queue start TASK-1 --agent ann; queue done TASK-1 --agent ann",
        same: &[("queue.yaml", "/tasks/0/status"), ("queue.yaml", "/tasks/1")],
    },
    Call {
        called: "record_event",
        old: "old record_event claimed TASK-1",
        ours: "queue claim TASK-1 --agent ann",
        same: &[("events.yaml", "/0/type"), ("events.yaml", "/0/task_id")],
    },
    Call {
        called: "update_slot",
        old: "old update_slot slot_1 current_task TASK-1",
        ours: "queue slots set slot_1 current_task TASK-1",
        same: &[("execution-state.yaml", "")],
    },
    Call {
        called: "(flock 200; yq",
        old: "( flock 200; sed 's/priority: LOW/priority: HIGH/' queue.yaml > q.tmp; mv q.tmp queue.yaml ) 200> queue.yaml.lock",
        ours: "atomic-io set queue.yaml 'tasks[id=TASK-2].priority' HIGH",
        same: &[("queue.yaml", "")],
    },
    Call {
        called: "(flock -w 5 200",
        old: "flock queue.yaml.lock sleep 2 & sleep 0.5; ( flock -w 0.1 200 || exit 1 ) 200> queue.yaml.lock || echo busy > out.yaml; wait",
        ours: "flock queue.yaml.lock sleep 2 & sleep 0.5; atomic-io --timeout 0.1 lock queue.yaml -- true || { test $? = 5; echo busy > out.yaml; }; wait",
        same: &[("out.yaml", "")],
    },
    Call {
        called: "yq …",
        old: "sed 's/two people/three/' queue.yaml > q.tmp && mv q.tmp queue.yaml",
        ours: "atomic-io pipe queue.yaml -- sed 's/two people/three/'",
        same: &[("queue.yaml", "")],
    },
    Call {
        called: "cp f.yaml f.yaml.backup",
        old: "cp queue.yaml queue.yaml.backup; old save_queue TASK-2 priority HIGH",
        ours: "queue edit TASK-2 priority=HIGH",
        same: &[("queue.yaml", ""), ("queue.yaml.backup", "")],
    },
    Call {
        called: "cp f.yaml.backup f.yaml",
        old: "cp queue.yaml queue.yaml.backup; old save_queue TASK-2 priority HIGH; cp queue.yaml.backup queue.yaml",
        ours: "queue edit TASK-2 priority=HIGH; queue restore",
        same: &[("queue.yaml", "")],
    },
    Call {
        called: "find …",
        old: "touch queue.yaml.lock; find . -name '*.lock' -delete; ls *.lock > out.yaml 2> /dev/null || echo none > out.yaml",
        ours: "touch queue.yaml.lock; lock-janitor sweep --min-idle 0s --quiet; ls *.lock > out.yaml 2> /dev/null || echo none > out.yaml",
        same: &[("out.yaml", "")],
    },
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for (number, call) in CALLS.iter().enumerate() {
        stage.step(call.called);
        let old = follow(stage, &format!("{number}-old"), call.old)?;
        let ours = follow(stage, &format!("{number}-ours"), call.ours)?;
        for (file, place) in call.same {
            let (old, ours) = (at(stage, &old, file, place)?, at(stage, &ours, file, place)?);
            if old != ours {
                let found = format!("{}: {file}{place} is {old} the old way, and {ours} ours", call.called);
                return Err(fail(found));
            }
        }
        comments_stand(&ours).explain(call.called)?;
    }
    Ok(format!("{} calls", CALLS.len()).into())
}

/// Runs `script` in a folder of its own with the files as they were before.
fn follow(stage: &Stage, name: &str, script: &str) -> Result<PathBuf, Failure> {
    let folder = stage.data().join(name);
    fs::create_dir(&folder)?;
    fs::write(folder.join("queue.yaml"), QUEUE)?;
    fs::write(folder.join("execution-state.yaml"), STATE)?;
    let bash = stage.with_programs(stage.bash(&format!("{name}.sh"), &format!("{BEFORE}{script}\n"))?)?;
    let mut bash = with_old_system(stage, bash)?;
    stage.finish(bash.current_dir(&folder), name)?.expect(0).explain(script)?;
    Ok(folder)
}

/// Lets a script call the old system.
pub(super) fn with_old_system(stage: &Stage, bash: Command) -> Result<Command, Failure> {
    let mut bash = stage.with_python(bash)?;
    bash.env("OLD_SYSTEM", stage.script("old_system.py", OLD_SYSTEM)?);
    Ok(bash)
}

fn at(stage: &Stage, folder: &Path, file: &str, place: &str) -> Result<Value, Failure> {
    let data = stage.pyyaml(&folder.join(file))?;
    let found = data.pointer(place).cloned();
    found.ok_or_else(|| fail(format!("{file} in {} has nothing at {place}", folder.display())))
}

fn comments_stand(folder: &Path) -> Result<(), Failure> {
    for (file, before) in [("queue.yaml", QUEUE), ("execution-state.yaml", STATE)] {
        let comments = |text: &str| text.matches('#').count();
        let after = fs::read_to_string(folder.join(file)).explain(file)?;
        if comments(&after) != comments(before) {
            return Err(fail(format!("comments of {file} are gone")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::CALLS;

    #[test]
    fn every_call_of_the_guides_table_is_tried() {
        let guide = include_str!("../../../../docs/guide.md");
        let rows = guide.lines().skip_while(|line| !line.starts_with("| you called")).skip(2);
        let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), CALLS.len());
        for (row, call) in rows.iter().zip(CALLS) {
            assert!(row.starts_with(&format!("| `{}", call.called)), "{} is not {row}", call.called);
        }
    }
}
