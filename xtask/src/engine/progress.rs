//! What is shown while a run goes on: a live line on a terminal, plain lines elsewhere.

use crate::engine::Scenario;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a scenario that goes on tells where it is, where there is no live line.
const PLAIN_EVERY: Duration = Duration::from_secs(15);

pub(crate) struct Progress {
    /// `None` where nobody watches.
    bar: Option<ProgressBar>,
    total: usize,
    plain: Mutex<Plain>,
}

struct Plain {
    started: usize,
    last: Instant,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} [{pos}/{len}] {prefix} {elapsed} {wide_msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, total, plain: Mutex::new(Plain { started: 0, last: Instant::now() }) }
    }

    /// A line that stays.
    pub(crate) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| println!("{text}")),
            None => println!("{text}"),
        }
    }

    pub(crate) fn start(&self, scenario: &Scenario) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(scenario.name);
            bar.set_message(scenario.proves);
            bar.reset_elapsed();
            return;
        }
        let Ok(mut plain) = self.plain.lock() else { return };
        plain.started += 1;
        plain.last = Instant::now();
        println!("[{}/{}] {}: {}", plain.started, self.total, scenario.name, scenario.proves);
    }

    /// Where the running scenario is.
    pub(crate) fn step(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
            return;
        }
        let Ok(mut plain) = self.plain.lock() else { return };
        if plain.last.elapsed() >= PLAIN_EVERY {
            plain.last = Instant::now();
            println!("    {text}");
        }
    }

    pub(crate) fn done(&self, line: &str) {
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
}
