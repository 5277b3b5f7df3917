//! Results go to standard output, everything else to standard error.

use std::io::{self, ErrorKind, Write};

/// Prints to standard output. Whoever reads it may have gone (`lock-janitor ls | head -1`), and that is no failure of ours.
///
/// # Errors
///
/// Any other reason why it cannot be written.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says something on standard error. Where nobody can hear it, it is not said; `eprintln!` would panic.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
