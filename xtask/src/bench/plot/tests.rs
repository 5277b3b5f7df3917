//! What is drawn, read back as XML.

use super::{Line, Plot};
use crate::bench::measure::Unit;
use roxmltree::{Document, Node};

fn plot(lines: &[(&str, &[(f64, f64)])]) -> Plot {
    let line =
        |(name, points): &(&str, &[(f64, f64)])| Line { name: (*name).into(), points: points.to_vec() };
    Plot {
        title: "Walks & runs <fast>".into(),
        told: "on \"good\" days".into(),
        across: "steps".into(),
        up: "walks a second".into(),
        unit: Unit::PerSecond,
        lines: lines.iter().map(line).collect(),
    }
}

/// The points of the lines themselves, without the samples beside their names.
fn drawn(document: &Document<'_>) -> Vec<Vec<(f64, f64)>> {
    let groups = document
        .descendants()
        .filter(|node| node.attribute("class").is_some_and(|class| class.starts_with("line ")));
    let first = |group: Node<'_, '_>| {
        group.children().find(|node| node.has_tag_name("polyline"))?.attribute("points").map(points)
    };
    groups.map(|group| first(group).unwrap()).collect()
}

fn points(text: &str) -> Vec<(f64, f64)> {
    let point =
        |point: &str| point.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap();
    text.split_whitespace().map(point).collect()
}

fn texts(document: &Document<'_>) -> Vec<String> {
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text().map(str::to_owned)).collect()
}

#[test]
fn it_is_xml_with_a_title_and_names_as_they_are() {
    let svg = plot(&[("`queue` <1 & only>", &[(1.0, 2.0), (10.0, 20.0)])]).svg();
    let document = Document::parse(&svg).unwrap();
    let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert_eq!(title.text(), Some("Walks & runs <fast>"));
    assert!(texts(&document).contains(&"queue <1 & only>".into()), "{svg}");
    assert!(svg.contains("prefers-color-scheme: dark"));
    let needs_something = ["href", "url(", "@import", "<script"];
    assert!(!needs_something.iter().any(|word| svg.contains(word)), "{svg}");
}

#[test]
fn more_is_higher_and_equal_factors_are_equal_steps() {
    let svg = plot(&[("we", &[(1.0, 10.0), (10.0, 100.0), (100.0, 1_000.0)])]).svg();
    let lines = drawn(&Document::parse(&svg).unwrap());
    let [a, b, c] = lines[0][..] else { panic!("{lines:?}") };
    assert!((b.0 - a.0 - (c.0 - b.0)).abs() < 0.2 && b.0 > a.0);
    assert!((a.1 - b.1 - (b.1 - c.1)).abs() < 0.2 && b.1 < a.1);
}

#[test]
fn one_point_is_drawn_in_the_field() {
    let svg = plot(&[("we", &[(5.0, 7.0)])]).svg();
    let document = Document::parse(&svg).unwrap();
    let (x, y) = drawn(&document)[0][0];
    assert!((super::LEFT..super::LEFT + super::WIDTH).contains(&x), "{x}");
    assert!((super::TOP..super::TOP + super::HEIGHT).contains(&y), "{y}");
}

#[test]
fn without_a_point_it_says_so() {
    for lines in [&[][..], &[("we", &[][..])], &[("we", &[(1.0, 0.0), (0.0, 1.0), (1.0, f64::NAN)][..])]] {
        let svg = plot(lines).svg();
        let document = Document::parse(&svg).unwrap();
        assert!(texts(&document).contains(&"Nothing was measured.".into()), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn what_has_no_place_is_left_out_and_the_rest_is_drawn() {
    let svg = plot(&[("we", &[(1.0, 3.0), (2.0, 0.0), (4.0, 5.0)]), ("nobody", &[])]).svg();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(drawn(&document).iter().map(Vec::len).collect::<Vec<_>>(), [2]);
    assert!(!svg.contains("nobody"));
}

#[test]
fn lines_are_told_apart_without_colour() {
    let lines: Vec<(String, [(f64, f64); 1])> =
        (0..6_u8).map(|n| (format!("line {n}"), [(1.0, f64::from(n) + 1.0)])).collect();
    let lines: Vec<(&str, &[(f64, f64)])> =
        lines.iter().map(|(name, points)| (&**name, &points[..])).collect();
    let svg = plot(&lines).svg();
    let document = Document::parse(&svg).unwrap();
    let dashes = |group: Node<'_, '_>| {
        let line = group.children().find(|node| node.has_tag_name("polyline")).unwrap();
        line.attribute("stroke-dasharray").unwrap_or_default().to_owned()
    };
    let groups = document
        .descendants()
        .filter(|node| node.attribute("class").is_some_and(|class| class.starts_with("line ")));
    let mut found: Vec<String> = groups.map(dashes).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 6);
}
