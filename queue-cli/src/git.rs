//! What git knows of the files around a queue.

use queue_cli::reanalysis::{ChangedFile, Changes};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// What git tells the hooks it runs, for itself; a repository is looked for from a folder here, and those could name another one.
const OF_A_HOOK: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/// The working tree that a folder is in.
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// # Errors
    ///
    /// Why there is none, for people.
    pub(crate) fn around(folder: &Path) -> Result<Self, String> {
        let output = git(folder, &["rev-parse", "--show-toplevel"])?;
        Ok(Self { root: path_of(&output) })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that its hooks are in.
    ///
    /// # Errors
    ///
    /// Why that cannot be told.
    pub(crate) fn hooks(&self) -> Result<PathBuf, String> {
        let output = git(&self.root, &["rev-parse", "--git-path", "hooks"])?;
        Ok(self.root.join(path_of(&output)))
    }

    /// The files that differ from what they were in `revision`, with the names that they have from `folder`; those
    /// in `except` are left out.
    ///
    /// # Errors
    ///
    /// Why that cannot be told.
    pub(crate) fn changes_since(
        &self,
        revision: &str,
        folder: &Path,
        except: &[PathBuf],
    ) -> Result<Changes, String> {
        let verify =
            ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")];
        let Ok(commit) = git(&self.root, &verify) else {
            return Err(format!("{revision} is no commit of the repository at {}", self.root.display()));
        };
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let changed =
            git(&self.root, &["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", &commit, "--"])?;
        let breaking = self.changed_by_breaking_commits(&commit)?;
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
        let root = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        let file = |name: &[u8]| {
            let path = Path::new(OsStr::from_bytes(name));
            // A name that is no text is in no queue either.
            let text = |path: &Path| path.to_string_lossy().into_owned();
            ChangedFile {
                path: text(path),
                other_names: vec![text(&from(&folder, &root.join(path))), text(&root.join(path))],
                is_breaking: breaking.contains(name),
            }
        };
        let except: Vec<PathBuf> = except.iter().filter_map(|file| fs::canonicalize(file).ok()).collect();
        let is_counted = |name: &&[u8]| !except.contains(&root.join(OsStr::from_bytes(name)));
        Ok(Changes { since: revision.into(), files: names(&changed).filter(is_counted).map(file).collect() })
    }

    /// The files of the commits since `commit` that say of themselves that they break something: `!` before the colon of the subject, or a
    /// line `BREAKING CHANGE:` (<https://www.conventionalcommits.org>).
    fn changed_by_breaking_commits(&self, commit: &str) -> Result<HashSet<Vec<u8>>, String> {
        let log = git(&self.root, &["log", "-z", "--format=%H%n%B", &format!("{commit}..HEAD"), "--"])?;
        let mut files = HashSet::new();
        for record in names(&log) {
            let record = String::from_utf8_lossy(record);
            let Some((hash, message)) = record.split_once('\n') else { continue };
            if !is_breaking(message) {
                continue;
            }
            let listed = git(
                &self.root,
                &[
                    "diff-tree",
                    "--no-commit-id",
                    "--name-only",
                    "-r",
                    "-z",
                    "-m",
                    "--root",
                    "--no-renames",
                    hash,
                ],
            )?;
            files.extend(names(&listed).map(<[u8]>::to_vec));
        }
        Ok(files)
    }
}

fn is_breaking(message: &str) -> bool {
    let subject = message.lines().next().unwrap_or_default();
    let kind = subject.split_once(':').map(|(kind, _)| kind).unwrap_or_default();
    let is_kind = |kind: &str| {
        let word =
            kind.split_once('(').map_or(kind, |(word, scope)| if scope.ends_with(')') { word } else { "" });
        !word.is_empty() && word.chars().all(char::is_alphanumeric)
    };
    let footer = |line: &str| line.starts_with("BREAKING CHANGE:") || line.starts_with("BREAKING-CHANGE:");
    kind.strip_suffix('!').is_some_and(is_kind) || message.lines().any(footer)
}

/// The path of `file` as seen from `folder`; both are from the root.
fn from(folder: &Path, file: &Path) -> PathBuf {
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}

fn names(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|byte| *byte == 0).filter(|name| !name.is_empty())
}

fn path_of(output: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(output.strip_suffix(b"\n").unwrap_or(output))).into()
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
    // Whoever commits at this moment must not find the index locked.
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    for name in OF_A_HOOK {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => "there is no program git".to_owned(),
        _ => format!("git cannot be started: {error}"),
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
    Err(if first.is_empty() { format!("git {} failed", arguments[0]) } else { format!("git says: {first}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_say_that_they_break_something() {
        for message in [
            "feat!: drop the old form",
            "refactor(api)!: new names\n\nbody",
            "fix: x\n\nBREAKING CHANGE: y",
            "x\n\nBREAKING-CHANGE: y",
        ] {
            assert!(is_breaking(message), "{message}");
        }
        for message in ["feat: x", "Stop!", "Wow! this: works", "Not a BREAKING CHANGE: at all", "", "!: x"] {
            assert!(!is_breaking(message), "{message}");
        }
    }

    #[test]
    fn a_file_has_a_name_from_every_folder() {
        let from = |folder: &str, file: &str| from(Path::new(folder), Path::new(file));
        assert_eq!(from("/r/a/b", "/r/a/c/x"), Path::new("../c/x"));
        assert_eq!(from("/r", "/r/a/x"), Path::new("a/x"));
    }
}
