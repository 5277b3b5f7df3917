//! Which attempt is drawn where: a lane for each slot, and one for each agent without slots.

use super::history::{Attempt, History};
use jiff::Timestamp;

/// One attempt in a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Its place in the history.
    pub(super) attempt: usize,
    /// Its row in the lane, from 0: two that overlap are in two.
    pub(super) row: usize,
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) is_slot: bool,
    pub(super) rows: usize,
    pub(super) bars: Vec<Bar>,
}

/// The slots first, by their names, then the agents as they came.
pub(super) fn lanes(history: &History) -> Vec<Lane> {
    let mut lanes: Vec<(Lane, Vec<Timestamp>)> = Vec::new();
    for (place, attempt) in history.attempts.iter().enumerate() {
        let (name, is_slot) = lane_of(attempt);
        let known = lanes.iter().position(|(lane, _)| lane.is_slot == is_slot && lane.name == name);
        let known = known.unwrap_or_else(|| {
            lanes.push((Lane { name: name.into(), is_slot, rows: 0, bars: Vec::new() }, Vec::new()));
            lanes.len() - 1
        });
        let Some((lane, free_from)) = lanes.get_mut(known) else { continue };
        let row = free_from.iter().position(|free| *free <= attempt.from()).unwrap_or(free_from.len());
        if row == free_from.len() {
            free_from.push(Timestamp::MIN);
        }
        if let Some(free) = free_from.get_mut(row) {
            *free = history.end_of(attempt);
        }
        lane.rows = free_from.len();
        lane.bars.push(Bar { attempt: place, row });
    }
    let mut lanes: Vec<Lane> = lanes.into_iter().map(|(lane, _)| lane).collect();
    // Agents keep the order in which they came.
    lanes.sort_by_key(|lane| (!lane.is_slot, lane.is_slot.then(|| natural(&lane.name))));
    lanes
}

fn lane_of(attempt: &Attempt) -> (&str, bool) {
    match (&attempt.slot, &attempt.agent) {
        (Some(slot), _) => (slot, true),
        (None, Some(agent)) => (agent, false),
        (None, None) => ("nobody named", false),
    }
}

/// So that `slot_10` comes behind `slot_9`.
fn natural(name: &str) -> (String, u64, String) {
    let bare = name.trim_end_matches(|character: char| character.is_ascii_digit());
    (bare.to_owned(), name[bare.len()..].parse().unwrap_or(0), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn slots_come_first_and_what_overlaps_is_in_two_rows() {
        let mut records: Vec<Value> = Vec::new();
        for (id, slot, from, to) in [
            ("A", Some("slot_10"), 0, 5),
            ("B", Some("slot_9"), 0, 5),
            ("C", None, 1, 4),
            ("D", None, 3, 6),
            ("E", None, 4, 6),
            ("F", Some("slot_9"), 5, 6),
        ] {
            for (kind, at) in [("started", from), ("completed", to)] {
                let at = Timestamp::from_second(at).unwrap().to_string();
                records.push(json!({ "timestamp": at, "type": kind, "task_id": id, "attempt": 1, "agent": "ann", "data": { "slot": slot } }));
            }
        }
        let history = History::of(&records);
        let lanes = lanes(&history);
        let told: Vec<_> =
            lanes.iter().map(|lane| (lane.name.as_str(), lane.rows, lane.bars.len())).collect();
        assert_eq!(told, [("slot_9", 1, 2), ("slot_10", 1, 1), ("ann", 2, 3)]);
    }
}
