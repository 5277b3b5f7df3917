use lock_core::{LockMode, LockProcess};
use lock_janitor::{
    Content, Deletion, Facts, Finding, Kind, Owner, Owners, Reason, Rules, State, Verdict, judge,
};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// An old lock file that nobody uses.
fn idle() -> Facts {
    Facts {
        kind: Kind::Regular,
        links: 1,
        size: 0,
        content: Content::Ours,
        totals: None,
        owner_uid: 7,
        owner: Owner::Us,
        idle: HOUR,
        state: State::Free,
        holders: Vec::new(),
        waiters: Vec::new(),
        held_for: None,
        leak: None,
        without_leases: None,
    }
}

fn somebody() -> LockProcess {
    LockProcess::new(Some(4711), "python3 job.py", LockMode::Exclusive)
}

#[test]
fn an_old_lock_file_that_nobody_uses_is_retired_and_every_other_one_stays_for_its_reason() {
    let rules = Rules::default();
    let everybody = Rules { owners: Owners::Everybody, ..Rules::default() };
    let eager = Rules { min_idle: Duration::ZERO, ..Rules::default() };
    let keep = Verdict::Keep;
    let table = [
        (idle(), &rules, Verdict::Retire),
        (Facts { content: Content::RunLock { task_lives: false }, ..idle() }, &rules, Verdict::Retire),
        (Facts { idle: Duration::ZERO, ..idle() }, &eager, Verdict::Retire),
        (Facts { owner: Owner::Another, ..idle() }, &everybody, Verdict::Retire),
        (Facts { kind: Kind::SymbolicLink, ..idle() }, &rules, keep(Reason::SymbolicLink)),
        (Facts { kind: Kind::Folder, links: 2, ..idle() }, &rules, keep(Reason::Folder)),
        (Facts { kind: Kind::Fifo, ..idle() }, &rules, keep(Reason::Fifo)),
        (Facts { kind: Kind::Special, ..idle() }, &rules, keep(Reason::Special)),
        (Facts { links: 2, ..idle() }, &rules, keep(Reason::HardLinked { links: 2 })),
        (Facts { state: State::Exclusive, ..idle() }, &eager, keep(Reason::Held)),
        (Facts { state: State::Shared, ..idle() }, &eager, keep(Reason::Held)),
        (Facts { waiters: vec![somebody()], ..idle() }, &eager, keep(Reason::WaitedFor)),
        (
            Facts { content: Content::Foreign, size: 12, ..idle() },
            &eager,
            keep(Reason::ForeignContent { size: 12 }),
        ),
        (Facts { content: Content::Unreadable, ..idle() }, &eager, keep(Reason::Unreadable)),
        (Facts { content: Content::RunLock { task_lives: true }, ..idle() }, &eager, keep(Reason::TaskLives)),
        (Facts { owner: Owner::Another, ..idle() }, &rules, keep(Reason::SomebodyElses { uid: 7 })),
        (
            Facts { owner: Owner::AnotherWithoutRight, ..idle() },
            &everybody,
            keep(Reason::NoLeaseRight { uid: 7 }),
        ),
        (
            Facts { without_leases: Some("NFS"), ..idle() },
            &eager,
            keep(Reason::NoLeases { on: "NFS".into() }),
        ),
        (
            Facts { idle: Duration::from_secs(599), ..idle() },
            &rules,
            keep(Reason::Young { idle: Duration::from_secs(599) }),
        ),
    ];
    for (facts, rules, verdict) in table {
        assert_eq!(judge(&facts, rules), verdict, "{facts:?}");
    }
}

#[test]
fn whether_files_are_removed_at_all_does_not_change_the_verdict() {
    let rules = Rules { deletion: Deletion::ReportOnly, ..Rules::default() };
    assert_eq!(judge(&idle(), &rules), Verdict::Retire);
}

#[test]
fn long_holds_are_reported_and_short_ones_are_not() {
    let held = |time| Facts {
        state: State::Exclusive,
        holders: vec![somebody()],
        held_for: Some(Duration::from_secs(time)),
        ..idle()
    };
    let rules = Rules::default();
    assert_eq!(judge(&held(600), &rules), Verdict::Keep(Reason::Held));
    let finding = Finding::LongHold { holder: Some(somebody()), held_for: Duration::from_secs(601) };
    assert_eq!(finding.to_string(), "held for 10m by process 4711 (python3 job.py)");
    assert_eq!(judge(&held(601), &rules), Verdict::Report(finding));
}
