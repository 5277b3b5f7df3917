//! `queue timeline`: what its picture shows, and that no name does it harm.

use crate::program::Program;
use roxmltree::{Document, Node};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A record of the log, so many seconds after midnight.
fn event(seconds: u32, kind: &str, id: &str, attempt: u32, to: &str, slot: Option<&str>) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let slot = slot.map(|slot| format!(", slot: {slot}")).unwrap_or_default();
    format!(
        "- {{timestamp: '2026-11-23T{:02}:{:02}:{seconds:02}Z', type: {kind}, task_id: {id}, attempt: {attempt}, agent: ann, data: {{to_state: {to}{slot}}}}}\n",
        minutes / 60,
        minutes % 60
    )
}

fn with_events(events: &str) -> Program {
    let program = Program::with_queue("tasks: []\n");
    fs::write(program.path("events.yaml"), events).unwrap();
    program
}

fn bars<'d>(document: &'d Document<'_>) -> Vec<Node<'d, 'd>> {
    document.descendants().filter(|node| node.attribute("role") == Some("listitem")).collect()
}

fn title<'d>(node: Node<'d, 'd>) -> &'d str {
    node.first_element_child().unwrap().text().unwrap()
}

/// Each of its ends, one after the other.
fn every_end() -> String {
    let mut events = String::new();
    let ends = [
        ("completed", "completed"),
        ("failed", "failed"),
        ("failed", "pending"),
        ("preempted", "pending"),
        ("released", "pending"),
        ("requeued", "pending"),
    ];
    for (number, (kind, to)) in ends.into_iter().enumerate() {
        let (at, id) = (u32::try_from(number).unwrap() * 60, format!("T-{number}"));
        events.push_str(&event(at, "claimed", &id, 1, "claimed", None));
        events.push_str(&event(at + 20, "started", &id, 1, "in_progress", Some("slot_1")));
        events.push_str(&event(at + 60, kind, &id, 1, to, Some("slot_1")));
    }
    events.push_str(&event(360, "started", "T-6", 1, "in_progress", Some("slot_1")));
    events.push_str(&event(420, "added", "T-7", 1, "pending", None));
    events
}

#[test]
fn ends_are_told_apart_without_colour() {
    let svg = with_events(&every_end()).run("timeline").out;
    let document = Document::parse(&svg).unwrap();
    let bars = bars(&document);
    assert_eq!(bars.len(), 7);
    // The sign; the border's dashes and whether it is closed; the ground.
    let look = |bar: &Node<'_, '_>| {
        let paths: Vec<Node<'_, '_>> = bar.children().filter(|node| node.has_tag_name("path")).collect();
        let outline = paths[0].attribute("d").unwrap();
        let dashes = paths[0].attribute("stroke-dasharray").unwrap_or_default();
        (paths[1].attribute("d").unwrap().to_owned(), format!("{dashes} {}", outline.ends_with('z')))
    };
    let looks: Vec<_> = bars.iter().map(look).collect();
    assert_eq!(looks.iter().map(|look| &look.0).collect::<HashSet<_>>().len(), 7);
    // Without the signs, two are left that only their grounds tell apart: stripes of failures and of what was preempted.
    assert!(looks.iter().map(|look| &look.1).collect::<HashSet<_>>().len() >= 5);
    for (bar, told) in bars.iter().zip([
        "T-0, attempt 1: completed; 2026-11-23 00:00:00 UTC, 40 s",
        "T-1, attempt 1: failed; ",
        "T-2, attempt 1: failed, tried again; ",
        "T-3, attempt 1: preempted; ",
        "T-4, attempt 1: released; ",
        "T-5, attempt 1: lost; ",
        "T-6, attempt 1: no end told; ",
    ]) {
        assert!(title(*bar).starts_with(told), "{}", title(*bar));
    }
    let all: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    assert!(all.contains(&"slot_1") && all.contains(&"at most 5"), "{all:?}");
}

#[test]
fn names_do_no_harm_in_a_timeline() {
    let names = [
        r#""a<b>&\"'c""#,
        r#""new\nline""#,
        r#""]]>""#,
        r#""\x01\uFFFE\u202E""#,
        r#""</title><script>alert(1)</script>""#,
    ];
    let mut events = String::new();
    for (number, name) in names.iter().enumerate() {
        let at = u32::try_from(number).unwrap() * 30;
        events.push_str(&event(at, "started", name, 1, "in_progress", Some(name)));
        events.push_str(&event(at + 30, "completed", name, 1, "completed", Some(name)));
    }
    let svg = with_events(&events.replace("agent: ann", r#"agent: "<&>""#)).run("timeline").out;
    let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{error}"));
    let titles: Vec<&str> = bars(&document).into_iter().map(title).collect();
    for told in ["a<b>&\"'c, ", "new\\nline, ", "]]>, ", "\\u{1}", "</title><script>"] {
        let is_told = |title: &&str| title.starts_with(told) && title.ends_with("; <&>");
        assert_eq!(titles.iter().copied().filter(is_told).count(), 1, "{told}: {titles:?}");
    }
    let known = ["svg", "title", "desc", "defs", "pattern", "path", "rect", "text", "g"];
    for node in document.descendants().filter(Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        // Nothing is fetched: what is referred to stands in the picture itself.
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!attribute.name().starts_with("on") && !attribute.name().ends_with("href"), "{node:?}");
            assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
        }
    }
    let root = document.root_element();
    for id in root.attribute("aria-labelledby").unwrap().split(' ') {
        assert!(document.descendants().any(|node| node.attribute("id") == Some(id)), "{id}");
    }
}

/// Ids are on their bars, whole or by their ends, and do not reach into the next bar.
#[test]
fn a_hundred_tasks_are_legible() {
    let mut events = String::new();
    for number in 0..100_u32 {
        let (slot, id) = (number % 4, format!("TASK-ARCH-{number:03}"));
        // A night lies between the two halves.
        let at = number / 4 * 300 + if number < 50 { 0 } else { 40_000 };
        let slot = format!("slot_{slot}");
        events.push_str(&event(at, "started", &id, 1, "in_progress", Some(&slot)));
        let lasts = 100 + number % 3 * 100;
        events.push_str(&event(at + lasts, "completed", &id, 1, "completed", Some(&slot)));
    }
    let svg = with_events(&events).run("timeline").out;
    let document = Document::parse(&svg).unwrap();
    let bars = bars(&document);
    assert_eq!(bars.len(), 100);
    let (mut whole, mut ends) = (0, Vec::new());
    for bar in bars {
        let id = title(bar).split(',').next().unwrap();
        let label = bar.children().find(|node| node.has_tag_name("text")).unwrap();
        let text = label.text().unwrap();
        whole += usize::from(text == id);
        assert!(
            text == id || (text.starts_with('…') && id.ends_with(text.trim_start_matches('…'))),
            "{text}"
        );
        let outline = bar.children().find(|node| node.has_tag_name("path")).unwrap().attribute("d").unwrap();
        let right: f64 = outline[1..].split(' ').next().unwrap().parse().unwrap();
        let left: f64 = label.attribute("x").unwrap().parse().unwrap();
        let letters = f64::from(u32::try_from(text.chars().count()).unwrap());
        assert!(left + letters * 6.1 <= right, "{text}");
        ends.push(right);
    }
    assert!(whole >= 60, "{whole}");
    let width: f64 = document.root_element().attribute("width").unwrap().parse().unwrap();
    assert!(ends.into_iter().all(|end| end < width) && width < 6_500.0);
    // The night is cut out, and said.
    assert!(document.descendants().any(|node| node.text() == Some("11 h 3 min")));
}

/// What a dispatcher runs is in the lane of its slot, each attempt; what a script claims in that of its agent.
#[test]
fn lanes_are_slots_and_agents() {
    let program = Program::with_queue(
        "tasks:\n- {id: A, status: pending, run: '[ $QUEUE_ATTEMPT -ge 2 ]'}\n- {id: B, status: pending, run: 'true'}\n- {id: C, status: pending}\n",
    );
    assert_eq!(program.run("claim C --agent ann").code, 0);
    let dispatched = program.run("dispatch --slots 2 --retries 1 --retry-wait 10ms -q");
    assert_eq!(dispatched.code, 0, "{}", dispatched.err);
    assert_eq!(program.run("run --agent bob C -- true").code, 4);
    assert_eq!(program.run("release C --attempt 1").code, 0);
    assert_eq!(program.run("run --agent bob C -- true").code, 0);
    let told = json(&program.run("timeline --json").out);
    let mut found: Vec<(String, u64, String, String)> = Vec::new();
    for lane in told["lanes"].as_array().unwrap() {
        let name = format!("{} {}", lane["kind"].as_str().unwrap(), lane["name"].as_str().unwrap());
        for one in lane["attempts"].as_array().unwrap() {
            assert!(one["claimed_at"].is_string() && one["ended_at"].is_string(), "{one}");
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            let name = if lane["kind"] == "slot" { "slot".into() } else { name.clone() };
            found.push((text("id"), one["attempt"].as_u64().unwrap(), text("end"), name));
        }
    }
    found.sort();
    let found: Vec<_> = found.iter().map(|(id, n, end, lane)| format!("{id} {n} {end} {lane}")).collect();
    assert_eq!(
        found,
        [
            "A 1 retried slot",
            "A 2 completed slot",
            "B 1 completed slot",
            "C 1 released agent ann",
            "C 2 completed agent bob"
        ]
    );
    let again =
        told["lanes"].as_array().unwrap().iter().flat_map(|lane| lane["attempts"].as_array().unwrap());
    let again = again.into_iter().find(|one| one["id"] == "A" && one["attempt"] == 2).unwrap();
    assert!(again["waited_ms"].as_i64().unwrap() >= 0);
    // Whoever looks at the log itself finds the slot there.
    let log = json(&program.run("events --json --task B").out);
    let slots: Vec<&Value> =
        log["events"].as_array().unwrap().iter().map(|event| &event["data"]["slot"]).collect();
    assert!(slots[0].is_null() && slots[1].is_string() && slots[1] == slots[2], "{log}");
    assert_eq!(program.run("doctor").code, 0);
}

#[test]
fn a_timeline_of_nothing() {
    let program = Program::with_queue("tasks: []\n");
    assert_eq!(program.run("timeline").code, 7);
    assert_eq!(program.run("timeline --no-events").code, 7);
    fs::write(program.path("events.yaml"), "[]\n").unwrap();
    assert!(program.run("timeline").out.contains("the events tell of no attempt"));
    fs::write(program.path("events.yaml"), "- {type: [\n").unwrap();
    assert_eq!(program.run("timeline").code, 6);
}

#[test]
fn only_what_was_not_over_before() {
    let program = with_events(&every_end());
    let attempts = |line: &str| {
        let told = json(&program.run(line).out);
        told["lanes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lane| lane["attempts"].as_array().unwrap().len())
            .sum::<usize>()
    };
    assert_eq!(attempts("timeline --json"), 7);
    assert_eq!(attempts("timeline --json --since 2026-11-23T00:05:30Z"), 2);
    assert_eq!(program.run("timeline -o ./events.yaml").code, 2);
    assert_eq!(attempts("timeline --json"), 7);
    let written = program.run("timeline -o t.svg");
    assert!(written.code == 0 && written.out.is_empty() && program.read("t.svg").starts_with("<svg "));
}

/// With all seven ends the legend was longer than the sheet.
#[test]
fn a_legend_that_is_cut_off() {
    let svg = with_events(&every_end()).run("timeline").out;
    let document = Document::parse(&svg).unwrap();
    let width: f64 = document.root_element().attribute("width").unwrap().parse().unwrap();
    let mut texts = 0;
    for text in document.descendants().filter(|node| node.has_tag_name("text")) {
        let size = text.ancestors().find_map(|node| node.attribute("font-size")).unwrap();
        let (size, words) = (size.parse::<f64>().unwrap(), text.text().unwrap());
        if text.attribute("text-anchor").is_none() {
            let left: f64 = text.attribute("x").unwrap().parse().unwrap();
            let right = left + f64::from(u32::try_from(words.chars().count()).unwrap()) * size * 0.602;
            assert!(right < width, "{words:?} ends at {right} of {width}");
            texts += 1;
        }
    }
    assert!(texts > 10, "{texts}");
}
