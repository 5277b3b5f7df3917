//! Holds the lock of a file until Enter is pressed: `hold FILE`.

use lock_core::{LockFile, Wait};
use std::env;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(file) = env::args_os().nth(1) else {
        eprintln!("usage: hold FILE");
        return ExitCode::from(2);
    };
    let lock = LockFile::guarding(file);
    match lock.exclusive(Wait::Forever) {
        Ok(held) => {
            println!("{} is held, after {:.1?}; Enter gives it back", lock.path().display(), held.waited());
            // The end of the input is as good as Enter.
            let _ = io::stdin().read_line(&mut String::new());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("hold: {error}");
            ExitCode::FAILURE
        }
    }
}
