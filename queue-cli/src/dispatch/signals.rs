//! Ctrl-C and SIGTERM as something that can be waited for together with everything else.

use crate::exit::Failure;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::sync::mpsc::Sender;
use std::thread;

/// What this process was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Ctrl-C: come to an end. The second time: at once.
    Interrupt,
    /// SIGTERM: come to an end at once.
    Terminate,
    /// SIGUSR1, from a dispatcher to a supervisor: make room for a more urgent task.
    Preempt,
}

/// Passes every signal that this process gets from now on to `take`, until that returns false. They no longer end it by themselves.
///
/// SIGHUP is taken and dropped: a dispatcher and its supervisors go on with their tasks when the terminal they were started from is closed.
pub(crate) fn listen(take: impl Fn(Asked) -> bool + Send + 'static) -> Result<(), Failure> {
    pass_on(&[SIGINT, SIGTERM, SIGHUP, SIGUSR1], take)
}

/// The same for who only tells a terminal something, and is of no use without it: SIGHUP ends it.
pub(crate) fn listen_until_hang_up(take: impl Fn(Asked) -> bool + Send + 'static) -> Result<(), Failure> {
    pass_on(&[SIGINT, SIGTERM], take)
}

fn pass_on(signals: &[i32], take: impl Fn(Asked) -> bool + Send + 'static) -> Result<(), Failure> {
    let mut signals =
        Signals::new(signals).map_err(|error| Failure::because("cannot listen for signals", error))?;
    let listener = move || {
        for signal in signals.forever() {
            let go_on = match signal {
                SIGINT => take(Asked::Interrupt),
                SIGTERM => take(Asked::Terminate),
                SIGUSR1 => take(Asked::Preempt),
                _ => true,
            };
            if !go_on {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(listener)
        .map(drop)
        .map_err(|error| Failure::because("cannot start the thread that listens for signals", error))
}

/// Sends `message` into a channel whose other end may be gone, which is then of no interest.
pub(crate) fn tell<T>(channel: &Sender<T>, message: T) -> bool {
    channel.send(message).is_ok()
}
