//! A write that the system takes only in part: the limit on the size of a file stands in for the full disk.

use crate::append::event;
use crate::folder::Folder;
use atomic_io::{AppendStep, EventError, EventLog};
use std::process::Command;

#[test]
fn a_record_cut_off_by_a_full_disk_is_reported_and_healed_by_the_next_append() {
    let folder = Folder::with("e.yaml", "");
    let test = std::env::current_exe().unwrap();
    // Without the trap the kernel would kill the program, as it does not on a full disk.
    let limited =
        "trap '' XFSZ; ulimit -f 4; exec \"$0\" --exact full_disk::append_until_it_fails --nocapture";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(test)
        .env("FULL", folder.path("e.yaml"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let acknowledged = said.matches("acknowledged").count();
    assert!(acknowledged > 10, "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("e.yaml: writing the record failed; only "), "{said}");

    let log = EventLog::at(folder.path("e.yaml"));
    let read = log.read().unwrap();
    assert!(read.unfinished && read.records.len() == acknowledged);
    log.append(&event("after")).unwrap();
    let read = log.read().unwrap();
    assert!(!read.unfinished && read.records.len() == acknowledged + 1);
    assert_eq!(folder.recovered().len(), 1);
}

/// The other side; as a test of its own it has nothing to do.
#[test]
fn append_until_it_fails() {
    let Some(path) = std::env::var_os("FULL") else { return };
    let log = EventLog::at(path);
    let append = || log.append(&event("one")).inspect(|()| println!("acknowledged"));
    let error = (0..1000).find_map(|_| append().err()).unwrap();
    assert!(matches!(error, EventError::Append { step: AppendStep::Write, .. }), "{error:?}");
    println!("{error}; {}", std::error::Error::source(&error).unwrap());
}
