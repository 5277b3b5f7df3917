//! Reading what `strace -f -y` wrote, with `-xx` or without.

mod argument;

pub(crate) use argument::Argument;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One system call that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The number of the thread that made it.
    pub(crate) thread: String,
    pub(crate) name: String,
    /// Its arguments as strace prints them.
    pub(crate) args: String,
    /// The same, each for itself.
    pub(crate) arguments: Vec<Argument>,
    /// What it returned; `None` for an error.
    pub(crate) result: Option<i64>,
    /// The line on which it began, and the one on which it came back: in between other threads may have run.
    pub(crate) begun: usize,
    pub(crate) ended: usize,
}

/// All calls, in the order in which they came back.
pub(crate) fn parse(trace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut unfinished: HashMap<&str, (usize, String)> = HashMap::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(start) = text.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (number, start.into()));
        } else if let Some(rest) = text.strip_prefix("<... ") {
            let (Some((begun, start)), Some((_, end))) =
                (unfinished.remove(thread), rest.split_once("resumed>"))
            else {
                continue;
            };
            calls.extend(call(thread, &format!("{start}{end}"), begun, number));
        } else {
            calls.extend(call(thread, text, number, number));
        }
    }
    calls
}

/// `name(args) = result`; signals and exits are no calls.
fn call(thread: &str, text: &str, begun: usize, ended: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (args, result) = rest.rsplit_once(" = ")?;
    let digits = result.split([' ', '<']).next()?;
    // Addresses are printed in hexadecimal.
    let result = match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    };
    let result = result.filter(|result| *result >= 0);
    let args = args.trim_end();
    let args = args.strip_suffix(')').unwrap_or(args);
    let arguments = Argument::all(args);
    Some(Call {
        thread: thread.into(),
        name: name.into(),
        args: args.into(),
        arguments,
        result,
        begun,
        ended,
    })
}

impl Call {
    pub(crate) fn succeeded(&self) -> bool {
        self.result.is_some()
    }

    pub(crate) fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    /// The number of the descriptor that the call works on.
    pub(crate) fn descriptor(&self) -> Option<i64> {
        self.arguments.first()?.number
    }

    /// The file that the call's descriptor stood for at that moment.
    pub(crate) fn descriptor_path(&self) -> Option<&Path> {
        self.descriptor()?;
        self.arguments.first()?.place()
    }

    /// The paths among the arguments, each taken from the descriptor of its folder, or from `folder`.
    pub(crate) fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        let mut base = folder;
        let mut paths = Vec::new();
        for argument in &self.arguments {
            base = argument.place().unwrap_or(base);
            paths.extend(argument.string().map(|path| base.join(OsStr::from_bytes(path))));
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::path::{Path, PathBuf};

    #[test]
    fn reads_descriptors_paths_results_and_what_was_interrupted() {
        let calls = parse(concat!(
            "11 openat(AT_FDCWD</w>, \"a.yaml\", O_RDONLY|O_CLOEXEC) = 3</w/a.yaml>\n",
            "11 fsync(4</w/new> <unfinished ...>\n",
            "12 read(3</w/a.yaml>, \"a (b) = c\", 9) = 9\n",
            "11 <... fsync resumed>)            = 0\n",
            "11 renameat2(5</w>, \"new\", AT_FDCWD</w>, \"a.yaml\", RENAME_EXCHANGE) = 0\n",
            "11 mmap(NULL, 9, PROT_READ, MAP_SHARED, 3</w/a.yaml>, 0) = 0x7fe6100ae000\n",
            "11 unlink(\"/w/new\") = -1 ENOENT (No such file or directory)\n",
            "11 +++ exited with 0 +++\n",
        ));
        let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["openat", "read", "fsync", "renameat2", "mmap", "unlink"]);
        assert_eq!(calls[0].result, Some(3));
        assert_eq!(calls[0].paths(Path::new("/")), [PathBuf::from("/w/a.yaml")]);
        assert_eq!((calls[2].begun, calls[2].ended), (1, 3));
        assert_eq!(calls[2].descriptor_path(), Some(Path::new("/w/new")));
        assert_eq!(calls[3].paths(Path::new("/")), [PathBuf::from("/w/new"), PathBuf::from("/w/a.yaml")]);
        assert!(calls[4].succeeded() && !calls[5].succeeded());
        assert_eq!(calls[5].paths(Path::new("/x")), [PathBuf::from("/w/new")]);
    }
}
