//! Large documents: the same edits, without a second outline of the whole, and no time that grows with the
//! square of the size.

use super::*;
use rustix::time::{ClockId, clock_gettime};
use std::fmt::Write;

fn queue(tasks: usize) -> String {
    let mut text = String::from("# all tasks\ntasks:\n");
    for i in 0..tasks {
        write!(
            text,
            "  - id: T-{i}   # number {i}\n    status: pending\n    notes: |\n      two\n      lines\n    needs: [T-1, 'T-2']\n    roi:\n      impact: {i}\n\n"
        )
        .unwrap();
    }
    text + "# end\nmetadata:\n  total: 1\n"
}

#[test]
fn beyond_the_size_that_is_checked_whole_the_outline_is_kept_right() {
    let mut doc = outlined(&queue(9000));
    assert!(doc.text().len() > super::super::splice::CHECK_WHOLE);
    let before = doc.text().to_owned();
    for (path, value) in [
        ("tasks[id=T-4000].status", "claimed: not plain"),
        ("tasks[id=T-8999].claimed_by", "me"),
        ("tasks[0].needs[1]", "a, b"),
        ("tasks[8999].notes", "one"),
        ("metadata.total", "many"),
        ("metadata.new", "x"),
        ("last", "x"),
    ] {
        doc.set(path, value).unwrap();
        assert_eq!(doc.get::<String>(path).unwrap(), value);
        check_outline(&doc);
    }
    doc.push("tasks", &serde_yaml::from_str::<Value>("{id: T-9000, status: pending}").unwrap()).unwrap();
    check_outline(&doc);
    doc.push("tasks[id=T-5].needs", "T-3").unwrap();
    check_outline(&doc);
    for path in
        ["tasks[0]", "tasks[id=T-9000]", "tasks[id=T-77].id", "tasks[5000].needs[0]", "tasks[9].roi.impact"]
    {
        assert!(doc.remove(path).unwrap());
        check_outline(&doc);
    }
    assert_eq!(doc.get::<Value>("tasks[9].roi").unwrap(), Value::Mapping(serde_yaml::Mapping::new()));
    let comments = |text: &str| text.matches('#').count();
    assert_eq!(comments(doc.text()), comments(&before) - 2, "of T-0 and of the id of T-77");
    let error = doc.set("tasks[id=T-50].id.x", &1).unwrap_err();
    assert!(matches!(error, DocumentError::WrongKind { .. }));
    check_outline(&doc);
}

/// Of a processor's time, so that those who run beside us do not count; generous, because tests run unoptimised: squares would
/// take minutes.
const LIMIT_S: i64 = 10;

#[test]
fn time_does_not_grow_with_the_square_of_the_size() {
    let started = clock_gettime(ClockId::ThreadCPUTime).tv_sec;
    let keys = (0..100_000).fold(String::new(), |mut text, i| {
        writeln!(text, "key-{i}: {i}").unwrap();
        text
    });
    let mut doc = outlined(&keys);
    doc.set("key-99999", "x").unwrap();
    let days = (0..20_000).fold(String::new(), |mut text, i| {
        writeln!(text, "2026-{:02}-{:02}-{i}: 1", i % 12 + 1, i % 28 + 1).unwrap();
        text
    });
    outlined(&days);
    let line = format!("a: [{}]\n", "x, ".repeat(200_000));
    let mut doc = outlined(&line);
    doc.push("a", "y").unwrap();
    outlined(&format!("a: \"{}\"\n", "x\\n".repeat(300_000)));
    outlined(&format!("a: {}\n", "x:y ".repeat(200_000)));
    outlined(&format!("a: |\n{}", "  x\n".repeat(200_000)));
    outlined(&format!("{}a: 1\n", "# c\n\n".repeat(200_000)));
    outlined(&format!("a: '{}'\n", "''\n".repeat(200_000)));
    assert!(Document::parse("[".repeat(1_000_000)).is_err());
    assert!(Document::parse("- ".repeat(500_000)).is_err());
    assert!(Document::parse("{a: ".repeat(300_000)).is_err());
    let took = clock_gettime(ClockId::ThreadCPUTime).tv_sec - started;
    assert!(took < LIMIT_S, "{took} s");
}

#[test]
fn one_check_after_all_edits_sees_what_one_of_them_did_elsewhere() {
    let mut doc = Document::parse("a: 1\nb:\n  c: 2\n").unwrap().checked_once();
    doc.set("b.c", &3).unwrap();
    doc.set("b.d", &4).unwrap();
    assert!(doc.is_sound());
    doc.text = doc.text.replace("a: 1", "a: \"1\"");
    assert!(!doc.is_sound());
}
