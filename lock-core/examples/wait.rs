//! Waits for the lock of a file, and says who has it if that takes too long: `wait FILE SECONDS`.

use lock_core::{LockError, LockFile, Wait};
use std::env;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let [file, seconds] = words.as_slice() else {
        eprintln!("usage: wait FILE SECONDS");
        return ExitCode::from(2);
    };
    let Ok(seconds) = seconds.parse() else {
        eprintln!("wait: `{seconds}` is no number of seconds");
        return ExitCode::from(2);
    };
    let lock = LockFile::guarding(file);
    match lock.exclusive(Wait::AtMost(Duration::from_secs(seconds))) {
        Ok(held) => {
            println!("got it after {:.1?}", held.waited());
            ExitCode::SUCCESS
        }
        Err(LockError::TimedOut { path, waited, .. }) => {
            println!("{} is still held after {:.1} s", path.display(), waited.as_secs_f64());
            for holder in lock.holders() {
                println!("  held by {holder}");
            }
            for waiter in lock.waiters() {
                println!("  waited for by {waiter}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("wait: {error}");
            ExitCode::FAILURE
        }
    }
}
