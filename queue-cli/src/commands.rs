//! The commands, one file each, and what they have in common.

pub(crate) mod add;
pub(crate) mod archive;
pub(crate) mod backups;
pub(crate) mod by_hand;
pub(crate) mod claim;
pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod dep;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod graph;
pub(crate) mod held;
pub(crate) mod hook;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod pages;
pub(crate) mod pause;
mod plan_json;
mod plan_yaml;
pub(crate) mod prioritize;
mod produce;
pub(crate) mod ready;
pub(crate) mod reanalyze;
pub(crate) mod resolve;
pub(crate) mod restore;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod slots;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod timeline;
pub(crate) mod wait;
pub(crate) mod why;

use crate::cli::Global;
use atomic_io::{EventLog, Wait};
use produce::produce;
use queue_cli::{Queue, Task};
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::parent_id;
use std::path::{self, Path, PathBuf};
use std::process::Command;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) queue: Queue,
    pub(crate) agent: String,
    /// Whether somebody gave it its name, so that it is one agent's alone.
    pub(crate) agent_is_named: bool,
    pub(crate) events: EventsGo,
}

/// Variables for a program to be started: their values, or that they must not be set.
#[derive(Clone, Debug)]
pub(crate) struct Environment(Vec<(&'static str, Option<OsString>)>);

impl Environment {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.0.push((name, Some(value.into())));
        self
    }

    pub(crate) fn set_for<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for (name, value) in &self.0 {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Where events are written to.
#[derive(Clone, Debug)]
pub(crate) enum EventsGo {
    /// `events.yaml` beside the queue.
    Beside,
    To(PathBuf),
    Nowhere,
}

impl EventsGo {
    /// As the command line says, else as the environment does: a flag beats a variable, whichever of the two it is.
    fn wanted(global: &Global) -> Self {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        if global.no_events {
            return Self::Nowhere;
        }
        if let Some(path) = &global.events {
            return Self::To(path.clone());
        }
        if variable("QUEUE_NO_EVENTS").is_some_and(|value| value != "0" && value != "false") {
            return Self::Nowhere;
        }
        variable("QUEUE_EVENTS").map_or(Self::Beside, |path| Self::To(path.into()))
    }
}

impl Context {
    pub(crate) fn new(mut global: Global) -> Self {
        if global.also_lock.is_empty() {
            let names = env::var_os("QUEUE_ALSO_LOCK").unwrap_or_default();
            let names = names.as_bytes().split(|byte| *byte == b',').filter(|name| !name.is_empty());
            global.also_lock = names.map(|name| OsStr::from_bytes(name).into()).collect();
        }
        let events = EventsGo::wanted(&global);
        let named =
            global.agent.clone().or_else(|| env::var("QUEUE_AGENT").ok().filter(|name| !name.is_empty()));
        let agent_is_named = named.is_some();
        let agent = named.unwrap_or_else(default_agent);
        Self { queue: open(&global, &events), global, agent, agent_is_named, events }
    }

    /// The same, for another queue, which has its own events and its own lock.
    pub(crate) fn for_queue(&self, path: &Path) -> Self {
        let global = Global { file: path.into(), also_lock: Vec::new(), ..self.global.clone() };
        let events = match self.events {
            EventsGo::Nowhere => EventsGo::Nowhere,
            EventsGo::Beside | EventsGo::To(_) => EventsGo::Beside,
        };
        let queue = open(&global, &events);
        Self { queue, agent: self.agent.clone(), agent_is_named: self.agent_is_named, global, events }
    }

    /// What a program that is started from here, maybe in another folder, must find in its environment to use this queue as we do;
    /// without a value: must not find.
    pub(crate) fn environment(&self) -> Environment {
        let (to, no) = match &self.events {
            EventsGo::Beside => (None, None),
            EventsGo::To(path) => (Some(absolute(path).into_os_string()), None),
            EventsGo::Nowhere => (None, Some("1".into())),
        };
        let mut also = OsString::new();
        for name in &self.global.also_lock {
            if !also.is_empty() {
                also.push(",");
            }
            also.push(absolute(name));
        }
        let also = Some(also).filter(|names| !names.is_empty());
        Environment(vec![("QUEUE_EVENTS", to), ("QUEUE_NO_EVENTS", no), ("QUEUE_ALSO_LOCK", also)])
    }

    /// Where slots are described when nothing else is said.
    pub(crate) fn usual_slots_file(&self) -> PathBuf {
        self.queue.folder().join("execution-state.yaml")
    }

    /// How long locks are waited for.
    pub(crate) fn lock_wait(&self) -> Wait {
        lock_wait(&self.global)
    }

    /// Whether the claim of a supervised task is over, from the kernel's point of view.
    pub(crate) fn is_over(&self) -> impl Fn(&Task) -> bool + '_ {
        |task| self.queue.runs().claim_is_over(task)
    }
}

fn open(global: &Global, events: &EventsGo) -> Queue {
    let wait = lock_wait(global);
    let queue = global.also_lock.iter().fold(Queue::at(&global.file, wait), Queue::also_lock);
    match events {
        EventsGo::Beside => queue,
        EventsGo::To(path) => queue.with_events(Some(EventLog::at(path).wait(wait))),
        EventsGo::Nowhere => queue.with_events(None),
    }
}

fn lock_wait(global: &Global) -> Wait {
    // A time that does not fit is longer than anybody waits.
    std::time::Duration::try_from(global.lock_timeout).map_or(Wait::Forever, Wait::AtMost)
}

/// The path as it is from every folder. Without a working folder there is nothing better than the path as given.
fn absolute(path: &Path) -> PathBuf {
    path::absolute(path).unwrap_or_else(|_| path.into())
}

/// Who acts when nobody says so: two shells of one user are two agents, two commands of one shell are one.
fn default_agent() -> String {
    let user = env::var("USER").or_else(|_| env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| rustix::process::getuid().as_raw().to_string());
    let system = rustix::system::uname();
    format!("{user}@{}:{}", system.nodename().to_string_lossy(), parent_id())
}
