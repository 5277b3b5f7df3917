//! Every process that a scenario started, down to the grandchildren that outlive their parents.
//!
//! Process groups do not do: the dispatcher puts its supervisors into groups of their own, on purpose. But all inherit an
//! environment variable, and the kernel shows it.

use rustix::process::{Pid, Signal, kill_process};
use std::collections::HashSet;
use std::fs;
use std::thread;
use std::time::Duration;

/// The variable; its value is the scenario's mark.
pub(crate) const VARIABLE: &str = "MOORING_XTASK_SCENARIO";

/// The living processes with this mark. None where there is no `/proc`.
pub(crate) fn find(mark: &str) -> Vec<Pid> {
    let wanted = format!("{VARIABLE}={mark}").into_bytes();
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            // A process that has just ended cannot be read, and a zombie's environment is empty.
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment.split(|byte| *byte == 0).any(|pair| pair == wanted).then(|| Pid::from_raw(pid))?
        })
        .collect()
}

/// Ends them all, also those that are being started meanwhile. Returns how many it found.
pub(crate) fn kill(mark: &str) -> usize {
    let mut found = HashSet::new();
    let mut quiet = 0;
    // A process that is just becoming another program shows no environment for an instant: none found once is not none.
    for _ in 0..100 {
        let living = find(mark);
        quiet = if living.is_empty() { quiet + 1 } else { 0 };
        if quiet == 2 {
            break;
        }
        for pid in living {
            // It may have ended since it was found.
            let _ = kill_process(pid, Signal::KILL);
            found.insert(pid.as_raw_nonzero());
        }
        thread::sleep(Duration::from_millis(10));
    }
    found.len()
}

/// What a process calls itself, for a message.
pub(crate) fn describe(pid: Pid) -> String {
    format!("{} ({})", pid.as_raw_nonzero(), words(pid).join(" ").trim_end())
}

/// The command line of a process; empty once it has ended.
pub(crate) fn words(pid: Pid) -> Vec<String> {
    let command = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
    command.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{VARIABLE, find, kill};
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    #[test]
    fn a_grandchild_whose_parent_is_gone_is_found_and_ended() {
        let mark = format!("strays-test-{}", std::process::id());
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60 & exit 0"]).env(VARIABLE, &mark).stdout(Stdio::null());
        assert!(shell.status().unwrap().success());
        let patience = Instant::now() + Duration::from_secs(10);
        while find(&mark).is_empty() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(kill(&mark), 1);
        assert!(find(&mark).is_empty());
    }
}
