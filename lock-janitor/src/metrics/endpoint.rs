//! `GET /metrics` on a loopback address: one thread, one request at a time, little read and nothing waited for long.

use crate::metrics::page::CONTENT_TYPE;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longer requests than any scraper sends are not read to their end.
const MOST_READ: usize = 8 * 1024;
/// One client that says nothing, or reads nothing, holds up the others for so long.
const MOST_TIME: Duration = Duration::from_secs(2);
/// What keeps `accept` from succeeding, as too many open files, may be over soon.
const PAUSE: Duration = Duration::from_secs(1);

/// A thread that answers; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Endpoint {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Endpoint {
    /// Listens on `address` and answers with what `page` gives at that moment.
    ///
    /// # Errors
    ///
    /// The address cannot be had, or the thread not started.
    pub(crate) fn open(address: SocketAddr, page: impl Fn() -> String + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let closed = Arc::new(AtomicBool::new(false));
        let endpoint = Self { address: listener.local_addr()?, closed: Arc::clone(&closed) };
        let answer_all = move || {
            while !closed.load(Ordering::Acquire) {
                match listener.accept() {
                    Ok((client, _)) if !closed.load(Ordering::Acquire) => {
                        if let Err(error) = answer(client, &page) {
                            tracing::debug!("a request for metrics came to nothing: {error}");
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!("cannot accept requests for metrics: {error}");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        thread::Builder::new().name("metrics".into()).spawn(answer_all)?;
        Ok(endpoint)
    }

    /// The address with the port that was got, if any port was asked for.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
        // Wakes the thread, which waits for a client.
        let _ = TcpStream::connect_timeout(&self.address, MOST_TIME);
    }
}

fn answer(mut client: TcpStream, page: &impl Fn() -> String) -> io::Result<()> {
    let deadline = Instant::now() + MOST_TIME;
    let request = read_request(&mut client, deadline)?;
    let line = request.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/1."));
    let (status, text) = match (is_http, method, path) {
        (false, ..) => ("400 Bad Request", "this is no HTTP/1 request\n".into()),
        (_, "GET" | "HEAD", "/metrics") => ("200 OK", page()),
        (_, "GET" | "HEAD", _) => ("404 Not Found", "metrics are at /metrics\n".into()),
        _ => ("405 Method Not Allowed", "metrics can only be read\n".into()),
    };
    let kind = if status.starts_with("200") { CONTENT_TYPE } else { "text/plain; charset=utf-8" };
    let allow = if status.starts_with("405") { "Allow: GET, HEAD\r\n" } else { "" };
    let length = text.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{allow}Connection: close\r\n\r\n"
    );
    let body = if method == "HEAD" { "" } else { &text };
    write(&mut client, head.as_bytes(), deadline)?;
    write(&mut client, body.as_bytes(), deadline)
}

/// The head of a request, as far as it is short and comes in time.
fn read_request(client: &mut TcpStream, deadline: Instant) -> io::Result<String> {
    let mut read = Vec::new();
    let mut buffer = [0; 1024];
    while read.len() < MOST_READ && !read.windows(4).any(|end| end == b"\r\n\r\n") {
        client.set_read_timeout(Some(left(deadline)?))?;
        match client.read(&mut buffer)? {
            0 => break,
            length => read.extend_from_slice(buffer.get(..length).unwrap_or_default()),
        }
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

fn write(client: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        client.set_write_timeout(Some(left(deadline)?))?;
        match client.write(bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            length => bytes = bytes.get(length..).unwrap_or_default(),
        }
    }
    Ok(())
}

/// The time that is left; none at all is an error, because to sockets a timeout of zero is for ever.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
