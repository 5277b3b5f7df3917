//! Which faults there are to try: learnt from one traced run of each program.

use super::program::{Program, Site};
use crate::engine::{Explain, Failure, Random, Stage, fail};
use crate::judges::aftermath::Injected;
use crate::judges::trace::{self, Call};
use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Display};
use std::fs;
use std::path::Path;

/// An error as strace knows it and as our programs print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errno {
    name: &'static str,
    number: i32,
}

const EINTR: Errno = Errno { name: "EINTR", number: 4 };
const EIO: Errno = Errno { name: "EIO", number: 5 };
const EAGAIN: Errno = Errno { name: "EAGAIN", number: 11 };
const EACCES: Errno = Errno { name: "EACCES", number: 13 };
const EMFILE: Errno = Errno { name: "EMFILE", number: 24 };
const ENOSPC: Errno = Errno { name: "ENOSPC", number: 28 };
const EDQUOT: Errno = Errno { name: "EDQUOT", number: 122 };

/// For calls on the files themselves: all of them.
const ON_FILES: &[Errno] = &[EIO, ENOSPC, EDQUOT, EACCES, EMFILE, EINTR];

/// For calls on anything else: what the kernel may answer. None for calls that only concern the process itself.
fn elsewhere(call: &str) -> &'static [Errno] {
    match call {
        "openat" => &[EIO, EACCES, EMFILE],
        "read" => &[EIO, EINTR],
        "write" => &[EIO, ENOSPC, EINTR],
        "statx" | "newfstatat" | "readlink" | "getcwd" => &[EIO, EACCES],
        "pipe2" | "socketpair" | "inotify_init1" | "epoll_create1" | "eventfd2" | "fcntl" => &[EMFILE],
        "inotify_add_watch" => &[ENOSPC, EACCES],
        "epoll_wait" | "recvfrom" | "wait4" | "waitid" | "poll" | "ppoll" | "clock_nanosleep"
        | "getrandom" => &[EINTR],
        "clone" | "clone3" | "vfork" => &[EAGAIN],
        _ => &[],
    }
}

/// Calls with strings that name no file they work on: arguments, random bytes, names, answers.
const NO_PATHS: &[&str] = &["execve", "getcwd", "getrandom", "prctl", "uname"];

/// Calls that write strings into the memory of the program.
const ANSWERED: &[&str] = &["listxattr", "getxattr", "readlink"];

/// One call of a program.
#[derive(Clone, Debug)]
struct Spot {
    call: String,
    /// Which one of that name, from 1, in its thread: so strace counts.
    occurrence: usize,
    subject: String,
    is_on_files: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Error(Errno),
    Kill,
}

impl Fault {
    pub(super) fn injected(self) -> Injected {
        match self {
            Self::Error(errno) => Injected::Error(errno.number),
            Self::Kill => Injected::Kill,
        }
    }
}

/// One run: this program, with this fault at this call.
pub(super) struct Point<'a> {
    pub(super) template: &'a Site<'a>,
    spot: &'a Spot,
    pub(super) fault: Fault,
}

/// Whether strace did what the point says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hit {
    AsPlanned,
    /// Other calls of that name, with what they are about: threads ran in another order, or there was more to wait for.
    Elsewhere(String),
    Missed,
}

impl Point<'_> {
    pub(super) fn call(&self) -> &str {
        &self.spot.call
    }

    /// Whether what fails is of the work itself. What was merely interrupted is done again.
    pub(super) fn fails_the_work(&self) -> bool {
        let Spot { call, is_on_files, .. } = self.spot;
        *is_on_files
            && ["write", "fsync", "fdatasync"].contains(&call.as_str())
            && matches!(self.fault, Fault::Error(errno) if errno != EINTR)
    }

    pub(super) fn strace_options(&self) -> Vec<String> {
        let Spot { call, occurrence, .. } = self.spot;
        let what = match self.fault {
            Fault::Error(errno) => format!("error={}", errno.name),
            Fault::Kill => "signal=KILL".into(),
        };
        let inject = format!("inject={call}:{what}:when={occurrence}");
        ["-e".into(), format!("trace={call}"), "-e".into(), inject].into()
    }

    /// Looks into the trace of the faulty run.
    pub(super) fn hit(&self, site: &Site<'_>) -> Result<Hit, Failure> {
        let path = site.trace();
        let text = fs::read_to_string(&path).explain(path.display())?;
        let lines: Vec<&str> = text.lines().collect();
        let struck: Vec<Call> = match self.fault {
            Fault::Error(_) => trace::parse(&text)
                .into_iter()
                .filter(|call| lines.get(call.ended).is_some_and(|line| line.ends_with("(INJECTED)")))
                .collect(),
            Fault::Kill if text.contains("killed by SIGKILL") => {
                // The call did not come back; in other threads there may be more such.
                let cut: String =
                    lines.iter().map(|line| line.replace("<unfinished ...>", ") = ?") + "\n").collect();
                let calls = trace::parse(&cut).into_iter();
                calls.filter(|call| lines[call.begun].ends_with(['?', '>'])).collect()
            }
            Fault::Kill => Vec::new(),
        };
        let struck: Vec<String> = struck.iter().map(|call| subject(call, &site.data())).collect();
        Ok(if struck.contains(&self.spot.subject) {
            Hit::AsPlanned
        } else if struck.is_empty() {
            Hit::Missed
        } else {
            Hit::Elsewhere(struck.join("; "))
        })
    }
}

impl Display for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spot { call, occurrence, subject, .. } = self.spot;
        let name = self.template.program.name;
        match self.fault {
            Fault::Error(errno) => {
                write!(f, "{name}, {} from {call} number {occurrence} ({subject})", errno.name)
            }
            Fault::Kill => write!(f, "{name}, SIGKILL at {call} number {occurrence} ({subject})"),
        }
    }
}

/// A program's folder as it finds it, and the calls that it makes in there.
pub(super) struct Template<'a> {
    site: Site<'a>,
    spots: Vec<Spot>,
}

impl<'a> Template<'a> {
    pub(super) fn learn(stage: &'a Stage, program: &'static Program) -> Result<Self, Failure> {
        let site = Site::prepare(stage, program, &stage.folder().join("templates").join(program.name))?;
        let clean = site.copy(&stage.folder().join("clean").join(program.name))?;
        clean.run_traced(&[])?.expect(0)?;
        let text = fs::read_to_string(clean.trace())?;
        let spots = spots(&text, &clean.data());
        if spots.is_empty() {
            return Err(fail(format!("{} touches no file: see {}", program.name, clean.trace().display())));
        }
        Ok(Self { site, spots })
    }

    pub(super) fn errors(&self) -> Vec<Point<'_>> {
        let faults = |spot: &Spot| match spot.call.as_str() {
            // A close gives its descriptor back whatever it answers; strace would keep it from doing so, and with it a lock.
            "close" => &[],
            // What a program asks of the kernel's own files is answered, or not yet.
            "read" | "write" if spot.subject.starts_with("anon_inode:") => &[],
            _ if spot.is_on_files => ON_FILES,
            call => elsewhere(call),
        };
        let point = |spot, errno| Point { template: &self.site, spot, fault: Fault::Error(errno) };
        self.spots.iter().flat_map(|spot| faults(spot).iter().map(move |errno| point(spot, *errno))).collect()
    }

    /// strace kills on entering a call, so each stands for the moment after the call before it too; the last one is the exit. Calls
    /// that only concern the process itself change nothing that could be found afterwards.
    pub(super) fn kills(&self) -> Vec<Point<'_>> {
        let matters =
            |spot: &&Spot| spot.is_on_files || !elsewhere(&spot.call).is_empty() || spot.call == "exit_group";
        let point = |spot| Point { template: &self.site, spot, fault: Fault::Kill };
        self.spots.iter().filter(matters).map(point).collect()
    }
}

/// The calls from the first that touches the folder on.
///
/// strace counts the calls of each thread, and knows them by name only. So a call of another thread can be meant only if the main
/// thread has made as many of that name before it came to the folder; and since how often a thread that waits is woken is chance, only its
/// first call of each kind. A child that becomes another program is left out: a fault would strike each of them alike. That a
/// program cannot be started is what the calls that make a child stand for.
fn spots(text: &str, data: &Path) -> Vec<Spot> {
    let threads: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    let main = threads.first().copied().unwrap_or_default();
    let mut calls = trace::parse(text);
    // strace lets a child go where it becomes another program, so the call may never come back.
    let children: BTreeSet<&str> = text
        .lines()
        .zip(&threads)
        .filter(|(line, _)| line.contains(" execve("))
        .map(|(_, thread)| *thread)
        .collect();
    calls.retain(|call| threads[call.begun] == main || !children.contains(threads[call.begun]));
    let touches = |call: &Call| match call.descriptor_path() {
        Some(path) => path.starts_with(data),
        None if call.is(NO_PATHS) => false,
        None => call.paths(data).iter().any(|path| path.starts_with(data)),
    };
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    let mut at_start: HashMap<&str, usize> = HashMap::new();
    let mut has_begun = false;
    let (mut seen, mut waited) = (BTreeSet::new(), BTreeSet::new());
    let mut spots = Vec::new();
    for call in &calls {
        let thread = threads[call.begun];
        let occurrence = counts.entry((thread, &call.name)).or_default();
        *occurrence += 1;
        has_begun |= thread == main && touches(call);
        if !has_begun {
            at_start.insert(&call.name, *occurrence);
            continue;
        }
        let subject = subject(call, data);
        let is_ours = thread == main
            || at_start.get(call.name.as_str()).is_none_or(|start| *occurrence > *start)
                && waited.insert((call.name.clone(), subject.clone()));
        if is_ours && seen.insert((call.name.clone(), *occurrence)) {
            let is_on_files = touches(call);
            spots.push(Spot { call: call.name.clone(), occurrence: *occurrence, subject, is_on_files });
        }
    }
    spots
}

/// What a call is about, as far as it is the same in every run.
fn subject(call: &Call, data: &Path) -> String {
    let paths = match call.descriptor_path() {
        Some(path) => vec![path.to_path_buf()],
        None if call.is(NO_PATHS) => Vec::new(),
        // What comes after the path is the answer, which a call that is struck does not give.
        None if call.is(ANSWERED) => call.paths(data).into_iter().take(1).collect(),
        None => call.paths(data),
    };
    let plain = |path: &Path| {
        let beside = data.parent().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        let beside = path.strip_prefix(data).unwrap_or(beside).to_string_lossy().into_owned();
        // After `.new` a random part may follow; numbers are of processes and times.
        let named = beside.split_inclusive(".new").next().unwrap_or_default();
        let named = if named.is_empty() { "its folder" } else { named };
        named.replace(|c: char| c.is_ascii_digit(), "")
    };
    paths.iter().map(|path| plain(path)).collect::<Vec<_>>().join(", ")
}

/// At most `limit` of all points. Every program gets its share; of every call as many errors are tried before one more of any other.
pub(super) fn sample<'a>(all: Vec<Vec<Point<'a>>>, limit: usize, random: &mut Random) -> Vec<Point<'a>> {
    let possible: usize = all.iter().map(Vec::len).sum();
    if possible <= limit {
        return all.into_iter().flatten().collect();
    }
    let mut chosen = Vec::with_capacity(limit + all.len());
    for points in all {
        let share = (points.len() * limit).div_ceil(possible);
        // How many of the same call come before a point, in a random order, ranks it; chance decides among equals.
        let mut shuffled: Vec<(u64, Point<'a>)> =
            points.into_iter().map(|point| (random.next(), point)).collect();
        shuffled.sort_by_key(|(chance, _)| *chance);
        let mut before: HashMap<(String, usize), usize> = HashMap::new();
        let mut ranked: Vec<(usize, Point<'a>)> = shuffled
            .into_iter()
            .map(|(_, point)| {
                let rank = before.entry((point.spot.call.clone(), point.spot.occurrence)).or_default();
                *rank += 1;
                (*rank, point)
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        chosen.extend(ranked.into_iter().take(share).map(|(_, point)| point));
    }
    chosen
}
