//! Processes that take turns behind a lock, and their lives.

use super::{BASH_TURNS, PYTHON_TURNS};
use crate::engine::{Explain, Failure, Random, Running, Stage, fail};
use crate::judges::lock_rooms::{Life, Rooms, Tally, owner};
use std::fs;
use std::io::ErrorKind;
use std::process::Command;

/// In what language, and what it knows of the lock.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    /// With the names of the lock in this order, and all rooms.
    Ours(&'static [&'static str]),
    /// With one name, and the room that this name guards.
    Python(&'static str, &'static str),
    Bash(&'static str, &'static str),
}

impl Member {
    /// In the order of what is told about them.
    pub(super) const KINDS: [&'static str; 3] = ["ours", "python", "bash"];

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Ours(_) => "ours",
            Self::Python(..) => "python",
            Self::Bash(..) => "bash",
        }
    }
}

/// All that take part, those that have ended too.
pub(super) struct Troupe<'a> {
    stage: &'a Stage,
    rooms: &'static [&'static str],
    members: Vec<(Member, Option<Running>)>,
    /// The names of those that were killed.
    killed: Vec<String>,
    lives: u64,
    random: Random,
}

impl<'a> Troupe<'a> {
    /// Empty rooms; nobody runs yet.
    pub(super) fn new(
        stage: &'a Stage,
        rooms: &'static [&'static str],
        members: impl IntoIterator<Item = Member>,
    ) -> Result<Self, Failure> {
        for room in rooms {
            let folder = stage.data().join(room);
            fs::create_dir(&folder).explain(folder.display())?;
            fs::write(folder.join("counter"), format!("{:012}\n", 0)).explain(folder.display())?;
        }
        let members = members.into_iter().map(|member| (member, None)).collect();
        let mut troupe = Self { stage, rooms, members, killed: Vec::new(), lives: 0, random: stage.random() };
        for place in 0..troupe.members.len() {
            troupe.start(place)?;
        }
        Ok(troupe)
    }

    fn start(&mut self, place: usize) -> Result<(), Failure> {
        let Some((member, running)) = self.members.get_mut(place) else { return Ok(()) };
        self.lives += 1;
        let name = format!("{}-{}", member.kind(), self.lives);
        let mut command = command(self.stage, *member, &name, self.rooms, self.random.next())?;
        *running = Some(self.stage.start(&mut command, &name)?);
        Ok(())
    }

    /// How often somebody wrote. All must still run.
    pub(super) fn look(&mut self) -> Result<u64, Failure> {
        for (_, running) in &mut self.members {
            if let Some(mut found) = running.take() {
                if !found.is_running()? {
                    let ended = found.finish()?;
                    return Err(fail(format!("{} ended by itself: {}", ended.name, ended.said())));
                }
                *running = Some(found);
            }
        }
        let mut turns = 0;
        for room in self.rooms {
            turns += counter(self.stage, room)?;
        }
        Ok(turns)
    }

    /// SIGKILL to a member of this kind that is inside in this moment, and another one in its place. Whether there was one.
    pub(super) fn kill_one_inside(&mut self, kind: &str) -> Result<bool, Failure> {
        let mut inside = Vec::new();
        for room in self.rooms {
            inside.extend(marks(self.stage, room)?);
        }
        let is_inside = |running: &Running| inside.iter().any(|mark| owner(mark) == running.name());
        let place = self
            .members
            .iter()
            .position(|(member, running)| member.kind() == kind && running.as_ref().is_some_and(is_inside));
        let Some(place) = place else { return Ok(false) };
        if let Some((_, slot)) = self.members.get_mut(place)
            && let Some(victim) = slot.take()
        {
            let ended = victim.kill()?;
            if ended.status.code().is_some() {
                return Err(fail(format!("{} ended by itself: {}", ended.name, ended.said())));
            }
            self.killed.push(ended.name);
            self.start(place)?;
        }
        Ok(true)
    }

    /// Ends all and judges what they noted. Every kind must have written and read.
    pub(super) fn finish(mut self) -> Result<Tally, Failure> {
        fs::write(self.stage.folder().join("stop"), "")?;
        let mut lives = Vec::new();
        for name in self.killed {
            lives.push(Life { lines: noted(self.stage, &name)?, name, killed: true });
        }
        for running in self.members.drain(..).filter_map(|(_, running)| running) {
            let name = running.finish()?.expect(0)?.name;
            lives.push(Life { lines: noted(self.stage, &name)?, name, killed: false });
        }
        let mut counters = Vec::new();
        let mut left = Vec::new();
        for room in self.rooms {
            counters.push((*room, counter(self.stage, room)?));
            left.extend(marks(self.stage, room)?);
        }
        let tally = Rooms { lives: &lives, counters: &counters, left: &left }.judge().map_err(fail)?;
        for kind in Member::KINDS {
            for what in ["wrote", "read"] {
                let mut of_kind = lives.iter().filter(|life| life.name.starts_with(kind));
                if !of_kind.any(|life| life.lines.iter().any(|line| line.starts_with(what))) {
                    return Err(fail(format!("none of {kind} ever {what} anything")));
                }
            }
        }
        Ok(tally)
    }
}

/// Who was stopped before its first turn has noted nothing.
fn noted(stage: &Stage, name: &str) -> Result<Vec<String>, Failure> {
    let log = stage.folder().join(format!("{name}.log"));
    match fs::read_to_string(&log) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        text => Ok(text.explain(log.display())?.lines().map(str::to_owned).collect()),
    }
}

fn counter(stage: &Stage, room: &str) -> Result<u64, Failure> {
    let path = stage.data().join(room).join("counter");
    fs::read_to_string(&path)?.trim().parse::<u64>().explain(path.display())
}

/// Who is in a room.
fn marks(stage: &Stage, room: &str) -> Result<Vec<String>, Failure> {
    let folder = stage.data().join(room);
    let names = fs::read_dir(&folder).explain(folder.display())?.flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| name != "counter").collect())
}

fn command(stage: &Stage, member: Member, name: &str, rooms: &[&str], seed: u64) -> Result<Command, Failure> {
    let log = format!("../{name}.log");
    let foreign = |mut command: Command, lock: &str, room: &str| {
        command.args([name, lock, room, &log, "../stop"]);
        command
    };
    Ok(match member {
        Member::Python(lock, room) => foreign(stage.python("lock_turns.py", PYTHON_TURNS)?, lock, room),
        Member::Bash(lock, room) => foreign(stage.bash("lock_turns.sh", BASH_TURNS)?, lock, room),
        Member::Ours(locks) => {
            let mut command = stage.client(&["lock-rooms", name, "--log", &log, "--stop", "../stop"]);
            command.args(["--seed", &seed.to_string()]);
            for (place, lock) in locks.iter().enumerate() {
                command.args([if place == 0 { "--lock" } else { "--also" }, lock]);
            }
            for room in rooms {
                command.args(["--room", room]);
            }
            command
        }
    })
}
