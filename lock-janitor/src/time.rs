//! Lengths of time as people write them: `10m`, `2s`, `1h 30m`, `500ms`.

use jiff::SignedDuration;
use std::time::Duration;

/// Reads a time. A bare number is refused, because nobody can tell its unit; 0 needs none.
pub(crate) fn read(text: &str) -> Result<Duration, String> {
    if text.trim() == "0" {
        return Ok(Duration::ZERO);
    }
    let time: Option<SignedDuration> = text.trim().parse().ok();
    time.and_then(|time| Duration::try_from(time).ok()).ok_or_else(|| {
        format!("`{text}` is no length of time; write one with its unit, such as 10m, 2s or 500ms")
    })
}

/// The same way back, exact.
pub(crate) fn show(time: Duration) -> String {
    match SignedDuration::try_from(time) {
        Ok(time) if !time.is_zero() => format!("{time:#}"),
        Ok(_) => "0s".into(),
        Err(_) => "for ever".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_and_is_shown_as_it_is_read() {
        assert_eq!(read("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(read("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(read("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(read("0"), Ok(Duration::ZERO));
        for text in ["10m", "2s", "500ms", "1h 30m", "0s", "200µs"] {
            assert_eq!(show(read(text).unwrap()), text);
        }
        for text in ["10", "", "-2s", "soon", "2 parsecs", "1mo"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
