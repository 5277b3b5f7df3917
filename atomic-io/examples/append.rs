//! Appends an event to a log, once however often it is run, and shows the last three: `append LOG ID TEXT`.

use atomic_io::{Appended, EventLog};
use std::collections::BTreeMap;
use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let (Some(path), Some(id), Some(text)) = (words.next(), words.next(), words.next()) else {
        return Err("usage: append LOG ID TEXT".into());
    };
    let log = EventLog::at(path);
    let event = BTreeMap::from([("id", &id), ("text", &text)]);
    if log.append_once(&event, "id")? == Appended::Before {
        println!("{id} is in the log already");
    }
    for record in log.last(3)?.records {
        println!("{record:?}");
    }
    Ok(())
}
