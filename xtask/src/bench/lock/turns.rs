//! Processes that take turns, and what their stamps tell.

use crate::client::now;
use crate::engine::{Explain, Failure, Running, Stage, fail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Between everybody's being ready and the first turn: time for all to see when that is.
const HEAD_START_NS: u64 = 30_000_000;

/// How it goes.
#[derive(Clone, Copy)]
pub(crate) struct Course {
    pub(crate) processes: u16,
    /// How long a turn takes.
    pub(crate) inside_us: u64,
    /// How long each stays away between two turns.
    pub(crate) outside_us: u64,
    pub(crate) lasts_ms: u64,
    /// Who had a turn does not ask again before somebody else had one.
    pub(crate) is_in_turns: bool,
}

/// One turn of one process, in nanoseconds on one clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) process: u16,
    pub(crate) asked: u64,
    pub(crate) got: u64,
    /// When it began to give the lock back.
    pub(crate) released: u64,
}

/// All turns, in the order in which they were had.
#[derive(Debug)]
pub(crate) struct Turns {
    /// After this nobody asks any more, and there is no competition to speak of.
    end: u64,
    processes: u16,
    turns: Vec<Turn>,
}

impl Course {
    /// Runs it; `client` makes the command of one process, to which the words about the course are added.
    pub(crate) fn run(
        &self,
        stage: &Stage,
        lock: &Path,
        client: impl Fn() -> Result<Command, Failure>,
        words: impl Fn(&Self, &Files<'_>, &mut Command),
    ) -> Result<Turns, Failure> {
        let run = now();
        let times = stage.folder().join(format!("times-{run}"));
        let mut clients: Vec<Running> = Vec::new();
        let ready: Vec<_> =
            (0..self.processes).map(|n| stage.folder().join(format!("ready-{run}-{n}"))).collect();
        let last = stage.folder().join(format!("last-{run}"));
        // Nobody's number.
        fs::write(&last, [u8::MAX]).explain(last.display())?;
        for (n, ready) in ready.iter().enumerate() {
            let mut command = client()?;
            let last = self.is_in_turns.then_some((last.as_path(), n));
            words(self, &Files { lock, ready, times: &times, last }, &mut command);
            clients.push(stage.start(&mut command, &format!("turns-{run}-{n}"))?);
        }
        stage.until(|| {
            for client in &mut clients {
                if !client.is_running()? {
                    return Ok(true);
                }
            }
            Ok(ready.iter().all(|file| file.exists()))
        })?;
        let begin = now() + HEAD_START_NS;
        let end = begin + self.lasts_ms * 1_000_000;
        atomic_io::replace(&times, format!("{begin} {end}\n").as_bytes())?;
        let mut turns = Vec::new();
        for (process, client) in (0..).zip(clients) {
            let finished = client.finish()?.expect(0)?;
            for line in finished.stdout.lines() {
                turns.push(parse(process, line)?);
            }
        }
        for file in ready.iter().chain([&times, &last]) {
            fs::remove_file(file).explain(file.display())?;
        }
        Turns::new(turns, self.processes, end)
    }
}

/// What the processes of a course share, and what one has for itself.
pub(crate) struct Files<'a> {
    pub(crate) lock: &'a Path,
    pub(crate) ready: &'a Path,
    pub(crate) times: &'a Path,
    /// Where it stands who had the last turn, and as whom this process stands there.
    pub(crate) last: Option<(&'a Path, usize)>,
}

fn parse(process: u16, line: &str) -> Result<Turn, Failure> {
    let numbers: Result<Vec<u64>, _> = line.split_whitespace().map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[asked, got, released]) => Ok(Turn { process, asked, got, released }),
        _ => Err(fail(format!("a client said `{line}` instead of three numbers"))),
    }
}

impl Turns {
    /// Refuses turns that overlap: what does not exclude needs not be measured.
    fn new(mut turns: Vec<Turn>, processes: u16, end: u64) -> Result<Self, Failure> {
        turns.sort_by_key(|turn| turn.got);
        match turns.windows(2).find(|pair| pair[1].got < pair[0].released) {
            Some(pair) => Err(fail(format!("two were inside at once: {:?} and {:?}", pair[0], pair[1]))),
            None if turns.is_empty() => Err(fail("nobody had a turn")),
            None => Ok(Self { end, processes, turns }),
        }
    }

    /// From one's giving the lock back to the next one's having it, where that one waited already; sorted.
    pub(crate) fn hand_offs(&self) -> Vec<u64> {
        let pairs = self.turns.windows(2).map(|pair| (pair[0], pair[1]));
        let waited = pairs.filter(|(last, next)| next.asked < last.released && next.got < self.end);
        let mut times: Vec<u64> = waited.map(|(last, next)| next.got - last.released).collect();
        times.sort_unstable();
        times
    }

    /// The longest that anybody waited, those included who got the lock only when the others had left.
    pub(crate) fn longest_wait(&self) -> u64 {
        self.turns.iter().map(|turn| turn.got - turn.asked).max().unwrap_or(0)
    }

    /// How many turns each process had while all wanted one; sorted.
    pub(crate) fn counts(&self) -> Vec<usize> {
        let of = |process| {
            let in_time = |turn: &&Turn| turn.process == process && turn.got < self.end;
            self.turns.iter().filter(in_time).count()
        };
        let mut counts: Vec<usize> = (0..self.processes).map(of).collect();
        counts.sort_unstable();
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::{Turn, Turns};

    fn turn(process: u16, asked: u64, got: u64, released: u64) -> Turn {
        Turn { process, asked, got, released }
    }

    #[test]
    fn two_inside_at_once_are_refused() {
        assert!(Turns::new(vec![turn(0, 0, 1, 5), turn(1, 0, 5, 9)], 2, 100).is_ok());
        assert!(Turns::new(vec![turn(1, 0, 4, 9), turn(0, 0, 1, 5)], 2, 100).is_err());
        assert!(Turns::new(Vec::new(), 2, 100).is_err());
    }

    #[test]
    fn only_who_waited_is_handed_the_lock() {
        let turns = [turn(0, 0, 1, 5), turn(1, 2, 8, 9), turn(0, 20, 21, 30), turn(1, 25, 32, 34)];
        let turns = Turns::new(turns.to_vec(), 2, 100).unwrap();
        assert_eq!(turns.hand_offs(), [2, 3]);
    }

    #[test]
    fn who_starves_shows_in_the_longest_wait_and_in_the_counts() {
        let turns = [turn(0, 0, 1, 5), turn(0, 6, 7, 9), turn(1, 2, 40, 41)];
        let turns = Turns::new(turns.to_vec(), 3, 30).unwrap();
        assert_eq!(turns.longest_wait(), 38);
        assert_eq!(turns.counts(), [0, 0, 2]);
    }
}
