//! What a dispatcher and its supervisors say to each other: one line of JSON each, over the supervisor's standard input and output.
//!
//! A supervisor can see its task through alone, and does as soon as nobody answers. The dispatcher writes for it because it can put
//! down what several supervisors have to say, and the claims that follow from it, in one save instead of one for each.

use super::inbox::{Inbox, Message};
use super::supervisor::End;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::Cell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How long a dispatcher is waited for. It writes at once, unless somebody holds the queue's lock or the dispatcher is stopped, and what it
/// does after that does no harm: everything may be written down twice.
const PATIENCE: Duration = Duration::from_secs(5);

/// From the dispatcher: which claim is the supervisor's own now.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) id: String,
    pub(crate) attempt: u64,
    pub(crate) title: String,
    /// The place's name.
    pub(crate) slot: String,
    /// After how many milliseconds the task is stopped.
    pub(crate) timeout_ms: Option<u64>,
}

/// From the supervisor: what is to be written down of its task.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wish {
    /// That it begins. The run lock is taken.
    Begin,
    /// That it has ended.
    End(End),
}

/// From the dispatcher: what became of a wish.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// It is written down; of a begin with the task's fields.
    Written(Value),
    /// It is not, for whatever reason: the supervisor is to do it, and goes on alone.
    Alone,
}

/// As one line.
pub(crate) fn line(message: &impl Serialize) -> serde_json::Result<String> {
    Ok(format!("{}\n", serde_json::to_string(message)?))
}

/// A supervisor's end of it.
pub(crate) struct Talk<'a> {
    inbox: &'a Inbox,
    is_alone: Cell<bool>,
}

impl<'a> Talk<'a> {
    /// With the dispatcher that started this process.
    pub(crate) fn with_dispatcher(inbox: &'a Inbox) -> Self {
        Self { inbox, is_alone: Cell::new(false) }
    }

    /// With nobody.
    pub(crate) fn with_nobody(inbox: &'a Inbox) -> Self {
        Self { inbox, is_alone: Cell::new(true) }
    }

    /// Whether there is, or was at any time, nobody to talk to.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_alone.get()
    }

    /// The next assignment; `None` if there is nothing more to do: no dispatcher any more, or a signal.
    pub(crate) fn assignment(&self) -> Option<serde_json::Result<Assignment>> {
        match self.inbox.next(None, |message| !matches!(message, Message::Ended(_)))? {
            Message::Told(line) => Some(serde_json::from_str(&line)),
            _ => None,
        }
    }

    /// Has the dispatcher write it down. `None` if it does not: then nobody will be asked any more.
    pub(crate) fn ask(&self, wish: &Wish) -> Option<Value> {
        let written = if self.is_alone() { None } else { self.answer(wish) };
        self.is_alone.set(written.is_none());
        written
    }

    fn answer(&self, wish: &Wish) -> Option<Value> {
        let mut output = io::stdout().lock();
        output.write_all(line(wish).ok()?.as_bytes()).and_then(|()| output.flush()).ok()?;
        let concerns_it = |message: &Message| matches!(message, Message::Told(_) | Message::Gone);
        match self.inbox.next(Some(Instant::now() + PATIENCE), concerns_it)? {
            Message::Told(line) => match serde_json::from_str(&line).ok()? {
                Answer::Written(value) => Some(value),
                Answer::Alone => None,
            },
            _ => None,
        }
    }
}
