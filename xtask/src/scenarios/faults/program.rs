//! A program that is put through faults, and the folder it works in.

use super::check::Ran;
use crate::engine::{Explain, Failure, Finished, Running, Stage, fail};
use crate::judges::aftermath::Came;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Far longer than any of the programs takes, retries after a fault included.
const BOUND: Duration = Duration::from_secs(20);

pub(super) enum Binary {
    /// A client of this program.
    Client,
    Queue,
    Registry,
}

/// One command line, what it finds, and what must be true after it.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) binary: Binary,
    pub(super) words: &'static [&'static str],
    /// What it reads on standard input.
    pub(super) input: &'static str,
    /// Makes the files that it finds.
    pub(super) prepare: fn(&Site<'_>) -> Result<(), Failure>,
    /// Judges what it left, runs it or another one again without a fault, and judges that.
    pub(super) check: fn(&Site<'_>, &Ran<'_>) -> Result<Came, Failure>,
}

/// A folder in which a program runs once.
pub(super) struct Site<'a> {
    pub(super) stage: &'a Stage,
    pub(super) program: &'static Program,
    /// Holds the folder `data`, the program's outputs and the trace.
    pub(super) root: PathBuf,
    runs: AtomicUsize,
}

impl<'a> Site<'a> {
    /// A folder with what the program finds.
    pub(super) fn prepare(stage: &'a Stage, program: &'static Program, root: &Path) -> Result<Self, Failure> {
        let data = root.join("data");
        fs::create_dir_all(&data).explain(data.display())?;
        // strace prints what the kernel says, without symbolic links.
        let root = fs::canonicalize(root).explain(root.display())?;
        let site = Self { stage, program, root, runs: AtomicUsize::new(0) };
        fs::write(site.input(), program.input)?;
        (program.prepare)(&site).explain(format_args!("preparing {}", program.name))?;
        Ok(site)
    }

    /// The same in another folder, file by file.
    pub(super) fn copy(&self, root: &Path) -> Result<Self, Failure> {
        copy_folder(&self.data(), &root.join("data"))?;
        fs::copy(self.input(), root.join("input"))?;
        let root = fs::canonicalize(root).explain(root.display())?;
        Ok(Self { stage: self.stage, program: self.program, root, runs: AtomicUsize::new(0) })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.root.join("data").join(name)
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Failure> {
        let path = self.file(name);
        fs::read_to_string(&path).explain(path.display())
    }

    pub(super) fn trace(&self) -> PathBuf {
        self.root.join("trace")
    }

    fn input(&self) -> PathBuf {
        self.root.join("input")
    }

    /// The program under strace with these options, as one would type it.
    pub(super) fn traced_words(&self, options: &[&str]) -> Result<Vec<OsString>, Failure> {
        // Threads are followed, other programs are not: a supervisor and a task have calls of their own.
        let mut words: Vec<OsString> =
            ["strace", "-f", "-b", "execve", "-y", "-s", "16"].map(OsString::from).to_vec();
        words.extend(options.iter().map(OsString::from));
        words.extend([OsString::from("-o"), self.trace().into()]);
        words.extend(self.words_of(&self.program.binary, self.program.words)?);
        Ok(words)
    }

    pub(super) fn run_traced(&self, options: &[&str]) -> Result<Finished, Failure> {
        let words = self.traced_words(options)?;
        // A shell gives it its input: what the engine starts has none.
        let mut command = self.stage.command("sh");
        command.args(["-c", r#"exec "$@" <"$0""#]).arg(self.input()).args(words);
        self.run(command, self.program.name)
    }

    /// What one types at a shell to see this program fail that way.
    pub(super) fn by_hand(&self, template: &Path, options: &[&str]) -> Result<String, Failure> {
        let words: Vec<_> = self.traced_words(options)?.iter().map(|word| quoted(word)).collect();
        Ok(format!(
            "rm -rf {root} && cp -r {template} {root} && cd {root}/data && {} <../input",
            words.join(" "),
            root = quoted(self.root.as_os_str()),
            template = quoted(template.as_os_str()),
        ))
    }

    /// `queue` without a fault, which has to end within the bound.
    pub(super) fn queue(&self, words: &[&str]) -> Result<Finished, Failure> {
        self.plain(&Binary::Queue, words)
    }

    /// `registry` without a fault, which has to end within the bound.
    pub(super) fn registry(&self, words: &[&str]) -> Result<Finished, Failure> {
        self.plain(&Binary::Registry, words)
    }

    /// One of our clients without a fault.
    pub(super) fn client(&self, words: &[&str]) -> Result<Finished, Failure> {
        self.plain(&Binary::Client, words)
    }

    fn plain(&self, binary: &Binary, words: &[&str]) -> Result<Finished, Failure> {
        let words = self.words_of(binary, words)?;
        let (program, arguments) = words.split_first().ok_or_else(|| fail("no command"))?;
        let mut command = self.stage.command(program);
        command.args(arguments);
        self.run(command, "next")
    }

    fn words_of(&self, binary: &Binary, words: &[&str]) -> Result<Vec<OsString>, Failure> {
        let mut all: Vec<OsString> = match binary {
            Binary::Client => vec![self.stage.client_path().into(), "client".into()],
            Binary::Queue => vec![self.stage.program_path("queue")?.into()],
            Binary::Registry => vec![self.stage.program_path("registry")?.into()],
        };
        all.extend(words.iter().map(OsString::from));
        Ok(all)
    }

    fn run(&self, mut command: std::process::Command, name: &str) -> Result<Finished, Failure> {
        command.current_dir(self.data());
        // Every run has outputs of its own.
        let log = format!("{}-{name}", self.runs.fetch_add(1, Ordering::Relaxed));
        let mut running = Running::start(&mut command, &self.root, &log)?;
        let deadline = Instant::now() + BOUND;
        while running.is_running()? {
            self.stage.check_time()?;
            if Instant::now() > deadline {
                let said = running.kill()?.said();
                return Err(fail(format!("{name} is not done after {} s; it said: {said}", BOUND.as_secs())));
            }
            thread::sleep(Duration::from_millis(1));
        }
        running.finish()
    }
}

/// By so much the files of a copy are older than those that they are copies of.
const AGE: Duration = Duration::from_secs(3600);

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).explain(to.display())?;
    for entry in fs::read_dir(from).explain(from.display())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).explain(target.display())?;
            // What is younger than what, and whether somebody may still be writing, decides which way a program goes. Nobody is.
            let modified = entry.metadata()?.modified()? - AGE;
            File::open(&target).and_then(|file| file.set_modified(modified)).explain(target.display())?;
        }
    }
    Ok(())
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-=:,+".contains(&byte);
    if word.bytes().all(is_plain) && !word.is_empty() {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
