//! A graph as a picture that needs nothing else: no style sheet, font, script or image from elsewhere.
//!
//! What a task is stands in words in it and is told by a sign, a border and a colour; any two of them may be lost.

use super::layout::{Placed, place};
use super::picture::{Edge, EdgeKind, Look, Node, Picture};
use crate::output::printable;
use crate::table::cut;
use crate::xml::escaped;
use unicode_width::UnicodeWidthStr;

/// How wide one column of the letters of ids is in pixels, and of the smaller ones below. Letters are all of one width, so that nothing has to be
/// measured.
const LETTER: f64 = 7.3;
const SMALL_LETTER: f64 = 6.2;
/// The most columns of an id and of a title that are shown; both are whole in the title of the group.
const LONGEST_ID: usize = 34;
const LONGEST_TITLE: usize = 40;
const HEIGHT: f64 = 58.0;
/// Left of the text, with room for the sign; right of it; around the whole picture; above it, for the legend.
const LEFT: f64 = 30.0;
const RIGHT: f64 = 10.0;
const MARGIN: f64 = 24.0;
const HEAD: f64 = 84.0;
/// Room for the title.
const NARROWEST: f64 = 560.0;

pub(super) fn text(picture: &Picture) -> String {
    let sizes: Vec<(f64, f64)> = picture.nodes.iter().map(|node| (width(node), HEIGHT)).collect();
    let placed = place(picture, &sizes);
    let (legend, legend_width) = legend(picture);
    let width = placed.width.max(NARROWEST).max(legend_width) + 2.0 * MARGIN;
    let mut svg = head(picture, &placed, width, placed.height + HEAD + 2.0 * MARGIN);
    svg.push_str(&legend);
    svg.push_str(&format!("<g transform=\"translate({MARGIN} {})\">\n", MARGIN + HEAD));
    for (edge, points) in picture.edges.iter().zip(&placed.edges) {
        svg.push_str(&line(picture, edge, points));
    }
    for ((node, at), size) in picture.nodes.iter().zip(&placed.nodes).zip(&sizes) {
        svg.push_str(&task(node, (at.0 - size.0 / 2.0, at.1 - size.1 / 2.0), size.0));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn width(node: &Node) -> f64 {
    let columns = |text: &str, longest: usize| {
        let columns = printable(text).width().min(longest);
        f64::from(u16::try_from(columns).unwrap_or(u16::MAX))
    };
    let widths = [
        columns(&node.id, LONGEST_ID) * LETTER,
        columns(&node.title, LONGEST_TITLE) * SMALL_LETTER,
        columns(&small(node), LONGEST_TITLE) * SMALL_LETTER,
    ];
    LEFT + RIGHT + widths.into_iter().fold(60.0, f64::max)
}

/// The last line of a task.
fn small(node: &Node) -> String {
    let mut words = vec![node.state.clone()];
    words.extend(node.is_in_circle.then(|| "circle".to_owned()));
    words.extend(node.is_critical.then(|| "critical".to_owned()));
    words.extend(Some(node.details.clone()).filter(|details| !details.is_empty()));
    words.join(", ")
}

fn head(picture: &Picture, placed: &Placed, width: f64, height: f64) -> String {
    let (title, mut description) = (picture.title(), picture.description());
    if placed.is_by_waves {
        description.push_str("; too many for a layout: columns are waves");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"group\" aria-labelledby=\"queue-title queue-desc\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" fill=\"#1a1a1a\">\n\
         <title id=\"queue-title\">{}</title>\n<desc id=\"queue-desc\">{}</desc>\n\
         <defs>\n{}{}</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"36\" font-size=\"16\" font-weight=\"bold\">{}</text>\n\
         <text x=\"{MARGIN}\" y=\"56\" font-size=\"11\">{}</text>\n",
        escaped(&title),
        escaped(&description),
        arrow("arrow", "#4a4a4a"),
        arrow("arrow-circle", "#b3261e"),
        escaped(&title),
        escaped(&description)
    )
}

fn arrow(id: &str, colour: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\" fill=\"{colour}\"/></marker>\n"
    )
}

/// What the signs, borders and lines of this picture mean, and how wide that is.
fn legend(picture: &Picture) -> (String, f64) {
    let mut svg = format!("<g transform=\"translate({MARGIN} 70)\" font-size=\"11\" aria-hidden=\"true\">\n");
    let mut x = 0.0;
    for look in Look::ALL.into_iter().filter(|look| picture.nodes.iter().any(|node| node.look == *look)) {
        svg.push_str(&format!(
            "<g transform=\"translate({x:.1} 0)\">{}{}<text x=\"30\" y=\"14\">{}</text></g>\n",
            border(look, 24.0, 20.0, false),
            sign(look, 12.0, 10.0),
            look.word()
        ));
        x += 46.0 + LETTER * 7.0;
    }
    for (kind, word) in [(EdgeKind::Critical, "critical path"), (EdgeKind::Circle, "circle")] {
        if picture.edges.iter().any(|edge| edge.kind == kind) {
            let path = format!("<path d=\"M{x:.1} 10h34\" {}/>", stroke(kind));
            svg.push_str(&format!("{path}<text x=\"{:.1}\" y=\"14\">{word}</text>\n", x + 40.0));
            x += 56.0 + LETTER * 13.0;
        }
    }
    svg.push_str("</g>\n");
    (svg, x)
}

fn stroke(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Open => "fill=\"none\" stroke=\"#4a4a4a\" stroke-width=\"1.4\" marker-end=\"url(#arrow)\"",
        EdgeKind::Done => {
            "fill=\"none\" stroke=\"#7c7c7c\" stroke-width=\"1.2\" stroke-dasharray=\"2 3\" marker-end=\"url(#arrow)\""
        }
        EdgeKind::Critical => {
            "fill=\"none\" stroke=\"#4a4a4a\" stroke-width=\"4\" marker-end=\"url(#arrow)\""
        }
        EdgeKind::Circle => {
            "fill=\"none\" stroke=\"#b3261e\" stroke-width=\"2.2\" stroke-dasharray=\"8 4\" marker-end=\"url(#arrow-circle)\""
        }
    }
}

fn line(picture: &Picture, edge: &Edge, points: &[(f64, f64)]) -> String {
    let (blocked, blocker) = (&picture.nodes[edge.blocked].id, &picture.nodes[edge.blocker].id);
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        path.push_str(&format!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' }));
    }
    let circle = if edge.kind == EdgeKind::Circle { ", in a circle" } else { "" };
    let title = escaped(&printable(&format!("{blocked} waits for {blocker}{circle}")));
    format!("<g><title>{title}</title><path d=\"{path}\" {}/></g>\n", stroke(edge.kind))
}

fn task(node: &Node, at: (f64, f64), width: f64) -> String {
    let text = |text: &str, longest: usize| escaped(&cut(&printable(text), longest));
    let decoration = if node.look == Look::Off { " text-decoration=\"line-through\"" } else { "" };
    // Without a title the two lines stand in the middle.
    let lines = if node.title.is_empty() { [25.0, 34.0, 42.0] } else { [19.0, 34.0, 49.0] };
    format!(
        "<g role=\"img\" transform=\"translate({:.1} {:.1})\"><title>{}</title>{}{}\
         <text x=\"{LEFT}\" y=\"{}\" font-size=\"12\" font-weight=\"bold\"{decoration}>{}</text>\
         <text x=\"{LEFT}\" y=\"{}\" font-size=\"10\">{}</text>\
         <text x=\"{LEFT}\" y=\"{}\" font-size=\"10\" font-style=\"italic\">{}</text></g>\n",
        at.0,
        at.1,
        escaped(&printable(&node.sentence())),
        border(node.look, width, HEIGHT, node.is_critical),
        sign(node.look, 15.0, HEIGHT / 2.0),
        lines[0],
        text(&node.id, LONGEST_ID),
        lines[1],
        text(&node.title, LONGEST_TITLE),
        lines[2],
        text(&small(node), LONGEST_TITLE)
    )
}

fn border(look: Look, width: f64, height: f64, is_critical: bool) -> String {
    let (ground, colour) = look.colours();
    let dashes = match look {
        Look::Stuck => " stroke-dasharray=\"7 4\"",
        Look::Held | Look::Off | Look::Missing => " stroke-dasharray=\"2 3\"",
        _ => "",
    };
    let corner = if matches!(look, Look::Done | Look::Running) { 9.0 } else { 2.0 };
    let thick = match look {
        _ if is_critical => 4.0,
        Look::Ready | Look::Failed => 2.2,
        _ => 1.2,
    };
    let mut svg = format!(
        "<rect width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{corner}\" fill=\"{ground}\" stroke=\"{colour}\" stroke-width=\"{thick}\"{dashes}/>"
    );
    if look == Look::Running {
        let (width, height) = (width - 7.0, height - 7.0);
        svg.push_str(&format!(
            "<rect x=\"3.5\" y=\"3.5\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"6\" fill=\"none\" stroke=\"{colour}\"/>"
        ));
    }
    svg
}

/// A sign around a point: triangle, disc, empty ring, ring with a bar, two bars, tick, cross, slash, question mark. Drawn, because fonts differ.
fn sign(look: Look, x: f64, y: f64) -> String {
    let (path, is_filled) = match look {
        Look::Ready => ("M-4 -6L6 0L-4 6z", true),
        Look::Running => ("M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z", true),
        Look::Waiting => ("M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z", false),
        Look::Stuck => ("M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0zM-5 0H5", false),
        Look::Held => ("M-3 -5V5M3 -5V5", false),
        Look::Done => ("M-5 0L-1 5L6 -5", false),
        Look::Failed => ("M-5 -5L5 5M5 -5L-5 5", false),
        Look::Off => ("M-5 5L5 -5", false),
        Look::Missing => ("M-3 -3a3 3 0 1 1 4 3q-1 1 -1 2M0 5v1", false),
    };
    let colour = look.colours().1;
    let fill = if is_filled { colour } else { "none" };
    format!(
        "<path transform=\"translate({x} {y})\" d=\"{path}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"2\"/>"
    )
}
