//! Whether a program's system calls come in the order that makes a save survive a power cut.
//!
//! A name that points to data which is not on disk yet is a torn or empty file after a power cut: so everything is written, then
//! synced, then renamed. A rename that is not on disk is a save that never happened: so the folder is synced before
//! anybody is told.

use crate::judges::trace::Call;
use std::path::{Path, PathBuf};

const WRITES: &[&str] =
    &["write", "pwrite64", "writev", "pwritev", "copy_file_range", "sendfile", "ftruncate", "fallocate"];
const READS: &[&str] = &["read", "pread64", "readv"];
const SYNCS: &[&str] = &["fsync", "fdatasync"];
const RENAMES: &[&str] = &["rename", "renameat", "renameat2", "link", "linkat"];

/// The calls of one program that saved `target` once and then printed `promise`.
pub(crate) struct Save<'a> {
    pub(crate) calls: &'a [Call],
    pub(crate) target: &'a Path,
    pub(crate) promise: &'a str,
}

impl Save<'_> {
    /// That the file was replaced whole: temporary written, synced, renamed, folder synced, and only then promised.
    pub(crate) fn replaced(&self) -> Result<(), String> {
        let folder = self.folder()?;
        let (rename, temporary) = self.rename(folder)?;
        let on_temporary =
            |call: &&Call| call.begun < rename.begun && call.descriptor_path() == Some(temporary.as_path());
        let before = self.successful().filter(on_temporary);
        let last_write = before.clone().filter(|call| call.is(WRITES)).last();
        let last_write =
            last_write.ok_or_else(|| format!("nothing was written to {}", temporary.display()))?;
        let sync = before.clone().find(|call| call.is(SYNCS) && call.begun > last_write.ended);
        let sync = sync.ok_or("the temporary was not synced between its last write and the rename")?;
        if sync.ended > rename.begun {
            return Err("the sync of the temporary had not come back when the rename began".into());
        }
        if let Some(late) = self.successful().find(|call| self.touches_target(call)) {
            return Err(format!("the file itself was written to: {}({})", late.name, late.args));
        }
        let last_rename =
            self.successful().filter(|call| call.is(RENAMES) && self.is_in(call, folder)).last();
        let settled = last_rename.unwrap_or(rename);
        let folder_sync = self.successful().find(|call| {
            call.is(SYNCS) && call.descriptor_path() == Some(folder) && call.begun > settled.ended
        });
        let folder_sync = folder_sync.ok_or("the folder was not synced after the rename")?;
        self.promised_after(folder_sync)
    }

    /// That the file was appended to: written, synced, and only then promised.
    pub(crate) fn appended(&self) -> Result<(), String> {
        let on_target = |call: &&Call| call.descriptor_path() == Some(self.target);
        let last_write = self.successful().filter(on_target).filter(|call| call.is(WRITES)).last();
        let last_write =
            last_write.ok_or_else(|| format!("nothing was written to {}", self.target.display()))?;
        let sync =
            self.successful().filter(on_target).find(|call| call.is(SYNCS) && call.begun > last_write.ended);
        self.promised_after(sync.ok_or("the file was not synced after its last write")?)
    }

    /// That the lock was held from before the file was read until all was done.
    pub(crate) fn locked(&self) -> Result<(), String> {
        let mut lock = self.target.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let on_lock = |call: &&Call| call.is(&["flock"]) && call.descriptor_path() == Some(lock.as_path());
        let taken = self.successful().filter(on_lock).find(|call| call.args.contains("LOCK_EX"));
        let taken = taken.ok_or_else(|| format!("{} was never locked", lock.display()))?;
        let uses = |call: &&Call| {
            let used = call.is(READS) || call.is(WRITES);
            used && call.descriptor_path() == Some(self.target)
        };
        if let Some(early) = self.successful().filter(uses).find(|call| call.begun < taken.ended) {
            return Err(format!("the file was used before it was locked: {}({})", early.name, early.args));
        }
        let folder = self.folder()?;
        let last_work = self.successful().filter(|call| {
            call.is(SYNCS) && [Some(folder), Some(self.target)].contains(&call.descriptor_path())
        });
        let last_work = last_work.last().ok_or("nothing was synced")?;
        let given_back = self.successful().filter(on_lock).find(|call| call.args.contains("LOCK_UN"));
        match given_back {
            Some(unlock) if unlock.begun < last_work.ended => {
                Err("the lock was given back before all was synced".into())
            }
            _ => Ok(()),
        }
    }

    fn successful(&self) -> impl Iterator<Item = &Call> + Clone {
        self.calls.iter().filter(|call| call.succeeded())
    }

    fn folder(&self) -> Result<&Path, String> {
        self.target.parent().ok_or_else(|| "the file has no folder".into())
    }

    /// The rename that made the new content visible, and what the new content was called before.
    fn rename(&self, folder: &Path) -> Result<(&Call, PathBuf), String> {
        self.successful()
            .filter(|call| call.is(RENAMES))
            .find_map(|call| match call.paths(folder).as_slice() {
                [from, to] if to == self.target => Some((call, from.clone())),
                _ => None,
            })
            .ok_or_else(|| format!("nothing was renamed to {}", self.target.display()))
    }

    fn is_in(&self, call: &Call, folder: &Path) -> bool {
        call.paths(folder).iter().any(|path| path.parent() == Some(folder))
    }

    fn touches_target(&self, call: &Call) -> bool {
        call.is(WRITES) && call.descriptor_path() == Some(self.target)
    }

    fn promised_after(&self, sync: &Call) -> Result<(), String> {
        let promise = self.successful().find(|call| {
            call.is(&["write"]) && call.descriptor() == Some(1) && call.args.contains(self.promise)
        });
        let promise = promise.ok_or("the program never said that it was done")?;
        if promise.begun < sync.ended {
            return Err("the program said that it was done before the last sync had come back".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Save;
    use crate::judges::trace::parse;
    use std::path::Path;

    const GOOD: &[&str] = &[
        "1 flock(3</w/a.yaml.lock>, LOCK_EX|LOCK_NB) = 0",
        "1 read(4</w/a.yaml>, \"old\", 3) = 3",
        "1 openat(AT_FDCWD</w>, \".a.yaml.new\", O_RDWR|O_CREAT|O_EXCL, 0600) = 5</w/.a.yaml.new>",
        "1 write(5</w/.a.yaml.new>, \"new\", 3) = 3",
        "1 fsync(5</w/.a.yaml.new>) = 0",
        "1 renameat2(AT_FDCWD</w>, \".a.yaml.new\", AT_FDCWD</w>, \"a.yaml\", RENAME_EXCHANGE) = 0",
        "1 rename(\"/w/.a.yaml.new\", \"/w/a.yaml.backup\") = 0",
        "1 fsync(6</w>) = 0",
        "1 flock(3</w/a.yaml.lock>, LOCK_UN) = 0",
        "1 write(1</logs/out>, \"saved\\n\", 6) = 6",
    ];

    fn judge(lines: &[&str]) -> Result<(), String> {
        let calls = parse(&lines.join("\n"));
        let save = Save { calls: &calls, target: Path::new("/w/a.yaml"), promise: "saved" };
        save.replaced().and_then(|()| save.locked())
    }

    fn without(index: usize) -> Vec<&'static str> {
        let mut lines = GOOD.to_vec();
        lines.remove(index);
        lines
    }

    fn swapped(first: usize, second: usize) -> Vec<&'static str> {
        let mut lines = GOOD.to_vec();
        lines.swap(first, second);
        lines
    }

    #[test]
    fn the_right_order_is_accepted() {
        assert_eq!(judge(GOOD), Ok(()));
    }

    #[test]
    fn every_step_that_is_missing_is_noticed() {
        for missing in [0, 3, 4, 5, 7, 9] {
            assert!(judge(&without(missing)).is_err(), "without {}", GOOD[missing]);
        }
    }

    #[test]
    fn every_wrong_order_is_noticed() {
        for (first, second) in [(0, 1), (3, 4), (4, 5), (6, 7), (7, 8), (7, 9)] {
            assert!(judge(&swapped(first, second)).is_err(), "{} after {}", GOOD[first], GOOD[second]);
        }
    }

    #[test]
    fn a_sync_that_failed_or_had_not_come_back_does_not_count() {
        let mut failed = GOOD.to_vec();
        failed[4] = "1 fsync(5</w/.a.yaml.new>) = -1 EIO (Input/output error)";
        assert!(judge(&failed).is_err());
        let mut pending = GOOD.to_vec();
        pending[4] = "2 fsync(5</w/.a.yaml.new> <unfinished ...>";
        pending.insert(6, "2 <... fsync resumed>) = 0");
        assert!(judge(&pending).is_err());
    }

    #[test]
    fn writing_into_the_file_itself_is_noticed() {
        let mut in_place = GOOD.to_vec();
        in_place.insert(2, "1 write(4</w/a.yaml>, \"new\", 3) = 3");
        assert!(judge(&in_place).is_err());
    }

    #[test]
    fn an_append_is_synced_before_it_is_promised() {
        let lines = [
            "1 write(4</w/a.yaml>, \"- a\", 3) = 3",
            "1 fdatasync(4</w/a.yaml>) = 0",
            "1 write(1</logs/out>, \"saved\\n\", 6) = 6",
        ];
        let judge = |lines: &[&str]| {
            let calls = parse(&lines.join("\n"));
            Save { calls: &calls, target: Path::new("/w/a.yaml"), promise: "saved" }.appended()
        };
        assert_eq!(judge(&lines), Ok(()));
        assert!(judge(&[lines[0], lines[2]]).is_err());
        assert!(judge(&[lines[1], lines[0], lines[2]]).is_err());
        assert!(judge(&[lines[0], lines[2], lines[1]]).is_err());
    }
}
