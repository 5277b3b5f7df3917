//! A disk that is full, and a folder that must not be written.

use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, NOBODY, Scenario, Stage, Tool, Verdict, fail,
};
use crate::judges::leftovers;
use crate::scenarios::queue_refusal::{Refusal, file_stands};
use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) const FULL_DISK: Scenario = Scenario {
    name: "full-disk",
    proves: "on a full disk nothing is saved, nothing is lost and nothing is left; with room again it goes on",
    clients: &[Client::Queue, Client::Crates],
    faults: &[Fault::FullDisk],
    upholds: &[Invariant::BrokenFilesStand],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Mount, Tool::Proc],
    bound: Duration::from_secs(60),
    run: full_disk,
};

pub(crate) const READ_ONLY: Scenario = Scenario {
    name: "read-only-folder",
    proves: "in a folder that must not be written, readers read and writers say so and change nothing",
    clients: &[Client::Queue],
    faults: &[Fault::NoPermission],
    upholds: &[Invariant::BrokenFilesStand],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Permissions, Tool::Proc],
    bound: Duration::from_secs(60),
    run: read_only,
};

const QUEUE: &str = include_str!("../../fixtures/queues/indented.yaml");
const WRITERS: &[&[&str]] = &[&["claim", "--next"], &["add", "Another one"], &["dispatch", "--", "true"]];

/// A mounted tmpfs; unmounted when dropped.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(place: PathBuf) -> Result<Self, Failure> {
        fs::create_dir(&place).explain(place.display())?;
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(&place).status();
        if status.explain("mount")?.success() { Ok(Self(place)) } else { Err(fail("cannot mount a tmpfs")) }
    }

    /// Writes zeros until not one more byte fits.
    fn fill(&self) -> Result<PathBuf, Failure> {
        let path = self.0.join("filler");
        let mut file = File::create(&path)?;
        let mut size = 64 * 1024;
        while size > 0 {
            match file.write_all(&vec![0; size]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => size /= 2,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(path)
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a process that was killed a moment ago may not be quite gone.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn full_disk(stage: &Stage) -> Result<Verdict, Failure> {
    let disk = Tmpfs::mount(stage.data().join("disk"))?;
    let file = disk.0.join("q.yaml");
    fs::write(&file, QUEUE)?;
    fs::write(disk.0.join("plain.txt"), "before\n")?;
    let filler = disk.fill()?;
    for words in WRITERS {
        Refusal { folder: &disk.0, words, exit: 1, says: &["q.yaml", "space"] }
            .run(stage, &format!("full-{}", words[0]))?;
    }
    let content = "after\n".repeat(2_000);
    let mut replace = stage.client(&["replace", "plain.txt", &content]);
    let replaced = stage.finish(replace.current_dir(&disk.0), "full-replace")?.expect(1)?;
    if !replaced.stderr.contains("plain.txt") {
        return Err(fail(format!("replace did not name its file: {}", replaced.said())));
    }
    file_stands(&disk.0.join("plain.txt"), Some(b"before\n"))?;
    leftovers::none(&disk.0).map_err(fail)?;
    let queue = |words: &[&str]| -> Result<Command, Failure> {
        let mut queue = stage.program("queue")?;
        queue.current_dir(&disk.0).args(["-f", "q.yaml"]).args(words);
        Ok(queue)
    };
    stage.finish(&mut queue(&["list"])?, "full-list")?.expect(0)?;

    fs::remove_file(filler)?;
    stage.finish(&mut queue(&["claim", "--next"])?, "room-again")?.expect(0)?;
    leftovers::none(&disk.0).map_err(fail)?;
    Ok(format!("{} writers refused, readers served", WRITERS.len() + 1).into())
}

fn read_only(stage: &Stage) -> Result<Verdict, Failure> {
    // Not under target/: somebody else need not be able to get there. Nor need the program.
    let place = tempfile::tempdir()?;
    fs::set_permissions(place.path(), Permissions::from_mode(0o755))?;
    let program = place.path().join("queue");
    // By a program of its own: what we have open for writing, whoever is just being started has open too, and then it cannot be run.
    stage.finish(stage.command("cp").arg(stage.program_path("queue")?).arg(&program), "cp")?.expect(0)?;
    let folder = place.path().join("read-only");
    fs::create_dir(&folder)?;
    fs::write(folder.join("q.yaml"), QUEUE)?;
    let locked = place.path().join("with-lock-file");
    fs::create_dir(&locked)?;
    for name in ["q.yaml", "q.yaml.lock"] {
        fs::write(locked.join(name), if name == "q.yaml" { QUEUE } else { "" })?;
        // Even who may write the file itself must not replace it here.
        fs::set_permissions(locked.join(name), Permissions::from_mode(0o666))?;
    }
    for (name, folder) in [("bare", &folder), ("with-lock", &locked)] {
        fs::set_permissions(folder, Permissions::from_mode(0o555))?;
        let outcome = refused_and_read(stage, name, folder, &program);
        // Or the folder could not be removed by who made it.
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
        outcome?;
    }
    Ok(format!("{} writers refused, readers served", 2 * WRITERS.len()).into())
}

fn refused_and_read(stage: &Stage, name: &str, folder: &Path, program: &Path) -> Result<(), Failure> {
    let as_nobody = || {
        let mut queue = stage.command(program);
        if rustix::process::geteuid().is_root() {
            queue.uid(NOBODY).gid(NOBODY);
        }
        queue
    };
    for words in WRITERS {
        let name = format!("{name}-{}", words[0]);
        // The dispatcher needs its own lock before it looks at the queue.
        let path = if words[0] == "dispatch" { ".mooring" } else { "q.yaml" };
        Refusal { folder, words, exit: 1, says: &[path, "denied"] }.run_with(stage, &name, as_nobody())?;
    }
    let mut list = as_nobody();
    list.current_dir(folder).args(["-f", "q.yaml", "list"]);
    let listed = stage.finish(&mut list, &format!("{name}-list"))?.expect(0)?;
    if listed.stdout.contains("LIB-002") { Ok(()) } else { Err(fail("the list does not show the tasks")) }
}
