use lock_janitor::{Found, Reason, Root, Rules, Trouble};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

pub(crate) fn folder_with(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    folder
}

pub(crate) fn scan(folders: &[impl AsRef<Path>]) -> Found {
    let roots: Vec<_> = folders.iter().map(|folder| Root::at(folder.as_ref())).collect();
    lock_janitor::scan(&roots, &Rules::default(), &|| false)
}

fn found(folder: &Path) -> Vec<String> {
    let found = scan(&[folder]);
    assert!(found.troubles.is_empty(), "{:?}", found.troubles);
    found.locks.iter().map(|lock| inside(folder, &lock.path)).collect()
}

fn inside(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn lock_files_are_found_by_their_names_at_any_depth() {
    let folder = folder_with(&[
        "queue.yaml.lock",
        "a/b/c.yml.lock",
        "a/.mooring/run/T-1.2.lock",
        "a/.hidden.yaml.lock",
    ]);
    let expected = ["a/.hidden.yaml.lock", "a/.mooring/run/T-1.2.lock", "a/b/c.yml.lock", "queue.yaml.lock"];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn what_belongs_to_others_is_passed_over_and_that_is_said() {
    let folder = folder_with(&[
        "Cargo.lock",
        "yarn.lock",
        "queue.yaml",
        "queue.yaml.lock.retired.7",
        "run/a.lock",
        ".mooring/a.lock",
        ".git/index.lock",
        ".git/x.yaml.lock",
        "sub/.git/refs/x.yaml.lock",
        ".yaml.lock",
    ]);
    let found = scan(&[folder.path()]);
    assert_eq!(found.locks, []);
    let said: Vec<_> = found
        .passed_over
        .iter()
        .map(|(path, reason)| (inside(folder.path(), path), reason.clone()))
        .collect();
    let expected = [
        (".git", Reason::BelowGit),
        (".mooring/a.lock", Reason::NotOurName),
        (".yaml.lock", Reason::NotOurName),
        ("Cargo.lock", Reason::NotOurName),
        ("run/a.lock", Reason::NotOurName),
        ("sub/.git", Reason::BelowGit),
        ("yarn.lock", Reason::NotOurName),
    ];
    assert_eq!(said, expected.map(|(path, reason)| (path.to_owned(), reason)));
}

#[test]
fn what_is_left_of_killed_programs_is_known_by_its_name() {
    let folder = folder_with(&[
        ".queue.yaml.new",
        ".queue.yaml.backup.new",
        ".state.new",
        ".queue.yaml.lock.retired.4711",
        "sub/.retired.4711",
        ".employees.retired.2023",
        ".Cargo.lock.retired.4711",
        ".queue.yaml.lock.retired.",
    ]);
    let found = scan(&[folder.path()]);
    let temporaries: Vec<_> = found.temporaries.iter().map(|path| inside(folder.path(), path)).collect();
    assert_eq!(temporaries, [".queue.yaml.backup.new", ".queue.yaml.new"]);
    let retired: Vec<_> = found.retired.iter().map(|lock| inside(folder.path(), &lock.path)).collect();
    assert_eq!(retired, [".queue.yaml.lock.retired.4711"]);
}

#[test]
fn links_are_named_and_not_followed() {
    let folder = folder_with(&["real/a.yaml.lock"]);
    symlink("real", folder.path().join("link")).unwrap();
    symlink("..", folder.path().join("real/loop")).unwrap();
    symlink("a.yaml.lock", folder.path().join("real/b.yaml.lock")).unwrap();
    assert_eq!(found(folder.path()), ["real/a.yaml.lock", "real/b.yaml.lock"]);
    assert_eq!(found(&folder.path().join("link")), ["a.yaml.lock", "b.yaml.lock"]);
}

#[test]
fn a_root_may_be_limited_and_know_more_names() {
    let folder = folder_with(&[
        "a.yaml.lock",
        "deep/b.yaml.lock",
        "deep/er/c.yaml.lock",
        "not/d.yaml.lock",
        ".queue.lock",
    ]);
    let set = |pattern: &str| {
        globset::GlobSet::builder().add(globset::Glob::new(pattern).unwrap()).build().unwrap()
    };
    let rules = Rules { names: set(".queue.lock"), ..Rules::default() };
    let root = Root { exclude: set("not"), depth: Some(1), ..Root::at(folder.path()) };
    let found = |root: Root| {
        let found = lock_janitor::scan(&[root], &rules, &|| false);
        found.locks.iter().map(|lock| inside(folder.path(), &lock.path)).collect::<Vec<_>>()
    };
    assert_eq!(found(root.clone()), [".queue.lock", "a.yaml.lock", "deep/b.yaml.lock"]);
    assert_eq!(found(Root { include: set("deep/**"), ..root }), ["deep/b.yaml.lock"]);
}

#[test]
fn what_killed_programs_left_is_left_out_with_the_lock_file_that_it_belongs_to() {
    let left = ["new", "backup.new", "lock.retired.7"]
        .map(|end| [format!("a/.z.yaml.{end}"), format!("b/.z.yaml.{end}")]);
    let folder = folder_with(&left.iter().flatten().map(String::as_str).collect::<Vec<_>>());
    let set = |pattern: &str| {
        globset::GlobSet::builder().add(globset::Glob::new(pattern).unwrap()).build().unwrap()
    };
    let everything = Root::at(folder.path());
    for root in [
        Root { include: set("a/*"), ..everything.clone() },
        Root { include: set("a/z.yaml.lock"), ..everything.clone() },
        Root { exclude: set("b/z.yaml.lock"), ..everything.clone() },
        Root { exclude: set("b/.*"), ..everything },
    ] {
        let found = lock_janitor::scan(&[root], &Rules::default(), &|| false);
        let retired = found.retired.iter().map(|lock| &lock.path);
        let found: Vec<_> =
            found.temporaries.iter().chain(retired).map(|path| inside(folder.path(), path)).collect();
        assert_eq!(found, ["a/.z.yaml.backup.new", "a/.z.yaml.new", "a/.z.yaml.lock.retired.7"]);
    }
}

#[test]
fn what_cannot_be_looked_at_is_said_and_the_rest_is_scanned() {
    let folder = folder_with(&["a.yaml.lock", ".git/sub/b.yaml.lock", "file"]);
    let paths = ["missing", ".", ".git/sub", "file", "."].map(|name| folder.path().join(name));
    let found = scan(&paths);
    assert_eq!(found.locks.len(), 1, "given twice, found once: {:?}", found.locks);
    assert!(matches!(&found.troubles[0], Trouble::NoSuchFolder { path } if path.ends_with("missing")));
    assert!(matches!(&found.troubles[1], Trouble::BelowGit { .. }));
    assert!(matches!(&found.troubles[2], Trouble::ReadFolder { path, .. } if path.ends_with("file")));
    assert_eq!(found.troubles.len(), 3);
}

#[test]
fn a_walk_ends_when_it_is_told_to() {
    let folder = folder_with(&["1/a.yaml.lock", "2/a.yaml.lock", "3/a.yaml.lock"]);
    let walk = |most: usize| {
        let asked = std::cell::Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) >= most;
        lock_janitor::scan(&[Root::at(folder.path())], &Rules::default(), &stop)
    };
    assert_eq!((walk(0).folders.len(), walk(0).locks.len()), (0, 0));
    // Once for each of four folders and six entries.
    assert_eq!((walk(10).folders.len(), walk(10).locks.len()), (4, 3));
    assert!((1..4).contains(&walk(7).folders.len()));
    assert_eq!(walk(3).locks.len(), 0);
}
