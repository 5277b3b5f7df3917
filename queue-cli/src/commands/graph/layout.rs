//! Where in a picture each task stands, and how its lines run.

use super::picture::{EdgeKind, Picture};
use graphlay::{Edge, Effort, GraphBuilder, LayoutOptions, Limits, Node, NodeId, Point, Size};
use std::collections::BTreeMap;

/// Up to so many tasks and dependencies all is done for a picture with few crossings; it takes a fraction of a second.
const THOROUGH: usize = 400;
/// Within these a layout takes a second or two however the lines are spread. Its time grows with the cube of the lines between two columns, and the worst
/// is that all are there: 26 tasks that wait for 26, or 500 that wait for one, take more than a second, twice the lines up to ten.
const LIMITS: Limits = Limits { max_nodes: Some(500), max_edges: Some(700), max_dummies: Some(2000) };
/// So many lines at one task have room enough for their ends to be moved apart at its corners, which takes the cube of their number: minutes for hundreds.
const ROOMY: usize = 40;
/// Tasks in a column where a picture is too large for a layout.
const ROWS: usize = 40;
/// Between columns and between rows, in pixels.
const GAP: (f64, f64) = (70.0, 24.0);

/// The places of all nodes and edges of a picture, in its order, from (0, 0). All in pixels.
pub(super) struct Placed {
    /// The middle of each node.
    pub(super) nodes: Vec<(f64, f64)>,
    /// The points that each edge runs through.
    pub(super) edges: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Whether tasks stand in columns by their waves, because there are too many for a layout.
    pub(super) is_by_waves: bool,
}

pub(super) fn place(picture: &Picture, sizes: &[(f64, f64)]) -> Placed {
    laid_out(picture, sizes).unwrap_or_else(|| by_waves(picture, sizes))
}

fn laid_out(picture: &Picture, sizes: &[(f64, f64)]) -> Option<Placed> {
    let mut graph = GraphBuilder::new();
    for (width, height) in sizes {
        graph.add_node(Node { size: Size::new(*width, *height), ..Node::default() });
    }
    for edge in &picture.edges {
        let node = |place: usize| u32::try_from(place).ok().map(NodeId);
        let weight = if edge.kind == EdgeKind::Critical { 4.0 } else { 1.0 };
        graph.add_edge(Edge { weight, ..Edge::new(node(edge.blocker)?, node(edge.blocked)?) });
    }
    let mut options = LayoutOptions::layered_default();
    options.limits = LIMITS;
    let is_small = picture.nodes.len() + picture.edges.len() <= THOROUGH;
    options.effort = if is_small { Effort::Balanced } else { Effort::Fast };
    if most_lines(picture) > ROOMY {
        options.tuning.routing.port_relax_rounds = 0;
    }
    options.spacing.node_gap = GAP.1;
    options.spacing.isolated_gap = GAP.1;
    options.spacing.isolated_max_columns = 6;
    let drawing = graphlay::layout(&graph.build(), &options).ok()?;
    let corner = drawing.bounds.min;
    let at = |point: &Point| (point.x - corner.x, point.y - corner.y);
    Some(Placed {
        nodes: drawing.nodes.iter().map(|node| at(&node.center)).collect(),
        edges: drawing.edges.iter().map(|edge| edge.points.iter().map(at).collect()).collect(),
        width: drawing.bounds.max.x - corner.x,
        height: drawing.bounds.max.y - corner.y,
        is_by_waves: false,
    })
}

/// How many lines meet at the task where most do.
fn most_lines(picture: &Picture) -> usize {
    let mut lines = vec![0; picture.nodes.len()];
    for edge in &picture.edges {
        lines[edge.blocker] += 1;
        lines[edge.blocked] += 1;
    }
    lines.into_iter().max().unwrap_or(0)
}

/// Columns from left to right: what is over, each wave, what is left out. Lines are straight.
fn by_waves(picture: &Picture, sizes: &[(f64, f64)]) -> Placed {
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let waves = picture.nodes.iter().filter_map(|node| node.wave).max().unwrap_or(0);
    for (place, node) in picture.nodes.iter().enumerate() {
        let column = node.wave.unwrap_or(if node.look.is_over() { 0 } else { waves + 1 });
        columns.entry(column).or_default().push(place);
    }
    let (mut nodes, mut x, mut height) = (vec![(0.0, 0.0); sizes.len()], 0.0, 0.0_f64);
    for column in columns.values().flat_map(|column| column.chunks(ROWS)) {
        let width = column.iter().map(|place| sizes[*place].0).fold(0.0, f64::max);
        let mut y = 0.0;
        for place in column {
            nodes[*place] = (x + width / 2.0, y + sizes[*place].1 / 2.0);
            y += sizes[*place].1 + GAP.1;
        }
        x += width + GAP.0;
        height = height.max(y - GAP.1);
    }
    let line = |edge: &super::picture::Edge| {
        let ((from_x, from_y), (to_x, to_y)) = (nodes[edge.blocker], nodes[edge.blocked]);
        vec![(from_x + sizes[edge.blocker].0 / 2.0, from_y), (to_x - sizes[edge.blocked].0 / 2.0, to_y)]
    };
    let edges = picture.edges.iter().map(line).collect();
    Placed { edges, nodes, width: (x - GAP.0).max(0.0), height, is_by_waves: true }
}
