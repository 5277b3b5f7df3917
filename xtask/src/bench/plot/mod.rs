//! Figures as lines on logarithmic axes, in one SVG file that needs nothing else.
//!
//! Lines are told apart by colour, by dashes and by marks. The picture brings its own paper, so that it can be read on a page of any colour; where
//! the reader's system is dark, so is the paper.

mod axis;
mod names;

use crate::bench::measure::Unit;
use axis::{LogAxis, has_a_place};
use names::{FONT, LINE_HEIGHT, Text};
use std::fmt::{self, Write};

const STYLE: &str = include_str!("style.css");

pub(super) struct Plot {
    pub(super) title: String,
    /// What is to be known besides.
    pub(super) told: String,
    pub(super) across: String,
    pub(super) up: String,
    /// Of what goes up.
    pub(super) unit: Unit,
    pub(super) lines: Vec<Line>,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// The field in which the lines run.
const LEFT: f64 = 76.0;
const TOP: f64 = 92.0;
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 300.0;
const BELOW: f64 = 56.0;
/// Between the field's edge and what is in it, so that no mark sits on an axis.
const INSET: f64 = 14.0;
/// What of each line is shown beside its name.
const SAMPLE: f64 = 34.0;

const DASHES: [&str; 6] = ["", "8 4", "2 4", "10 4 2 4", "5 3", "12 3 2 3 2 3"];

struct Field {
    across: LogAxis,
    up: LogAxis,
}

impl Field {
    fn x(&self, value: f64) -> f64 {
        LEFT + INSET + self.across.place(value) * (WIDTH - 2.0 * INSET)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT - self.up.place(value) * HEIGHT
    }
}

impl Plot {
    /// The whole file.
    pub(super) fn svg(&self) -> String {
        let mut svg = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut svg);
        svg
    }

    /// The points that have a place, line by line.
    fn shown(&self) -> Vec<(&str, Vec<(f64, f64)>)> {
        let has_both = |point: &&(f64, f64)| has_a_place(point.0) && has_a_place(point.1);
        let lines = self
            .lines
            .iter()
            .map(|line| (&*line.name, line.points.iter().filter(has_both).copied().collect()));
        lines.filter(|(_, points): &(_, Vec<_>)| !points.is_empty()).collect()
    }

    fn write(&self, svg: &mut String) -> fmt::Result {
        let lines = self.shown();
        let longest = lines.iter().map(|(name, _)| names::width(name)).fold(0.0, f64::max);
        let width = LEFT + WIDTH + SAMPLE + longest + 28.0;
        let height = TOP + HEIGHT + BELOW;
        let (title, told) = (Text(&self.title), Text(&self.told));
        write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
             role=\"img\" aria-labelledby=\"title told\">\n\
             <title id=\"title\">{title}</title>\n<desc id=\"told\">{told}</desc>\n<style>\n{STYLE}</style>\n\
             <rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>\n\
             <text class=\"title\" x=\"20\" y=\"28\">{title}</text>\n<text class=\"told\" x=\"20\" y=\"48\">{told}</text>\n",
            width - 1.0,
            height - 1.0,
        )?;
        let points = || lines.iter().flat_map(|(_, points)| points);
        let axes =
            LogAxis::over(points().map(|point| point.0)).zip(LogAxis::over(points().map(|point| point.1)));
        match axes {
            Some((across, up)) => {
                let field = Field { across, up: up.rounded() };
                self.write_axes(svg, &field, &lines)?;
                write_lines(svg, &field, &lines)?;
            }
            None => {
                writeln!(svg, "<text class=\"told\" x=\"{LEFT}\" y=\"{TOP}\">Nothing was measured.</text>")?;
            }
        }
        svg.write_str("</svg>\n")
    }

    fn write_axes(&self, svg: &mut String, field: &Field, lines: &[(&str, Vec<(f64, f64)>)]) -> fmt::Result {
        let (right, bottom) = (LEFT + WIDTH, TOP + HEIGHT);
        for mark in field.up.marks() {
            let y = field.y(mark);
            let label = names::number(self.unit, mark);
            writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>")?;
            let (x, y) = (LEFT - 8.0, y + 4.5);
            writeln!(
                svg,
                "<text class=\"number\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>"
            )?;
        }
        let mut places: Vec<f64> = lines.iter().flat_map(|(_, points)| points).map(|point| point.0).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        for place in places {
            let x = field.x(place);
            let label = names::number(Unit::Count, place);
            writeln!(svg, "<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom}\"/>")?;
            let y = bottom + 20.0;
            writeln!(
                svg,
                "<text class=\"number\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>"
            )?;
        }
        writeln!(svg, "<path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>")?;
        let (up, across) = (Text(&self.up), Text(&self.across));
        writeln!(svg, "<text x=\"20\" y=\"{}\">{up}</text>", TOP - 16.0)?;
        let (x, y) = (LEFT + WIDTH / 2.0, bottom + 44.0);
        writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{across}</text>")
    }
}

/// Each line, and its name as near to its end as the other names let it.
fn write_lines(svg: &mut String, field: &Field, lines: &[(&str, Vec<(f64, f64)>)]) -> fmt::Result {
    let ends: Vec<f64> =
        lines.iter().map(|(_, points)| points.last().map_or(TOP, |end| field.y(end.1))).collect();
    let heights = names::apart(&ends, TOP, TOP + HEIGHT, LINE_HEIGHT);
    for (number, ((name, points), name_at)) in lines.iter().zip(heights).enumerate() {
        let points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (field.x(*x), field.y(*y))).collect();
        let (style, dashes) = (number % DASHES.len(), DASHES[number % DASHES.len()]);
        writeln!(svg, "<g class=\"line line-{style}\">")?;
        write_path(svg, dashes, &points)?;
        let sample = LEFT + WIDTH + 8.0;
        write_path(svg, dashes, &[(sample, name_at), (sample + SAMPLE, name_at)])?;
        for (x, y) in points.iter().chain([&(sample + SAMPLE / 2.0, name_at)]) {
            writeln!(svg, "{}", mark(style, *x, *y))?;
        }
        let (x, y) = (sample + SAMPLE + 6.0, name_at + FONT / 3.0);
        writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\">{}</text>\n</g>", Text(name))?;
    }
    Ok(())
}

fn write_path(svg: &mut String, dashes: &str, points: &[(f64, f64)]) -> fmt::Result {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
    writeln!(svg, "<polyline{dashes} points=\"{}\"/>", points.join(" "))
}

/// What stands on a line where something was measured.
fn mark(style: usize, x: f64, y: f64) -> String {
    let path = |class: &str, steps: &str| format!("<path class=\"{class}\" d=\"M{x:.1} {y:.1}{steps}\"/>");
    match style {
        0 => format!("<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"),
        1 => path("mark", "m-4.5-4.5h9v9h-9z"),
        2 => path("mark", "m0-6l5.5 10h-11z"),
        3 => path("hollow", "m0-6l6 6l-6 6l-6-6z"),
        4 => path("hollow", "m-4-4h8v8h-8z"),
        _ => format!("<circle class=\"hollow\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"),
    }
}

#[cfg(test)]
mod tests;
