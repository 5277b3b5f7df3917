//! `queue dispatch` and `queue run`, with real tasks.

use crate::program::{Ended, Program};

const QUEUE: &str = "\
tasks:
  - id: last
    status: pending
    blockedBy: [mid-1, mid-2]
  - id: mid-1
    status: pending
    blockedBy: [first]
  - id: mid-2
    status: pending
    blockedBy: [first]
  - id: first   # begins it all
    status: pending
  - id: waits
    status: pending
    blockedBy: [by-hand]
  - id: by-hand
    status: in_progress
";

#[test]
fn tasks_run_after_those_they_wait_for() {
    let program = Program::with_queue(QUEUE);
    let ended = Ended::of(
        program
            .command(&["dispatch", "--slots", "3", "--", "sh", "-c", "echo $QUEUE_TASK_ID >> order"])
            .output()
            .unwrap(),
    );
    assert_eq!(ended.code, 0, "{}", ended.err);
    let order = program.read("order");
    let mut order: Vec<_> = order.lines().collect();
    order[1..3].sort_unstable();
    assert_eq!(order, ["first", "mid-1", "mid-2", "last"]);
    assert!(ended.out.contains("waits for by-hand (in_progress)"), "{}", ended.out);
    assert!(
        ended.out.ends_with(" s\n") && ended.out.contains("4 done, 0 failed, 2 waiting"),
        "{}",
        ended.out
    );
    assert!(program.read("queue.yaml").contains("id: first   # begins it all\n"));
}

#[test]
fn a_failed_task_says_why_and_holds_back_what_waits_for_it() {
    let program = Program::with_queue(QUEUE);
    let script = "test $QUEUE_TASK_ID != mid-1 || exit 7";
    let ended =
        Ended::of(program.command(&["dispatch", "--json", "-q", "--", "sh", "-c", script]).output().unwrap());
    assert_eq!(ended.code, 8, "{}", ended.err);
    let closing: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let failed = closing["ran"].as_array().unwrap().iter().find(|ran| ran["id"] == "mid-1").unwrap();
    assert_eq!((&failed["end"], &failed["error"]), (&"failed".into(), &"exit status 7".into()));
    assert_eq!(closing["waiting"][0]["why"], "waits for mid-1 (failed)");
}

#[test]
fn a_task_is_told_who_it_is_and_its_own_command_is_run() {
    let program = Program::with_queue(
        "tasks:\n- id: a/b\n  status: pending\n  title: it's $HOME\n  run: cat > in; echo $QUEUE_TASK_TITLE; pwd\n- id: w\n  status: pending\n  run: [echo, 'a  b']\n- id: none\n  status: pending\n",
    );
    let ended = program.run("dispatch");
    assert_eq!(ended.code, 0, "{}", ended.err);
    let input: serde_json::Value = serde_json::from_str(&program.read("in")).unwrap();
    assert_eq!(input["id"], "a/b");
    let log = program.read(".mooring/logs/queue.yaml.a%2Fb.1.log");
    assert!(log.starts_with("it's $HOME\n"), "{log}");
    assert_eq!(program.read(".mooring/logs/queue.yaml.w.1.log"), "a  b\n");
    assert!(ended.out.contains("ready, but has no command to run"), "{}", ended.out);
}

#[test]
fn a_task_that_finishes_itself_is_finished() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = format!("{} done", env!("CARGO_BIN_EXE_queue"));
    let ended = Ended::of(program.command(&["run", "--", "sh", "-c", &script]).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(program.read("queue.yaml").contains("status: completed"));
}

/// A wrapper that is stopped must not leave its task running. It runs in the queue's folder, so whoever is there is of it.
#[cfg(target_os = "linux")]
#[test]
fn a_time_limit_ends_the_whole_group() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let mut command =
        program.command(&["run", "--timeout", "200ms", "--", "sh", "-c", "(sleep 60; :) & wait"]);
    // Into a file: a pipe would be read until the last of the task has closed it.
    let status = command.stdout(std::fs::File::create(program.path("out")).unwrap()).status().unwrap();
    assert_eq!(program.processes(), [0; 0]);
    assert_eq!(status.code(), Some(8));
    assert_eq!(program.read("out"), "A failed: took longer than 200ms\n");
}

/// Starts `queue run` with a task that puts process numbers into `task`, kills the supervisor, and gives the numbers.
#[cfg(target_os = "linux")]
fn killed_supervisor(program: &Program, script: &str) -> Vec<i32> {
    let mut supervisor = program.command(&["run", "--", "bash", "-c", script]).spawn().unwrap();
    let lines = |name: &str| std::fs::read_to_string(program.path(name)).unwrap_or_default().lines().count();
    for _ in 0..4000 {
        // The task may be faster than the supervisor, which notes its group right after the start.
        if lines("task") >= 2 && lines(".mooring/run/queue.yaml.A.1.lock") >= 1 {
            break;
        }
        assert!(supervisor.try_wait().unwrap().is_none(), "the task ended before it was to");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    program.read("task").lines().map(|line| line.parse().unwrap()).collect()
}

#[cfg(target_os = "linux")]
fn kill(pid: i32) {
    let process = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    while queue_cli::ProcessIdentity::of(pid).is_some() {
        std::thread::yield_now();
    }
}

/// The process that is left has a session and a group of its own: only the run lock that it inherited tells of it.
#[cfg(target_os = "linux")]
#[test]
fn a_claim_is_not_over_while_a_process_of_the_task_has_the_run_lock() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = "setsid sh -c 'echo $$; exec sleep 60' > task & until [ -s task ]; do sleep 0.01; done; echo $$ >> task; exec sleep 60";
    let pids = killed_supervisor(&program, script);
    kill(pids[1]);
    let held = program.run("claim A");
    assert_eq!(held.code, 4, "{}", held.out);
    kill(pids[0]);
    assert_eq!(program.run("claim A").out, "A 2\n");
}

/// The task has closed every descriptor it inherited: only its process group tells of it.
#[cfg(target_os = "linux")]
#[test]
fn a_claim_is_not_over_while_the_group_of_the_task_lives() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let close = "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done";
    let pids =
        killed_supervisor(&program, &format!("{close}; echo 0 > task; echo $$ >> task; exec sleep 60"));
    let held = program.run("claim A");
    assert_eq!(held.code, 4, "{}", held.out);
    kill(pids[1]);
    assert_eq!(program.run("claim A").out, "A 2\n");
}

#[test]
fn a_second_dispatcher_is_told() {
    let program = Program::with_queue("tasks: []\n");
    let runs = queue_cli::run_lock::RunFolder::beside(&program.path("queue.yaml"));
    let held = runs.dispatcher_lock().exclusive(lock_core::Wait::Never).unwrap();
    let ended = program.run("dispatch -- true");
    assert_eq!(ended.code, 4);
    assert!(ended.err.contains("has a dispatcher already"), "{}", ended.err);
    drop(held);
    assert_eq!(program.run("dispatch -- true").code, 0);
}

/// Also by another name: two dispatchers would each fill all their slots.
#[test]
fn a_link_to_the_queue_has_no_dispatcher_of_its_own() {
    let program = Program::with_queue("tasks: []\n");
    std::os::unix::fs::symlink("queue.yaml", program.path("link.yaml")).unwrap();
    let runs = queue_cli::run_lock::RunFolder::beside(&program.path("queue.yaml"));
    let held = runs.dispatcher_lock().exclusive(lock_core::Wait::Never).unwrap();
    assert_eq!(program.run("-f link.yaml dispatch -- true").code, 4);
    drop(held);
}

/// They have the same ids, and are both at work at once.
#[test]
fn two_queues_in_one_folder_leave_each_other_alone() {
    let queue = "tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n";
    let program = Program::with_queue(queue);
    std::fs::write(program.path("other.yaml"), queue).unwrap();
    let task = ["--", "sh", "-c", "sleep 1"];
    let mut first =
        program.command(&[&["-q", "-f", "other.yaml", "dispatch"], &task[..]].concat()).spawn().unwrap();
    while !program.read("other.yaml").contains("in_progress") {
        assert!(first.try_wait().unwrap().is_none(), "it ended without beginning a task");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let second = Ended::of(program.command(&[&["dispatch"], &task[..]].concat()).output().unwrap());
    assert!(second.out.contains("2 done, 0 failed"), "{}{}", second.out, second.err);
    assert!(first.wait().unwrap().success());
    assert_eq!(program.read("other.yaml").matches("status: completed").count(), 2);
}

/// An editor has the queue away, or half saved, while tasks end and others become ready.
#[test]
fn a_queue_that_is_unusable_for_a_moment_ends_nothing() {
    for broken in [None, Some("tasks:\n- id: first\n- id: first\n"), Some("tasks: [\n")] {
        let program = Program::with_queue(QUEUE);
        let script = "echo $QUEUE_TASK_ID.$QUEUE_ATTEMPT >> order; sleep 0.3";
        let mut dispatch =
            program.command(&["-q", "dispatch", "--slots", "3", "--", "sh", "-c", script]).spawn().unwrap();
        while !program.path("order").exists() {
            assert!(dispatch.try_wait().unwrap().is_none(), "it ended without beginning a task");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::fs::rename(program.path("queue.yaml"), program.path("away")).unwrap();
        if let Some(broken) = broken {
            std::fs::write(program.path("queue.yaml"), broken).unwrap();
        }
        // A task ends, and its supervisor finds no queue. If we came between two tasks there is none.
        let log = program.path(".mooring/logs/supervisors.log");
        let is_tried_again = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("trying again"));
        let away_since = std::time::Instant::now();
        while !is_tried_again() && away_since.elapsed() < std::time::Duration::from_secs(3) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::fs::rename(program.path("away"), program.path("queue.yaml")).unwrap();
        assert!(dispatch.wait().unwrap().success());
        let mut ran: Vec<String> = program.read("order").lines().map(str::to_owned).collect();
        ran.sort();
        assert_eq!(ran, ["first.1", "last.1", "mid-1.1", "mid-2.1"]);
    }
}

/// What kills itself and its supervisor together (as running out of memory may) is not run for ever.
#[test]
fn a_task_that_takes_its_supervisor_along_is_left_alone_after_a_while() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n");
    let script = "[ $QUEUE_TASK_ID = B ] || { echo >> tries; kill -9 $PPID $$; }";
    let ended = Ended::of(program.command(&["dispatch", "--", "sh", "-c", script]).output().unwrap());
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert_eq!(program.read("tries").lines().count(), 3);
    assert!(program.read("queue.yaml").contains("id: B\n  status: completed"));
}

#[test]
fn a_task_that_reports_its_own_failure_has_failed() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = format!("{} -q fail --reason 'no paper'", env!("CARGO_BIN_EXE_queue"));
    let ended = Ended::of(program.command(&["dispatch", "--", "sh", "-c", &script]).output().unwrap());
    assert_eq!(ended.code, 8, "{}", ended.err);
    assert!(ended.out.contains("no paper") && ended.out.contains("1 failed"), "{}", ended.out);
}

#[test]
fn the_demo_runs_to_its_end() {
    let program = Program::with_queue("");
    let ended = program.run("demo here");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("19 done, 0 failed"), "{}", ended.out);
    for place in ["here/queue.yaml", "here/events.yaml", "here/.mooring/logs"] {
        assert!(ended.out.contains(place) && program.path(place).exists());
    }
    assert_eq!(program.run("demo here").code, 4);
}

#[test]
fn the_demo_says_in_json_which_folder_it_made() {
    let program = Program::with_queue("");
    let ended = program.run("demo --json --quiet --slots 16");
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&json["folder"], json["ran"].as_array().unwrap().len()), (&"mooring-demo".into(), 19));
}

/// A process for each task took longer than the task.
#[test]
fn a_supervisor_sees_one_task_after_the_other_through() {
    let program = Program::with_queue(
        "tasks:\n- {id: A, status: pending}\n- {id: B, status: pending}\n- {id: C, status: pending}\n",
    );
    let words = ["dispatch", "--slots", "1", "--", "sh", "-c", "echo $PPID >> by; exit $(wc -l < by)"];
    let ended = Ended::of(program.command(&words).output().unwrap());
    assert_eq!(ended.code, 8, "{}", ended.err);
    let by = program.read("by");
    let by: Vec<&str> = by.lines().collect();
    assert_eq!((by.len(), by.iter().collect::<std::collections::HashSet<_>>().len()), (3, 1), "{by:?}");
    assert_eq!(std::fs::read_dir(program.path(".mooring/run")).unwrap().count(), 1);
    for number in 1..=3 {
        assert!(ended.out.contains(&format!("exit status {number}")), "{}", ended.out);
    }
}

/// It was left out of the very turn in which its failure was written down, and that turn found nothing left to do.
#[test]
fn the_last_task_to_fail_is_tried_again() {
    let program = Program::with_queue("tasks:\n- {id: A, status: pending}\n");
    let words =
        ["dispatch", "--retries", "2", "--retry-wait", "50ms", "--", "sh", "-c", "[ $QUEUE_ATTEMPT = 3 ]"];
    let ended = Ended::of(program.command(&words).output().unwrap());
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(program.read("queue.yaml").contains("status: completed"));
}

/// Its supervisors write for themselves then, and what it writes later is no second end.
#[cfg(target_os = "linux")]
#[test]
fn a_dispatcher_that_hangs_holds_up_no_end() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = "touch runs; until [ -e go ]; do sleep 0.01; done";
    let mut dispatch = program.command(&["-q", "dispatch", "--", "sh", "-c", script]).spawn().unwrap();
    let until = |what: &dyn Fn() -> bool| {
        for _ in 0..6000 {
            if what() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("it never came to that");
    };
    until(&|| program.path("runs").exists());
    let pid = rustix::process::Pid::from_child(&dispatch);
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    std::fs::write(program.path("go"), "").unwrap();
    until(&|| program.read("queue.yaml").contains("status: completed"));
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    assert!(dispatch.wait().unwrap().success());
    let events = program.read("events.yaml");
    assert_eq!(events.matches("type: completed").count(), 1, "{events}");
}
