//! A queue made, a task added, claimed and finished.

use atomic_io::{Document, Wait};
use queue_cli::ops::{self, ClaimKind, NewTask, Proof, Token};
use queue_cli::{Queue, QueueError, no_claim_is_over};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::at("queue.yaml", Wait::Forever);
    queue.create(&Document::parse("tasks: []\n")?)?;
    let new = NewTask { title: "Water the plants".into(), ..NewTask::default() };
    queue.apply(|document, now| ops::add(document, now, &|_| false, &new))?;
    let lease = ClaimKind::Leased(jiff::SignedDuration::from_mins(10));
    let mut claim = || queue.apply(|document, now| ops::claim_next(document, now, &no_claim_is_over, "ann", &lease));
    let claimed = claim()?;
    assert!(matches!(claim(), Err(QueueError::NothingReady)));
    let token = Token { id: claimed.id, proof: Proof::Attempt(claimed.attempt) };
    queue.apply(|document, now| ops::done(document, now, &token, "ann"))?;
    println!("done");
    Ok(())
}
