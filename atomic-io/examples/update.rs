//! Counts up a number in a YAML file that others count up too: `update FILE PATH`.
//!
//! Run many of these at once: no turn is lost, and comments stay.

use atomic_io::{DocumentError, SharedFile};
use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let (Some(file), Some(path)) = (words.next(), words.next()) else {
        return Err("usage: update FILE PATH".into());
    };
    let number = SharedFile::at(file).update(|document| {
        // Read inside the update: under the lock, from a fresh read.
        let number = document.get::<u64>(&path)? + 1;
        document.set(&path, &number)?;
        Ok::<_, DocumentError>(number)
    })?;
    println!("{number}");
    Ok(())
}
