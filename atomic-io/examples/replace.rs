//! Puts standard input into a file, whole and durable, whatever the format: `generate | replace FILE`.
//!
//! Unlike `generate > FILE`, a reader never sees half of it, and if `generate` brings nothing the file stays.

use std::env;
use std::error::Error;
use std::io::{self, Read};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args_os().nth(1).ok_or("usage: replace FILE <content")?;
    let mut content = Vec::new();
    io::stdin().read_to_end(&mut content)?;
    if content.is_empty() {
        return Err("standard input is empty; the file stays as it is".into());
    }
    atomic_io::replace(file, &content)?;
    Ok(())
}
