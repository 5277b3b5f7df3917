//! Looking back from the end of a log, so that appending does not read all of it.

use super::heal;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How much is read at first: a few records. Each further look is eight times as long.
const FIRST_LOOK: u64 = 8 * 1024;

/// The end of a log, from its last stamp or the one before it on.
#[derive(Debug)]
pub(super) struct Tail {
    /// Where the stamp begins in the file.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

/// The tail of the first `size` bytes of `file`; `None` if they hold no stamp.
///
/// # Errors
///
/// `UnexpectedEof` if the file has become shorter than `size`.
pub(super) fn tail(file: &File, size: u64) -> io::Result<Option<Tail>> {
    let mut look = FIRST_LOOK;
    loop {
        let from = size.saturating_sub(look);
        let mut bytes = read_range(file, from, size)?;
        if let Some(at) = heal::judged_from(&bytes, from == 0) {
            let bytes = bytes.split_off(at);
            return Ok(Some(Tail { offset: from + at as u64, bytes }));
        }
        if from == 0 {
            return Ok(None);
        }
        look = look.saturating_mul(8);
    }
}

/// The bytes of `file` from `from` to `to`, wherever its cursor stands.
pub(super) fn read_range(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    // A length past the address space: only where that has 32 bits.
    let Ok(len) = usize::try_from(to.saturating_sub(from)) else {
        return Err(io::Error::from(io::ErrorKind::OutOfMemory));
    };
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}
