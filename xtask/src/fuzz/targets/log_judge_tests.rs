//! The judge of healing, tried on planted wrong repairs.

use super::*;

const FIRST: &str = "#@1 00000007 0000000a\n- a: 1\n";
const TORN: &str = "#@1 00000007 0000000b\n- b";
const FILLED: &str = "########################\n";
const NEW: &str = "#@1 00000007 0000000c\n- c: 3\n";

fn item(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn written() -> Written {
    let second = FIRST.len()..FIRST.len() + TORN.len() + 4;
    let records = vec![
        Record { range: 0..FIRST.len(), value: item("a: 1"), is_ours: true },
        Record { range: second, value: item("b: 2"), is_ours: true },
    ];
    Written { bytes: format!("{FIRST}{TORN}: 2\n").into_bytes(), records, certain: FIRST.len() }
}

/// What is said about a log that became `content`, with `kept` put aside.
fn judged(content: &str, kept: &[&str]) -> Result<&'static str, String> {
    let damaged = format!("{FIRST}{TORN}");
    let recovered = kept.iter().map(|kept| kept.as_bytes().to_vec()).collect();
    let after = After { damaged: damaged.as_bytes(), content: content.as_bytes(), recovered };
    judge(&written(), &after, &item("c: 3"))
}

#[test]
fn a_right_repair_is_right() {
    assert_eq!(judged(&format!("{FIRST}{FILLED}{NEW}"), &[TORN]), Ok("mended"));
}

#[test]
fn wrong_repairs_are_seen() {
    let hash_and = |tail: &str| format!("{}{tail}", "#".repeat(24));
    for (content, kept, said) in [
        (format!("{FIRST}{FILLED}{NEW}"), "", "thrown away"),
        (format!("{FIRST}{FILLED}{NEW}"), &TORN[..10], "thrown away"),
        (format!("{FIRST}{FILLED}"), TORN, "last record"),
        (format!("{FIRST}{FILLED}{}", NEW.replace('3', "4")), TORN, "last record"),
        (format!("{}{FILLED}{NEW}", FIRST.replace("a: 1", "a: 2")), TORN, "was whole"),
        (format!("{FILLED}{NEW}"), TORN, "was whole"),
        (format!("{FIRST}{TORN}: 2\n{NEW}"), TORN, "left as it is"),
        (format!("{FIRST}{TORN}\n{NEW}"), TORN, "left as it is"),
        (format!("{FIRST}{}{NEW}", hash_and(" x\n")), TORN, "not in a comment"),
        (format!("{FIRST}{FILLED}{NEW}{NEW}"), TORN, "was whole"),
        (format!("{FIRST}\0{FILLED}{NEW}"), TORN, "no list"),
        (format!("{FIRST}{NEW}"), TORN, ""),
    ] {
        let found = judged(&content, &[kept]).expect_err(&content);
        assert!(
            found.contains(said) || said == "was whole" && found.contains("records"),
            "{found} for {content:?}"
        );
    }
}

#[test]
fn a_refusal_is_right_only_where_nothing_of_ours_is_left_and_nothing_was_touched() {
    let refused = |damaged: &str, content: &str| {
        let after = After { damaged: damaged.as_bytes(), content: content.as_bytes(), recovered: vec![] };
        after.is_refused(&written(), "no list")
    };
    assert!(refused(&FIRST[..10], &FIRST[..10]).is_ok());
    assert!(refused(FIRST, FIRST).is_err());
    assert!(refused(&FIRST[..10], "").is_err());
}

#[test]
fn a_record_of_another_program_is_whole_once_the_next_one_has_begun() {
    let foreign = "- b: 2\n";
    let records = vec![
        Record { range: 0..FIRST.len(), value: item("a: 1"), is_ours: true },
        Record { range: FIRST.len()..FIRST.len() + 7, value: item("b: 2"), is_ours: false },
        Record { range: FIRST.len() + 7..FIRST.len() + 7 + NEW.len(), value: item("c: 3"), is_ours: true },
    ];
    let bytes = format!("{FIRST}{foreign}{NEW}").into_bytes();
    let written = Written { records, bytes, certain: 0 };
    let whole = |damaged: &str| written.whole_before(damaged.as_bytes()).len();
    assert_eq!(whole(&format!("{FIRST}{foreign}")), 1);
    assert_eq!(whole(&format!("{FIRST}{foreign}#@")), 2);
    assert_eq!(whole(&format!("{FIRST}{foreign}{NEW}")), 3);
    assert_eq!(whole(&FIRST[..20]), 0);
}

#[test]
fn an_append_writes_stamped_records_and_nothing_else() {
    assert_eq!(stamped_ranges(NEW.as_bytes(), 5, 1), Ok(std::iter::once(5..5 + NEW.len()).collect()));
    assert!(stamped_ranges(NEW.as_bytes(), 0, 2).is_err());
    assert!(stamped_ranges(format!("\n{NEW}").as_bytes(), 0, 1).is_err());
    assert!(stamped_ranges(format!("{NEW}x").as_bytes(), 0, 1).is_err());
}

#[test]
fn what_healing_is_not_held_to_has_a_name() {
    let reason = |tail: &str| written().beyond_healing(format!("{FIRST}{tail}").as_bytes());
    for tail in ["", TORN, "#@1 00000007 0000000b\n", "- x\n", "---\n", "a...\n", "#\r---\n"] {
        assert_eq!(reason(tail), None, "{tail:?}");
    }
    for tail in [format!("{TORN}\n{TORN}\n"), format!("{TORN}\n{NEW}")] {
        assert!(reason(&tail).is_some(), "{tail:?}");
    }
}
