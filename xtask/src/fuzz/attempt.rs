//! One case, whose panics are findings too.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    /// What the last panic of this thread said, and where.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From here on panics print nothing: those of cases are findings, which are told in full.
pub(super) fn keep_panics_quiet() {
    panic::set_hook(Box::new(|info| SAID.with_borrow_mut(|said| *said = info.to_string())));
}

/// What `check` says; a panic is an error that says what and where.
pub(super) fn caught(check: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    panic::catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Err(SAID.with_borrow(Clone::clone)))
}

#[cfg(test)]
mod tests {
    use super::{caught, keep_panics_quiet};

    #[test]
    fn a_panic_is_an_error_that_says_where() {
        keep_panics_quiet();
        let said = caught(|| panic!("what happened")).unwrap_err();
        assert!(said.contains("what happened") && said.contains("attempt.rs"), "{said}");
        assert_eq!(caught(|| Ok(())), Ok(()));
        let _ = std::panic::take_hook();
    }
}
