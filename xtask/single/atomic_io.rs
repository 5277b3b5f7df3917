//! A shared file made, changed under its lock, and gone back to; a log appended to.

use atomic_io::{Document, EventLog, SharedFile};
use std::collections::BTreeMap;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let file = SharedFile::at("state.yaml");
    file.create(&Document::parse("turns: 1  # by hand\n")?)?;
    file.update(|document| {
        let turns: u32 = document.get("turns")?;
        document.set("turns", &(turns + 1))
    })?;
    assert_eq!(std::fs::read_to_string("state.yaml")?, "turns: 2  # by hand\n");
    let before = file.backups()?.remove(0);
    file.restore(before.path)?;
    assert_eq!(file.read()?.get::<u32>("turns")?, 1);
    let log = EventLog::at("events.yaml");
    log.append(&BTreeMap::from([("type", "restored")]))?;
    assert_eq!(log.last(1)?.records.len(), 1);
    println!("updated");
    Ok(())
}
