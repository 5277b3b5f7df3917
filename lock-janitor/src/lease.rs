//! Leases: the kernel's word that nobody else has a file open, and that whoever opens it now waits until the lease is given up.
//! F_SETLEASE(2const). The one place with `unsafe`: no safe wrapper of these calls exists.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "fcntl(F_SETLEASE) and sigaction have no safe wrapper")
)]

use std::fs::File;
use std::io;

/// What came of asking for a lease.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Nobody else has the file open, and nobody can open it unnoticed.
    Granted,
    /// Somebody else has it open.
    Open,
    /// There is none to be had: not our file, or a filesystem or system without leases.
    Refused(io::Error),
}

#[cfg(target_os = "linux")]
mod calls {
    use super::{Asked, File, io};
    use std::os::fd::AsRawFd;
    use std::ptr;
    use std::sync::Once;

    /// Asks for the write lease on `file`, which ends when `file` is closed.
    pub(crate) fn take(file: &File) -> Asked {
        ignore_the_signal();
        // SAFETY: the descriptor is open as long as `file` lives, and the call touches no memory of ours.
        if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) } == 0 {
            return Asked::Granted;
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() == Some(libc::EAGAIN) { Asked::Open } else { Asked::Refused(error) }
    }

    /// Whether the lease is whole: nobody waits for it to be given up.
    pub(crate) fn is_whole(file: &File) -> bool {
        // SAFETY: as above.
        unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETLEASE) == libc::F_WRLCK }
    }

    /// Lets go on who waits in an open. Without a lease nothing happens.
    pub(crate) fn give_up(file: &File) {
        // SAFETY: as above.
        unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) };
    }

    /// The kernel announces who wants in by a signal whose default is to end the process. A handler that somebody has set stays.
    fn ignore_the_signal() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: both calls get pointers to a whole, zeroed `sigaction` that lives long enough, or null; SIG_IGN is no code of ours.
            unsafe {
                let mut found: libc::sigaction = std::mem::zeroed();
                let asked = libc::sigaction(libc::SIGIO, ptr::null(), &raw mut found);
                if asked == 0 && found.sa_sigaction == libc::SIG_DFL {
                    let mut ignored: libc::sigaction = std::mem::zeroed();
                    ignored.sa_sigaction = libc::SIG_IGN;
                    libc::sigaction(libc::SIGIO, &raw const ignored, ptr::null_mut());
                }
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
mod calls {
    use super::{Asked, File, io};

    pub(crate) fn take(_: &File) -> Asked {
        Asked::Refused(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(crate) fn is_whole(_: &File) -> bool {
        false
    }

    pub(crate) fn give_up(_: &File) {}
}

pub(crate) use calls::{give_up, is_whole, take};

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Asked, give_up, is_whole, take};
    use std::fs::File;
    use std::thread;

    #[test]
    fn a_lease_is_given_to_who_is_alone_and_tells_when_somebody_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let open =
            || File::options().read(true).write(true).create(true).truncate(false).open(&path).unwrap();
        let (ours, other) = (open(), open());
        assert!(matches!(take(&ours), Asked::Open));
        drop(other);
        assert!(matches!(take(&ours), Asked::Granted));
        assert!(is_whole(&ours));
        thread::scope(|scope| {
            // Without the signal being ignored this ends the whole test program.
            let comes = scope.spawn(open);
            while is_whole(&ours) {
                thread::yield_now();
            }
            assert!(!comes.is_finished());
            give_up(&ours);
            comes.join().unwrap();
        });
        assert!(matches!(take(&ours), Asked::Granted));
    }
}
