//! What people see while tasks run: a line for every slot on a terminal, a line for every event elsewhere.

use super::supervisor::End;
use crate::cli::Global;
use crate::output::{printable, say};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use queue_cli::ops::Claim;
use std::io::{self, IsTerminal};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(200);

/// Goes to standard error, so that standard output holds the result alone.
pub(crate) enum Progress {
    Terminal { all: MultiProgress, slots: Vec<ProgressBar> },
    Lines,
    Quiet,
}

impl Progress {
    pub(crate) fn new(global: &Global, places: &[String]) -> Self {
        if global.quiet {
            return Self::Quiet;
        }
        if !io::stderr().is_terminal() {
            return Self::Lines;
        }
        let all = MultiProgress::new();
        let slots = places
            .iter()
            .map(|place| {
                let bar = all.add(ProgressBar::new_spinner());
                bar.set_prefix(shown(place));
                idle(&bar);
                bar
            })
            .collect();
        Self::Terminal { all, slots }
    }

    pub(crate) fn began(&self, place: usize, name: &str, claim: &Claim) {
        match self {
            Self::Terminal { slots, .. } => {
                if let Some(bar) = slots.get(place) {
                    bar.set_style(style("{prefix:>8} {spinner} {elapsed:>4} {wide_msg}"));
                    bar.set_message(format!("{}  {}", printable(&claim.id), printable(&claim.title)));
                    bar.reset_elapsed();
                    bar.enable_steady_tick(TICK);
                }
            }
            Self::Lines => {
                say(&format!("{}: {} began (attempt {})", shown(name), printable(&claim.id), claim.attempt));
            }
            Self::Quiet => {}
        }
    }

    pub(crate) fn ended(&self, place: usize, name: &str, claim: &Claim, end: &End, took: Duration) {
        let why = end.error().map(|error| format!(": {error}")).unwrap_or_default();
        let line = format!(
            "{}: {} {} after {:.2} s{why}",
            shown(name),
            printable(&claim.id),
            end.word(),
            took.as_secs_f64()
        );
        if let Self::Terminal { slots, .. } = self
            && let Some(bar) = slots.get(place)
        {
            idle(bar);
        }
        self.note(&line);
    }

    /// Something worth saying. On a terminal it scrolls away above the slots.
    pub(crate) fn note(&self, line: &str) {
        match self {
            Self::Terminal { all, .. } => {
                // A terminal that cannot be written to shows nothing, and is no reason to stop.
                let _ = all.println(line);
            }
            Self::Lines => say(line),
            Self::Quiet => {}
        }
    }

    /// Takes the slots off the screen.
    pub(crate) fn finish(&self) {
        if let Self::Terminal { all, slots } = self {
            slots.iter().for_each(ProgressBar::finish_and_clear);
            let _ = all.clear();
        }
    }
}

/// A place that is only a number is called a slot.
fn shown(name: &str) -> String {
    if name.parse::<u16>().is_ok() { format!("slot {name}") } else { printable(name) }
}

fn idle(bar: &ProgressBar) {
    bar.disable_steady_tick();
    bar.set_style(style("{prefix:>8} - {wide_msg}"));
    bar.set_message("");
    bar.tick();
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; one that were wrong would only look plain.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
