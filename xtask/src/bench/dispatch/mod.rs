//! Working tasks off: our dispatcher beside other programs that run so many commands at a time.

mod peers;

use super::measure::{Bound, Contestant, Figure, Measure, Target, Unit};
use crate::engine::{Failure, Stage, Tool};
use peers::Size;

const OURS: &str = "`queue dispatch`";
const OURS_LARGE: &str = "`queue dispatch`, tasks of 400 bytes";
const PARALLEL: &str = "GNU `parallel --joblog`";
const SPOOLER: &str = "`tsp` (task-spooler)";
const PUEUE: &str = "`pueue`, 100 tasks";

/// How many tasks are worked off.
const TASKS: u32 = 1_000;
/// Of those who need a tenth of a second for each.
const FEW_TASKS: u32 = 100;
/// How many run at a time.
const SLOTS: &str = "4";

/// How many times our time GNU parallel is to take at least.
const OF_PARALLEL: f64 = 1.0 / 1.5;

pub(crate) fn measures() -> Vec<Measure> {
    let each = |name, needs: &[Tool], go: fn(&Stage) -> Result<f64, Failure>| {
        Contestant::new(name, needs, move |stage| Ok(vec![go(stage)?]))
    };
    let target = |contestant, least| Target {
        contestant,
        figure: "a task",
        bound: Bound::RatioAtLeast(least),
        when_missed: "each batch of tasks that begin or end is one durable save of the whole queue and one of its events, and each task has a run lock, a log and \
                      its fields on its standard input",
    };
    vec![Measure {
        name: "1,000 tasks that do nothing, four at a time",
        told: "From the start of the work until the last of 1,000 runs of `true` is over and accounted for, divided by their number; what is to be run is known to everybody before that, but to `tsp`, which has no room for so many. \
               `queue dispatch` has each begin and end on disk before it goes on, with events. `parallel` has a log that it does not sync. `tsp` has \
               everything in memory, and a file in the temporary folder for each task; `pueue` writes its state without syncing it, and gets 100 tasks only, \
               because 1,000 take it one or two minutes in each round; it writes all of them anew each time, so fewer are in its favour.",
        figures: vec![Figure { name: "a task", unit: Unit::Nanoseconds, is_compared: true }],
        contestants: vec![
            each(OURS, &[], |stage| peers::dispatch(stage, Size::Small)),
            each(OURS_LARGE, &[], |stage| peers::dispatch(stage, Size::Large)),
            each(PARALLEL, &[Tool::Parallel], peers::parallel),
            each(SPOOLER, &[Tool::TaskSpooler], peers::spooler),
            each(PUEUE, &[Tool::Pueue], peers::pueue),
        ],
        targets: vec![target(PARALLEL, OF_PARALLEL), target(SPOOLER, 1.0), target(PUEUE, 1.0)],
        picture: None,
    }]
}
