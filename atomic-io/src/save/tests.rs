//! What cannot be had from outside: a filesystem without an exchange, and a program that is still writing when we look again.

use super::{Save, Saved, save};
use crate::replaced::{Keep, Manner, Replaced, holds};
use crate::target::Target;
use lock_core::{LockFile, Wait};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn with(content: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("a.yaml"), content).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn target(&self) -> Target {
        Target::resolve(&self.path("a.yaml")).unwrap()
    }

    fn recovered(&self) -> Vec<String> {
        contents(&self.path(".mooring/recovered"))
    }

    /// Saves as on a filesystem without an exchange.
    fn rename_over(&self, expected: &str, content: &str, keep: Keep) -> Saved {
        let manner = Manner { keep, ..Manner::default() };
        let (expected, content) = (expected.as_bytes(), content.as_bytes());
        let save = Save { target: &self.target(), expected: Some(expected), content, manner: &manner };
        let (_file, temporary) = save.write_temporary().unwrap();
        save.rename_over(&temporary, expected).unwrap()
    }
}

fn contents(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn without_an_exchange_the_backup_is_a_copy_made_before() {
    let place = Place::with("n: 1\n");
    assert!(matches!(place.rename_over("n: 1\n", "n: 2\n", Keep::AsBackup), Saved::Yes(_)));
    assert_eq!((place.read("a.yaml"), place.read("a.yaml.backup")), ("n: 2\n".into(), "n: 1\n".into()));
    assert!(matches!(place.rename_over("n: 2\n", "n: 3\n", Keep::AsBackup), Saved::Yes(_)));
    assert_eq!(place.read("a.yaml.backup"), "n: 2\n");
    assert_eq!(contents(&place.path(".mooring/history")), ["n: 1\n"]);
    let names = fs::read_dir(place.0.path()).unwrap().count();
    assert_eq!(names, 3, "the file, its backup and .mooring");
}

#[test]
fn without_an_exchange_a_save_since_the_read_is_not_overwritten() {
    let place = Place::with("n: 5\n");
    assert!(matches!(place.rename_over("n: 1\n", "n: 2\n", Keep::AsBackup), Saved::Overtaken));
    assert_eq!(place.read("a.yaml"), "n: 5\n");
    assert!(!place.path(".a.yaml.new").exists());
}

#[test]
fn without_an_exchange_a_backup_that_a_killed_writer_was_copying_is_cleared_or_kept() {
    let place = Place::with("n: 1\n");
    fs::write(place.path(".a.yaml.backup.new"), "n: 1\n").unwrap();
    place.rename_over("n: 1\n", "n: 2\n", Keep::AsBackup);
    assert!(place.recovered().is_empty());
    fs::write(place.path(".a.yaml.backup.new"), "who kn").unwrap();
    place.rename_over("n: 2\n", "n: 3\n", Keep::AsBackup);
    assert_eq!(place.recovered(), ["who kn"]);
    assert!(!place.path(".a.yaml.backup.new").exists());
}

#[test]
fn without_an_exchange_nothing_is_kept_where_that_was_asked() {
    let place = Place::with("n: 1\n");
    place.rename_over("n: 1\n", "n: 2\n", Keep::Nothing);
    assert!(!place.path("a.yaml.backup").exists());
}

/// Killed between the link and the removal of the other name.
#[test]
fn the_second_name_of_a_new_file_that_a_killed_writer_left_does_not_stop_the_next() {
    let place = Place::with("n: 1\n");
    fs::hard_link(place.path("a.yaml"), place.path(".a.yaml.new")).unwrap();
    let lock = LockFile::guarding(place.path("a.yaml")).exclusive(Wait::Never).unwrap();
    let saved = save(&place.target(), &lock, Some(b"n: 1\n"), b"n: 2\n", &Manner::default()).unwrap();
    assert!(matches!(saved, Saved::Yes(_)));
    assert_eq!((place.read("a.yaml"), place.read("a.yaml.backup")), ("n: 2\n".into(), "n: 1\n".into()));
}

/// A busy machine may keep the editor from going on in time: then it is a save that comes too late, and another one is tried.
#[test]
fn what_is_written_to_the_replaced_version_later_is_noticed_whole() {
    let in_time = Duration::from_millis(30);
    let was_in_time = (0..1000).any(|_| {
        let place = Place::with("n: 1\n");
        assert_eq!(Replaced::open(&place.path("a.yaml"), b"n: 1\n").unwrap().written_since().unwrap(), None);
        let replaced = Replaced::open(&place.path("a.yaml"), b"n: 1\n").unwrap();
        let editor = File::options().write(true).open(place.path("a.yaml")).unwrap();
        let began = Instant::now();
        editor.write_all_at(b"n: 7\n", 0).unwrap();
        let rest = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            editor.write_all_at(b"m: 8\n", 5).unwrap();
            began.elapsed() < in_time
        });
        let noticed = replaced.written_since().unwrap().unwrap();
        let was_in_time = rest.join().unwrap();
        assert!(noticed == b"n: 7\nm: 8\n" || !was_in_time, "{}", String::from_utf8_lossy(&noticed));
        was_in_time
    });
    assert!(was_in_time);
}

/// Older than a tick, so one look is enough.
#[test]
fn a_replaced_version_that_was_left_alone_is_not_read_again() {
    let place = Place::with("n: 1\n");
    let path = place.path("a.yaml");
    let old = std::time::SystemTime::now() - Duration::from_secs(60);
    File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    let replaced = Replaced::open(&path, b"would differ").unwrap();
    assert_eq!(replaced.written_since().unwrap(), None);
    let replaced = Replaced::open(&path, b"").unwrap();
    let mut editor = File::options().append(true).open(&path).unwrap();
    editor.write_all(b"m: 2\n").unwrap();
    let mut text = String::new();
    File::open(&path).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(replaced.written_since().unwrap(), Some(text.into_bytes()));
}

#[test]
fn a_file_holds_its_bytes_and_neither_more_nor_fewer_nor_others() {
    let place = Place::with("");
    for len in [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200_000] {
        let bytes: Vec<u8> = (0..len).map(|at: u32| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
        fs::write(place.path("a.yaml"), &bytes).unwrap();
        let file = File::open(place.path("a.yaml")).unwrap();
        assert!(holds(&file, &bytes).unwrap(), "{len}");
        assert!(!holds(&file, &[&bytes[..], b"x"].concat()).unwrap(), "{len}: the file has fewer");
        let Some((last, fewer)) = bytes.split_last() else { continue };
        assert!(!holds(&file, fewer).unwrap(), "{len}: the file has more");
        assert!(!holds(&file, &[fewer, &[!last]].concat()).unwrap(), "{len}: the last one differs");
    }
}
