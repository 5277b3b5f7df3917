//! `atomic-io lock`

use crate::child;
use crate::cli::Lock;
use crate::context::Context;
use crate::exit::{Exit, Failure, exit_of_lock};
use crate::interrupt::not_ignored;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process, waitid};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;
use std::fs::File;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

/// How it ended is the command's own exit code, or 128 and the signal that ended it.
pub(crate) fn run(context: &Context, args: &Lock) -> Result<u8, Failure> {
    let mut command = child::command(&args.command)?;
    let lock_failed = |error| Failure::Other {
        exit: exit_of_lock(&error),
        message: format!("{} is not run", command.get_program().display()),
        source: Some(Box::new(error)),
    };
    // Holding it long is what this command is for.
    let lock = context.lock(&args.file)?.long_hold(Duration::MAX);
    let mut held = lock.exclusive(context.global.timeout).map_err(lock_failed)?;
    held.inherit_on_exec().map_err(|error| Failure::because("the lock cannot be passed on", error))?;
    context.tell_of_lock(&mut command, held.path());
    let mut signals = Signals::new(not_ignored(&[SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]))
        .map_err(|error| Failure::because("cannot listen for signals", error))?;
    let mut child = command.spawn().map_err(|error| child::cannot_run(&command, error))?;
    let handle = signals.handle();
    let Some(pid) = Pid::from_raw(child.id().cast_signed()) else {
        return Err(Failure::new(Exit::Failure, "the command has no process number"));
    };
    let forwarding = thread::spawn(move || signals.forever().for_each(|signal| pass_on(pid, signal)));
    let status = wait(&mut child, pid, || {
        handle.close();
        // It only ends; how is of no interest.
        let _ = forwarding.join();
    })?;
    drop(held);
    Ok(child::code(status))
}

/// Waits for the end of `child`. Its number stays its own until `last` is done, so that no signal hits another process.
fn wait(child: &mut Child, pid: Pid, last: impl FnOnce()) -> Result<ExitStatus, Failure> {
    let failed = |error| Failure::because("cannot wait for the command", error);
    loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map(drop).map_err(|errno| failed(errno.into()))?,
        }
    }
    last();
    child.wait().map_err(failed)
}

fn pass_on(pid: Pid, signal: i32) {
    // What is typed at a terminal goes to all processes in its foreground: the command has it already, and to many programs the
    // second Ctrl-C means something else than the first.
    if matches!(signal, SIGINT | SIGQUIT) && is_in_foreground() {
        return;
    }
    if let Some(signal) = Signal::from_named_raw(signal) {
        // It may have ended just now.
        let _ = kill_process(pid, signal);
    }
}

fn is_in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp()))
}
