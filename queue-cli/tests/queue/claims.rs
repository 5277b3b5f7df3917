//! Claims are exclusive, numbered, and end when their owner does.

use crate::program::{Ended, Program};
use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};
use queue_cli::ops::{BatchRequest, ClaimKind, Waited, claim_batch, claim_id, claim_next, reclaim_id};
use queue_cli::{EventKind, QueueError, Task, no_claim_is_over};
use std::fs;

fn at(minute: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

const TEN_MINUTES: SignedDuration = SignedDuration::from_mins(10);

fn lease() -> ClaimKind {
    ClaimKind::Leased(TEN_MINUTES)
}

#[test]
fn a_claim_writes_its_fields_and_nothing_else() {
    let before = "# head\ntasks:\n  - id: A\n    status: \"pending\"   # now\n    title: x\n\n  # next\n  - id: B\n    status: pending\n";
    let mut document = Document::parse(before).unwrap();
    let change = claim_next(&mut document, at(0), &no_claim_is_over, "ann", &lease()).unwrap();
    assert_eq!((change.value.id.as_str(), change.value.attempt), ("A", 1));
    assert_eq!(
        document.text(),
        "# head\ntasks:\n  - id: A\n    status: \"claimed\"   # now\n    title: x\n    claimed_by: ann\n    \
         claimed_at: \"2026-03-01T12:00:00.000Z\"\n    attempt: 1\n    lease_until: \"2026-03-01T12:10:00.000Z\"\n\n  \
         # next\n  - id: B\n    status: pending\n"
    );
    let events: Vec<_> = change.events.iter().map(|event| (event.kind, event.attempt)).collect();
    assert_eq!(events, [(EventKind::Claimed, Some(1))]);
}

#[test]
fn a_claimed_task_is_not_claimed_again_until_its_lease_runs_out() {
    let mut document = Document::parse("tasks:\n- {id: A, status: pending}\n").unwrap();
    let mut claim = |minute, agent: &str| {
        reclaim_id(&mut document, at(minute), &no_claim_is_over, "A", agent, TEN_MINUTES)
    };
    assert_eq!(claim(0, "ann").unwrap().value.attempt, 1);
    let error = claim(1, "bob").unwrap_err();
    assert!(error.to_string().contains("claimed by ann until"), "{error}");
    // Asking again for what one holds is no second claim, but it gives the time that was asked for.
    let again = claim(2, "ann").unwrap();
    assert_eq!((again.value.attempt, again.events.len()), (1, 0));
    assert!(claim(11, "bob").is_err());
    let taken_over = claim(13, "bob").unwrap();
    assert_eq!(taken_over.value.attempt, 2);
    let kinds: Vec<_> = taken_over.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Requeued, EventKind::Claimed]);
    // Under a name that several may share, even one's own claim is somebody else's.
    assert!(claim_id(&mut document, at(14), &no_claim_is_over, "A", "bob", &lease()).is_err());
}

#[test]
fn a_supervised_claim_lasts_until_the_kernel_says_it_is_over() {
    let kind = ClaimKind::Supervised("1.2.boot".into());
    let mut document = Document::parse("tasks:\n- {id: A, status: pending}\n").unwrap();
    claim_next(&mut document, at(0), &no_claim_is_over, "ann", &kind).unwrap();
    let years_later = at(60 * 24 * 365 * 3);
    let held = claim_next(&mut document, years_later, &no_claim_is_over, "bob", &kind);
    assert!(matches!(held, Err(QueueError::NothingReady)));
    let is_over = |task: &Task| task.supervisor.as_deref() == Some("1.2.boot");
    assert_eq!(claim_next(&mut document, at(1), &is_over, "bob", &kind).unwrap().value.attempt, 2);
}

#[test]
fn an_unknown_task_is_not_found_and_an_unready_one_says_why() {
    let mut document =
        Document::parse("tasks:\n- {id: A, status: pending, blockedBy: [B]}\n- {id: B, status: failed}\n")
            .unwrap();
    let before = document.text().to_owned();
    let mut claim = |id: &str| {
        claim_id(&mut document, at(0), &no_claim_is_over, id, "ann", &lease()).unwrap_err().to_string()
    };
    assert_eq!(claim("C"), "there is no task C");
    assert_eq!(claim("A"), "A cannot be claimed: waits for B (failed)");
    assert_eq!(claim("B"), "B cannot be claimed: failed");
    assert_eq!(document.text(), before);
}

struct Asked<'a> {
    idle: usize,
    running: usize,
    has_command: bool,
    except: &'a [String],
}

/// The ids that a dispatcher with four slots gets.
fn batch(document: &mut Document, asked: &Asked<'_>) -> (Vec<String>, usize) {
    let supervisors: Vec<String> = (0..asked.idle).map(|number| format!("{}.1.boot", 100 + number)).collect();
    let request = BatchRequest {
        agent: "ann",
        supervisors: &supervisors,
        own: &supervisors,
        has_command: asked.has_command,
        running: asked.running,
        slots: 4,
        except: asked.except,
        waited: &[],
    };
    let batch = claim_batch(document, at(0), &no_claim_is_over, &request).unwrap().value;
    (batch.claims.into_iter().map(|claim| claim.id).collect(), batch.left)
}

const FREE: Asked<'_> = Asked { idle: 4, running: 0, has_command: true, except: &[] };

#[test]
fn a_batch_fills_the_free_slots() {
    let queue = "tasks:\n- {id: A, status: pending}\n- {id: B, status: pending, run: x}\n- {id: C, status: pending}\n";
    let check = |asked: Asked<'_>, ids: &[&str], left| {
        assert_eq!(
            batch(&mut Document::parse(queue).unwrap(), &asked),
            (ids.iter().map(|id| (*id).to_owned()).collect(), left)
        );
    };
    check(FREE, &["A", "B", "C"], 0);
    check(Asked { idle: 2, ..FREE }, &["A", "B"], 1);
    check(Asked { running: 3, ..FREE }, &["A"], 2);
    check(Asked { has_command: false, ..FREE }, &["B"], 0);
    check(Asked { except: &["A".into()], ..FREE }, &["B", "C"], 0);
}

#[test]
fn a_sequential_task_runs_alone_and_is_not_overtaken() {
    let queue = "tasks:\n- {id: A, status: pending}\n- {id: S, status: pending, parallel_group: sequential}\n- {id: B, status: pending}\n";
    let mut document = Document::parse(queue).unwrap();
    assert_eq!(batch(&mut document, &FREE), (vec!["A".into()], 2));
    assert_eq!(batch(&mut document, &Asked { running: 1, ..FREE }), (vec![], 2));
    document.set("tasks[0].status", "completed").unwrap();
    assert_eq!(batch(&mut document, &FREE), (vec!["S".into()], 1));
    assert_eq!(batch(&mut document, &Asked { running: 1, ..FREE }), (vec![], 1));
}

#[test]
fn what_another_dispatcher_runs_takes_a_slot() {
    let queue = "tasks:\n- {id: A, status: in_progress, attempt: 3, supervisor: 7.7.boot}\n- {id: B, status: pending}\n";
    let mut document = Document::parse(queue).unwrap();
    let (idle, own) = (vec!["1.1.boot".to_owned()], vec!["1.1.boot".to_owned()]);
    let request = BatchRequest {
        agent: "ann",
        supervisors: &idle,
        own: &own,
        has_command: true,
        running: 0,
        slots: 1,
        except: &[],
        waited: &[],
    };
    let batch = claim_batch(&mut document, at(0), &no_claim_is_over, &request).unwrap().value;
    assert!(batch.claims.is_empty());
    assert_eq!((batch.left, batch.others[0].id.as_str(), batch.others[0].attempt), (1, "A", 3));
}

#[test]
fn tasks_are_stopped_for_one_that_could_not_run_in_their_place() {
    let left = |queue: &str, running| {
        let tasks = format!("tasks:\n{queue}");
        let own = ["1.1.boot", "2.1.boot"].map(str::to_owned);
        let request = BatchRequest {
            agent: "ann",
            supervisors: &[],
            own: &own,
            has_command: true,
            running,
            slots: running,
            except: &["A".into(), "B".into()],
            waited: &[],
        };
        let mut document = Document::parse(&tasks).unwrap();
        claim_batch(&mut document, at(0), &no_claim_is_over, &request).unwrap().value.critical_left
    };
    let critical = |id: &str, group: &str| {
        format!("- {{id: {id}, status: pending, priority: CRITICAL, parallel_group: {group}}}\n")
    };
    let held = |id: &str, group: &str, by: &str| {
        format!(
            "- {{id: {id}, status: in_progress, attempt: 1, supervisor: {by}, parallel_group: {group}}}\n"
        )
    };
    let (a, b) = (held("A", "x", "1.1.boot"), held("B", "x", "2.1.boot"));
    assert_eq!(left(&format!("{a}{b}{}", critical("C", "x")), 2), 1);
    // It would wait for the one before it, which waits for both.
    assert_eq!(left(&format!("{a}{b}{}{}", critical("S", "sequential"), critical("C", "x")), 2), 0);
    assert_eq!(left(&format!("{a}{b}{}{}", critical("C", "x"), critical("S", "sequential")), 2), 1);
    // What runs alone lets nothing else begin.
    assert_eq!(left(&format!("{}{}", held("A", "sequential", "1.1.boot"), critical("C", "x")), 1), 0);
}

/// The clock was set back by a day while the task waited.
#[test]
fn a_wait_that_is_over_by_another_clock_goes_on_until_tomorrow() {
    let queue = "tasks:\n- {id: A, status: pending, retry_at: 2026-03-02T12:00:01.000Z}\n";
    let own = vec!["1.1.boot".to_owned()];
    let claimed = |retry_at: &str| {
        let waited = [Waited { id: "A".into(), retry_at: retry_at.into() }];
        let request = BatchRequest {
            agent: "ann",
            supervisors: &own,
            own: &own,
            has_command: true,
            running: 0,
            slots: 1,
            except: &[],
            waited: &waited,
        };
        let mut document = Document::parse(queue).unwrap();
        let batch = claim_batch(&mut document, at(0), &no_claim_is_over, &request).unwrap().value;
        assert_eq!(batch.next_retry.is_none(), !batch.claims.is_empty());
        batch.claims.len()
    };
    assert_eq!(claimed("2026-03-02T12:00:01.000Z"), 1);
    // Somebody gave it another time meanwhile.
    assert_eq!(claimed("2026-03-02T11:00:00.000Z"), 0);
}

/// Each of the two took the other for the task, and the claim was refused.
#[test]
fn two_who_look_whether_a_task_still_runs_do_not_see_each_other() {
    let held = "status: in_progress, attempt: 1, supervisor: 2147480000.1.00000000";
    let program = Program::with_queue(&format!("tasks:\n- {{id: A, {held}}}\n"));
    fs::create_dir_all(program.path(".mooring/run")).unwrap();
    let looked_at = fs::File::create(program.path(".mooring/run/queue.yaml.A.1.lock")).unwrap();
    looked_at.lock_shared().unwrap();
    let ended = Ended::of(program.command(&["claim", "A"]).output().unwrap());
    assert_eq!((ended.code, ended.out.as_str()), (0, "A 2\n"), "{}", ended.err);
}
