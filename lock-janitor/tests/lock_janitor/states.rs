use crate::scanning::{folder_with, scan};
use lock_core::{LockFile, Wait};
use lock_janitor::{Depth, Facts, State, survey};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// Another program, in a process of its own, that holds a lock.
pub(crate) struct Holder(Child);

impl Holder {
    pub(crate) fn of(path: &Path, how: &str) -> Self {
        let script = format!("flock {how} 9 && echo held && exec sleep 60");
        let mut child = Command::new("bash")
            .args(["-c", &format!("exec 9<>\"$1\"; {script}"), "holder"])
            .arg(path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn locks(folder: &Path) -> Vec<Facts> {
    locks_by(folder, Depth::Listed)
}

fn locks_by(folder: &Path, depth: Depth) -> Vec<Facts> {
    let (known, troubles) = survey(&scan(&[folder]), depth, &|| false);
    assert!(troubles.is_empty(), "{troubles:?}");
    known.into_iter().map(|known| known.facts).collect()
}

#[test]
fn locks_of_other_programs_are_told_apart() {
    let folder = folder_with(&["a.yaml.lock", "b.yaml.lock", "c.yaml.lock"]);
    let states = || locks(folder.path()).iter().map(|lock| lock.state).collect::<Vec<_>>();
    assert_eq!(states(), [State::Free; 3]);
    let exclusive = Holder::of(&folder.path().join("a.yaml.lock"), "-x");
    let shared = Holder::of(&folder.path().join("b.yaml.lock"), "-s");
    assert_eq!(states(), [State::Exclusive, State::Shared, State::Free]);
    drop((exclusive, shared));
    assert_eq!(states(), [State::Free; 3]);
}

#[test]
fn who_only_waits_does_not_hold() {
    let folder = folder_with(&["a.yaml.lock"]);
    let path = folder.path().join("a.yaml.lock");
    let held = LockFile::at(&path).exclusive(Wait::Never).unwrap();
    let mut waiter = Command::new("flock").args(["-x"]).arg(&path).arg("true").spawn().unwrap();
    // The kernel lists who waits behind an arrow; until then there is nothing to tell apart.
    let inode = format!(":{} ", std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap()));
    let waits = |line: &str| line.contains("->") && line.contains(&inode);
    while !fs::read_to_string("/proc/locks").unwrap().lines().any(waits) {
        assert!(waiter.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    let found = locks(folder.path());
    assert_eq!(
        (found[0].state, found[0].holders[0].pid, found[0].waiters[0].pid),
        (State::Exclusive, Some(std::process::id().cast_signed()), Some(waiter.id().cast_signed()))
    );
    drop(held);
    assert!(waiter.wait().unwrap().success());
}

#[test]
fn asking_never_makes_an_attempt_to_lock_fail() {
    let folder = folder_with(&["a.yaml.lock"]);
    let lock = LockFile::at(folder.path().join("a.yaml.lock"));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| (0..1000).for_each(|_| drop(locks(folder.path()))));
        while !asking.is_finished() {
            drop(lock.exclusive(Wait::Never).unwrap());
            std::thread::yield_now();
        }
    });
}

#[test]
fn facts_are_those_of_the_file() {
    let folder = folder_with(&["a.yaml.lock"]);
    let path = folder.path().join("a.yaml.lock");
    fs::write(&path, "somebody's record\n").unwrap();
    // The modification can be set back, the change of the attributes that this is cannot: the later one counts.
    let long_ago = SystemTime::now() - Duration::from_secs(1000);
    fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    let found = locks(folder.path());
    assert!(found[0].idle < Duration::from_secs(900), "{found:?}");
    assert_eq!(found[0].size, 18);
    assert_eq!(found[0].owner_uid, std::os::unix::fs::MetadataExt::uid(&fs::metadata(&path).unwrap()));
}

/// A bash script starts something in its background while it holds the lock, and ends.
#[test]
fn a_lock_that_a_script_left_to_its_child_is_told_with_the_descriptor() {
    let folder = folder_with(&["a.yaml.lock"]);
    let path = folder.path().join("a.yaml.lock");
    let script = "exec 200>\"$1\"; flock 200; sleep 60 > /dev/null 2>&1 & echo $!";
    let output = Command::new("bash").args(["-c", script, "script"]).arg(&path).output().unwrap();
    let child: i32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    // Until then it is a copy of the script.
    while fs::read_to_string(format!("/proc/{child}/comm")).unwrap() != "sleep\n" {
        std::thread::sleep(Duration::from_millis(1));
    }
    let found = locks(folder.path());
    let _ = Command::new("kill").arg(child.to_string()).status();
    let leak = found[0].leak.clone().unwrap();
    assert_eq!((leak.pid, leak.descriptor, leak.command.as_str()), (child, 200, "sleep 60"));
    assert!(leak.to_string().contains("200>&-") && leak.to_string().contains("flock -o"), "{leak}");
}

/// All of these hold on purpose, although the `flock` command that took the lock has ended.
#[test]
fn scripts_that_hold_a_lock_are_no_leaks() {
    for script in [
        "exec 200>\"$1\"; flock 200; echo held; sleep 60; :",
        "( flock 200; echo held; sleep 60; : ) 200>\"$1\"; :",
        "( flock 200; echo held; sleep 60 ) 200>\"$1\"; :",
        "{ flock 200; echo held; sleep 60; } 200>\"$1\"; :",
        "flock \"$1\" sh -c 'echo held; sleep 60; :'",
        // A script that outlives who started it.
        "bash -c 'sleep 0.1; exec 200>\"$1\"; flock 200; echo held; sleep 60; :' script \"$1\" &",
    ] {
        let folder = folder_with(&["a.yaml.lock"]);
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "script"]).arg(folder.path().join("a.yaml.lock")).stdout(Stdio::piped());
        std::os::unix::process::CommandExt::process_group(&mut bash, 0);
        let mut bash = bash.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(bash.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n", "{script}");
        let found = [locks_by(folder.path(), Depth::Listed), locks_by(folder.path(), Depth::Descriptors)];
        let group = rustix::process::Pid::from_child(&bash);
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
        bash.wait().unwrap();
        for found in found {
            assert_eq!((found[0].state, &found[0].leak), (State::Exclusive, &None), "{script}");
            assert!(found[0].holders.iter().all(|holder| holder.pid.is_some()), "{script}");
        }
    }
}
