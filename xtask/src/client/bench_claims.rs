//! A process that claims one task after the other, as a worker does that stays.

use crate::client::now;
use crate::engine::{Explain, Failure};
use clap::Args;
use jiff::SignedDuration;
use lock_core::Wait;
use queue_cli::ops::{self, ClaimKind};
use queue_cli::{Queue, no_claim_is_over};
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

#[derive(Args, Debug)]
pub(crate) struct Claims {
    queue: PathBuf,
    /// Made when this process is ready
    ready: PathBuf,
    /// Is there when all are to begin
    begin: PathBuf,
    /// How many tasks
    times: u32,
    /// Write no events
    #[arg(long)]
    no_events: bool,
}

pub(super) fn claim(args: &Claims) -> Result<ExitCode, Failure> {
    let queue = Queue::at(&args.queue, Wait::AtMost(Duration::from_secs(60)));
    let queue = if args.no_events { queue.with_events(None) } else { queue };
    File::create(&args.ready).explain(args.ready.display())?;
    while !args.begin.exists() {
        thread::sleep(Duration::from_micros(500));
    }
    let kind = ClaimKind::Leased(SignedDuration::from_mins(10));
    let begun = now();
    for _ in 0..args.times {
        let claim =
            queue.apply(|document, now| ops::claim_next(document, now, &no_claim_is_over, "bench", &kind));
        claim.explain(args.queue.display())?;
    }
    println!("{begun} {}", now());
    Ok(ExitCode::SUCCESS)
}
