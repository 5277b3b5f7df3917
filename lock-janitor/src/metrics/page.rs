//! The text that Prometheus reads: exposition format 0.0.4.

use std::fmt::{Display, Write};

/// The media type of the format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page that grows by whole families of metrics: the format wants all samples of a name together.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

/// What a name and a value mean together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

/// Labels with their values.
pub(crate) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Page {
    /// Begins a family: the samples that follow are its own.
    pub(crate) fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
        Family { page: self, name }
    }

    /// A family of one sample without labels.
    pub(crate) fn single(&mut self, name: &'static str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help).sample("", &[], value);
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: impl Display) {
        // Writing into a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// One name with its samples.
pub(crate) struct Family<'a> {
    page: &'a mut Page,
    name: &'static str,
}

impl Family<'_> {
    /// One line; `suffix` is for the parts of a histogram.
    pub(crate) fn sample(&mut self, suffix: &str, labels: Labels<'_>, value: impl Display) {
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.page.line(format_args!("{}{suffix}{labels} {value}", self.name));
    }

    /// The lines of one histogram: `counts` per bucket, the last one being what is above all `bounds`.
    pub(crate) fn histogram(&mut self, lock: &str, bounds: &[f64], counts: &[u64], sum_s: f64) {
        let mut total = 0_u64;
        for (place, count) in counts.iter().enumerate() {
            total = total.saturating_add(*count);
            let bound = bounds.get(place).map_or_else(|| "+Inf".into(), ToString::to_string);
            self.sample("_bucket", &[("lock", lock), ("le", &bound)], total);
        }
        self.sample("_sum", &[("lock", lock)], sum_s);
        self.sample("_count", &[("lock", lock)], total);
    }
}

/// What a label may hold: anything, three characters written otherwise.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_upwards_and_any_path_is_a_label() {
        let mut page = Page::default();
        let name = "wait_seconds";
        page.family(name, Kind::Histogram, "Waits.").histogram("a\"b\\c\nd", &[0.1, 1.0], &[2, 0, 1], 7.5);
        let expected = "# HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\n\
            wait_seconds_bucket{lock=\"a\\\"b\\\\c\\nd\",le=\"0.1\"} 2\n\
            wait_seconds_bucket{lock=\"a\\\"b\\\\c\\nd\",le=\"1\"} 2\n\
            wait_seconds_bucket{lock=\"a\\\"b\\\\c\\nd\",le=\"+Inf\"} 3\n\
            wait_seconds_sum{lock=\"a\\\"b\\\\c\\nd\"} 7.5\nwait_seconds_count{lock=\"a\\\"b\\\\c\\nd\"} 3\n";
        assert_eq!(page.into_text(), expected);
    }
}
