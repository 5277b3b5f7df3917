//! The timeline as a picture that needs nothing else: no style sheet, font, script or image from elsewhere.

use super::history::{Attempt, End, History};
use super::lanes::{Bar, Lane};
use super::looks::{patterns, sign};
use super::marks::{clock, ground, label, tail, thin, told, way, words};
use super::scale::{CUT, Scale, Span};
use crate::output::printable;
use crate::table::cut;
use crate::xml::escaped;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use unicode_width::UnicodeWidthStr;

/// How wide one column of the letters on bars is, of those beside lanes, of the title, and of the text below it. Letters are all of one width, so that nothing has to be measured.
const LETTER: f64 = 6.1;
const LANE_LETTER: f64 = 7.3;
const TITLE_LETTER: f64 = 9.8;
const SMALL_LETTER: f64 = 6.8;
/// The most columns of a lane's name and of a label that are shown; both are whole in a title.
const LONGEST_NAME: usize = 26;
const LONGEST_LABEL: usize = 34;
/// A date above a tick.
const LONGEST_TICK: f64 = 10.0;
const MARGIN: f64 = 24.0;
/// Above the lanes: title and legend; the chart of what waits; the axis.
const HEAD: f64 = 92.0;
const CHART: f64 = 44.0;
const AXIS: f64 = 34.0;
const ROW: f64 = 34.0;
const BAR: f64 = 20.0;
/// Between two lanes.
const GAP: f64 = 10.0;
/// What a bar is wide at least, and what it must be to hold its sign.
const LEAST: f64 = 2.5;
const HOLDS_SIGN: f64 = 15.0;
const BESIDE_SIGN: f64 = 17.0;

/// Where everything is.
struct Sheet<'a> {
    history: &'a History,
    lanes: &'a [Lane],
    scale: Scale,
    /// Left of the lanes.
    left: f64,
    /// The top of each lane.
    tops: Vec<f64>,
    width: f64,
    height: f64,
}

pub(super) fn text(name: &str, history: &History, lanes: &[Lane]) -> String {
    let sheet = Sheet::of(history, lanes);
    let mut svg = sheet.head(name);
    svg.push_str(&sheet.axis());
    svg.push_str(&sheet.chart());
    for (lane, top) in lanes.iter().zip(&sheet.tops) {
        svg.push_str(&sheet.lane(lane, *top));
    }
    svg.push_str(&sheet.ways());
    for (lane, top) in lanes.iter().zip(&sheet.tops) {
        svg.push_str(&format!("<g role=\"list\" aria-label=\"{}\">\n", escaped(&title_of(lane))));
        for bar in &lane.bars {
            svg.push_str(&sheet.bar(bar, *top));
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn title_of(lane: &Lane) -> String {
    let (kind, name) = (if lane.is_slot { "slot" } else { "agent" }, printable(&lane.name));
    if name.starts_with(kind) { name } else { format!("{kind} {name}") }
}

fn columns(text: &str) -> f64 {
    f64::from(u16::try_from(text.width()).unwrap_or(u16::MAX))
}

impl<'a> Sheet<'a> {
    fn of(history: &'a History, lanes: &'a [Lane]) -> Self {
        let scale = Scale::of(&spans(history));
        let longest = lanes.iter().map(|lane| columns(&cut(&title_of(lane), LONGEST_NAME)));
        let left = MARGIN + longest.fold(12.0, f64::max) * LANE_LETTER + 14.0;
        let ticks = scale.ticks();
        let right = ticks.iter().map(|(x, _)| x + LONGEST_TICK * SMALL_LETTER);
        let mut top = HEAD + CHART + AXIS;
        let mut tops = Vec::new();
        for lane in lanes {
            tops.push(top);
            top += height_of(lane) + GAP;
        }
        Self {
            history,
            lanes,
            left,
            tops,
            width: left + right.fold(scale.width + 16.0, f64::max) + MARGIN,
            height: top + MARGIN,
            scale,
        }
    }

    fn x(&self, time: Timestamp) -> f64 {
        self.left + self.scale.x(time)
    }

    fn head(&self, name: &str) -> String {
        let history = self.history;
        let tasks: HashSet<&str> = history.attempts.iter().map(|attempt| attempt.id.as_str()).collect();
        let counted =
            |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        let title = format!(
            "{}: {} at {}",
            printable(name),
            counted(history.attempts.len(), "attempt"),
            counted(tasks.len(), "task")
        );
        let ends = End::ALL.into_iter().filter_map(|end| {
            let number = history.attempts.iter().filter(|attempt| attempt.end == end).count();
            (number > 0).then(|| format!("{number} {}", end.word()))
        });
        let mut description = ends.collect::<Vec<_>>().join(", ");
        if let (Some(from), Some(to)) = (history.begins(), history.ends()) {
            description.push_str(&format!("; {} to {} UTC", clock(from, "%F %T"), clock(to, "%F %T")));
        } else {
            description.push_str("the events tell of no attempt");
        }
        let (legend, legend_width) = self.legend();
        let texts = [columns(&title) * TITLE_LETTER, columns(&description) * SMALL_LETTER, legend_width];
        let width = texts.into_iter().map(|text| text + 2.0 * MARGIN).fold(self.width.max(760.0), f64::max);
        let height = self.height;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"group\" aria-labelledby=\"timeline-title timeline-desc\" \
             font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" fill=\"#1a1a1a\">\n\
             <title id=\"timeline-title\">{}</title>\n<desc id=\"timeline-desc\">{}</desc>\n\
             <defs>\n{}</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
             <text x=\"{MARGIN}\" y=\"36\" font-size=\"16\" font-weight=\"bold\">{}</text>\n\
             <text x=\"{MARGIN}\" y=\"56\" font-size=\"11\">{}</text>\n{}",
            escaped(&title),
            escaped(&description),
            patterns(),
            escaped(&title),
            escaped(&description),
            legend
        )
    }

    /// What the bars and lines of this picture mean, and how wide that is.
    fn legend(&self) -> (String, f64) {
        let mut svg = "<g font-size=\"11\" aria-hidden=\"true\">\n".to_owned();
        let (mut x, y) = (MARGIN, 68.0);
        for end in End::ALL.into_iter().filter(|end| self.history.attempts.iter().any(|one| one.end == *end))
        {
            svg.push_str(&ground(end, x, y, 24.0, 16.0));
            svg.push_str(&sign(end, x + 12.0, y + 8.0));
            x = legend_text(&mut svg, x, y, end.word());
        }
        if self.has_thin_part() {
            svg.push_str(&thin(x, y + 8.0, 24.0));
            x = legend_text(&mut svg, x, y, "claimed, not begun");
        }
        if !self.pairs().is_empty() {
            svg.push_str(&way(&format!("M{x:.1} {:.1}h24", y + 8.0)));
            x = legend_text(&mut svg, x, y, "the same task again");
        }
        svg.push_str("</g>\n");
        (svg, x - MARGIN)
    }

    fn has_thin_part(&self) -> bool {
        self.history.attempts.iter().any(|attempt| {
            attempt.started.is_some_and(|started| self.x(started) - self.x(attempt.from()) >= LEAST)
        })
    }

    fn axis(&self) -> String {
        let (top, bottom) = (HEAD + CHART + AXIS - 8.0, self.height - MARGIN);
        let mut svg = "<g font-size=\"11\">\n".to_owned();
        for cut in self.scale.cuts() {
            let (x, time) = (self.left + cut.x, words(cut.time));
            svg.push_str(&format!(
                "<g><title>{time} are cut out here</title>\
                 <rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#efefef\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" text-anchor=\"middle\">{time}</text></g>\n",
                x + 6.0,
                CUT - 12.0,
                bottom - top,
                x + CUT / 2.0,
                bottom + 14.0
            ));
        }
        let mut day = String::new();
        for (x, time) in self.scale.ticks() {
            let x = self.left + x;
            let date = clock(time, "%F");
            if date != day {
                svg.push_str(&format!(
                    "<text x=\"{x:.1}\" y=\"{:.1}\" font-weight=\"bold\">{date}</text>\n",
                    top - 16.0
                ));
                day = date;
            }
            svg.push_str(&format!(
                "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"#d6d6d6\" stroke-width=\"1\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\">{}</text>\n",
                top - 4.0,
                clock(time, "%T")
            ));
        }
        svg.push_str("</g>\n");
        svg
    }

    /// How many tasks wait to be claimed, over the time.
    fn chart(&self) -> String {
        let mut steps: Vec<(Timestamp, i64)> = Vec::new();
        for wait in &self.history.waits {
            steps.push((wait.from, 1));
            steps.extend(wait.to.map(|to| (to, -1)));
        }
        steps.sort();
        let (mut waiting, mut most) = (0, 0);
        let mut points: Vec<(Timestamp, i64)> = Vec::new();
        for (at, step) in steps {
            waiting += step;
            match points.last_mut() {
                Some(last) if last.0 == at => last.1 = waiting,
                _ => points.push((at, waiting)),
            }
        }
        for (_, waiting) in &points {
            most = most.max(*waiting);
        }
        if most == 0 || self.lanes.is_empty() {
            return String::new();
        }
        let base = HEAD + CHART - 2.0;
        let y = |waiting: i64| base - (CHART - 12.0) * waiting as f64 / most as f64;
        let mut path = format!("M{:.1} {base:.1}", self.left);
        for (at, waiting) in &points {
            path.push_str(&format!("H{:.1}V{:.1}", self.x(*at), y(*waiting)));
        }
        let end = self.left + self.scale.width;
        path.push_str(&format!("H{end:.1}V{base:.1}z"));
        let many = if most == 1 { "1 task waits".to_owned() } else { format!("{most} tasks wait") };
        format!(
            "<g role=\"img\"><title>at most {many} to be claimed at one time, as far as the events tell</title>\
             <path d=\"{path}\" fill=\"#f6e7c1\" stroke=\"#8a6d1a\" stroke-width=\"1\"/>\
             <text x=\"{MARGIN}\" y=\"{:.1}\" font-size=\"12\">waiting</text>\
             <text x=\"{MARGIN}\" y=\"{:.1}\" font-size=\"10\">at most {most}</text></g>\n",
            base - 16.0,
            base - 2.0
        )
    }

    fn lane(&self, lane: &Lane, top: f64) -> String {
        let title = title_of(lane);
        format!(
            "<g><title>{}</title><rect x=\"{MARGIN}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#1a1a1a\" fill-opacity=\"0.035\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\">{}</text></g>\n",
            escaped(&title),
            self.left + self.scale.width - MARGIN + 8.0,
            height_of(lane),
            MARGIN + 4.0,
            top + ROW / 2.0 + 6.0,
            escaped(&cut(&title, LONGEST_NAME))
        )
    }

    /// The attempts at one task that follow each other, each with the lane and the row it is in.
    fn pairs(&self) -> Vec<[(&'a Attempt, f64); 2]> {
        let mut last: HashMap<&str, (&'a Attempt, f64)> = HashMap::new();
        let mut bars: Vec<(usize, f64)> = Vec::new();
        for (lane, top) in self.lanes.iter().zip(&self.tops) {
            bars.extend(lane.bars.iter().map(|bar| (bar.attempt, middle(*top, bar.row))));
        }
        bars.sort_by_key(|(attempt, _)| *attempt);
        let mut pairs = Vec::new();
        for (place, y) in bars {
            let Some(attempt) = self.history.attempts.get(place) else { continue };
            if let Some(before) = last.insert(&attempt.id, (attempt, y)) {
                pairs.push([before, (attempt, y)]);
            }
        }
        pairs
    }

    /// Lines from the end of an attempt to the next one at the same task.
    fn ways(&self) -> String {
        let mut svg = String::new();
        for [(before, from), (after, to)] in self.pairs() {
            let (start, end) = (self.x(self.history.end_of(before)), self.x(after.from()).max(0.0));
            let bend = ((end - start).abs() / 2.0).clamp(8.0, 40.0);
            let path = format!(
                "M{start:.1} {from:.1}C{:.1} {from:.1} {:.1} {to:.1} {end:.1} {to:.1}",
                start + bend,
                end - bend
            );
            svg.push_str(&way(&path));
            svg.push('\n');
        }
        svg
    }

    fn bar(&self, bar: &Bar, top: f64) -> String {
        let Some(attempt) = self.history.attempts.get(bar.attempt) else { return String::new() };
        let begun = attempt.started.unwrap_or_else(|| attempt.from());
        let (claimed, x, end) = (self.x(attempt.from()), self.x(begun), self.x(self.history.end_of(attempt)));
        let (width, y) = ((end - x).max(LEAST), middle(top, bar.row) - BAR / 2.0);
        let mut svg =
            format!("<g role=\"listitem\"><title>{}</title>", escaped(&told(self.history, attempt)));
        if x - claimed >= LEAST {
            svg.push_str(&thin(claimed, y + BAR / 2.0, x - claimed));
        }
        svg.push_str(&ground(attempt.end, x, y, width, BAR));
        if width >= HOLDS_SIGN {
            svg.push_str(&sign(attempt.end, x + 8.5, y + BAR / 2.0));
        } else if attempt.end != End::Completed {
            svg.push_str(&sign(attempt.end, x + width / 2.0, y - 6.0));
        }
        let room = ((width - BESIDE_SIGN - 4.0) / LETTER).floor().max(0.0);
        // Where two letters are all there is room for they tell nothing.
        let label = label(attempt);
        let room = (0..=LONGEST_LABEL).rev().find(|columns| *columns as f64 <= room).unwrap_or(0);
        if room >= label.width().min(4) {
            svg.push_str(&format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" stroke=\"#ffffff\" stroke-width=\"2.5\" paint-order=\"stroke\">{}</text>",
                x + BESIDE_SIGN,
                y + BAR / 2.0 + 3.6,
                escaped(&tail(&label, room))
            ));
        }
        svg.push_str("</g>\n");
        svg
    }
}

/// The word behind a sign of the legend; where the next sign is.
fn legend_text(svg: &mut String, x: f64, y: f64, word: &str) -> f64 {
    svg.push_str(&format!("<text x=\"{:.1}\" y=\"{:.1}\">{word}</text>\n", x + 30.0, y + 12.0));
    x + 46.0 + columns(word) * SMALL_LETTER
}

/// Where something is to be seen. Of an attempt whose end nobody told when it came, that is its beginning: for days it may have been nothing.
fn spans(history: &History) -> Vec<Span> {
    let is_known = |attempt: &Attempt| !matches!(attempt.end, End::Open | End::Lost);
    let time = |attempt: &Attempt| history.end_of(attempt).duration_since(attempt.from());
    let mut times: Vec<SignedDuration> =
        history.attempts.iter().filter(|one| is_known(one)).map(time).collect();
    times.sort();
    let usual = times.get(times.len() / 2).copied().unwrap_or_default().max(SignedDuration::from_secs(1));
    let span = |attempt: &Attempt| {
        let (from, to) = (attempt.from(), history.end_of(attempt));
        let seen = if is_known(attempt) { to } else { to.min(from.checked_add(usual).unwrap_or(to)) };
        let label = columns(&cut(&label(attempt), LONGEST_LABEL)) * LETTER + BESIDE_SIGN + 8.0;
        Span { from, to: seen, label }
    };
    history.attempts.iter().map(span).collect()
}

fn height_of(lane: &Lane) -> f64 {
    ROW * lane.rows as f64
}

fn middle(top: f64, row: usize) -> f64 {
    top + ROW * row as f64 + ROW / 2.0 + 3.0
}
