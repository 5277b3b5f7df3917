//! How much memory a command has at most.

use super::peers::Peer;
use super::{OURS, SQLITE};
use crate::bench::measure::{Bound, Contestant, Figure, Measure, Target, Unit};
use crate::engine::{Explain, Failure, Stage, Tool, fail};
use std::ffi::OsStr;
use std::process::Command;

/// What a queue of 10,000 tasks is to keep to.
const MOST: f64 = 60e6;
const FIGURES: [&str; 3] = ["list", "claim", "done"];

pub(super) fn peak() -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        Contestant::new(name, needs, move |stage| {
            let queue = peer.queue(stage, 10_000)?;
            let list = of(stage, &peer.list(stage, &queue)?)?;
            let claim = of(stage, &peer.claim(stage, &queue)?)?;
            let said = peer.claim(stage, &queue)?.output().explain(name)?.stdout;
            let said = String::from_utf8_lossy(&said);
            let id = said.split_whitespace().next().ok_or_else(|| fail("nothing was claimed"))?;
            let done = of(stage, &peer.done(stage, &queue, id)?)?;
            Ok(vec![list, claim, done])
        })
    };
    let figure = |name| Figure { name, unit: Unit::Bytes, is_compared: true };
    let target = |figure| Target {
        contestant: OURS,
        figure,
        bound: Bound::ValueAtMost(MOST),
        when_missed: "the text is there twice, with its outline and its tasks",
    };
    Measure {
        name: "Memory at 10,000 tasks",
        told: "The most that was resident at a time, the program itself and its libraries included.",
        figures: FIGURES.map(figure).into(),
        contestants: vec![each(OURS, &[], Peer::Ours), each(SQLITE, &[Tool::Sqlite], Peer::Sqlite)],
        targets: FIGURES.map(target).into(),
        picture: None,
    }
}

/// The most bytes that `command` has resident.
fn of(stage: &Stage, command: &Command) -> Result<f64, Failure> {
    let mut client = stage.client(&["peak", "--"]);
    client.arg(command.get_program()).args(command.get_args().collect::<Vec<&OsStr>>());
    let output = client.output().explain("cannot start a client")?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse::<f64>().explain(format_args!("`{said}`{}", String::from_utf8_lossy(&output.stderr)))
}
