//! Ctrl-C.

use crate::program::Program;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const SIGINT: i32 = 2;

#[test]
fn ctrl_c_while_waiting_for_a_lock_ends_at_once_and_leaves_nothing() {
    let program = Program::with("q.yaml", "a: 1\n");
    let mut holder = program
        .command(&["lock", "q.yaml", "--", "sh", "-c", "echo ready; exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    holder.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let mut waiting = program.command(&["--timeout", "forever", "set", "q.yaml", "a", "2"]).spawn().unwrap();
    if cfg!(target_os = "linux") {
        let lock = lock_core::LockFile::guarding(program.path("q.yaml"));
        while lock.waiters().is_empty() {
            assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
            thread::sleep(Duration::from_millis(5));
        }
    } else {
        thread::sleep(Duration::from_millis(200));
    }
    interrupt(waiting.id());
    assert_eq!(waiting.wait().unwrap().signal(), Some(SIGINT));
    assert!(holder.try_wait().unwrap().is_none(), "it ended with the holder");
    Command::new("kill").arg(holder.id().to_string()).status().unwrap();
    holder.wait().unwrap();
    assert_eq!(program.names(), ["q.yaml", "q.yaml.lock"]);
    assert_eq!(program.read("q.yaml"), "a: 1\n");
}

/// Wherever it hits, the file is the one or the other, and no temporary is left behind.
#[test]
fn ctrl_c_at_any_moment_leaves_a_whole_file_and_no_temporary() {
    // Large, so that there is time to hit the save.
    let padding = "# padding\n".repeat(200_000);
    let program = Program::with("q.yaml", &format!("a: 0\n{padding}"));
    // The shortest of several: what took longer was kept waiting by something else.
    let whole = (0..5).map(|value| {
        let started = Instant::now();
        program.out(&["set", "q.yaml", "a", &(100 + value).to_string()]);
        started.elapsed()
    });
    let whole = whole.min().unwrap();
    let mut interrupted = 0;
    for round in 2..=30 {
        let value = round.to_string();
        let mut command = program.command(&["set", "q.yaml", "a", &value]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(whole * round / 30);
        interrupt(child.id());
        let status = child.wait().unwrap();
        let saved = program.read("q.yaml").starts_with(&format!("a: {round}\n"));
        assert!(program.read("q.yaml").ends_with(&padding));
        assert_eq!(status.success(), saved, "round {round}: {status}");
        assert!(!program.names().contains(&".q.yaml.new".to_owned()), "round {round}: {status}");
        interrupted += u32::from(!saved);
    }
    assert!(interrupted > 0, "no round was interrupted");
}

/// Whoever gets a signal for an answer takes it that nothing was saved.
#[test]
fn ctrl_c_behind_a_save_changes_nothing_of_the_answer() {
    let program = Program::with("q.yaml", "a: 1\n");
    // Standard output is full, which keeps the program between its save and its end.
    let (mut reader, mut full) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    while full.write(&[b' '; 4096]).is_ok() {}
    while full.write(b" ").is_ok() {}
    full.set_nonblocking(false).unwrap();
    let mut command = program.command(&["--json", "set", "q.yaml", "a", "2"]);
    let mut child = command.stdout(OwnedFd::from(full)).spawn().unwrap();
    // The other handle on it would keep it open to the reader.
    drop(command);
    while program.read("q.yaml") != "a: 2\n" {
        assert!(child.try_wait().unwrap().is_none(), "it did not save");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    interrupt(child.id());
    thread::sleep(Duration::from_millis(200));
    let mut printed = String::new();
    reader.read_to_string(&mut printed).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(printed.trim_start(), "{\n  \"file\": \"q.yaml\",\n  \"changed\": true\n}\n");
}

fn interrupt(pid: u32) {
    // It may have ended by now.
    let _ = Command::new("kill").args(["-INT", &pid.to_string()]).stderr(Stdio::null()).status();
}
