//! Failures that are tried again.

use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};
use queue_cli::ops::{Backoff, ClaimKind, Proof, Token, claim_id, fail};
use queue_cli::{Board, QueueError, no_claim_is_over, tasks};

fn at(seconds: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn twice(jitter: f64) -> Backoff {
    Backoff { retries: 2, first_wait: SignedDuration::from_secs(60), jitter }
}

fn claim(document: &mut Document, now: Timestamp) -> Result<Token, QueueError> {
    let lease = ClaimKind::Leased(SignedDuration::from_mins(10));
    let claim = claim_id(document, now, &no_claim_is_over, "A", "ann", &lease)?.value;
    Ok(Token { id: claim.id, proof: Proof::Attempt(claim.attempt) })
}

#[test]
fn a_task_is_tried_again_later_and_later_and_then_fails() {
    let mut document = Document::parse("tasks:\n- {id: A, status: pending}\n").unwrap();
    let mut now = 0;
    for (attempt, wait) in [(1, Some(60)), (2, Some(120)), (3, None)] {
        let token = claim(&mut document, at(now)).unwrap();
        assert_eq!(token.proof, Proof::Attempt(attempt));
        let retry_at = fail(&mut document, at(now), &token, "no", Some(&twice(1.0))).unwrap().value;
        let expected = wait.map(|wait| format!("{:.3}", at(now + wait)));
        assert_eq!(retry_at, expected);
        // The answer was lost: the same failure is told again, and counts once.
        let again = fail(&mut document, at(now + 1), &token, "no", Some(&twice(1.0))).unwrap();
        assert_eq!((again.value, again.events.len()), (expected, 0));
        let Some(wait) = wait else { break };
        let early = claim(&mut document, at(now + wait - 1)).unwrap_err().to_string();
        assert!(early.starts_with("A cannot be claimed: not before 2026-"), "{early}");
        now += wait;
    }
    let task = &tasks(&document).unwrap()[0];
    assert_eq!(
        (task.status_word.as_str(), task.failure_count, task.last_error.as_deref()),
        ("failed", 3, Some("no"))
    );
    assert!(task.retry_at.is_none());
}

#[test]
fn jitter_takes_up_to_half_of_the_wait() {
    for (jitter, wait) in [(0.0, 30), (0.5, 45), (1.0, 60), (7.0, 60), (f64::NAN, 60)] {
        let mut document = Document::parse("tasks:\n- {id: A, status: pending}\n").unwrap();
        let token = claim(&mut document, at(0)).unwrap();
        let retry_at = fail(&mut document, at(0), &token, "no", Some(&twice(jitter))).unwrap().value;
        assert_eq!(retry_at, Some(format!("{:.3}", at(wait))), "{jitter}");
    }
}

#[test]
fn no_wait_is_longer_than_an_hour_or_the_first() {
    let longest = |failures: u64, first_wait| {
        let yaml = format!("tasks:\n- {{id: A, status: pending, failure_count: {failures}}}\n");
        let mut document = Document::parse(yaml).unwrap();
        let token = claim(&mut document, at(0)).unwrap();
        let backoff = Backoff { retries: u64::MAX, first_wait, jitter: 1.0 };
        fail(&mut document, at(0), &token, "no", Some(&backoff)).unwrap();
        tasks(&document).unwrap()[0].retry_at.clone().unwrap().text
    };
    let hour = format!("{:.3}", at(3600));
    assert_eq!(longest(5000, SignedDuration::from_secs(1)), hour);
    assert_eq!(longest(u64::MAX - 1, SignedDuration::from_secs(1)), hour);
    assert_eq!(longest(3, SignedDuration::from_hours(2)), format!("{:.3}", at(7200)));
}

#[test]
fn a_task_that_waits_for_its_retry_says_so() {
    let document =
        Document::parse("tasks:\n- {id: A, status: pending, retry_at: \"2026-03-01T12:01:00Z\"}\n").unwrap();
    let all = tasks(&document).unwrap();
    let why = Board::new(&all, at(0), &no_claim_is_over).waiting(&all[0]);
    assert_eq!(why.unwrap().to_string(), "not before 2026-03-01T12:01:00Z");
    assert!(Board::new(&all, at(60), &no_claim_is_over).waiting(&all[0]).is_none());
}
