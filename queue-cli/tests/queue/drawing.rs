//! `queue graph`: what its pictures show, and that no task's name does them harm.

use crate::program::Program;
use roxmltree::{Document, Node};
use std::collections::HashSet;

const NASTY: &str = r#"tasks:
- {id: "a<b>&\"'c", status: pending, title: "</text><script>alert(1)</script>", estimated_minutes: 5}
- {id: "new\nline", status: pending, blockedBy: ["a<b>&\"'c"], estimated_minutes: 5}
- {id: "]]>", status: failed, title: "\x01\uFFFE\u202E"}
- {id: "back\\slash\\N", status: completed}
- {id: "end", status: in_progress, title: "&lt; -->"}
- {id: "`x` %% #35; ${y}", status: blocked, blockedBy: ["&gone;"]}
- {id: round, status: pending, blockedBy: [round]}
"#;

/// The texts and titles of a picture, unescaped.
fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let texts = document.descendants().filter(|node| ["text", "title"].contains(&node.tag_name().name()));
    texts.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

#[test]
fn names_do_no_harm_in_a_picture() {
    let program = Program::with_queue(NASTY);
    let svg = program.run("graph --format svg").out;
    let texts = texts(&svg);
    for text in
        ["a<b>&\"'c", "</text><script>alert(1)</script>", "new\\nline", "]]>", "back\\slash\\N", "&lt; -->"]
    {
        assert!(texts.iter().any(|one| one == text), "{text}: {texts:?}");
    }
    let document = Document::parse(&svg).unwrap();
    let known = ["svg", "title", "desc", "defs", "marker", "path", "rect", "text", "g"];
    for node in document.descendants().filter(Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        // Nothing is fetched: what is referred to stands in the picture itself.
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!attribute.name().starts_with("on") && !attribute.name().ends_with("href"), "{node:?}");
            assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
        }
    }
}

#[test]
fn a_picture_tells_itself_to_those_who_cannot_see_it() {
    let program = Program::with_queue(NASTY);
    let svg = program.run("graph --format svg").out;
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    let labels = root.attribute("aria-labelledby").unwrap().split(' ');
    let labelled = labels.map(|id| document.descendants().find(|node| node.attribute("id") == Some(id)));
    let labelled: Vec<&str> = labelled.map(|node| node.unwrap().text().unwrap()).collect();
    assert_eq!(labelled[0], "queue.yaml: 7 tasks, 3 dependencies");
    assert_eq!(labelled[1], "1 ready, 1 running, 1 waiting, 2 stuck, 1 done, 1 failed, 1 missing");
    let tasks = document.descendants().filter(|node| node.attribute("role") == Some("img"));
    let titles: Vec<String> =
        tasks.map(|task| task.first_element_child().unwrap().text().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), 8);
    assert_eq!(titles[0], "a<b>&\"'c (</text><script>alert(1)</script>): ready, critical path, 5 min");
    assert_eq!(titles[6], "round: stuck, in a circle");
}

#[test]
fn names_do_no_harm_to_graphviz_and_mermaid() {
    let program = Program::with_queue(NASTY);
    let dot = program.run("graph --format dot").out;
    assert!(dot.contains(r#"label="a<b>&amp;\"'c\n</text>"#), "{dot}");
    assert!(dot.contains(r#"label="new\\nline\n"#) && dot.contains(r#"label="back\\slash\\N\n"#), "{dot}");
    assert!(dot.contains("n6 -> n6 [") && dot.contains("n7 -> n5"), "{dot}");
    // Each statement is whole: quotes are closed on their line.
    for line in dot.lines() {
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count() % 2, 0, "{line}");
    }
    let mermaid = program.run("graph --format mermaid").out;
    assert!(mermaid.starts_with("flowchart LR\n"));
    assert!(mermaid.contains("n0([\"a#60;b#62;#38;#34;#39;c<br/>"), "{mermaid}");
    assert!(mermaid.contains("#96;x#96; #37;#37; #35;35#59; #36;#123;y#125;"), "{mermaid}");
    assert!(mermaid.contains("n6 -. circle .-> n6") && mermaid.contains("n0 ==> n1"), "{mermaid}");
}

#[test]
fn states_are_told_apart_without_colour() {
    let program = Program::with_queue(
        "tasks:
- {id: A, status: pending}
- {id: B, status: in_progress}
- {id: C, status: completed}
- {id: D, status: failed}
- {id: E, status: pending, blockedBy: [A]}
- {id: F, status: pending, blockedBy: [D]}
- {id: G, status: blocked}
- {id: H, status: cancelled}
- {id: I, status: pending, blockedBy: [GONE]}
- {id: J, status: pending, blockedBy: [J]}
",
    );
    let svg = program.run("graph --format svg").out;
    let document = Document::parse(&svg).unwrap();
    let tasks = document.descendants().filter(|node| node.attribute("role") == Some("img"));
    // The sign, the border's dashes and corners, and how many borders there are.
    let look = |task: Node<'_, '_>| {
        let borders: Vec<Node<'_, '_>> = task.children().filter(|node| node.has_tag_name("rect")).collect();
        let sign = task.children().find(|node| node.has_tag_name("path")).unwrap();
        let dashes = borders[0].attribute("stroke-dasharray").unwrap_or_default();
        (sign.attribute("d").unwrap().to_owned(), dashes.to_owned(), borders.len())
    };
    let looks: Vec<_> = tasks.map(look).collect();
    // A to E, G, H and what is missing are nine looks with the stuck ones, F, I and J, which share theirs.
    assert_eq!(looks.len(), 11);
    assert_eq!(looks.iter().collect::<HashSet<_>>().len(), 9);
    assert!(looks[5] == looks[8] && looks[8] == looks[9]);
    let tree = program.run("graph").out;
    for line in [
        "A [ready, critical path]",
        "B [in_progress]",
        "C [completed]",
        "D [failed]",
        "  F [stuck]",
        "J [stuck, in a circle]",
    ] {
        assert!(tree.lines().any(|one| one == line), "{line}: {tree}");
    }
    assert!(!tree.contains('\u{1b}'));
    let open = program.run("graph --open").out;
    assert!(!open.contains("C [") && !open.contains("H [") && open.contains("D [failed]"), "{open}");
}

/// Laying it out would take minutes.
#[test]
fn a_picture_of_a_big_queue_is_bounded_and_says_so() {
    let mut text = String::from("tasks:\n");
    for number in 0..3000 {
        let before: Vec<String> = (number / 2..number).take(3).map(|before| format!("t{before}")).collect();
        text.push_str(&format!("- {{id: t{number}, status: pending, blockedBy: [{}]}}\n", before.join(", ")));
    }
    let program = Program::with_queue(&text);
    let ended = program.run("graph --format svg --output queue.svg");
    assert_eq!(
        (ended.code, ended.out.as_str(), ended.err.as_str()),
        (0, "", "queue: written to queue.svg\n")
    );
    let svg = program.read("queue.svg");
    assert!(svg.contains("too many for a layout: columns are waves"));
    assert_eq!(texts(&svg).iter().filter(|text| *text == "t2999").count(), 1);
}

#[test]
fn the_same_queue_gives_the_same_picture() {
    let program = Program::with_queue(NASTY);
    let first = program.run("graph --format svg").out;
    assert_eq!(program.run("graph --format svg").out, first);
    let empty = Program::with_queue("tasks: []\n");
    assert_eq!(texts(&empty.run("graph --format svg").out)[0], "queue.yaml: 0 tasks, 0 dependencies");
}

/// A queue of so many tasks, of which each waits for those that `before` says.
fn waiting(tasks: usize, before: impl Fn(usize) -> std::ops::Range<usize>) -> Program {
    let mut text = String::from("tasks:\n");
    for task in 0..tasks {
        let before: Vec<String> = before(task).map(|before| format!("t{before}")).collect();
        text.push_str(&format!("- {{id: t{task}, status: pending, blockedBy: [{}]}}\n", before.join(", ")));
    }
    Program::with_queue(&text)
}

/// Pictures within the limits took more than a minute: how many lines meet at a task was not regarded.
#[test]
fn a_task_with_hundreds_of_lines_takes_minutes_to_draw() {
    for crowded in [
        // Two wait for 400.
        waiting(402, |task| if task < 400 { 0..0 } else { 0..400 }),
        // One waits for 300, 300 for that one, and one for those.
        waiting(602, |task| match task {
            0..300 => 0..0,
            300 => 0..300,
            601 => 301..601,
            _ => 300..301,
        }),
        // Three times 30, each of which waits for all of those before.
        waiting(90, |task| if task < 30 { 0..0 } else { (task / 30 - 1) * 30..task / 30 * 30 }),
    ] {
        let svg = crowded.run("graph --format svg").out;
        assert!(svg.contains("too many for a layout: columns are waves"));
    }
    let sparse = waiting(100, |task| task.saturating_sub(2)..task).run("graph --format svg").out;
    assert!(!sparse.contains("columns are waves"));
    let many = waiting(250, |task| if task < 50 { 0..0 } else { task % 50..task % 50 + 1 });
    assert!(!many.run("graph --format svg").out.contains("columns are waves"));
}
