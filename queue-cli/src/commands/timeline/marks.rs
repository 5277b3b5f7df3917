//! One attempt: what is drawn of it, and what is told.

use super::history::{Attempt, End, History};
use super::looks::look;
use crate::output::printable;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands on the bar of an attempt.
pub(super) fn label(attempt: &Attempt) -> String {
    let id = printable(&attempt.id);
    match attempt.number {
        Some(number) if number > 1 => format!("{id} #{number}"),
        _ => id,
    }
}

/// The end of `text` in at most `width` columns: ids of one queue begin alike.
pub(super) fn tail(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= width
    };
    let kept: Vec<char> = text.chars().rev().take_while(fits).collect();
    if kept.is_empty() { String::new() } else { format!("…{}", kept.into_iter().rev().collect::<String>()) }
}

/// All that is known of an attempt, for who points at it and for who cannot see it.
pub(super) fn told(history: &History, attempt: &Attempt) -> String {
    let mut told = printable(&attempt.id);
    if let Some(number) = attempt.number {
        told.push_str(&format!(", attempt {number}"));
    }
    told.push_str(&format!(": {}", attempt.end.word()));
    if let Some(error) = &attempt.error {
        told.push_str(&format!(" ({})", printable(error)));
    }
    let from = attempt.started.unwrap_or_else(|| attempt.from());
    let time = words(history.end_of(attempt).duration_since(from));
    told.push_str(&format!("; {} UTC, {time}", clock(attempt.from(), "%F %T")));
    if let Some(waited) = attempt.waited() {
        told.push_str(&format!(", after waiting {}", words(waited)));
    }
    if let Some(slot) = &attempt.slot {
        told.push_str(&format!("; slot {}", printable(slot)));
    }
    if let Some(agent) = &attempt.agent {
        told.push_str(&format!("; {}", printable(agent)));
    }
    if attempt.is_recovered {
        told.push_str("; added to the log later");
    }
    told
}

/// The body of a bar. One of which no end is told is open at its right side.
pub(super) fn ground(end: End, x: f64, y: f64, width: f64, height: f64) -> String {
    let look = look(end);
    let dashes =
        if look.dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", look.dashes) };
    let (right, bottom) = (x + width, y + height);
    let close = if end == End::Open { "" } else { "z" };
    format!(
        "<path d=\"M{right:.1} {y:.1}H{x:.1}V{bottom:.1}H{right:.1}{close}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"{dashes}/>",
        look.fill, look.stroke, look.width
    )
}

/// What is claimed and not begun.
pub(super) fn thin(x: f64, y: f64, width: f64) -> String {
    format!(
        "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"6\" fill=\"#ffffff\" stroke=\"#555555\" stroke-width=\"1\"/>",
        y - 3.0
    )
}

pub(super) fn way(path: &str) -> String {
    format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"#4a4a4a\" stroke-width=\"1.3\" stroke-dasharray=\"3 3\"/>"
    )
}

pub(super) fn clock(time: Timestamp, format: &str) -> String {
    time.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

/// A time in its two largest units, as people say it.
pub(super) fn words(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds < 10 => format!("{:.1} s", time.as_secs_f64().max(0.0)),
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_id_the_end_is_shown() {
        assert_eq!(
            [tail("TASK-ARCH-001", 20), tail("TASK-ARCH-001", 8), tail("日本語", 3)],
            ["TASK-ARCH-001", "…RCH-001", "…語"]
        );
        assert_eq!(tail("日本語", 2), "");
    }

    #[test]
    fn times_are_said_in_two_units() {
        let said = |seconds| words(SignedDuration::from_secs(seconds));
        assert_eq!(
            [said(3), said(59), said(61), said(7_260), said(90_000)],
            ["3.0 s", "59 s", "1 min 1 s", "2 h 1 min", "1 d 1 h"]
        );
    }
}
