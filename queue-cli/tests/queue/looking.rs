//! Commands that stay and look: `logs --follow`, `wait`, `events --follow`.

use crate::program::Program;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const ONE: &str = "tasks:\n- id: A\n  status: pending\n";

fn spawn(program: &Program, arguments: &[&str]) -> Child {
    program.command(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap)
}

/// Waits for something that is about to be true.
fn until(mut is_true: impl FnMut() -> bool) {
    while !is_true() {
        thread::sleep(Duration::from_millis(20));
    }
}

fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, "--", process]).status().unwrap().success());
}

/// A dispatcher whose task prints `one`, then waits for the file `go`, then prints `two`.
fn dispatching(program: &Program) -> Child {
    let script = "echo one; until [ -e go ]; do sleep 0.05; done; echo two";
    let dispatcher = spawn(program, &["dispatch", "--quiet", "--", "sh", "-c", script]);
    let (log, run) =
        (program.path(".mooring/logs/queue.yaml.A.1.log"), program.path(".mooring/run/queue.yaml.A.1.lock"));
    until(|| fs::read(&log).is_ok_and(|log| log == b"one\n"));
    // The task may be faster than its supervisor, which notes its group right after the start.
    until(|| fs::read_to_string(&run).is_ok_and(|run| run.ends_with('\n')));
    dispatcher
}

#[test]
fn a_log_is_followed_to_the_end_of_its_attempt() {
    let program = Program::with_queue(ONE);
    let mut dispatcher = dispatching(&program);
    let mut follower = spawn(&program, &["logs", "A", "-f"]);
    let mut lines = lines(&mut follower);
    assert_eq!(lines.next().unwrap(), "one");
    fs::write(program.path("go"), "").unwrap();
    assert_eq!(lines.next().unwrap(), "two");
    assert_eq!(lines.next(), None);
    assert!(follower.wait().unwrap().success());
    assert!(dispatcher.wait().unwrap().success());
}

/// Nobody is left who could write down the end.
#[test]
fn a_log_is_not_followed_for_ever_when_everybody_was_killed() {
    let program = Program::with_queue(ONE);
    let mut dispatcher = dispatching(&program);
    let mut follower = spawn(&program, &["logs", "A", "-f"]);
    let mut lines = lines(&mut follower);
    assert_eq!(lines.next().unwrap(), "one");
    dispatcher.kill().unwrap();
    dispatcher.wait().unwrap();
    let run = program.read(".mooring/run/queue.yaml.A.1.lock");
    let queue = program.read("queue.yaml");
    let number = |text: &str, after: &str| {
        let rest = text.split(after).nth(1).unwrap().trim_start_matches(['"', '\'']);
        rest.chars().take_while(char::is_ascii_digit).collect::<String>()
    };
    kill("-KILL", &number(&queue, "supervisor: "));
    kill("-KILL", &format!("-{}", number(&run, "group: ")));
    assert_eq!(lines.next(), None);
    assert!(follower.wait().unwrap().success());
    assert!(program.read("queue.yaml").contains("in_progress"));
}

/// `queue wait`, which has looked at the queue and found that it has to wait.
fn waiting(program: &Program, ids: &[&str]) -> Child {
    let mut command = program.command(&[&["wait", "--json", "-v"], ids].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("INFO waiting for"), "{said}");
    child
}

#[test]
fn wait_sees_the_end_of_its_tasks() {
    let queue =
        "tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n- id: C\n  status: pending\n";
    let program = Program::with_queue(queue);
    program.run("claim A --agent ann");
    let mut for_a = waiting(&program, &["A"]);
    let mut for_all = waiting(&program, &[]);
    let mut for_c = waiting(&program, &["C"]);
    assert_eq!(program.run("done A --attempt 1").code, 0);
    assert_eq!(for_a.wait().unwrap().code(), Some(0));
    assert_eq!((for_all.try_wait().unwrap(), for_c.try_wait().unwrap()), (None, None));
    // An editor has the file away for a moment, shows half of it, and then C is gone.
    let text = program.read("queue.yaml");
    fs::remove_file(program.path("queue.yaml")).unwrap();
    thread::sleep(Duration::from_millis(50));
    fs::write(program.path("queue.yaml"), text.split("- id: B").next().unwrap()).unwrap();
    thread::sleep(Duration::from_millis(50));
    fs::write(program.path("queue.yaml"), text.split("- id: C").next().unwrap()).unwrap();
    let told: serde_json::Value = serde_json::from_reader(for_c.stdout.take().unwrap()).unwrap();
    assert_eq!(told["ended"][0]["status"], "removed");
    assert_eq!(for_c.wait().unwrap().code(), Some(8));
    program.run("claim B --agent ann");
    assert_eq!(program.run("fail B --attempt 1").code, 0);
    assert_eq!(for_all.wait().unwrap().code(), Some(8));
}

/// `archive` moves finished tasks there.
#[test]
fn wait_knows_what_was_archived() {
    let program = Program::with_queue(ONE);
    fs::write(program.path("queue.archive.yaml"), "tasks:\n- id: Z\n  status: completed\n").unwrap();
    assert_eq!(program.run("wait Z").out, "1 completed, 0 not, 0 open\n");
    assert_eq!(program.run("wait Y").code, 7);
}

#[test]
fn events_are_followed_as_they_come_until_ctrl_c() {
    let program = Program::with_queue(ONE);
    let mut follower = spawn(&program, &["events", "--follow", "--json", "--task", "A"]);
    let mut lines = lines(&mut follower);
    let mut next = move || serde_json::from_str::<serde_json::Value>(&lines.next().unwrap()).unwrap();
    // More than one look back from the end holds.
    for attempt in 1..=30 {
        program.run("claim A --agent ann");
        program.run("release A --agent ann");
        for kind in ["claimed", "released"] {
            let event = next();
            assert_eq!((&event["type"], &event["attempt"]), (&kind.into(), &attempt.into()));
        }
    }
    kill("-INT", &follower.id().to_string());
    assert_eq!(follower.wait().unwrap().signal(), Some(2));
}

#[test]
fn a_mistyped_queue_is_not_followed() {
    let program = Program::with_queue(ONE);
    assert_eq!(program.run("-f typo.yaml events --follow").code, 7);
}
