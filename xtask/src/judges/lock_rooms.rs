//! Whether a lock kept apart whom it must, from what the processes wrote down that took turns behind it.

use std::collections::{BTreeMap, BTreeSet};

/// One process, from its start to its end.
pub(crate) struct Life {
    pub(crate) name: String,
    /// SIGKILL; otherwise it ended by itself.
    pub(crate) killed: bool,
    /// What it noted.
    pub(crate) lines: Vec<String>,
}

/// What was done, where all is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) writes: u64,
    pub(crate) reads: u64,
    pub(crate) gave_up: u64,
    /// How many were killed inside: they were met by others, or their marks are still there.
    pub(crate) killed_inside: u64,
}

pub(crate) struct Rooms<'a> {
    pub(crate) lives: &'a [Life],
    /// The number that stands in each room at the end.
    pub(crate) counters: &'a [(&'a str, u64)],
    /// The marks that are in the rooms at the end.
    pub(crate) left: &'a [String],
}

impl Rooms<'_> {
    pub(crate) fn judge(&self) -> Result<Tally, String> {
        let killed: BTreeSet<&str> =
            self.lives.iter().filter(|life| life.killed).map(|life| life.name.as_str()).collect();
        let mut tally = Tally::default();
        let mut inside = BTreeSet::new();
        let mut written: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for life in self.lives {
            for line in &life.lines {
                match line.split(' ').collect::<Vec<_>>().as_slice() {
                    ["wrote", room, count] => {
                        let count = count
                            .parse()
                            .map_err(|error| format!("{} noted `{line}`: {error}", life.name))?;
                        if !written.entry(room).or_default().insert(count) {
                            return Err(format!(
                                "in {room} the number {count} was written twice: a turn is lost"
                            ));
                        }
                        tally.writes += 1;
                    }
                    ["read", ..] => tally.reads += 1,
                    ["gave-up"] => tally.gave_up += 1,
                    ["met", room, mark] => {
                        let other = owner(mark);
                        if !killed.contains(other) {
                            return Err(format!(
                                "in {room} {} met {mark}, whom nobody had killed",
                                life.name
                            ));
                        }
                        inside.insert(other);
                    }
                    _ => return Err(format!("{} noted `{line}`: somebody else was inside", life.name)),
                }
            }
        }
        for mark in self.left {
            if !killed.contains(owner(mark)) {
                return Err(format!("{mark} is left, of a process that nobody killed"));
            }
            inside.insert(owner(mark));
        }
        self.count(&written, killed.len())?;
        tally.killed_inside = inside.len() as u64;
        Ok(tally)
    }

    /// Every number was written once. Who was killed may have written its last one without noting it.
    fn count(&self, written: &BTreeMap<&str, BTreeSet<u64>>, kills: usize) -> Result<(), String> {
        for (room, counter) in self.counters {
            let (turns, highest) = written.get(room).map_or((0, 0), |numbers| {
                (numbers.len() as u64, numbers.last().copied().unwrap_or_default())
            });
            if turns == 0 {
                return Err(format!("nobody wrote in {room}"));
            }
            let unnoted = counter.checked_sub(turns);
            if highest > *counter || unnoted.is_none_or(|unnoted| unnoted > kills as u64) {
                return Err(format!(
                    "{room}: {turns} turns were noted, up to {highest}, and the counter says {counter}"
                ));
            }
        }
        Ok(())
    }
}

/// Whose mark it is: `w.NAME` or `r.NAME`.
pub(crate) fn owner(mark: &str) -> &str {
    mark.split_once('.').map_or(mark, |(_, name)| name)
}

/// That a lock file reads as text: no zeros where a record was cut off, no half of a character.
pub(crate) fn is_text(content: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(content).map_err(|error| format!("the lock file is no text: {error}"))?;
    match text.chars().position(|c| c.is_control() && c != '\n') {
        Some(place) => Err(format!("the lock file has a control character at {place} of {}", text.len())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Life, Rooms, is_text};

    fn life(name: &str, killed: bool, lines: &[&str]) -> Life {
        Life { name: name.into(), killed, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    fn judge(lines: [&[&str]; 3], counter: u64, left: &[&str]) -> Result<super::Tally, String> {
        let [a, b, dead] = lines;
        let lives = [life("a.1", false, a), life("b.1", false, b), life("dead.1", true, dead)];
        let left: Vec<_> = left.iter().map(|mark| (*mark).to_owned()).collect();
        Rooms { lives: &lives, counters: &[("room", counter)], left: &left }.judge()
    }

    const A: &[&str] = &["wrote room 1", "met room w.dead.1", "wrote room 3", "gave-up"];
    const B: &[&str] = &["read room 1", "wrote room 4"];

    #[test]
    fn who_was_killed_inside_may_be_met_and_may_have_written_once_without_noting_it() {
        let tally = judge([A, B, &[]], 4, &[]).unwrap();
        assert_eq!((tally.writes, tally.reads, tally.gave_up, tally.killed_inside), (3, 1, 1, 1));
        assert_eq!(judge([&["wrote room 1"], &[], &[]], 1, &["r.dead.1"]).unwrap().killed_inside, 1);
        assert!(judge([&["wrote room 1"], &["wrote room 2"], &["wrote room 3"]], 4, &[]).is_ok());
    }

    #[test]
    fn every_planted_overlap_and_lost_turn_is_noticed() {
        for (what, lines, counter, left) in [
            (
                "a living writer met",
                [&["wrote room 1", "met room w.b.1"][..], &["wrote room 2"], &[]],
                2,
                &[][..],
            ),
            ("a living reader met", [&["wrote room 1", "met room r.b.1"], &["read room 1"], &[]], 1, &[]),
            ("robbed", [&["wrote room 1", "robbed room"], &[], &[]], 1, &[]),
            ("changed under a reader", [&["wrote room 1"], &["changed room", "read room 1"], &[]], 1, &[]),
            ("a number twice", [&["wrote room 1"], &["wrote room 1"], &[]], 1, &[]),
            ("the counter went back", [&["wrote room 1"], &["wrote room 2"], &[]], 1, &[]),
            ("more than the killed one can have written", [A, B, &[]], 6, &[]),
            ("a mark of somebody alive", [A, B, &[]], 4, &["w.b.1"]),
            ("nothing done", [&[], &[], &[]], 0, &[]),
            ("half a line", [&["wrote room"], &["wrote room 1"], &[]], 1, &[]),
        ] {
            assert!(judge(lines, counter, left).is_err(), "{what}");
        }
    }

    #[test]
    fn zeros_and_cut_characters_in_a_lock_file_are_noticed() {
        assert!(is_text(b"").is_ok());
        assert!(is_text("pid: 7\ncommand: ü  \n".as_bytes()).is_ok());
        assert!(is_text(b"pid: 7\n\0\0").is_err());
        assert!(is_text(&[0xc3]).is_err());
    }
}
