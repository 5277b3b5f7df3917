//! What a supervisor waits for, all in one place, so that waiting for any of it is one wait.

use super::signals::{Asked, listen, tell};
use crate::exit::Failure;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Something that has happened.
pub(crate) enum Message {
    /// The task ended.
    Ended(io::Result<ExitStatus>),
    /// A signal asks to stop it.
    Asked(Asked),
    /// A line from the dispatcher.
    Told(String),
    /// There is no dispatcher any more.
    Gone,
}

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    Over,
    Asked,
}

/// Where it arrives. What is not waited for now is kept for later.
pub(crate) struct Inbox {
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    kept: RefCell<VecDeque<Message>>,
}

impl Inbox {
    /// From now on signals arrive here.
    pub(crate) fn open() -> Result<Self, Failure> {
        let (sender, receiver) = mpsc::channel();
        let signals = sender.clone();
        listen(move |asked| tell(&signals, Message::Asked(asked)))?;
        Ok(Self { sender, receiver, kept: RefCell::default() })
    }

    /// From now on what the dispatcher says on standard input arrives here too.
    pub(crate) fn listen_to_dispatcher(&self) -> io::Result<()> {
        let sender = self.sender.clone();
        let listener = move || {
            let (mut input, mut line) = (io::stdin().lock(), String::new());
            loop {
                line.clear();
                // Half a line was being written when the dispatcher was killed.
                let is_whole = input.read_line(&mut line).is_ok() && line.ends_with('\n');
                if !is_whole {
                    tell(&sender, Message::Gone);
                    return;
                }
                if !tell(&sender, Message::Told(std::mem::take(&mut line))) {
                    return;
                }
            }
        };
        thread::Builder::new().name("dispatcher".into()).spawn(listener).map(drop)
    }

    /// For those who have something to report.
    pub(crate) fn sender(&self) -> Sender<Message> {
        self.sender.clone()
    }

    /// The next message that is `wanted`, or `None` when the deadline has passed.
    pub(crate) fn next(
        &self,
        deadline: Option<Instant>,
        wanted: impl Fn(&Message) -> bool,
    ) -> Option<Message> {
        let mut kept = self.kept.borrow_mut();
        if let Some(place) = kept.iter().position(&wanted) {
            return kept.remove(place);
        }
        loop {
            let message = match deadline {
                // This end keeps a sender too, so the channel never closes.
                None => self.receiver.recv().ok(),
                Some(deadline) => {
                    self.receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
                }
            }?;
            if wanted(&message) {
                return Some(message);
            }
            kept.push_back(message);
        }
    }

    /// Waits for `time`, or until a signal asks to stop.
    pub(crate) fn pause(&self, time: Duration) -> Pause {
        match self.next(Some(Instant::now() + time), |message| matches!(message, Message::Asked(_))) {
            None => Pause::Over,
            Some(_) => Pause::Asked,
        }
    }
}
