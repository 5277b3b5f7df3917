//! Whether a program that one system call failed, or that was killed at it, left what it says it left.

/// What was done to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Injected {
    /// A system call returned this error.
    Error(i32),
    /// SIGKILL, on entering a system call.
    Kill,
}

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Exit(i32),
    Signal(i32),
}

/// What is in its file now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Old,
    New,
    /// Neither, which is always wrong: why.
    Neither(String),
}

/// How the program came through, where all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Came {
    /// It did its work.
    Through,
    /// It said that it did not, or not surely, and why.
    Refused,
    Killed,
}

/// Everything that is known of one run.
pub(crate) struct Aftermath<'a> {
    pub(crate) injected: Injected,
    /// Whether what failed is of the work itself, a write or a sync: it may be made up for, but never passed over in silence.
    pub(crate) must_tell: bool,
    pub(crate) ended: Ended,
    pub(crate) content: Content,
    /// Whether it had said that it was done.
    pub(crate) promised: bool,
    pub(crate) stderr: &'a str,
    /// The files of which an error must name one.
    pub(crate) files: &'a [&'a str],
    /// The exit code for "saved, but durability unknown"; others than this, 0 and 1 are wrong.
    pub(crate) saved_in_doubt: Option<i32>,
}

/// What an error says when the new version is in place all the same.
const SAYS_SAVED: &[&str] = &[
    "whether that survives a power cut is unknown",
    "whether it survives a power cut is unknown",
    "and is saved, but looking at it once more failed",
];
/// What is said when the work is done, but its result could not be printed.
const SAYS_UNPRINTED: &str = "cannot write to standard output";
const SAYS_UNCHANGED: &str = "nothing was changed";

impl Aftermath<'_> {
    pub(crate) fn judge(&self) -> Result<Came, String> {
        no_panic(self.stderr)?;
        if let Content::Neither(why) = &self.content {
            return Err(format!("the file is neither the old nor the new version: {why}"));
        }
        if self.promised && self.content == Content::Old {
            return Err("it said that it was done, and the file is the old version".into());
        }
        match (self.ended, self.injected) {
            (Ended::Exit(0), _) if self.content == Content::Old => {
                Err("it exited with 0, and the file is the old version".into())
            }
            (Ended::Exit(0), Injected::Error(errno)) if self.must_tell => {
                names_cause(self.stderr, errno).map(|()| Came::Through)
            }
            (Ended::Exit(0), _) => Ok(Came::Through),
            (Ended::Signal(9), Injected::Kill) => Ok(Came::Killed),
            (Ended::Signal(signal), _) => Err(format!("it was ended by signal {signal}")),
            (Ended::Exit(code), Injected::Kill) => {
                Err(format!("it exited with {code} instead of being killed"))
            }
            (Ended::Exit(code), Injected::Error(errno)) => self.refusal(code, errno),
        }
    }

    fn refusal(&self, code: i32, errno: i32) -> Result<Came, String> {
        if code != 1 && Some(code) != self.saved_in_doubt {
            return Err(format!("exit code {code} does not mean that a system call failed"));
        }
        names_cause(self.stderr, errno)?;
        let unprinted = self.stderr.contains(SAYS_UNPRINTED);
        if !unprinted && !self.files.iter().any(|file| self.stderr.contains(file)) {
            return Err("the error names none of the files".into());
        }
        let in_doubt = SAYS_SAVED.iter().any(|words| self.stderr.contains(words));
        if self.saved_in_doubt.is_some_and(|doubt| (doubt == code) != in_doubt) && !unprinted {
            return Err(format!("exit code {code} and the error do not agree on whether the file is saved"));
        }
        match self.content {
            Content::Old if in_doubt => {
                Err("the error says that the file is saved, and it is the old version".into())
            }
            Content::New if self.stderr.contains(SAYS_UNCHANGED) => {
                Err("the error says that nothing was changed, and the file is the new version".into())
            }
            Content::New if !in_doubt && !unprinted => {
                Err("the file is the new version, and the error does not say that it is saved".into())
            }
            _ => Ok(Came::Refused),
        }
    }
}

/// A panic is no answer to an error.
pub(crate) fn no_panic(stderr: &str) -> Result<(), String> {
    if stderr.contains("panicked at") { Err("it panicked".into()) } else { Ok(()) }
}

/// That an error gives the system's reason.
pub(crate) fn names_cause(said: &str, errno: i32) -> Result<(), String> {
    let cause = format!("(os error {errno})");
    if said.contains(&cause) { Ok(()) } else { Err(format!("the error does not give its cause, {cause}")) }
}

#[cfg(test)]
mod tests {
    use super::{Aftermath, Came, Content, Ended, Injected};

    const REFUSED: &str = "cannot save q.yaml: fsync failed; nothing was changed: I/O error (os error 5)";
    const IN_DOUBT: &str = "q.yaml is saved, but whether that survives a power cut is unknown: fsync failed: I/O error (os error 5)";

    fn good() -> Aftermath<'static> {
        Aftermath {
            injected: Injected::Error(5),
            must_tell: true,
            ended: Ended::Exit(1),
            content: Content::Old,
            promised: false,
            stderr: REFUSED,
            files: &["q.yaml"],
            saved_in_doubt: Some(9),
        }
    }

    #[test]
    fn what_is_told_and_true_is_right() {
        assert_eq!(good().judge(), Ok(Came::Refused));
        let doubt = Aftermath { ended: Ended::Exit(9), content: Content::New, stderr: IN_DOUBT, ..good() };
        assert_eq!(doubt.judge(), Ok(Came::Refused));
        let through = || Aftermath { ended: Ended::Exit(0), content: Content::New, promised: true, ..good() };
        assert_eq!(Aftermath { must_tell: false, stderr: "", ..through() }.judge(), Ok(Came::Through));
        let warned = Aftermath { stderr: "its events are not saved: I/O error (os error 5)", ..through() };
        assert_eq!(warned.judge(), Ok(Came::Through));
        let unprinted = Aftermath {
            content: Content::New,
            stderr: "cannot write to standard output: I/O error (os error 5); it was:\nA 1",
            ..good()
        };
        assert_eq!(unprinted.judge(), Ok(Came::Refused));
        for content in [Content::Old, Content::New] {
            let killed = Aftermath {
                injected: Injected::Kill,
                ended: Ended::Signal(9),
                stderr: "",
                content,
                ..good()
            };
            assert_eq!(killed.judge(), Ok(Came::Killed));
        }
    }

    #[test]
    fn every_planted_lie_is_noticed() {
        let killed = || Aftermath { injected: Injected::Kill, ended: Ended::Signal(9), ..good() };
        let torn = || Content::Neither("torn".into());
        for (what, wrong) in [
            ("torn", Aftermath { content: torn(), ..good() }),
            ("torn after a kill", Aftermath { content: torn(), ..killed() }),
            ("silence", Aftermath { ended: Ended::Exit(0), content: Content::New, stderr: "", ..good() }),
            ("not done though 0", Aftermath { ended: Ended::Exit(0), ..good() }),
            ("promise broken", Aftermath { promised: true, ..killed() }),
            (
                "panic",
                Aftermath { stderr: "thread 'main' panicked at src/main.rs:1 (os error 5) q.yaml", ..good() },
            ),
            ("abort", Aftermath { ended: Ended::Signal(6), ..good() }),
            ("killed without a kill", Aftermath { ended: Ended::Signal(9), ..good() }),
            ("survived a kill", Aftermath { ended: Ended::Exit(1), ..killed() }),
            ("undocumented code", Aftermath { ended: Ended::Exit(101), ..good() }),
            ("other cause", Aftermath { stderr: "cannot save q.yaml: no (os error 13)", ..good() }),
            ("no file", Aftermath { stderr: "cannot save: no (os error 5)", ..good() }),
            ("new, but called unchanged", Aftermath { content: Content::New, ..good() }),
            ("new, unsaid", Aftermath { content: Content::New, stderr: "q.yaml: no (os error 5)", ..good() }),
            ("old, but called saved", Aftermath { ended: Ended::Exit(9), stderr: IN_DOUBT, ..good() }),
            ("saved, but code 1", Aftermath { content: Content::New, stderr: IN_DOUBT, ..good() }),
            ("refused, but code 9", Aftermath { ended: Ended::Exit(9), ..good() }),
        ] {
            assert!(wrong.judge().is_err(), "{what}");
        }
    }
}
