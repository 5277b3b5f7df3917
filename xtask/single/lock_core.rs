//! One lock, taken, asked for again, and given back.

use lock_core::{LockError, LockFile, Wait};
use std::time::Duration;

fn main() -> Result<(), LockError> {
    let lock = LockFile::guarding("state.yaml");
    let held = lock.exclusive(Wait::AtMost(Duration::from_secs(5)))?;
    let again = LockFile::guarding("state.yaml").exclusive(Wait::Never);
    assert!(again.is_err_and(|error| error.is_contended()));
    drop(held);
    drop(lock.shared(Wait::Never)?);
    println!("locked");
    Ok(())
}
