//! `queue stop`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

pub(crate) fn run(context: &Context, now: bool) -> Result<Exit, Failure> {
    let holders = context.queue.runs().dispatcher_lock().holders();
    let pids: Vec<Pid> = holders.iter().filter_map(|holder| Pid::from_raw(holder.pid?)).collect();
    if holders.is_empty() {
        let message = format!("{} has no dispatcher", context.queue.path().display());
        return Err(Failure::new(Exit::Nothing, message));
    }
    if pids.is_empty() {
        let message =
            "the dispatcher cannot be seen from here: it is another user's, or in another container";
        return Err(Failure::new(Exit::Failure, message));
    }
    let signal = if now { Signal::TERM } else { Signal::INT };
    for pid in &pids {
        kill_process(*pid, signal)
            .map_err(|error| Failure::because(format!("cannot signal process {pid}"), error))?;
    }
    let numbers: Vec<i32> = pids.iter().map(|pid| pid.as_raw_nonzero().get()).collect();
    if context.global.json {
        print_json(&json!({ "dispatchers": numbers, "now": now }));
    } else if !context.global.quiet {
        let what = if now { "stops its tasks and ends" } else { "ends when what runs has ended" };
        for number in numbers {
            print_text(&format!("the dispatcher, process {number}, {what}\n"));
        }
    }
    Ok(Exit::Done)
}
