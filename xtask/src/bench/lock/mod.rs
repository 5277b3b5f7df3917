//! Locks: free ones, handed-over ones, and the longest wait for one.

mod turns;
mod who;

use crate::bench::measure::{Bound, Contestant, Figure, Measure, Target, Unit};
use crate::client::How;
use crate::engine::{Failure, Stage, Tool, fail};
use turns::{Course, Turns};
use who::Who;

pub(crate) fn measures() -> Vec<Measure> {
    vec![uncontended(), whole_process(), hand_off(), longest_wait()]
}

const fn time(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Nanoseconds, is_compared: true }
}

const fn count(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Count, is_compared: false }
}

const OURS: &str = "lock-core";
const OURS_WITHOUT: &str = "lock-core, without record";
const STD_POLLED: &str = "std `File::try_lock`, polled every 50 ms";
const PYTHON: &str = "Python `filelock` (polls every 50 ms)";

fn uncontended() -> Measure {
    let rust =
        |name, how| contestant(name, Who::Client(how), |who, stage| Ok(vec![who.alone(stage, 50_000)?]));
    Measure {
        name: "A free lock, taken and given back",
        told: "In one process, for one turn: opening the lock file, locking, making sure that it is still the file at the path, giving back.",
        figures: vec![time("a turn")],
        contestants: vec![
            rust("bare calls: open, flock, fstat, stat, close", How::Calls),
            rust("bare calls, with an unlock before the close", How::CallsAndUnlock),
            rust(OURS_WITHOUT, How::OursWithoutRecord),
            rust(OURS, How::Ours),
            rust("std `File::lock` (looks at no path)", How::Std),
            rust("`fd-lock` (looks at no path)", How::FdLock),
            rust("`fs4` (looks at no path)", How::Fs4),
            contestant("Python `filelock`", Who::Python, |who, stage| Ok(vec![who.alone(stage, 4_000)?])),
        ],
        targets: vec![
            Target {
                contestant: OURS_WITHOUT,
                figure: "a turn",
                bound: Bound::RatioAtMost(1.5),
                when_missed: "one more flock (the unlock) and six times getpid, in case this is a forked child, than the bare calls",
            },
            Target {
                contestant: OURS,
                figure: "a turn",
                bound: Bound::RatioAtMost(4.0),
                when_missed: "the record costs one read and two writes of 1 KiB, reading its text once and making it twice",
            },
        ],
        picture: None,
    }
}

fn whole_process() -> Measure {
    let times = |words: &'static [&'static str]| {
        move |_: &Who, stage: &Stage| Ok(vec![who::command(stage, 100, words)?])
    };
    Measure {
        name: "A command under a free lock",
        told: "From its start to its end, as a shell would run it.",
        figures: vec![time("a run")],
        contestants: vec![
            contestant("`true`", Who::Command, times(&["true"])),
            contestant("`flock FILE true`", Who::Command, times(&["flock", "a.lock", "true"])),
        ],
        targets: Vec::new(),
        picture: None,
    }
}

const HAND_OFF: Course =
    Course { processes: 8, inside_us: 1_000, outside_us: 1_000, lasts_ms: 800, is_in_turns: true };
const CROWD: Course =
    Course { processes: 32, inside_us: 1_000, outside_us: 1_000, lasts_ms: 2_000, is_in_turns: false };

fn hand_off() -> Measure {
    let with = |name, who| contestant(name, who, |who, stage| handed(&who.turns(stage, &HAND_OFF)?));
    Measure {
        name: "From one process to the next",
        told: "8 processes take turns of 1 ms; who had one stays away for 1 ms, and until somebody else had one. From the end of a turn, before the lock is given back, to \
               the moment at which the next one has it, if that one waited already.",
        figures: vec![time("p50"), time("p99"), count("turns in 0.8 s")],
        contestants: vec![
            with("blocking flock", Who::Client(How::Flock)),
            with(OURS, Who::Client(How::Ours)),
            with(OURS_WITHOUT, Who::Client(How::OursWithoutRecord)),
            with("`flock FILE COMMAND`, a process for each turn", Who::Command),
            with(STD_POLLED, Who::Client(How::StdPolled)),
            with(PYTHON, Who::Python),
        ],
        targets: vec![Target {
            contestant: OURS,
            figure: "p50",
            bound: Bound::RatioAtMost(3.0),
            when_missed: "the record is written before the lock is given back and again by the next holder, whose waiter thread has to wake the caller",
        }],
        picture: None,
    }
}

fn longest_wait() -> Measure {
    let with = |name, who| contestant(name, who, |who, stage| Ok(waited(&who.turns(stage, &CROWD)?)));
    Measure {
        name: "32 processes that want the same lock",
        told: "For 2 s, in turns of 1 ms, staying away for 1 ms between two. The longest wait counts to its end; turns are counted while all want one.",
        figures: vec![time("longest wait"), count("fewest turns"), count("most turns")],
        contestants: vec![
            with("blocking flock", Who::Client(How::Flock)),
            with(OURS, Who::Client(How::Ours)),
            with(STD_POLLED, Who::Client(How::StdPolled)),
            with(PYTHON, Who::Python),
        ],
        targets: vec![Target {
            contestant: OURS,
            figure: "longest wait",
            bound: Bound::RatioAtMost(1.5),
            when_missed: "each turn is longer by the record and the way through the waiter thread, and everybody waits for 31 of them",
        }],
        picture: None,
    }
}

fn contestant(
    name: &'static str,
    who: Who,
    go: impl Fn(&Who, &Stage) -> Result<Vec<f64>, Failure> + 'static,
) -> Contestant {
    let needs = match who {
        Who::Client(_) => &[][..],
        Who::Command => &[Tool::Flock],
        Who::Python => &[Tool::FileLock],
    };
    Contestant::new(name, needs, move |stage| go(&who, stage))
}

fn handed(turns: &Turns) -> Result<Vec<f64>, Failure> {
    let times = turns.hand_offs();
    let at =
        |percent: usize| times.get(times.len().saturating_sub(1) * percent / 100).map(|time| *time as f64);
    let (Some(p50), Some(p99)) = (at(50), at(99)) else { return Err(fail("the lock never changed hands")) };
    Ok(vec![p50, p99, turns.counts().iter().sum::<usize>() as f64])
}

fn waited(turns: &Turns) -> Vec<f64> {
    let counts = turns.counts();
    let at = |count: Option<&usize>| count.map_or(0.0, |count| *count as f64);
    vec![turns.longest_wait() as f64, at(counts.first()), at(counts.last())]
}
