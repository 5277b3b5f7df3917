//! `queue hook`: what git runs after a commit or a merge.

use super::reanalyze::{Request, look, show};
use super::{Context, EventsGo};
use crate::cli::{Hook, HookRules};
use crate::exit::{Exit, Failure};
use crate::git::Repository;
use crate::output::{print_json, print_text, say};
use queue_cli::reanalysis::Trigger;
use rustix::fs::{Access, access};
use serde_json::json;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{self, Path, PathBuf};

const AFTER_COMMIT: [Trigger; 2] = [Trigger::StructuralChange, Trigger::DependencyComplete];
/// Where the branch was before it was merged into.
const BEFORE_MERGE: &str = "ORIG_HEAD";
const NAMES: [&str; 2] = ["post-commit", "post-merge"];

pub(crate) fn run(context: &Context, hook: &Hook) -> Result<Exit, Failure> {
    match hook {
        Hook::PostCommit(rules) => Ok(after(context, rules, &AFTER_COMMIT, None)),
        Hook::PostMerge(rules) => Ok(after(context, rules, &Trigger::ALL, Some(BEFORE_MERGE))),
        Hook::Install(rules) => install(context, rules),
    }
}

/// Whatever goes wrong is said and is no failure: the commit is made already, and an alarm would be about nothing.
fn after(context: &Context, rules: &HookRules, triggers: &[Trigger], since: Option<&str>) -> Exit {
    let request = Request { dry_run: false, triggers, rules: rules.rules.as_deref(), since };
    match look(context, &request) {
        // Who commits wants to read of what happened alone.
        Ok(looked) if looked.reanalysis.changes.is_empty() && !context.global.json => {
            if let Some(why) = &looked.trouble {
                tracing::info!("changed files are not looked at: {why}");
            }
        }
        Ok(looked) => show(context, &looked, false),
        Err(failure) => {
            say(&format!("queue: the queue was not looked at again: {}", failure.tell(&context.global.file)));
        }
    }
    Exit::Done
}

/// What became of one hook.
enum Installed {
    Now,
    Already,
    /// It would do so, but git passes over it.
    NotExecutable,
    /// Another hook stands there.
    Not,
}

impl Installed {
    fn word(&self) -> &'static str {
        match self {
            Self::Now => "installed",
            Self::Already => "already",
            Self::NotExecutable => "not_executable",
            Self::Not => "occupied",
        }
    }
}

fn install(context: &Context, rules: &HookRules) -> Result<Exit, Failure> {
    // A mistyped queue would be looked for in vain after every commit.
    context.queue.read()?;
    let folder = context.queue.folder();
    let repository = Repository::around(&folder).map_err(|why| {
        Failure::new(Exit::NotFound, format!("{} is in no git repository: {why}", folder.display()))
    })?;
    let hooks = repository.hooks().map_err(|why| Failure::new(Exit::Failure, why))?;
    fs::create_dir_all(&hooks).map_err(|error| cannot("make", &hooks, error))?;
    let mut results = Vec::new();
    for name in NAMES {
        let line = line(context, rules, repository.root(), name)?;
        let path = hooks.join(name);
        let installed = put(&path, &line).map_err(|error| cannot("write", &path, error))?;
        results.push((name, path, line, installed));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if context.global.json {
        let hook = |(name, path, line, installed): &(_, PathBuf, Vec<u8>, Installed)| json!({ "hook": name, "path": path.display().to_string(), "line": text(line), "state": installed.word() });
        print_json(&json!({ "hooks": results.iter().map(hook).collect::<Vec<_>>() }));
    } else {
        for (_, file, line, installed) in &results {
            let path = file.display();
            print_text(&match installed {
                Installed::Now => format!("{path} is installed\n"),
                Installed::Already => format!("{path} does so already\n"),
                Installed::NotExecutable => format!(
                    "{path} is not executable, so git passes over it; make it so: chmod +x {}\n",
                    String::from_utf8_lossy(&quoted(file.as_os_str()))
                ),
                Installed::Not => format!(
                    "{path} is there already and was left as it is; add to it this line:\n    {}\n",
                    text(line)
                ),
            });
        }
    }
    let runs = |installed: &Installed| matches!(installed, Installed::Now | Installed::Already);
    let all_run = results.iter().all(|(.., installed)| runs(installed));
    Ok(if all_run { Exit::Done } else { Exit::Conflict })
}

fn cannot(verb: &str, path: &Path, error: io::Error) -> Failure {
    Failure::because(format!("cannot {verb} {}", path.display()), error)
}

/// Writes the hook where there is none.
fn put(path: &Path, line: &[u8]) -> io::Result<Installed> {
    let script = [b"#!/bin/sh\n# Looks at the task queue again.\n", line, b"\n"].concat();
    match OpenOptions::new().write(true).create_new(true).mode(0o777).open(path) {
        Ok(mut file) => file.write_all(&script).map(|()| Installed::Now),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = fs::read(path).unwrap_or_default();
            let has_line = there.split(|byte| *byte == b'\n').any(|other| other == line);
            Ok(match has_line {
                true if access(path, Access::EXEC_OK).is_err() => Installed::NotExecutable,
                true => Installed::Already,
                false => Installed::Not,
            })
        }
        Err(error) => Err(error),
    }
}

/// The line that a hook runs. It stands in the root of the working tree, and so does git when it runs a hook.
fn line(context: &Context, rules: &HookRules, root: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let own = std::env::current_exe().map_err(|error| Failure::because("cannot find this program", error))?;
    let mut words: Vec<Vec<u8>> = vec![quoted(own.as_os_str())];
    words.push(b"--file".to_vec());
    words.push(quoted(seen_from(root, context.queue.path()).as_os_str()));
    words.extend(options(context, root));
    words.push(b"hook".to_vec());
    words.push(name.as_bytes().to_vec());
    if let Some(rules) = &rules.rules {
        words.push(b"--rules".to_vec());
        words.push(quoted(seen_from(root, rules).as_os_str()));
    }
    words.push(b"|| :".to_vec());
    Ok(words.join(&b' '))
}

/// How the queue is to be used, as it is used now. What the environment says of the queue counts; whose name it gives does not, because others commit too.
fn options(context: &Context, root: &Path) -> Vec<Vec<u8>> {
    let global = &context.global;
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut option = |name: &str, value: &OsStr| words.extend([name.into(), quoted(value)]);
    for lock in &global.also_lock {
        option("--also-lock", seen_from(root, lock).as_os_str());
    }
    if !global.has_default_lock_timeout() {
        option("--lock-timeout", format!("{:#}", global.lock_timeout).as_ref());
    }
    if let Some(agent) = &global.agent {
        option("--agent", agent.as_ref());
    }
    match &context.events {
        EventsGo::Beside => {}
        EventsGo::To(log) => option("--events", seen_from(root, log).as_os_str()),
        EventsGo::Nowhere => words.push(b"--no-events".to_vec()),
    }
    words
}

/// From the working tree's root, so that it may move; another file from the root of the filesystem.
fn seen_from(root: &Path, file: &Path) -> PathBuf {
    let absolute = path::absolute(file).unwrap_or_else(|_| file.into());
    let real = match (absolute.parent().map(fs::canonicalize), absolute.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => absolute,
    };
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.into());
    real.strip_prefix(&root).map(|inside| Path::new(".").join(inside)).unwrap_or(real)
}

/// For a shell.
fn quoted(word: &OsStr) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in word.as_bytes() {
        if *byte == b'\'' {
            quoted.extend(br"'\''");
        } else {
            quoted.push(*byte);
        }
    }
    quoted.push(b'\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_was_meant() {
        assert_eq!(quoted(OsStr::new("a b")), b"'a b'");
        assert_eq!(quoted(OsStr::new("it's")), br"'it'\''s'");
    }
}
