//! `lock`, and waiting for locks.

use crate::program::{Ended, Program};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn holding(program: &Program, script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = program.command(&["lock", "q.yaml", "--", "sh", "-c", script]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap().success());
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let program = Program::with("q.yaml", "a: 1\n");
    let code = |script: &str| program.run(&["lock", "q.yaml", "--", "sh", "-c", script]).code;
    assert_eq!(code("exit 0"), Some(0));
    assert_eq!(code("exit 42"), Some(42));
    assert_eq!(code("kill -9 $$"), Some(128 + 9));
    assert_eq!(program.run(&["lock", "q.yaml", "--", "no-such-command"]).code, Some(127));
    assert_eq!(program.run(&["lock", "q.yaml", "--", "cat", "q.yaml"]).out, "a: 1\n");
    assert_eq!(program.run(&["lock", "q.yaml"]).code, Some(2));
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_its_holder_named() {
    let program = Program::with("q.yaml", "a: 1\n");
    assert!(Command::new("mkfifo").arg(program.path("fifo")).status().unwrap().success());
    let (mut holder, mut out) = holding(&program, "echo ready; read line < fifo");
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let write = ["--timeout", "0.1", "set", "q.yaml", "a", "2"];
    program.check_refused(&write, 5, &format!("process {}", holder.id()), "q.yaml");
    program.check_refused(
        &["--timeout", "0", "lock", "q.yaml", "--", "true"],
        5,
        "true is not run",
        "q.yaml",
    );
    // Reading does not wait.
    assert_eq!(program.out(&["--timeout", "0", "get", "q.yaml", "a"]), "1\n");
    holder.kill().unwrap();
    holder.wait().unwrap();
    // The command has inherited the lock.
    program.check_refused(&write, 5, "still held", "q.yaml");
    std::fs::write(program.path("fifo"), "go\n").unwrap();
    program.out(&["set", "q.yaml", "a", "2"]);
    assert_eq!(program.read("q.yaml"), "a: 2\n");
}

#[test]
fn signals_are_passed_on_and_the_command_decides() {
    let program = Program::with("q.yaml", "a: 1\n");
    for (name, told) in [("TERM", "term"), ("USR1", "usr1"), ("HUP", "hup"), ("INT", "int")] {
        let script = "for s in TERM USR1 HUP INT; do trap \"echo $s; exit 3\" $s; done; echo ready; while :; do sleep 0.02; done";
        // Without a terminal of its own, so that nothing else brings it the signal.
        let mut command = Command::new("setsid");
        let own = program.command(&["lock", "q.yaml", "--", "sh", "-c", script]);
        command.arg(own.get_program()).args(own.get_args()).current_dir(program.path(""));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        signal(name, child.id());
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(3), "{name}");
        assert_eq!(rest.trim().to_lowercase(), told);
    }
}

#[test]
fn an_ignored_signal_stays_ignored() {
    let program = Program::with("q.yaml", "a: 1\n");
    let own =
        program.command(&["lock", "q.yaml", "--", "sh", "-c", "kill -HUP $PPID; kill -HUP $$; echo alive"]);
    let output = Command::new("nohup")
        .arg(own.get_program())
        .args(own.get_args())
        .current_dir(program.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    std::thread::sleep(Duration::from_millis(10));
    assert_eq!(Ended::of(output).out, "alive\n");
}

#[test]
fn a_command_that_would_wait_for_the_lock_around_it_is_refused_at_once() {
    let program = Program::with("q.yaml", "a: 1\n");
    let own = env!("CARGO_BIN_EXE_atomic-io");
    for inner in
        [&["set", "q.yaml", "a", "2"][..], &["append", "q.yaml", "{a: 1}"], &["lock", "q.yaml", "--", "true"]]
    {
        let arguments =
            [&["--timeout", "forever", "lock", "q.yaml", "--", own, "--timeout", "forever"], inner].concat();
        program.check_refused(&arguments, 4, "would wait for itself", "q.yaml");
    }
    // Another file is another matter, and so is a daemon that was left behind.
    program.put("other.yaml", "a: 1\n");
    program.out(&["lock", "q.yaml", "--", own, "set", "other.yaml", "a", "2"]);
    let mut left_behind = program.command(&["set", "q.yaml", "a", "3"]);
    left_behind.env("ATOMIC_IO_LOCKED", program.path("q.yaml.lock"));
    assert_eq!(left_behind.output().unwrap().status.code(), Some(0));
}
