//! Locks that somebody holds without knowing: a program that was started while its parent had the lock inherits the descriptor,
//! and with it the lock, for as long as it lives.

use crate::facts::Leak;
use crate::openers::{Opener, Process, Processes};

/// The process that a lock was leaked to, if it looks so. `takers` are the processes that the kernel names as having taken the lock.
///
/// In bash a lock is always taken by a `flock` command that ends at once, so a taker that has ended is no sign by itself. The signs are that
/// nobody is left of those who started the process, and that it was started after the lock was taken: its number is higher.
pub(crate) fn leaked_to(openers: &[Opener], takers: &[i32], processes: &mut Processes) -> Option<Leak> {
    let holders: Vec<&Opener> = openers.iter().filter(|opener| opener.mode.is_some()).collect();
    if takers.iter().any(|taker| processes.get(*taker).is_some()) {
        return None;
    }
    // Children of a holder have the lock because their parent has it.
    let is_holder = |pid: i32| holders.iter().any(|holder| holder.pid == pid);
    let mut first = None;
    for holder in &holders {
        let process = processes.get(holder.pid)?.clone();
        if is_holder(process.parent) {
            continue;
        }
        if !has_inherited(holder.pid, &process, takers, processes) {
            return None;
        }
        first = first.or(Some(*holder));
    }
    let holder = first?;
    Some(Leak { pid: holder.pid, command: processes.command(holder.pid), descriptor: holder.descriptor })
}

fn has_inherited(pid: i32, process: &Process, takers: &[i32], processes: &mut Processes) -> bool {
    let came_later = match takers.iter().max() {
        Some(taker) => pid > *taker,
        // In a container it is not told who took the lock. A shell may have done so itself.
        None => !is_shell(process),
    };
    came_later && !process.is_flock() && is_orphan(pid, process, processes)
}

/// Whether whoever started it is gone. It was handed to another parent then, which mostly is the first process of all, or lives in another
/// session; a process that leads its session or group was started to be on its own.
fn is_orphan(pid: i32, process: &Process, processes: &mut Processes) -> bool {
    if process.session == pid || process.group == pid {
        return false;
    }
    // In a container the first process may be the one that starts scripts.
    process.parent == 1 && !is_shell(process)
        || processes.get(process.parent).is_none_or(|parent| parent.session != process.session)
}

fn is_shell(process: &Process) -> bool {
    matches!(process.program(), "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "busybox" | "fish")
}
