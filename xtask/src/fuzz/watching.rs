//! What is shown while a campaign goes on: a live line on a terminal, plain lines elsewhere.

use indicatif::ProgressBar;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

const PLAIN_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Watching {
    /// `None` where nobody watches.
    bar: Option<ProgressBar>,
    started: Instant,
    last: Instant,
    told: String,
}

impl Watching {
    pub(super) fn start() -> Self {
        let bar = stderr().is_terminal().then(ProgressBar::new_spinner);
        Self { bar, started: Instant::now(), last: Instant::now(), told: String::new() }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn cases(&mut self, cases: u64) {
        let line = || format!("{cases} cases, {} cases/s", self.per_second(cases));
        match &self.bar {
            Some(bar) => {
                bar.set_message(line());
                bar.tick();
            }
            None if self.last.elapsed() >= PLAIN_EVERY => {
                println!("{} s: {}", self.elapsed().as_secs(), line());
                self.last = Instant::now();
            }
            None => {}
        }
    }

    fn per_second(&self, cases: u64) -> u64 {
        cases.saturating_mul(1000) / u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// The campaign is over after so many cases.
    pub(super) fn end(&mut self, cases: u64) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let seconds = self.elapsed().as_secs_f64();
        self.told = format!("{cases} cases in {seconds:.1} s ({}/s)", self.per_second(cases));
    }

    /// How it went, once it is over.
    pub(super) fn told(&self) -> &str {
        &self.told
    }
}
