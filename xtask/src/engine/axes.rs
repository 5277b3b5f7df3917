//! The axes of the matrix: who takes part, what goes wrong, what is upheld, where the files are.

use crate::engine::Tool;
use serde::{Serialize, Serializer};
use std::fmt::{self, Display};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A program that uses our crates.
    Crates,
    /// `queue`, from a shell.
    Queue,
    /// `registry`, from a shell.
    Registry,
    /// `queue dispatch`, with its supervisors and the tasks that it runs.
    Dispatch,
    /// A Python program that takes the lock and looks at no inode.
    Python,
    /// A bash script with `flock 200>`.
    Bash,
    /// Somebody who saves without any lock.
    Editor,
    /// Somebody who reads without any lock, all the time.
    Reader,
    /// `lock-janitor`.
    Janitor,
    /// `cargo test`.
    CargoTest,
}

impl Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crates => "our crates",
            Self::Queue => "queue",
            Self::Registry => "registry",
            Self::Dispatch => "queue dispatch",
            Self::Python => "Python",
            Self::Bash => "bash",
            Self::Editor => "an editor",
            Self::Reader => "a reader",
            Self::Janitor => "lock-janitor",
            Self::CargoTest => "cargo test",
        })
    }
}

/// What goes wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL of whom, at random instants.
    Kill(&'static str),
    PowerCut,
    /// SIGSTOP of whom, and SIGCONT when others have gone on.
    Suspend(&'static str),
    /// Which signal, of whom and when.
    Signal(&'static str),
    /// The clock on the wall is set, back and forth.
    ClockSet,
    /// Tasks that do not end when they are asked to.
    DeafTasks,
    /// An error of the kernel's, from each system call in turn.
    FailingCall,
    FullDisk,
    NoPermission,
    /// `rm -f *.lock`.
    LockFileRemoved,
    /// Saves by a program that takes no lock.
    UnlockedSave,
    /// Files and words that are wrong.
    BadInput,
    /// An event log whose end is cut, zeroed, overwritten or doubled.
    TornLog,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(whom) => write!(f, "SIGKILL of {whom}"),
            Self::PowerCut => f.write_str("power cut"),
            Self::Suspend(whom) => write!(f, "SIGSTOP of {whom}"),
            Self::Signal(what) => f.write_str(what),
            Self::ClockSet => f.write_str("clock set back and forth"),
            Self::DeafTasks => f.write_str("tasks that ignore SIGTERM"),
            Self::FailingCall => f.write_str("each system call fails"),
            Self::FullDisk => f.write_str("full disk"),
            Self::NoPermission => f.write_str("no permission"),
            Self::LockFileRemoved => f.write_str("lock file removed"),
            Self::UnlockedSave => f.write_str("saves without a lock"),
            Self::BadInput => f.write_str("bad input"),
            Self::TornLog => f.write_str("torn log"),
        }
    }
}

/// The invariants of ARCHITECTURE.md, in its order and under its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    ReadersSeeWhole = 1,
    BrokenFilesStand = 2,
    NoVersionIsLost = 3,
    UnknownIsKept = 4,
    OneHoldOneRead = 5,
    WaitsAreBounded = 6,
    LockFilesStay = 7,
    OneHolder = 8,
    ErrorsNameTheCause = 9,
}

impl Invariant {
    pub(crate) const ALL: [Self; 9] = [
        Self::ReadersSeeWhole,
        Self::BrokenFilesStand,
        Self::NoVersionIsLost,
        Self::UnknownIsKept,
        Self::OneHoldOneRead,
        Self::WaitsAreBounded,
        Self::LockFilesStay,
        Self::OneHolder,
        Self::ErrorsNameTheCause,
    ];

    /// Its number in ARCHITECTURE.md.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    /// Its gist.
    pub(crate) fn gist(self) -> &'static str {
        match self {
            Self::ReadersSeeWhole => "a reader without a lock sees a whole version",
            Self::BrokenFilesStand => "a file that does not parse is never overwritten",
            Self::NoVersionIsLost => "no version is deleted unless its bytes are kept",
            Self::UnknownIsKept => "what a program does not understand it keeps",
            Self::OneHoldOneRead => "read-modify-write happens under one lock hold",
            Self::WaitsAreBounded => "every wait for a lock is bounded",
            Self::LockFilesStay => "a lock file is not removed by a client",
            Self::OneHolder => "two owners never hold one claim",
            Self::ErrorsNameTheCause => "errors name operation, path and cause; no panic",
        }
    }
}

impl Serialize for Invariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// Where the files under test are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Filesystem {
    /// Whatever the target folder is on.
    Target,
    /// A tmpfs.
    Memory,
}

impl Filesystem {
    /// What the machine must have for it.
    pub(crate) fn needs(self) -> Option<Tool> {
        (self == Self::Memory).then_some(Tool::Memory)
    }
}

impl Display for Filesystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "target",
            Self::Memory => "tmpfs",
        })
    }
}

/// The words of several, with commas.
pub(crate) fn listed(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Invariant;
    use crate::scenarios::ALL;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The numbered paragraphs of the chapter on invariants.
    fn paragraphs() -> Vec<String> {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md")).unwrap();
        let (_, chapter) = text.split_once("## Invariants").unwrap();
        let (chapter, _) = chapter.split_once("\n## ").unwrap();
        let mut paragraphs = Vec::new();
        for line in chapter.lines() {
            let number = format!("{}. ", paragraphs.len() + 1);
            if line.starts_with(&number) {
                paragraphs.push(String::new());
            }
            if let Some(last) = paragraphs.last_mut() {
                *last += line;
                *last += "\n";
            }
        }
        paragraphs
    }

    /// The names between backticks.
    fn names(text: &str) -> BTreeSet<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_invariants_name_the_scenarios_that_hold_them_and_no_others() {
        let paragraphs = paragraphs();
        let scenarios: BTreeSet<&str> = ALL.iter().map(|scenario| scenario.name).collect();
        for invariant in Invariant::ALL {
            let upheld = ALL.iter().filter(|scenario| scenario.upholds.contains(&invariant));
            let declared: BTreeSet<&str> = upheld.map(|scenario| scenario.name).collect();
            let paragraph = &paragraphs[usize::from(invariant.number()) - 1];
            let named: BTreeSet<&str> = names(paragraph).intersection(&scenarios).copied().collect();
            assert_eq!(named, declared, "invariant {}: {}", invariant.number(), invariant.gist());
            assert!(!named.is_empty(), "nothing holds: {}", invariant.gist());
        }
    }

    #[test]
    fn unsafe_stands_in_one_file() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let files = crate::engine::tracked_files(workspace).unwrap();
        let roots = ["src/lib.rs", "src/main.rs", "src/bin/atomic-io/main.rs"];
        let mut roots_seen = 0;
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
            let Ok(text) = std::fs::read_to_string(workspace.join(file)) else { continue };
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let has_unsafe = code.clone().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"));
            let is_the_one = file == Path::new("lock-janitor/src/lease.rs");
            // This very test names what it looks for.
            assert!(has_unsafe == is_the_one || file.ends_with("axes.rs"), "{}", file.display());
            let mut parts = file.components();
            parts.next();
            if roots.iter().any(|root| parts.as_path() == Path::new(root)) {
                roots_seen += 1;
                let word = if file == Path::new("lock-janitor/src/lib.rs") { "deny" } else { "forbid" };
                assert!(text.contains(&format!("#![{word}(unsafe_code)]")), "{}", file.display());
            }
        }
        assert!(roots_seen >= 10, "only {roots_seen} crate roots were found");
    }
}
