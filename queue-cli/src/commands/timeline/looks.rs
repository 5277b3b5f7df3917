//! How each end of an attempt looks: by a sign, a border and a ground, so that no two are told apart by colour alone.

use super::history::End;

/// The ground, and the border with its dashes.
pub(super) struct Look {
    pub(super) fill: &'static str,
    pub(super) stroke: &'static str,
    pub(super) dashes: &'static str,
    pub(super) width: f64,
}

pub(super) fn look(end: End) -> Look {
    let (fill, stroke, dashes, width) = match end {
        End::Completed => ("#dff3df", "#1b7a2f", "", 1.2),
        End::Failed => ("url(#failed)", "#b3261e", "", 2.6),
        End::Retried => ("url(#retried)", "#b3261e", "6 3", 1.8),
        End::Preempted => ("url(#preempted)", "#6a3fa0", "", 1.8),
        End::Released => ("#f1f1f1", "#555555", "2 2", 1.4),
        End::Lost => ("url(#lost)", "#555555", "7 3 2 3", 1.6),
        End::Open => ("#dceafb", "#1f5fa8", "", 1.6),
    };
    Look { fill, stroke, dashes, width }
}

/// The grounds that are not of one colour: stripes of different directions.
pub(super) fn patterns() -> String {
    let pattern = |id: &str, size: u8, ground: &str, path: &str, stroke: &str| {
        format!(
            "<pattern id=\"{id}\" width=\"{size}\" height=\"{size}\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"{size}\" height=\"{size}\" fill=\"{ground}\"/>\
             <path d=\"{path}\" stroke=\"{stroke}\" stroke-width=\"1.4\" fill=\"none\"/></pattern>\n"
        )
    };
    [
        pattern("failed", 7, "#fbe3e1", "M-1 1L1 -1M0 7L7 0M6 8L8 6", "#dd8b85"),
        pattern("retried", 12, "#fdf1ef", "M-1 1L1 -1M0 12L12 0M11 13L13 11", "#e4a39e"),
        pattern("preempted", 6, "#eee6f8", "M3 0V6", "#b79fd6"),
        pattern("lost", 8, "#f3f3f3", "M0 0L8 8M8 0L0 8", "#c4c4c4"),
    ]
    .concat()
}

/// The sign of an end, with its middle at this place.
pub(super) fn sign(end: End, x: f64, y: f64) -> String {
    let (path, is_filled) = match end {
        End::Completed => ("M-4 0L-1 3L4 -4", false),
        End::Failed => ("M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5", false),
        End::Retried => ("M3.5 -1A3.7 3.7 0 1 0 3 2.4M4.4 -4.4V-0.6H0.8", false),
        End::Preempted => ("M-2 -4V4M2 -4V4", false),
        End::Released => ("M4 0H-4M-1 -3L-4 0L-1 3", false),
        End::Lost => ("M-2.6 -1.8A2.7 2.7 0 1 1 0 1.2V2M0 4V4.6", false),
        End::Open => ("M-3 -4L4 0L-3 4z", true),
    };
    let fill = if is_filled { "#1a1a1a" } else { "none" };
    format!(
        "<path transform=\"translate({x:.1} {y:.1})\" d=\"{path}\" fill=\"{fill}\" stroke=\"#1a1a1a\" stroke-width=\"1.7\"/>"
    )
}
