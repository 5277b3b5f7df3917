//! A logarithmic axis: what it spans, where a value stands on it, and where its marks are.

/// The numbers that a decade is divided by.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// From so many decades on, whole ones are marks enough.
const MANY_DECADES: f64 = 2.0;
/// Powers of ten are not exact.
const SLIGHTLY: f64 = 1e-9;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogAxis {
    low: f64,
    high: f64,
}

/// What a logarithmic axis has a place for.
pub(super) fn has_a_place(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

impl LogAxis {
    /// From the least to the greatest of the values, exactly; `None` when none of them has a place.
    pub(super) fn over(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for value in values.into_iter().filter(|value| has_a_place(*value)) {
            let Self { low, high } = found.unwrap_or(Self { low: value, high: value });
            found = Some(Self { low: low.min(value), high: high.max(value) });
        }
        found
    }

    /// The same, from a mark to a mark.
    pub(super) fn rounded(self) -> Self {
        let below = marks_around(self.low).rfind(|mark| *mark <= self.low * (1.0 + SLIGHTLY));
        let above = marks_around(self.high).find(|mark| *mark >= self.high * (1.0 - SLIGHTLY));
        let (low, high) = (below.unwrap_or(self.low), above.unwrap_or(self.high));
        // One value has a mark below and a mark above.
        if low < high { Self { low, high } } else { Self { low: low / 2.0, high: high * 2.0 } }
    }

    /// 0 at the low end, 1 at the high end; in the middle where there is one value only.
    pub(super) fn place(self, value: f64) -> f64 {
        let span = (self.high / self.low).log10();
        if span > 0.0 { (value / self.low).log10() / span } else { 0.5 }
    }

    pub(super) fn marks(self) -> Vec<f64> {
        let within =
            |mark: &f64| *mark >= self.low * (1.0 - SLIGHTLY) && *mark <= self.high * (1.0 + SLIGHTLY);
        let is_long = (self.high / self.low).log10() >= MANY_DECADES - SLIGHTLY;
        let steps = if is_long { &STEPS[..1] } else { &STEPS[..] };
        let decades = decade(self.low)..=decade(self.high);
        decades
            .flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)))
            .filter(within)
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is finite is a power of ten below 400")]
fn decade(value: f64) -> i32 {
    (value.log10() + SLIGHTLY).floor() as i32
}

/// The marks of the decade of `value`, and the first one of the next.
fn marks_around(value: f64) -> impl DoubleEndedIterator<Item = f64> {
    let decade = decade(value);
    STEPS.into_iter().chain([10.0]).map(move |step| step * 10_f64.powi(decade))
}

#[cfg(test)]
mod tests {
    use super::LogAxis;

    fn axis(values: &[f64]) -> LogAxis {
        LogAxis::over(values.iter().copied()).unwrap()
    }

    fn near(found: &[f64], expected: &[f64]) -> bool {
        let close = |(a, b): (&f64, &f64)| (a / b - 1.0).abs() < 1e-6;
        found.len() == expected.len() && found.iter().zip(expected).all(close)
    }

    #[test]
    fn equal_factors_are_equal_distances() {
        let axis = axis(&[10_000.0, 100.0, 1_000.0]);
        assert!((axis.place(1_000.0) - 0.5).abs() < 1e-9);
        assert!(axis.place(100.0).abs() < 1e-9 && (axis.place(10_000.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn marks_are_powers_of_ten_over_decades_and_finer_within_one() {
        assert!(near(&axis(&[0.3, 4_321.0]).rounded().marks(), &[1.0, 10.0, 100.0, 1_000.0]));
        assert!(near(&axis(&[130.0, 700.0]).rounded().marks(), &[100.0, 200.0, 500.0, 1_000.0]));
        assert!(near(&axis(&[0.02, 0.05]).rounded().marks(), &[0.02, 0.05]));
    }

    #[test]
    fn rounded_ends_are_marks_around_all_values() {
        let rounded = axis(&[0.13, 4_321.0]).rounded();
        assert!(near(&[rounded.low, rounded.high], &[0.1, 5_000.0]), "{rounded:?}");
        let whole = axis(&[1.0, 1_000.0]).rounded();
        assert!(near(&[whole.low, whole.high], &[1.0, 1_000.0]), "{whole:?}");
    }

    #[test]
    fn one_value_stands_in_the_middle_and_has_an_axis_around_it() {
        assert_eq!(axis(&[7.0]).place(7.0), 0.5);
        let around = axis(&[10.0]).rounded();
        assert!(around.low < 10.0 && around.high > 10.0 && around.marks().contains(&10.0), "{around:?}");
    }

    #[test]
    fn what_has_no_place_is_not_counted() {
        assert_eq!(LogAxis::over([0.0, -3.0, f64::NAN, f64::INFINITY]), None);
        assert_eq!(axis(&[0.0, 4.0, f64::NAN]), axis(&[4.0]));
    }
}
