//! Where on the picture a time is. Long times in which nobody worked are cut out.

use jiff::{SignedDuration, Timestamp};

/// How wide the mark is that stands for a time that is cut out, in pixels.
pub(super) const CUT: f64 = 44.0;
/// How much of all working time nobody may work before that is cut out.
const LONG: f64 = 0.12;
/// The pixels of all working time together, at least and at most.
const NARROWEST: f64 = 900.0;
const WIDEST: f64 = 6_000.0;
/// How many of 100 labels have to fit.
const FITTING: usize = 85;
/// The pixels between two marks of the axis, at least.
const BETWEEN_TICKS: f64 = 110.0;

/// A stretch of time that is drawn as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Where it begins.
    pub(super) x: f64,
}

/// A stretch that is cut out, in front of a piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct CutOut {
    pub(super) x: f64,
    pub(super) time: SignedDuration,
}

#[derive(Debug)]
pub(super) struct Scale {
    pub(super) pieces: Vec<Piece>,
    pub(super) width: f64,
    per_second: f64,
}

/// A time during which something is to be seen, with the width of its label.
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) label: f64,
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

impl Scale {
    pub(super) fn of(spans: &[Span]) -> Self {
        let mut busy = united(spans);
        let total: f64 = busy.iter().map(|(from, to)| seconds(*from, *to)).sum();
        let longest = (total * LONG).max(1.0);
        busy.dedup_by(|next, piece| {
            let is_near = seconds(piece.1, next.0) <= longest;
            if is_near {
                piece.1 = piece.1.max(next.1);
            }
            is_near
        });
        let total: f64 = busy.iter().map(|(from, to)| seconds(*from, *to)).sum();
        let mut needed: Vec<f64> = spans
            .iter()
            .filter(|span| span.to > span.from)
            .map(|span| span.label / seconds(span.from, span.to))
            .collect();
        needed.sort_by(f64::total_cmp);
        let fitting = needed.len() * FITTING / 100;
        let wanted = needed.get(fitting).copied().unwrap_or(0.0) * total;
        let per_second = if total > 0.0 { wanted.clamp(NARROWEST, WIDEST) / total } else { NARROWEST };
        let mut x = 0.0;
        let mut pieces = Vec::new();
        for (from, to) in busy {
            if !pieces.is_empty() {
                x += CUT;
            }
            pieces.push(Piece { from, to, x });
            x += seconds(from, to) * per_second;
        }
        Self { pieces, width: x.max(NARROWEST), per_second }
    }

    /// Where `time` is; what is cut out is at its mark.
    pub(super) fn x(&self, time: Timestamp) -> f64 {
        let piece = self.pieces.iter().rev().find(|piece| piece.from <= time).or(self.pieces.first());
        piece.map_or(0.0, |piece| piece.x + seconds(piece.from, time.min(piece.to)) * self.per_second)
    }

    pub(super) fn cuts(&self) -> Vec<CutOut> {
        let pairs = self.pieces.windows(2);
        pairs
            .map(|pair| CutOut { x: pair[1].x - CUT, time: pair[1].from.duration_since(pair[0].to) })
            .collect()
    }

    /// The marks of the axis: the beginning of each piece, then round times.
    pub(super) fn ticks(&self) -> Vec<(f64, Timestamp)> {
        const STEPS: [i64; 20] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
            604_800, 2_592_000,
        ];
        let step = STEPS.into_iter().find(|step| *step as f64 * self.per_second >= BETWEEN_TICKS);
        let step = step.unwrap_or(31_536_000);
        let mut ticks: Vec<(f64, Timestamp)> = Vec::new();
        for (place, piece) in self.pieces.iter().enumerate() {
            // The beginning of the next piece goes before: it tells what was cut out.
            let next = self.pieces.get(place + 1).map_or(f64::INFINITY, |piece| piece.x);
            let is_free = ticks.last().is_none_or(|(x, _)| piece.x - x >= BETWEEN_TICKS);
            if is_free {
                ticks.push((piece.x, piece.from));
            }
            let mut at = (piece.from.as_second().div_euclid(step) + 1) * step;
            while let Some(time) = Timestamp::from_second(at).ok().filter(|time| *time <= piece.to) {
                let x = self.x(time);
                let is_free = ticks.last().is_none_or(|(last, _)| x - last >= BETWEEN_TICKS);
                if is_free && next - x >= BETWEEN_TICKS {
                    ticks.push((x, time));
                }
                at += step;
            }
        }
        ticks
    }
}

/// The times during which something is to be seen, in their order, without overlaps.
fn united(spans: &[Span]) -> Vec<(Timestamp, Timestamp)> {
    let mut busy: Vec<(Timestamp, Timestamp)> = spans.iter().map(|span| (span.from, span.to)).collect();
    busy.sort();
    busy.dedup_by(|next, piece| {
        let overlaps = next.0 <= piece.1;
        if overlaps {
            piece.1 = piece.1.max(next.1);
        }
        overlaps
    });
    busy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(spans: &[(i64, i64)]) -> Scale {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let span = |&(from, to)| Span { from: at(from), to: at(to), label: 60.0 };
        Scale::of(&spans.iter().map(span).collect::<Vec<_>>())
    }

    #[test]
    fn a_night_in_which_nobody_works_is_cut_out() {
        let scale = scale(&[(0, 10), (5, 20), (21, 30), (86_400, 86_430)]);
        let cuts = scale.cuts();
        assert_eq!((scale.pieces.len(), cuts.len(), cuts[0].time.as_secs()), (2, 1, 86_370));
        let x = |seconds| scale.x(Timestamp::from_second(seconds).unwrap());
        // As long as it lasts, as wide it is drawn.
        assert!((x(30) - x(0) - (x(86_430) - x(86_400))).abs() < 0.01);
        assert!((x(86_400) - x(30) - CUT).abs() < 0.01);
        assert!(scale.ticks().windows(2).all(|pair| pair[1].0 - pair[0].0 >= BETWEEN_TICKS));
    }

    #[test]
    fn what_takes_no_time_has_a_place() {
        let scale = scale(&[(7, 7)]);
        assert!(scale.x(Timestamp::from_second(7).unwrap()).abs() < 0.01 && scale.width > 0.0);
        assert!(Scale::of(&[]).ticks().is_empty());
    }
}
