//! An editor that knows of no lock, and processes that update the same file meanwhile.
//!
//! Both write ids into one list, and note those that they believe to be saved. What the editor itself throws away, because its save
//! is of a version that is not the last one any more, it notes too: nobody else could keep that.

use crate::client::count::{LONG, acknowledge, counted_up};
use crate::engine::{Explain, Failure, fail};
use atomic_io::{FileError, Notice, SharedFile, UpdateError};
use clap::{Args, ValueEnum};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Between two saves of the editor: from nothing to five of these, because an update whose fsync takes longer than the pause can only start again.
const PAUSE: Duration = Duration::from_millis(2);

#[derive(Args, Debug)]
pub(crate) struct Update {
    /// First part of every id
    name: String,
    file: PathBuf,
    /// Where every id is noted once its update has succeeded, and every version that is reported as put aside
    noted: PathBuf,
    /// Ends when this file exists
    stop: PathBuf,
}

/// Updates until told to stop. That the file does not parse, or lacks something, while the editor writes, is no failure.
pub(crate) fn update_until_stopped(args: &Update) -> Result<ExitCode, Failure> {
    let noted = args.noted.clone();
    let file = SharedFile::at(&args.file).wait(LONG).notices(move |notice| {
        if let Notice::PutAside { aside, .. } = notice {
            // One that cannot be noted is missed by the judge.
            let _ = acknowledge(&noted, "reported", &aside.display().to_string());
        }
    });
    let mut turn = 0;
    while !args.stop.exists() {
        turn += 1;
        let id = format!("{}-{turn}", args.name);
        match file.update(|document| counted_up(document, &id)) {
            Ok(()) => acknowledge(&args.noted, "saved", &id)?,
            Err(
                UpdateError::Operation(_)
                | UpdateError::File(FileError::Invalid { .. } | FileError::Unsettled { .. }),
            ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum How {
    Rename,
    InPlace,
}

#[derive(Args, Debug)]
pub(crate) struct Edit {
    how: How,
    file: PathBuf,
    /// Where every id is noted that is saved, and every id that was thrown away by the editor itself
    noted: PathBuf,
    /// How many times it saves
    saves: u64,
}

/// Saves that many times. Prints how often a save came late or had to be made again.
pub(crate) fn edit(args: &Edit) -> Result<ExitCode, Failure> {
    let (mut late, mut again) = (0_u64, 0_u64);
    for save in 1..=args.saves {
        let id = format!("edit-{save}");
        match args.how {
            How::Rename => save_by_rename(args, &id)?,
            How::InPlace => loop {
                match save_in_place(&args.file, &id)? {
                    InPlace::Saved => break,
                    InPlace::Late(replaced) => {
                        late += 1;
                        wait_for_next_update(&args.file, replaced)?;
                        break;
                    }
                    InPlace::NoName => again += 1,
                }
            },
        }
        acknowledge(&args.noted, "saved", &id)?;
        thread::sleep(PAUSE * u32::try_from(save % 6)?);
    }
    println!("{} saves, {late} late, {again} again", args.saves);
    Ok(ExitCode::SUCCESS)
}

/// As editors do, but with an exchange, so that it can tell what it threw away with the version that it replaced.
fn save_by_rename(args: &Edit, id: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(&args.file).explain(args.file.display())?;
    let edited = with(&text, id);
    let beside = args.file.with_extension("editor");
    fs::write(&beside, &edited).explain(beside.display())?;
    renameat_with(CWD, &beside, CWD, &args.file, RenameFlags::EXCHANGE)
        .map_err(std::io::Error::from)
        .explain("the editor's exchange")?;
    let displaced = fs::read_to_string(&beside).explain(beside.display())?;
    let kept: BTreeSet<&str> = edited.lines().collect();
    for line in displaced.lines().filter(|line| !kept.contains(line)) {
        if let Some(id) = line.strip_prefix("  - ") {
            acknowledge(&args.noted, "dropped", id)?;
        }
    }
    fs::remove_file(&beside).explain(beside.display())
}

enum InPlace {
    Saved,
    /// Into a version that had been replaced meanwhile, with the file that stands in its place.
    Late(u64),
    /// Into a file that has no name any more: two more saves were made since it was opened. A careful editor saves again.
    NoName,
}

/// Through one descriptor: truncated, and written anew.
fn save_in_place(path: &Path, id: &str) -> Result<InPlace, Failure> {
    let mut file = File::options().read(true).write(true).open(path).explain(path.display())?;
    let mut text = String::new();
    file.read_to_string(&mut text).explain(path.display())?;
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(with(&text, id).as_bytes()).explain(path.display())?;
    let (written, present) = (file.metadata()?, fs::metadata(path).explain(path.display())?);
    Ok(if written.nlink() == 0 {
        InPlace::NoName
    } else if written.ino() == present.ino() {
        InPlace::Saved
    } else {
        InPlace::Late(present.ino())
    })
}

/// A person does not save twice between two updates.
fn wait_for_next_update(path: &Path, replaced: u64) -> Result<(), Failure> {
    for _ in 0..10_000 {
        if fs::metadata(path).explain(path.display())?.ino() != replaced {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Err(fail("nobody updates the file any more"))
}

fn with(text: &str, id: &str) -> String {
    format!("{text}  - {id}\n")
}
