//! What a scenario needs from the machine, and whether it is there.

use crate::engine::places::{MEMORY, Places};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// Something that not every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tool {
    /// Python 3 that can `import yaml`: the system's, or one with its own folder under target/.
    PyYaml,
    /// Python 3 that can `import filelock`, likewise.
    FileLock,
    Bash,
    /// The command of util-linux.
    Flock,
    /// The one on top of jq.
    Yq,
    /// The command line of SQLite, new enough to return what it updates.
    Sqlite,
    /// GNU parallel; another program of that name knows no `--joblog`.
    Parallel,
    /// The command `tsp`.
    TaskSpooler,
    /// The commands `pueue` and `pueued`, from version 4.
    Pueue,
    /// And the permission to trace.
    Strace,
    /// libfaketime, which shows programs another clock.
    FakeTime,
    /// The right to mount a tmpfs.
    Mount,
    /// Debian's package manager and builder, on a system whose packages it knows.
    Dpkg,
    /// The right to give a program another root folder and mounts of its own.
    CleanRoot,
    /// The command `man`.
    Man,
    /// `systemd-analyze`, with systemd's own units.
    SystemdAnalyze,
    /// To be held back by file permissions: not root, or able to become somebody else.
    Permissions,
    /// `/proc`, to see that no process was left.
    Proc,
    /// A tmpfs that may be written to without mounting one.
    Memory,
}

pub(crate) struct Tools {
    venv: PathBuf,
    scratch: PathBuf,
    /// What was found out, once for each.
    missing: Mutex<HashMap<Tool, Option<String>>>,
    pyyaml: OnceLock<PathBuf>,
    filelock: OnceLock<PathBuf>,
    faketime: OnceLock<String>,
}

impl Tools {
    pub(crate) fn new(places: &Places) -> Self {
        Self {
            venv: places.venv(),
            scratch: places.scratch(),
            missing: Mutex::default(),
            pyyaml: OnceLock::new(),
            filelock: OnceLock::new(),
            faketime: OnceLock::new(),
        }
    }

    /// Why `tool` cannot be used here; `None` when it can.
    pub(crate) fn missing(&self, tool: Tool) -> Option<String> {
        let Ok(mut known) = self.missing.lock() else { return Some("asking for it failed before".into()) };
        known.entry(tool).or_insert_with(|| self.look_for(tool).err()).clone()
    }

    /// The Python that has the library of `tool`, once it was asked for.
    pub(crate) fn python(&self, tool: Tool) -> Option<&Path> {
        match tool {
            Tool::PyYaml => self.pyyaml.get().map(PathBuf::as_path),
            Tool::FileLock => self.filelock.get().map(PathBuf::as_path),
            _ => None,
        }
    }

    /// What to preload for libfaketime, once it was asked for.
    pub(crate) fn faketime(&self) -> Option<&str> {
        self.faketime.get().map(String::as_str)
    }

    fn look_for(&self, tool: Tool) -> Result<(), String> {
        match tool {
            Tool::PyYaml => self.find_python("yaml", "pyyaml", &self.pyyaml),
            Tool::FileLock => self.find_python("filelock", "filelock", &self.filelock),
            Tool::Bash => works("bash", ["-c", "exec 200>&1"]),
            Tool::Flock => works("flock", ["--version"]),
            Tool::Yq => works("yq", ["-y", "-n", "1"]),
            Tool::Sqlite => works(
                "sqlite3",
                [":memory:", "CREATE TABLE t (a); INSERT INTO t VALUES (1); UPDATE t SET a = 2 RETURNING a;"],
            ),
            Tool::Parallel => works("parallel", ["--will-cite", "--joblog", "/dev/null", "true", ":::", "1"]),
            Tool::TaskSpooler => works("tsp", ["-V"]),
            Tool::Pueue => works("pueued", ["--version"]).and_then(|()| works("pueue", ["--version"])),
            Tool::Strace => works("strace", ["-f", "-o", "/dev/null", "true"]),
            Tool::FakeTime => self.find_faketime(),
            Tool::Mount => self.try_mount(),
            Tool::Dpkg => works("dpkg-deb", ["--version"])
                .and_then(|()| works("objdump", ["--version"]))
                .and_then(|()| works("dpkg-query", ["--show", "libc6", "libgcc-s1"])),
            Tool::CleanRoot => try_clean_root(),
            Tool::Man => works("man", ["--version"]),
            Tool::SystemdAnalyze => works("systemd-analyze", ["verify", "basic.target"]),
            Tool::Permissions => try_permissions(),
            Tool::Proc if Path::new("/proc/self/environ").exists() => Ok(()),
            Tool::Proc => Err("there is no /proc".into()),
            Tool::Memory => {
                tempfile::tempdir_in(MEMORY).map(drop).map_err(|error| format!("{MEMORY}: {error}"))
            }
        }
    }

    /// The system's Python if it has `module`, otherwise our own, with `package` installed.
    fn find_python(&self, module: &str, package: &str, found: &OnceLock<PathBuf>) -> Result<(), String> {
        let import = ["-c".to_owned(), format!("import {module}")];
        let own = self.venv.join("bin").join("python3");
        if works("python3", &import).is_ok() {
            let _ = found.set("python3".into());
            return Ok(());
        }
        if works(&own, &import).is_err() {
            works("python3", ["-c", "pass"])?;
            works("python3", [OsStr::new("-m"), OsStr::new("venv"), self.venv.as_os_str()])
                .map_err(|error| format!("{package} is missing and no venv can be made for it: {error}"))?;
            works(&own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
                .map_err(|error| format!("{package} is missing and cannot be installed: {error}"))?;
            works(&own, &import)?;
        }
        let _ = found.set(own);
        Ok(())
    }

    /// Its program knows where the library is, and tells what it starts.
    fn find_faketime(&self) -> Result<(), String> {
        let words = ["-m", "-f", "+1s", "printenv", "LD_PRELOAD"];
        let output = Command::new("faketime").args(words).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("faketime: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if said.is_empty() {
            return Err("faketime does not say where its library is".into());
        }
        let _ = self.faketime.set(said);
        Ok(())
    }

    fn try_mount(&self) -> Result<(), String> {
        std::fs::create_dir_all(&self.scratch).map_err(|error| error.to_string())?;
        let place = self.scratch.as_os_str();
        let words = ["-t", "tmpfs", "-o", "size=64k", "tmpfs"].map(OsStr::new);
        works("mount", words.into_iter().chain([place]))?;
        works("umount", [place])?;
        std::fs::remove_dir(&self.scratch).map_err(|error| error.to_string())
    }
}

/// Root is not held back by permissions, and must be able to start programs as somebody who is.
fn try_permissions() -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let status = Command::new("true").uid(NOBODY).gid(NOBODY).status().map_err(|error| error.to_string());
    status.map(|_| ()).map_err(|error| format!("root cannot start a program as another user: {error}"))
}

/// Who is not root becomes it in a user namespace, where that is allowed.
fn try_clean_root() -> Result<(), String> {
    let as_root = (!rustix::process::geteuid().is_root()).then_some("--map-root-user");
    let words = ["--mount", "sh", "-ec", "mount --rbind /dev /dev; unshare --root=/ true"];
    works("unshare", as_root.into_iter().chain(words)).and_then(|()| works("ldd", ["--version"]))
}

/// A user that owns nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// That a program starts and is content; otherwise what it says.
fn works<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    words: impl IntoIterator<Item = A>,
) -> Result<(), String> {
    let name = program.as_ref().to_string_lossy().into_owned();
    let output = Command::new(program).args(words).stdin(Stdio::null()).output();
    match output {
        Err(error) => Err(format!("{name}: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{name}: {}", said.lines().last().unwrap_or("fails without a word")))
        }
    }
}
