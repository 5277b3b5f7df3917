//! What is written in a picture: names, numbers, and where names stand.

use crate::bench::measure::Unit;
use std::fmt;

/// The height of letters.
pub(super) const FONT: f64 = 13.0;
/// From one name to the next below it.
pub(super) const LINE_HEIGHT: f64 = 20.0;
/// How wide a letter is at most, on the average of a name, in whatever font there is.
const LETTER: f64 = 0.6 * FONT;

/// Text as XML has it; what Markdown marks as code is not marked here.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '`' => {}
                // XML has no way to say most of these.
                letter if letter.is_control() => f.write_str(" ")?,
                letter => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

/// How much room a name takes.
pub(super) fn width(name: &str) -> f64 {
    name.chars().filter(|letter| *letter != '`').map(|_| LETTER).sum()
}

/// A number of few digits at an axis.
pub(super) fn number(unit: Unit, value: f64) -> String {
    let (value, behind) = match unit {
        Unit::Nanoseconds if value < 1e3 => (value, " ns"),
        Unit::Nanoseconds if value < 1e6 => (value / 1e3, " µs"),
        Unit::Nanoseconds if value < 1e9 => (value / 1e6, " ms"),
        Unit::Nanoseconds => (value / 1e9, " s"),
        Unit::Bytes => (value / 1e6, " MB"),
        Unit::Count | Unit::PerSecond => (value, ""),
    };
    format!("{}{behind}", grouped(value))
}

/// With commas between thousands, as the tables have it.
fn grouped(value: f64) -> String {
    // Rounding hides what powers of ten are off by.
    let text = if value < 1.0 { format!("{value:.4}") } else { format!("{value:.1}") };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

/// Heights near those that are wanted, at least `gap` from each other, from `top` to `bottom` if there is room for all.
pub(super) fn apart(wanted: &[f64], top: f64, bottom: f64, gap: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut heights = wanted.to_vec();
    let mut least = top;
    for place in &order {
        heights[*place] = heights[*place].max(least);
        least = heights[*place] + gap;
    }
    let mut most = bottom;
    for place in order.iter().rev() {
        heights[*place] = heights[*place].min(most);
        most = heights[*place] - gap;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::{Text, apart, number};
    use crate::bench::measure::Unit;

    #[test]
    fn what_xml_would_take_for_its_own_is_escaped() {
        assert_eq!(Text("a < b & \"c\" > `d`\u{0}").to_string(), "a &lt; b &amp; &quot;c&quot; &gt; d ");
    }

    #[test]
    fn numbers_have_the_unit_that_makes_them_short() {
        let times = [200.0, 1e3, 2e5, 1e6, 5e8, 1e9, 1e11].map(|time| number(Unit::Nanoseconds, time));
        assert_eq!(times, ["200 ns", "1 µs", "200 µs", "1 ms", "500 ms", "1 s", "100 s"]);
        let counts = [0.05, 0.1, 2.0, 1_000.0, 1_000_000.0].map(|count| number(Unit::Count, count));
        assert_eq!(counts, ["0.05", "0.1", "2", "1,000", "1,000,000"]);
        assert_eq!(number(Unit::PerSecond, 0.2 * 10_f64.powi(-1)), "0.02");
    }

    #[test]
    fn names_keep_apart_and_within_the_field() {
        assert_eq!(apart(&[50.0, 10.0], 0.0, 100.0, 20.0), [50.0, 10.0]);
        assert_eq!(apart(&[50.0, 49.0, 48.0], 0.0, 100.0, 20.0), [88.0, 68.0, 48.0]);
        assert_eq!(apart(&[99.0, 98.0], 0.0, 100.0, 20.0), [100.0, 80.0]);
        assert!(apart(&[], 0.0, 100.0, 20.0).is_empty());
    }
}
