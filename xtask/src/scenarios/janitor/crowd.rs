//! Two Python programs, two bash scripts and a fast compiled one that count under locks, and know nothing of inodes.

use crate::client::Opened;
use crate::engine::{Explain, Failure, Running, Stage, fail};
use std::fs;
use std::time::Duration;

const PYTHON: &str = include_str!("../../../clients/lock_plain.py");
const BASH: &str = include_str!("../../../clients/lock_plain.sh");

/// Ten times [`GRACE_MS`](super::GRACE_MS): a bridge ends when for a whole grace nobody came for its old file, and who comes late comes for that.
const LATE_PAUSE_US: u64 = 200_000;

/// Where they meet, and how.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) stage: &'a Stage,
    /// The name of the folder of the lock files, in the data folder.
    pub(super) locks: &'a str,
    pub(super) rooms: u64,
    pub(super) opened: Opened,
    pub(super) pause_us: u64,
}

/// Somebody who had looked up a name just before its file was moved aside, and opens it late; and for how many seconds it then keeps it open.
#[derive(Clone, Copy)]
pub(super) enum Late {
    Python(&'static str),
    Bash(&'static str),
}

pub(super) struct Crowd<'a> {
    place: Place<'a>,
    clients: Vec<Running>,
}

/// What they did, all together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub(super) turns: u64,
    pub(super) overlaps: u64,
    /// What the counters say.
    pub(super) counted: u64,
    pub(super) longest_wait: Duration,
}

impl<'a> Place<'a> {
    /// Empties the rooms and lets the crowd in.
    pub(super) fn fill(self) -> Result<Crowd<'a>, Failure> {
        fs::create_dir_all(self.stage.data().join(self.locks)).explain(self.locks)?;
        for number in 0..self.rooms {
            fs::write(self.room(number, "count"), format!("{:012}\n", 0))?;
            fs::write(self.room(number, "inside"), crate::client::NOBODY_INSIDE)?;
        }
        let mut crowd = Crowd { place: self, clients: Vec::new() };
        for name in ["python-1", "python-2"] {
            crowd.start(self.stage.python("lock_plain.py", PYTHON)?, name, self.pause_us, &[])?;
        }
        for name in ["bash-1", "bash-2"] {
            crowd.start(self.stage.bash("lock_plain.sh", BASH)?, name, self.pause_us, &[])?;
        }
        let seed = self.stage.random().next().to_string();
        crowd.start(self.stage.client(&["lock-plain"]), "compiled", self.pause_us, &["--seed", &seed])?;
        Ok(crowd)
    }

    fn room(&self, number: u64, extension: &str) -> std::path::PathBuf {
        self.stage.data().join(format!("{number}.{extension}"))
    }

    fn stop(&self) -> std::path::PathBuf {
        self.stage.data().join(format!("{}.stop", self.locks))
    }
}

impl Crowd<'_> {
    fn start(
        &mut self,
        mut command: std::process::Command,
        name: &str,
        pause_us: u64,
        more: &[&str],
    ) -> Result<(), Failure> {
        let Place { stage, locks, rooms, opened, .. } = self.place;
        command.args([locks, ".", &rooms.to_string()]).arg(self.place.stop());
        command.args([opened.word(), &pause_us.to_string()]).args(more);
        self.clients.push(stage.start(&mut command, &format!("{locks}-{name}"))?);
        Ok(())
    }

    /// And one who always comes late.
    pub(super) fn and(mut self, late: Late) -> Result<Self, Failure> {
        let stage = self.place.stage;
        match late {
            Late::Python(keep_s) => {
                self.start(
                    stage.python("lock_plain.py", PYTHON)?,
                    "late-python",
                    LATE_PAUSE_US,
                    &["late", keep_s],
                )?;
            }
            Late::Bash(keep_s) => {
                self.start(
                    stage.bash("lock_plain.sh", BASH)?,
                    "late-bash",
                    LATE_PAUSE_US,
                    &[keep_s, "late"],
                )?;
            }
        }
        Ok(self)
    }

    /// The path that ends all when it exists.
    pub(super) fn stop(&self) -> std::path::PathBuf {
        self.place.stop()
    }

    /// Lets all come to their end.
    pub(super) fn end(self) -> Result<Done, Failure> {
        fs::write(self.place.stop(), "")?;
        let mut done = Done::default();
        for client in self.clients {
            let finished = client.finish()?.expect(0)?;
            let number = |word| finished.number_after(word);
            done.turns += number("turns")?;
            done.overlaps += number("overlaps")?;
            done.longest_wait = done.longest_wait.max(Duration::from_micros(number("longest_us")?));
        }
        for number in 0..self.place.rooms {
            let path = self.place.room(number, "count");
            let text = fs::read_to_string(&path)?;
            done.counted += text.trim().parse::<u64>().explain(path.display())?;
        }
        Ok(done)
    }
}

impl Done {
    /// That nobody met anybody, and no turn was lost.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        let Self { turns, overlaps, counted, .. } = self;
        if *turns == 0 {
            return Err(fail("nobody ever got a lock"));
        }
        if *overlaps > 0 || turns != counted {
            return Err(fail(format!(
                "{turns} turns were taken but the counters say {counted}, and {overlaps} times somebody else was inside"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Done;

    #[test]
    fn an_overlap_a_lost_turn_and_an_idle_run_are_refused() {
        let judge =
            |turns, overlaps, counted| Done { turns, overlaps, counted, ..Done::default() }.judge().is_ok();
        assert!(judge(100, 0, 100));
        assert!(!judge(100, 1, 100));
        assert!(!judge(100, 0, 99));
        assert!(!judge(100, 0, 101));
        assert!(!judge(0, 0, 0));
    }
}
