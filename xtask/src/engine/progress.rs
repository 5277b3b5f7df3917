//! What is shown while a run goes on: a live line on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a scenario that goes on tells where it is, where there is no live line.
const PLAIN_EVERY: Duration = Duration::from_secs(15);

/// Where the lines that stay go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    Stdout,
    /// Because standard output is kept for one JSON object.
    Stderr,
}

pub(crate) struct Progress {
    /// `None` where nobody watches.
    bar: Option<ProgressBar>,
    lines: Lines,
    total: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    started: usize,
    running: Vec<Running>,
}

struct Running {
    name: String,
    last_told: Instant,
}

impl Progress {
    pub(crate) fn new(total: usize, lines: Lines) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} [{pos}/{len}] {elapsed} {prefix}: {wide_msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, lines, total, state: Mutex::default() }
    }

    /// A line that stays.
    pub(crate) fn line(&self, text: &str) {
        let print = || match self.lines {
            Lines::Stdout => println!("{text}"),
            Lines::Stderr => eprintln!("{text}"),
        };
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub(crate) fn start(&self, name: &str, proves: &str) {
        let mut state = self.state();
        state.started += 1;
        state.running.push(Running { name: name.to_owned(), last_told: Instant::now() });
        if let Some(bar) = &self.bar {
            bar.set_prefix(name.to_owned());
            bar.set_message(proves.to_owned());
            return;
        }
        self.line(&format!("[{}/{}] {name}: {proves}", state.started, self.total));
    }

    /// Where a running scenario is.
    pub(crate) fn step(&self, name: &str, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(name.to_owned());
            bar.set_message(text.to_owned());
            return;
        }
        let mut state = self.state();
        let due = state
            .running
            .iter_mut()
            .find(|running| running.name == name && running.last_told.elapsed() >= PLAIN_EVERY);
        if let Some(running) = due {
            running.last_told = Instant::now();
            self.line(&format!("    {name}: {text}"));
        }
    }

    pub(crate) fn done(&self, name: &str, line: &str) {
        self.state().running.retain(|running| running.name != name);
        self.line(line);
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// A thread that panicked here left nothing half done that matters to what is shown.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
