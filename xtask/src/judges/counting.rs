//! Whether anything was lost that a client was told is saved.

use std::collections::HashMap;

/// What all clients together noted and what the files say at the end.
pub(crate) struct Counting<'a> {
    /// The ids whose update had succeeded.
    pub(crate) counted: &'a [String],
    /// The ids whose event had been appended.
    pub(crate) logged: &'a [String],
    /// What the counter file counts.
    pub(crate) counter: u64,
    /// The list in the counter file.
    pub(crate) ids: &'a [String],
    /// The ids in the event log.
    pub(crate) events: &'a [String],
}

impl Counting<'_> {
    pub(crate) fn judge(&self) -> Result<(), String> {
        if self.counted.is_empty() || self.logged.is_empty() {
            return Err("no client got anything done".into());
        }
        let ids = once("the list of ids", self.ids)?;
        // A client that was killed between saving and noting leaves an id that nobody was told of: that is right.
        all_in("the list of ids", self.counted, &ids)?;
        if self.counter != self.ids.len() as u64 {
            return Err(format!("the counter says {} but there are {} ids", self.counter, self.ids.len()));
        }
        let events = once("the event log", self.events)?;
        all_in("the event log", self.logged, &events)
    }
}

fn once<'a>(place: &str, ids: &'a [String]) -> Result<HashMap<&'a str, u64>, String> {
    let mut times = HashMap::new();
    for id in ids {
        *times.entry(id.as_str()).or_default() += 1;
    }
    let twice: Vec<_> = ids.iter().filter(|id| times[id.as_str()] > 1).cloned().collect();
    if twice.is_empty() { Ok(times) } else { Err(format!("more than once in {place}: {}", some(&twice))) }
}

fn all_in(place: &str, acknowledged: &[String], found: &HashMap<&str, u64>) -> Result<(), String> {
    let lost: Vec<_> = acknowledged.iter().filter(|id| !found.contains_key(id.as_str())).cloned().collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} of {} acknowledged ids are not in {place}: {}",
        lost.len(),
        acknowledged.len(),
        some(&lost)
    ))
}

/// The first few, for a message.
fn some(ids: &[String]) -> String {
    let shown: Vec<_> = ids.iter().take(8).map(String::as_str).collect();
    let more = if ids.len() > shown.len() { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::Counting;

    fn judge(counted: &[&str], logged: &[&str], counter: u64, ids: &[&str], events: &[&str]) -> bool {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let (counted, logged, ids, events) = (owned(counted), owned(logged), owned(ids), owned(events));
        Counting { counted: &counted, logged: &logged, counter, ids: &ids, events: &events }.judge().is_ok()
    }

    #[test]
    fn what_was_saved_but_not_acknowledged_is_right() {
        assert!(judge(&["a", "b"], &["a"], 3, &["a", "b", "c"], &["a", "b"]));
    }

    #[test]
    fn everything_lost_doubled_or_miscounted_is_noticed() {
        assert!(!judge(&["a", "b"], &["a"], 1, &["a"], &["a"]), "a lost update");
        assert!(!judge(&["a"], &["a", "b"], 1, &["a"], &["a"]), "a lost event");
        assert!(!judge(&["a"], &["a"], 2, &["a"], &["a"]), "a wrong counter");
        assert!(!judge(&["a"], &["a"], 2, &["a", "a"], &["a"]), "an id twice");
        assert!(!judge(&["a"], &["a"], 1, &["a"], &["a", "a"]), "an event twice");
        assert!(!judge(&[], &[], 0, &[], &[]), "nothing done");
    }
}
