//! How much memory a command has at most. In a process of its own, because the kernel counts for a child what its parent had when it
//! was started, and xtask has more than what is to be measured.

use crate::engine::{Explain, Failure, fail};
use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

#[derive(Args, Debug)]
pub(crate) struct Peak {
    #[arg(last = true, required = true)]
    words: Vec<OsString>,
}

/// Prints bytes.
pub(super) fn measure(args: &Peak) -> Result<ExitCode, Failure> {
    let [program, words @ ..] = args.words.as_slice() else { return Err(fail("no command")) };
    let program_name = program.to_string_lossy();
    let status = Command::new(program).args(words).stdout(Stdio::null()).status().explain(&program_name)?;
    if !status.success() {
        return Err(fail(format!("{program_name}: {status}")));
    }
    let most = getrusage(UsageWho::RUSAGE_CHILDREN).explain("getrusage")?.max_rss();
    // Linux counts KiB here, macOS bytes.
    println!("{}", if cfg!(target_os = "macos") { most } else { most.saturating_mul(1024) });
    Ok(ExitCode::SUCCESS)
}
