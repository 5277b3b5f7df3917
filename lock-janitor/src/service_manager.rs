//! Telling the service manager how it goes: the protocol of sd_notify(3), one datagram to the socket named in `$NOTIFY_SOCKET`.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The service manager that started this process; nobody, where none did.
pub(crate) struct ServiceManager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often it wants to hear that we are alive.
    alive_every: Option<Duration>,
    said_alive: Mutex<Instant>,
}

impl ServiceManager {
    /// The one that the environment names.
    ///
    /// # Errors
    ///
    /// The environment names a socket that cannot be one.
    pub(crate) fn of_environment() -> io::Result<Self> {
        let socket = match env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) {
            Some(name) => {
                let socket = UnixDatagram::unbound()?;
                // A manager that hangs must not take us with it.
                socket.set_nonblocking(true)?;
                Some((socket, address(&name)?))
            }
            None => None,
        };
        let text = |name| env::var(name).ok();
        let is_meant = text("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let watchdog = text("WATCHDOG_USEC").and_then(|time| time.parse().ok()).filter(|_| is_meant);
        Ok(Self {
            socket,
            // Half of it, as sd_watchdog_enabled(3) recommends.
            alive_every: watchdog.filter(|time| *time > 0).map(|time: u64| Duration::from_micros(time / 2)),
            said_alive: Mutex::new(Instant::now()),
        })
    }

    /// Start-up is complete, or what was reloaded is in force.
    pub(crate) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// What is being done now, in words.
    pub(crate) fn status(&self, status: &str) {
        self.tell(&format!("STATUS={status}"));
    }

    /// The configuration is read anew; [`ready`](Self::ready) ends that.
    pub(crate) fn reloading(&self) {
        // Type=notify-reload wants the time too, and Type=notify ignores it.
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let now_us = now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1_000);
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={now_us}"));
    }

    /// The end has begun.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=stopping");
    }

    /// Says that this process is alive, if it is time to say so again.
    pub(crate) fn alive(&self) {
        if self.patience().is_some_and(|left| left.is_zero()) {
            self.tell("WATCHDOG=1");
            *self.said_alive() = Instant::now();
        }
    }

    /// How long one may sleep before [`alive`](Self::alive) has to be called again; `None`: as long as one likes.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.alive_every.map(|every| every.saturating_sub(self.said_alive().elapsed()))
    }

    fn said_alive(&self) -> MutexGuard<'_, Instant> {
        self.said_alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody to tell, or nobody who listens, is no reason to stop.
    fn tell(&self, what: &str) {
        if let Some((socket, address)) = &self.socket
            && let Err(error) = socket.send_to_addr(what.as_bytes(), address)
        {
            tracing::debug!("cannot tell the service manager `{}`: {error}", what.replace('\n', " "));
        }
    }
}

/// A path, or behind `@` a name that stands in no folder.
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] => abstract_address(name),
        _ => SocketAddr::from_pathname(name),
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}
