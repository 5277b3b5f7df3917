use crate::scanning::folder_with;
use crate::states::Holder;
use lock_core::{LockFile, Wait};
use lock_janitor::{Content, Deletion, Janitor, Leftover, Outcome, Reason, Root, Rules, Sweep, banked, scan};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

fn eager() -> Rules {
    Rules { min_idle: Duration::ZERO, grace: Duration::from_millis(2), ..Rules::default() }
}

fn sweep(folder: &Path, rules: &Rules) -> Sweep {
    let sweep = Janitor::new().sweep(&scan(&[Root::at(folder)], rules, &|| false), rules, &|| false);
    assert!(sweep.troubles.is_empty(), "{:?}", sweep.troubles);
    sweep
}

fn outcomes(folder: &Path, sweep: &Sweep) -> BTreeMap<String, Outcome> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    sweep.judged.iter().map(|judged| (name(&judged.lock.path), judged.outcome.clone())).collect()
}

#[test]
fn what_is_used_or_is_no_lock_of_ours_stays_byte_for_byte_and_only_the_rest_goes() {
    let folder =
        folder_with(&["free.yaml.lock", "held.yaml.lock", "open.yaml.lock", "hard.yaml.lock", "target"]);
    let at = |name: &str| folder.path().join(name);
    let held = Holder::of(&at("held.yaml.lock"), "-s");
    let open = File::open(at("open.yaml.lock")).unwrap();
    fs::hard_link(at("hard.yaml.lock"), at("second-name")).unwrap();
    symlink("target", at("link.yaml.lock")).unwrap();
    fs::create_dir(at("folder.yaml.lock")).unwrap();
    assert!(Command::new("mkfifo").arg(at("fifo.yaml.lock")).status().unwrap().success());
    fs::write(at("data.yaml.lock"), "[[package]]\n").unwrap();
    fs::write(at("Cargo.lock"), "[[package]]\n").unwrap();
    let before: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();

    let swept = sweep(folder.path(), &eager());
    let outcomes = outcomes(folder.path(), &swept);
    drop((held, open));
    let kept = Outcome::Kept;
    let expected = [
        ("data.yaml.lock", kept(Reason::ForeignContent { size: 12 })),
        ("fifo.yaml.lock", kept(Reason::Fifo)),
        ("folder.yaml.lock", kept(Reason::Folder)),
        ("free.yaml.lock", Outcome::Retired),
        ("hard.yaml.lock", kept(Reason::HardLinked { links: 2 })),
        ("held.yaml.lock", kept(Reason::Held)),
        ("link.yaml.lock", kept(Reason::SymbolicLink)),
        ("open.yaml.lock", kept(Reason::Open)),
    ];
    assert_eq!(outcomes, expected.map(|(name, outcome)| (name.to_owned(), outcome)).into());
    assert_eq!(swept.passed_over, [(at("Cargo.lock"), Reason::NotOurName)]);
    for name in before {
        let is_there = fs::symlink_metadata(folder.path().join(&name)).is_ok();
        assert_eq!(is_there, name != "free.yaml.lock", "{name:?}");
    }
    assert_eq!(fs::read_to_string(at("data.yaml.lock")).unwrap(), "[[package]]\n");
}

#[test]
fn a_young_lock_file_stays_until_it_is_old() {
    let folder = folder_with(&["a.yaml.lock"]);
    let patient = Rules { min_idle: Duration::from_secs(3600), ..eager() };
    let young = sweep(folder.path(), &patient);
    assert!(matches!(young.judged[0].outcome, Outcome::Kept(Reason::Young { .. })));
    let old = sweep(folder.path(), &eager());
    assert_eq!(old.judged[0].outcome, Outcome::Retired);
}

#[test]
fn a_report_changes_nothing() {
    let folder = folder_with(&["a.yaml.lock", ".b.yaml.new", ".c.yaml.lock.retired.1"]);
    let swept = sweep(folder.path(), &Rules { deletion: Deletion::ReportOnly, ..eager() });
    assert_eq!(swept.judged[0].outcome, Outcome::WouldRetire);
    assert!(matches!(&swept.leftovers[..], [Leftover::Found(_), Leftover::Found(_)]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_janitor_that_only_reports_puts_nothing_right_at_its_start() {
    let folder = folder_with(&[".a.yaml.lock.retired.1", "b.yaml.lock", ".b.yaml.lock.retired.1"]);
    let rules = Rules { deletion: Deletion::ReportOnly, ..eager() };
    let put_right = Janitor::new().put_right(&[Root::at(folder.path())], &rules, &|| false);
    assert!(matches!(&put_right.leftovers[..], [Leftover::Found(_), Leftover::Found(_)]), "{put_right:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn totals_are_banked_before_their_lock_file_goes() {
    let folder = folder_with(&["sub/x"]);
    let path = folder.path().join("sub/queue.yaml.lock");
    for lives in 1..=2 {
        for _ in 0..3 {
            drop(LockFile::at(&path).exclusive(Wait::Never).unwrap());
        }
        let swept = sweep(folder.path(), &eager());
        assert_eq!(swept.judged[0].outcome, Outcome::Retired);
        assert_eq!(swept.judged[0].facts.totals.map(|totals| totals.acquisitions), Some(3));
        let totals = banked(folder.path()).unwrap();
        assert_eq!(totals[Path::new("sub/queue.yaml.lock")].acquisitions, 3 * lives);
    }
}

#[test]
fn totals_count_once_though_somebody_comes_when_they_are_banked() {
    let folder = folder_with(&[]);
    let at = |name: &str| folder.path().join(name);
    let path = at("a.yaml.lock");
    let pid = std::process::id();
    let (aside, banking) =
        (at(&format!(".a.yaml.lock.retired.{pid}")), at(&format!(".mooring/janitor/totals.{pid}.tmp")));
    // Many names, so that banking takes its time.
    fs::create_dir_all(at(".mooring/janitor")).unwrap();
    let others: String =
        (0..9_000).map(|n| format!("{n}.yaml.lock\t9999999999{}\n", "\t1".repeat(15))).collect();
    fs::write(at(".mooring/janitor/totals"), others).unwrap();
    for round in 1..1_000 {
        for _ in 0..3 {
            drop(LockFile::at(&path).exclusive(Wait::Never).unwrap());
        }
        let swept = thread::scope(|scope| {
            let sweep = scope.spawn(|| sweep(folder.path(), &eager()));
            while !banking.exists() && !sweep.is_finished() {
                std::hint::spin_loop();
            }
            drop(File::open(&aside));
            sweep.join().unwrap()
        });
        let live = fs::read(&path).ok().and_then(|content| lock_core::LockRecord::totals_in(&content));
        let gone = banked(folder.path()).unwrap().get(Path::new("a.yaml.lock")).copied();
        let counted: u64 = [live, gone].iter().flatten().map(|totals| totals.acquisitions).sum();
        assert_eq!(counted, 3 * round, "{live:?} {gone:?}");
        if gone.is_some() && swept.judged[0].outcome == Outcome::PutBack {
            return;
        }
    }
    panic!("nobody ever came at the right moment");
}

#[test]
fn totals_that_cannot_be_banked_keep_their_lock_file() {
    let folder = folder_with(&[".mooring", "a.yaml.lock"]);
    drop(LockFile::at(folder.path().join("a.yaml.lock")).exclusive(Wait::Never).unwrap());
    let swept = sweep(folder.path(), &eager());
    assert!(
        matches!(&swept.judged[0].outcome, Outcome::Kept(Reason::Failed { what }) if what.contains("totals"))
    );
    assert!(folder.path().join("a.yaml.lock").exists());
}

#[test]
fn who_comes_in_the_grace_finds_the_lock_file_as_it_was() {
    let folder = folder_with(&["a.yaml.lock"]);
    let path = folder.path().join("a.yaml.lock");
    let aside = folder.path().join(format!(".a.yaml.lock.retired.{}", std::process::id()));
    let rules = Rules { grace: Duration::from_secs(60), ..eager() };
    let swept = thread::scope(|scope| {
        let sweep = scope.spawn(|| sweep(folder.path(), &rules));
        // By its other name: this is somebody who had looked up the first one just before.
        let late = loop {
            if let Ok(late) = File::open(&aside) {
                break late;
            }
        };
        let inode = |found: fs::Metadata| std::os::unix::fs::MetadataExt::ino(&found);
        assert_eq!(inode(fs::metadata(&path).unwrap()), inode(late.metadata().unwrap()));
        sweep.join().unwrap()
    });
    assert_eq!(swept.judged[0].outcome, Outcome::PutBack);
    assert!(swept.took < Duration::from_secs(30));
    assert!(!aside.exists());
}

#[test]
fn who_is_told_to_stop_in_a_grace_puts_everything_back() {
    let folder = folder_with(&["a.yaml.lock", "b.yaml.lock"]);
    let rules = Rules { grace: Duration::from_secs(60), ..eager() };
    let is_aside = || !folder.path().join("b.yaml.lock").exists();
    let swept = Janitor::new().sweep(&scan(&[Root::at(folder.path())], &rules, &|| false), &rules, &is_aside);
    assert_eq!(swept.count(|outcome| *outcome == Outcome::PutBack), 2);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_a_killed_janitor_left_gets_its_name_back_or_goes_if_there_is_another() {
    let folder = folder_with(&[".a.yaml.lock.retired.1", ".b.yaml.lock.retired.1", "b.yaml.lock"]);
    let at = |name: &str| folder.path().join(name);
    fs::write(at(".c.yaml.lock.retired.1"), "somebody's").unwrap();
    let put_right = Janitor::new().put_right(
        &[Root::at(folder.path())],
        &Rules { grace: Duration::from_millis(2), ..Rules::default() },
        &|| false,
    );
    let expected =
        [Leftover::Restored(at(".a.yaml.lock.retired.1")), Leftover::Cleared(at(".b.yaml.lock.retired.1"))];
    assert_eq!(put_right.leftovers, expected);
    assert!(
        at("a.yaml.lock").exists() && at("b.yaml.lock").exists() && at(".c.yaml.lock.retired.1").exists()
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_killed_janitors_file_that_is_used_is_served_beside_its_successor() {
    let folder = folder_with(&[".a.yaml.lock.retired.1", "a.yaml.lock"]);
    let (old, new) = (folder.path().join(".a.yaml.lock.retired.1"), folder.path().join("a.yaml.lock"));
    let holder = Holder::of(&old, "-x");
    let janitor = Janitor::new();
    let put_right = janitor.put_right(&[Root::at(folder.path())], &eager(), &|| false);
    assert_eq!(put_right.leftovers, [Leftover::Bridged(old.clone())]);
    assert_eq!(janitor.bridges_open(), 1);
    drop(holder);
    assert_eq!(janitor.finish(Duration::from_secs(30)), 0);
    assert!(!old.exists() && new.exists());
}

#[test]
fn what_killed_writers_left_goes_if_it_is_kept_elsewhere_and_is_put_aside_otherwise() {
    let folder = folder_with(&[]);
    let at = |name: &str| folder.path().join(name);
    for (name, content) in
        [("a.yaml", "a: 1\n"), (".a.yaml.new", "a: 1\n"), ("b.yaml", "b: 1\n"), (".b.yaml.new", "b: 2\n")]
    {
        fs::write(at(name), content).unwrap();
    }
    fs::write(at("c.yaml"), "c: 1\n").unwrap();
    fs::write(at(".c.yaml.new"), "c: 2\n").unwrap();
    let writer = LockFile::guarding(at("c.yaml")).exclusive(Wait::Never).unwrap();
    let swept = sweep(folder.path(), &eager());
    drop(writer);
    let [Leftover::Removed(gone), Leftover::PutAside { from, to }, Leftover::Kept(kept, Reason::Held)] =
        &swept.leftovers[..]
    else {
        panic!("{:?}", swept.leftovers)
    };
    assert_eq!((gone, from, kept), (&at(".a.yaml.new"), &at(".b.yaml.new"), &at(".c.yaml.new")));
    assert_eq!(fs::read_to_string(to).unwrap(), "b: 2\n");
    assert!(to.starts_with(at(".mooring/recovered")));
    assert!(!gone.exists() && !from.exists() && kept.exists());
}

#[test]
fn the_run_lock_of_a_task_stays_as_long_as_something_of_the_task_lives() {
    let folder = folder_with(&[".mooring/run/x"]);
    let run = folder.path().join(".mooring/run");
    let mut task = Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
    let group = lock_core::ProcessIdentity::of(i32::try_from(task.id()).unwrap()).unwrap();
    fs::write(run.join("q.yaml.A.1.lock"), format!("group: {group}\n")).unwrap();
    fs::write(run.join("q.yaml.B.1.lock"), "group: 1.1.ffffffff\n").unwrap();
    fs::write(run.join("q.yaml.C.1.lock"), "something else\n").unwrap();
    let swept = sweep(folder.path(), &eager());
    task.kill().unwrap();
    task.wait().unwrap();
    let fates: Vec<_> = swept.judged.iter().map(|judged| judged.outcome.clone()).collect();
    let foreign = Outcome::Kept(Reason::ForeignContent { size: 15 });
    assert_eq!(fates, [Outcome::Kept(Reason::TaskLives), Outcome::Retired, foreign]);
    assert_eq!(swept.judged[1].facts.content, Content::RunLock { task_lives: false });
}

#[test]
fn what_was_left_beside_a_document_that_is_a_link_stays_and_so_does_what_it_leads_to() {
    let folder = folder_with(&["root/.x.yaml.new", "outside/y.yaml"]);
    let at = |name: &str| folder.path().join(name);
    fs::write(at("outside/.y.yaml.new"), "y: 2\n").unwrap();
    symlink("../outside/y.yaml", at("root/x.yaml")).unwrap();
    let swept = sweep(&at("root"), &eager());
    assert_eq!(swept.leftovers, [Leftover::Kept(at("root/.x.yaml.new"), Reason::SymbolicLink)]);
    assert_eq!(fs::read_to_string(at("outside/.y.yaml.new")).unwrap(), "y: 2\n");
    assert!(at("root/.x.yaml.new").exists());
    assert_eq!(fs::read_dir(at("outside")).unwrap().count(), 2);
}
