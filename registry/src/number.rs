//! Numbers as they are written.

use serde::{Serialize, Serializer};
use serde_yaml::Value;

/// A number without a fraction is written without a point: 3, not 3.0.
pub(crate) fn whole_or_float(value: f64) -> Value {
    /// Up to here every whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        // Its text is that of the integer, and so the conversion cannot round.
        if let Ok(whole) = format!("{value:.0}").parse::<i64>() {
            return Value::from(whole);
        }
    }
    Value::from(value)
}

/// Rounded to two digits behind the point, as percentages are written.
pub(crate) fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The same for what may not be known.
pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(whole_or_float).serialize(serializer)
}
