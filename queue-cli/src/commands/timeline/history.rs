//! What the events tell: attempts, each with its times and its end, and when tasks waited for one.

use crate::commands::events::time;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::HashMap;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    Completed,
    Failed,
    /// Failed, and to be tried again.
    Retried,
    Released,
    Preempted,
    /// Its holder was gone, or somebody else decided about the task.
    Lost,
    /// Of which nothing is told.
    Open,
}

impl End {
    pub(super) const ALL: [Self; 7] = [
        Self::Completed,
        Self::Failed,
        Self::Retried,
        Self::Preempted,
        Self::Released,
        Self::Lost,
        Self::Open,
    ];

    /// For programs.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Retried => "retried",
            Self::Open => "open",
            other => other.word(),
        }
    }

    /// For people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Retried => "failed, tried again",
            Self::Released => "released",
            Self::Preempted => "preempted",
            Self::Lost => "lost",
            Self::Open => "no end told",
        }
    }
}

/// One attempt at one task.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) id: String,
    /// Its number; programs that make no claims have none.
    pub(super) number: Option<u64>,
    pub(super) agent: Option<String>,
    pub(super) slot: Option<String>,
    /// Since when the task waited for it.
    pub(super) waits_since: Option<Timestamp>,
    pub(super) claimed: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) end: End,
    pub(super) error: Option<String>,
    /// Whether a part of it was added to the log later.
    pub(super) is_recovered: bool,
}

impl Attempt {
    fn new(id: &str, number: Option<u64>) -> Self {
        Self {
            id: id.into(),
            number,
            agent: None,
            slot: None,
            waits_since: None,
            claimed: None,
            started: None,
            ended: None,
            end: End::Open,
            error: None,
            is_recovered: false,
        }
    }

    /// When it began, as far as that is told; there is no attempt without any time.
    pub(super) fn from(&self) -> Timestamp {
        self.claimed.or(self.started).or(self.ended).unwrap_or_default()
    }

    /// How long the task waited for it.
    pub(super) fn waited(&self) -> Option<SignedDuration> {
        Some(self.from().duration_since(self.waits_since?))
    }
}

/// A time during which a task waited to be claimed. Without an end it still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waited {
    pub(super) from: Timestamp,
    pub(super) to: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct History {
    /// In the order in which they began.
    pub(super) attempts: Vec<Attempt>,
    pub(super) waits: Vec<Waited>,
    /// How many records tell of no task, or not when.
    pub(super) left_out: usize,
    newest: Option<Timestamp>,
}

/// One record, as far as it is about a task.
struct Told<'a> {
    at: Timestamp,
    id: &'a str,
    kind: &'a str,
    attempt: Option<u64>,
    to: &'a str,
    record: &'a Value,
}

impl<'a> Told<'a> {
    fn of(record: &'a Value) -> Option<Self> {
        let (id, kind) = (record["task_id"].as_str()?, record["type"].as_str()?);
        let to = record["data"]["to_state"].as_str();
        let at = time(&record["timestamp"])?;
        // Other programs have words of their own, and say in the particulars what they mean.
        let kind = match (kind, to) {
            ("in_progress", _) => "started",
            (
                "claimed" | "started" | "completed" | "failed" | "released" | "preempted" | "requeued"
                | "cancelled" | "added" | "blocked" | "unblocked" | "reanalyzed" | "archived",
                _,
            ) => kind,
            (_, Some("claimed")) => "claimed",
            (_, Some("in_progress")) => "started",
            (_, Some("completed")) => "completed",
            (_, Some("failed")) => "failed",
            (_, Some("pending")) => "released",
            _ => return None,
        };
        Some(Self { at, id, kind, attempt: record["attempt"].as_u64(), to: to.unwrap_or(kind), record })
    }
}

impl History {
    pub(super) fn of(records: &[Value]) -> Self {
        let mut told: Vec<Told<'_>> = records.iter().filter_map(Told::of).collect();
        let mut history = Self { left_out: records.len() - told.len(), ..Self::default() };
        // What was added later stands at the end of the log. Of one time the order of the log counts.
        told.sort_by_key(|told| told.at);
        history.newest = told.last().map(|told| told.at);
        let mut places = HashMap::new();
        let mut open: HashMap<&str, Timestamp> = HashMap::new();
        for one in &told {
            history.take(one, &mut places, open.get(one.id).copied());
            if one.to == "pending" {
                open.entry(one.id).or_insert(one.at);
            } else if let Some(from) = open.remove(one.id) {
                history.waits.push(Waited { from, to: Some(one.at) });
            }
        }
        history.waits.extend(open.into_values().map(|from| Waited { from, to: None }));
        history.waits.sort_by_key(|wait| wait.from);
        history.attempts.sort_by_key(Attempt::from);
        history
    }

    /// Adds what a record tells to its attempt; `waits_since` is since when its task waits.
    fn take<'a>(
        &mut self,
        told: &Told<'a>,
        places: &mut HashMap<(&'a str, Option<u64>), usize>,
        waits_since: Option<Timestamp>,
    ) {
        let ends = match told.kind {
            "completed" => Some(End::Completed),
            "failed" if told.to == "pending" => Some(End::Retried),
            "failed" => Some(End::Failed),
            "released" => Some(End::Released),
            "preempted" => Some(End::Preempted),
            "requeued" | "cancelled" => Some(End::Lost),
            _ => None,
        };
        if ends.is_none() && !["claimed", "started"].contains(&told.kind) {
            return;
        }
        let place = match self.place_of(told, ends, places) {
            Some(place) => place,
            None => return,
        };
        let Some(attempt) = self.attempts.get_mut(place) else { return };
        let record = told.record;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        attempt.agent = attempt.agent.take().or_else(|| text(&record["agent"]));
        attempt.slot = attempt.slot.take().or_else(|| text(&record["data"]["slot"]));
        attempt.is_recovered |= record["recovered"] == true;
        match (told.kind, ends) {
            ("claimed", _) => {
                attempt.claimed = attempt.claimed.or(Some(told.at));
                attempt.waits_since = attempt.waits_since.or(waits_since);
            }
            ("started", _) => {
                attempt.started = attempt.started.or(Some(told.at));
                attempt.waits_since = attempt.waits_since.or(waits_since);
            }
            // A writer that was interrupted may have told the end twice.
            (_, Some(end)) if attempt.ended.is_none() => {
                attempt.ended = Some(told.at);
                attempt.end = end;
                attempt.error = text(&record["data"]["error"]);
            }
            _ => {}
        }
    }

    /// The attempt that a record is about; a new one if it begins with it. What has no number is about the newest attempt of its task, as long as
    /// that has not ended.
    fn place_of<'a>(
        &mut self,
        told: &Told<'a>,
        ends: Option<End>,
        places: &mut HashMap<(&'a str, Option<u64>), usize>,
    ) -> Option<usize> {
        if told.attempt.is_some() {
            let attempts = &mut self.attempts;
            let place = *places.entry((told.id, told.attempt)).or_insert_with(|| {
                attempts.push(Attempt::new(told.id, told.attempt));
                attempts.len() - 1
            });
            places.insert((told.id, None), place);
            return Some(place);
        }
        let newest = places.get(&(told.id, None)).copied();
        let open = newest.filter(|place| self.attempts.get(*place).is_some_and(|one| one.ended.is_none()));
        let begins_again = |place: usize| {
            let attempt = self.attempts.get(place);
            ends.is_none()
                && attempt.is_some_and(|attempt| match told.kind {
                    "claimed" => attempt.claimed.is_some(),
                    _ => attempt.started.is_some() && told.record["type"] != "in_progress",
                })
        };
        match open {
            Some(place) if !begins_again(place) => Some(place),
            // What people decide about a task that nobody works on ends nothing.
            None if ["requeued", "cancelled", "released"].contains(&told.kind) => None,
            again => {
                if let Some(attempt) = again.and_then(|place| self.attempts.get_mut(place)) {
                    attempt.ended = Some(told.at);
                    attempt.end = End::Lost;
                }
                self.attempts.push(Attempt::new(told.id, None));
                places.insert((told.id, None), self.attempts.len() - 1);
                Some(self.attempts.len() - 1)
            }
        }
    }

    /// Leaves out what was over before.
    pub(super) fn forget_before(&mut self, since: Timestamp) {
        self.attempts.retain(|attempt| attempt.ended.is_none_or(|ended| ended >= since));
        self.waits.retain(|wait| wait.to.is_none_or(|to| to >= since));
        for wait in &mut self.waits {
            wait.from = wait.from.max(since);
        }
    }

    pub(super) fn begins(&self) -> Option<Timestamp> {
        let waits = self.waits.iter().map(|wait| wait.from);
        self.attempts.iter().map(Attempt::from).chain(waits).min()
    }

    /// The time of the newest record: until then attempts without an end are known to have been going on.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.begins().and(self.newest)
    }

    /// When an attempt ended, or what is known of it ends.
    pub(super) fn end_of(&self, attempt: &Attempt) -> Timestamp {
        attempt.ended.or(self.newest).unwrap_or_default().max(attempt.from())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(seconds: i64) -> String {
        Timestamp::from_second(seconds).unwrap().to_string()
    }

    fn record(seconds: i64, kind: &str, attempt: Option<u64>, to: &str) -> Value {
        json!({ "timestamp": at(seconds), "type": kind, "task_id": "A", "attempt": attempt, "agent": "ann", "data": { "to_state": to } })
    }

    fn told(records: &[Value]) -> Vec<(i64, i64, End)> {
        let history = History::of(records);
        let of = |one: &Attempt| (one.from().as_second(), history.end_of(one).as_second(), one.end);
        history.attempts.iter().map(of).collect()
    }

    #[test]
    fn attempts_have_their_times_and_ends() {
        let records = [
            record(0, "added", None, "pending"),
            record(5, "claimed", Some(1), "claimed"),
            record(6, "started", Some(1), "in_progress"),
            record(9, "failed", Some(1), "pending"),
            // Twice, and the second one counts for nothing.
            record(10, "failed", Some(1), "pending"),
            record(20, "claimed", Some(2), "claimed"),
            record(25, "requeued", Some(2), "pending"),
            record(25, "claimed", Some(3), "claimed"),
            record(30, "completed", Some(3), "completed"),
        ];
        assert_eq!(told(&records), [(5, 9, End::Retried), (20, 25, End::Lost), (25, 30, End::Completed)]);
        let history = History::of(&records);
        let waited: Vec<_> =
            history.attempts.iter().map(|one| one.waited().map(|time| time.as_secs())).collect();
        assert_eq!(waited, [Some(5), Some(11), Some(0)]);
        let waits: Vec<_> =
            history.waits.iter().map(|wait| (wait.from.as_second(), wait.to.unwrap().as_second())).collect();
        assert_eq!(waits, [(0, 5), (9, 20), (25, 25)]);
        // The order of the log does not matter, as for what is added later.
        let mut turned = records.to_vec();
        turned.reverse();
        assert_eq!(told(&turned).len(), 3);
    }

    #[test]
    fn attempts_without_numbers_are_told_apart_by_their_beginnings() {
        let records = [
            record(0, "started", None, ""),
            record(5, "started", None, ""),
            record(6, "in_progress", None, ""),
            record(9, "task_state_transition", None, "completed"),
            record(10, "task_state_transition", None, "claimed"),
            json!({ "type": "agent_start", "timestamp": at(11), "agent_id": "unknown" }),
            json!({ "type": "started", "timestamp": "soon", "task_id": "A" }),
        ];
        assert_eq!(told(&records), [(0, 5, End::Lost), (5, 9, End::Completed), (10, 10, End::Open)]);
        assert_eq!(History::of(&records).left_out, 2);
    }
}
