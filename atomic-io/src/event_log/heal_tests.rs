//! Healing over enumerated and generated ends of a log. The rule everywhere: what was whole is read afterwards, in its
//! order, nothing else is, and no other byte has moved.

use super::heal::{filled, filler, judged_from, torn_foreign, torn_since_stamp};
use super::stamp::{self, Stamp};
use proptest::prelude::*;
use serde_yaml::Value;
use std::ops::Range;

const FIRST: &str = "- id: first\n  note: \"a\\nb\"\n";
const LAST: &str = "- timestamp: \"2026-11-23T04:11:09Z\"\n  id: last\n  data:\n    from_state: pending\n";

fn stamped(body: &str) -> String {
    Stamp::of(body.as_bytes()).unwrap().line() + body
}

fn torn(log: &[u8]) -> Vec<Range<usize>> {
    let at = judged_from(log, true).expect("a stamp");
    torn_since_stamp(&log[at..]).into_iter().map(|range| range.start + at..range.end + at).collect()
}

/// The log as the next append finds it after healing, with all that must hold for any healing whatever.
fn heal(log: &[u8]) -> Vec<u8> {
    let torn = torn(log);
    let healed = filled(log, &torn).into_owned();
    assert_eq!(healed.len(), log.len());
    for (at, (new, old)) in healed.iter().zip(log).enumerate() {
        assert!(
            new == old || torn.iter().any(|range| range.contains(&at)),
            "byte {at} changed outside of {torn:?}"
        );
    }
    for range in &torn {
        assert!(range.start == 0 || log[range.start - 1] == b'\n', "{range:?} does not begin a line");
    }
    assert!(healed.ends_with(b"\n"));
    assert_eq!(
        self::torn(&healed),
        Vec::<Range<usize>>::new(),
        "healed twice: {:?}",
        String::from_utf8_lossy(&healed)
    );
    healed
}

fn ids(log: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(log).unwrap();
    let items: Vec<Value> = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    items.iter().map(|item| item["id"].as_str().unwrap_or("?").to_owned()).collect()
}

/// Heals `FIRST` (stamped) followed by `tail`, appends a record, and says which records are read.
fn check(tail: impl AsRef<[u8]>, expected: &[&str]) {
    let mut log = [stamped(FIRST).as_bytes(), tail.as_ref()].concat();
    log = heal(&log);
    log.extend_from_slice(stamped("- id: new\n").as_bytes());
    let expected = [&["first"], expected, &["new"]].concat();
    assert_eq!(ids(&log), expected, "after {:?}", String::from_utf8_lossy(tail.as_ref()));
}

#[test]
fn a_whole_last_record_needs_nothing() {
    check("", &[]);
    check(stamped(LAST), &["last"]);
    assert_eq!(torn(stamped(LAST).as_bytes()), []);
}

#[test]
fn a_record_torn_at_any_byte_is_left_out_and_the_others_stay() {
    let last = stamped(LAST);
    for cut in 1..last.len() {
        check(&last[..cut], &[]);
    }
}

#[test]
fn a_record_torn_at_any_byte_costs_no_record_appended_in_lines_of_its_own() {
    let last = stamped(LAST);
    for cut in 1..last.len() {
        let is_line_end = last.as_bytes()[cut - 1] == b'\n';
        // Right after the stamp, the next item is taken for the torn body: what is torn must never be taken for whole.
        let kept: &[&str] = if is_line_end && cut != stamp::LEN { &["glued", "own"] } else { &["own"] };
        check(format!("{}- id: glued\n- id: own\n  more: 1\n", &last[..cut]), kept);
    }
}

#[test]
fn a_record_with_any_byte_zeroed_or_changed_is_torn() {
    let last = stamped(LAST);
    for at in 0..last.len() {
        for byte in [0, b'x', b'\n', b'#'] {
            let mut bytes = last.clone().into_bytes();
            if std::mem::replace(&mut bytes[at], byte) == byte {
                continue;
            }
            let log = heal(&[stamped(FIRST).as_bytes(), &bytes].concat());
            let read = ids(&log);
            // A changed stamp is no stamp; its body, untouched, then is a record like any that others append.
            let is_expected = read == ["first"] || at < stamp::LEN && read == ["first", "last"];
            assert!(is_expected, "{byte} at {at}: {read:?}\n{}", String::from_utf8_lossy(&log));
        }
    }
}

#[test]
fn a_tail_of_zeros_after_a_power_cut_is_torn() {
    let last = stamped(LAST);
    for cut in 0..last.len() {
        let mut bytes = last.as_bytes()[..cut].to_vec();
        bytes.resize(4096, 0);
        check(bytes, &[]);
    }
}

/// The sector with the first bytes of the stamp was lost, the next one was not, and the file ends where the body could.
#[test]
fn a_record_without_the_start_of_its_stamp_is_torn_although_what_is_left_looks_whole() {
    let record = stamped("- id: torn\n  note: whole\n");
    for lost in 1..22 {
        for end in ["  note: whole\n", ""] {
            let left = record.strip_suffix(end).unwrap_or(&record);
            let left = [&vec![0; lost], &left.as_bytes()[lost..]].concat();
            check(&left, &[]);
            check([&left, &b"- id: theirs\n"[..]].concat(), &["theirs"]);
        }
    }
}

#[test]
fn garbage_is_put_aside_line_by_line() {
    for garbage in [
        "text\n",
        "key: value\n",
        "  - id: indented\n",
        "\tid: tab\n",
        "  id: more\n",
        "---\n",
        "...\n",
        "]\n",
        "- id: [\n",
        "- id: \"open\n",
        "-\n",
        "- id: a\n  id: b\n",
        "- *alias\n",
        "text",
        "- id: no line break",
        "x",
        "-",
        "#",
        "#@1 0000\n",
        "#- id: x\n",
        "\u{1}\n",
    ] {
        check(garbage, &[]);
        // What is indented belongs to the item before it, which then is not whole.
        if garbage.ends_with('\n') && !garbage.starts_with([' ', '\t']) {
            check(format!("- id: before\n{garbage}- id: after\n"), &["before", "after"]);
        }
    }
    check("- id: before\n  - id: indented\n    more: 1\n- id: after\n", &["before", "after"]);
    check("- id: before\n  list:\n  - a\n  - \"torn\n- id: after\n", &["after"]);
    check("- {id: before}\n  x\n- id: after\n", &["before", "after"]);
    check("- {id: before,\n  more: 1}\n  x\n- id: after\n", &["before", "after"]);
    check("- id: half\n  note: 'open", &[]);
    check(b"- id: \xff\n", &[]);
    check(b"# \xff\n- id: after\n", &["after"]);
    check(b"- id: before\n- id: nul\0\n- id: after\n", &["before", "after"]);
}

#[test]
fn whole_foreign_records_and_comments_stay_as_they_are() {
    for (tail, expected) in [
        ("- id: a\n", &["a"][..]),
        ("- id: a\r\n  more: 1\r\n\r\n- id: b\r\n", &["a", "b"]),
        ("# a note\n\n- id: a\n\n# another\n- id: b\n# the end\n", &["a", "b"]),
        ("- id: a\n# inside\n  more: 1\n", &["a"]),
        ("- {id: a, more: [1,\n 2]}\n", &["a"]),
        ("- id: a\n  note: |\n    #@1 00000007 0badcafe\n    - id: b\n\n    text\n- id: c\n", &["a", "c"]),
        ("- id: a\n  note: 'did:\n- one\n- two'\n- id: b\n", &["a", "b"]),
        ("- just text\n", &["?"]),
        ("####\n- id: a\n###########\n", &["a"]),
    ] {
        let log = format!("{}{tail}", stamped(FIRST));
        assert_eq!(torn(log.as_bytes()), [], "{tail:?}");
        check(tail, expected);
    }
}

#[test]
fn a_line_that_looks_like_a_stamp_inside_a_block_scalar_is_content() {
    let note = "- id: a\n  note: |\n    #@1 00000007 0badcafe\n    text\n";
    let log = format!("{}{note}", stamped(FIRST));
    assert_eq!(judged_from(log.as_bytes(), true), Some(0));
    check(note, &["a"]);
    check(stamped(note), &["a"]);
    check("- id: a\n  note: see #@1 00000007 0badcafe\n", &["a"]);
}

#[test]
fn torn_tails_one_after_the_other_are_all_healed() {
    let last = stamped(LAST);
    let half = &last[..40];
    check(format!("- id: a\n{half}"), &["a"]);
    check(format!("- id: \"a\n{half}"), &[]);
    let once = heal(format!("{}{half}", stamped(FIRST)).as_bytes());
    let twice = heal(&[&once[..], half.as_bytes()].concat());
    assert_eq!(ids(&twice), ["first"]);
    assert_eq!(twice[..once.len()], once);
}

#[test]
fn a_record_that_is_appended_while_the_filler_is_written_stays_whole() {
    let last = stamped(LAST);
    for cut in 1..last.len() {
        let seen = [stamped(FIRST).as_bytes(), &last.as_bytes()[..cut]].concat();
        let torn = torn(&seen);
        let grown = [&seen[..], b"- id: late\n"].concat();
        assert_eq!(ids(&filled(&grown, &torn)), ["first", "late"], "cut at {cut}");
    }
}

#[test]
fn what_came_between_our_look_and_our_write_does_not_swallow_our_record() {
    let ours = stamped(LAST);
    for between in ["- id: \"torn", "- id: x\n  more: 'torn", "text", "- id: x", "#", "|", "{"] {
        let fill = filled(between.as_bytes(), &torn_foreign(between.as_bytes())).into_owned();
        let log = [stamped(FIRST).as_bytes(), &fill, ours.as_bytes()].concat();
        assert_eq!(ids(&log), ["first", "last"], "{between:?}");
        assert_eq!(torn(&log), []);
    }
    assert_eq!(torn_foreign(b"- id: whole\n# comment\n"), []);
}

#[test]
fn a_filler_is_comment_lines_of_the_same_length() {
    assert_eq!(filler(1), b"\n");
    assert_eq!(filler(5), b"####\n");
    assert!(filler(0).is_empty());
}

#[test]
fn what_a_killed_writer_left_before_its_record_is_healed_too() {
    let last = stamped(LAST);
    for end in [last.len(), 40] {
        let expected: &[&str] = if end == last.len() { &["last"] } else { &[] };
        check(format!("- id: \"torn\n{}", &last[..end]), expected);
        check(format!("text\n{}", &last[..end]), expected);
    }
    check(format!("- id: \"torn{last}"), &["last"]);
    // A person may have corrected an earlier record; only the last one is judged by its checksum.
    let edited = stamped("- id: typo\n").replace("typo", "mended");
    check(format!("{edited}{last}"), &["mended", "last"]);
}

#[test]
fn the_last_stamps_are_found_from_any_cut_of_the_file() {
    let (first, second) = (stamped(FIRST).len(), stamped("- id: x\n").len());
    let log = stamped(FIRST) + &stamped("- id: x\n") + &stamped(LAST);
    for from in 0..=first + second {
        // At the cut itself the byte before is not known.
        let expected = match from {
            _ if from < first => Some(first - from),
            _ if from < first + second => Some(first + second - from),
            _ => None,
        };
        assert_eq!(judged_from(&log.as_bytes()[from..], from == 0), expected, "from {from}");
    }
}

/// One thing that stands in the tail of a log, and the record that is read for it.
#[derive(Clone, Debug)]
enum Piece {
    Whole(&'static str),
    Torn(&'static [u8]),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let whole = prop::sample::select(vec![
        "- id: ID\n",
        "- id: ID\r\n  more: 1\r\n",
        "- {id: ID, more: [1, 2]}\n",
        "- id: ID\n  note: |\n    - id: no\n    #@1 00000007 0badcafe\n\n    end\n",
        "- id: ID\n  note: |+\n    kept\n\n",
        "- id: ID\n  note: >-\n    folded\n    text\n# comment\n",
        "- id: ID\n  note: \"did:\n- one\n- two\"\n",
        "- id: ID\n\n  list:\n  - a\n  - b\n",
        "- \"id\": 'ID'\n  note: it's \"fine\"\n",
    ]);
    let torn = prop::sample::select(vec![
        &b"- id: \"torn\n"[..],
        b"- id: torn\n  note: 'open\n",
        b"text\n",
        b"\0\0\0\n",
        b"- id: \xc3\n",
        b"#@1 00000\n",
        b"#@1 00000040 0badcaf- id: glued\n",
        b"  - id: indented\n",
        b"- id: [1,\n",
        b"#######\n",
        b"\n",
        b"# note\n",
    ]);
    prop::collection::vec(prop_oneof![whole.prop_map(Piece::Whole), torn.prop_map(Piece::Torn)], 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_healing_exactly_the_whole_records_are_read_in_order(
        before in pieces(), ours in any::<bool>(), after in pieces(), end in 0_usize..200, is_ours_torn in any::<bool>()
    ) {
        let mut log = stamped(FIRST).into_bytes();
        let mut expected = vec!["first".to_owned()];
        let add = |log: &mut Vec<u8>, pieces: &[Piece], expected: &mut Vec<String>| for piece in pieces {
            match piece {
                Piece::Torn(bytes) => log.extend_from_slice(bytes),
                Piece::Whole(text) => {
                    let id = format!("r{}", expected.len());
                    log.extend_from_slice(text.replace("ID", &id).as_bytes());
                    expected.push(id);
                }
            }
        };
        add(&mut log, &before, &mut expected);
        if ours {
            // As our append does it: heal, then write.
            log = heal(&log);
            log.extend_from_slice(stamped(LAST).as_bytes());
            expected.push("last".into());
            add(&mut log, &after, &mut expected);
        }
        let torn_end = if is_ours_torn { stamped(LAST) } else { LAST.replace("09Z\"", "09Z") };
        log.extend_from_slice(&torn_end.as_bytes()[..end.min(torn_end.len() - 1)]);

        let healed = heal(&log);
        prop_assert_eq!(ids(&healed), expected);
    }

    #[test]
    fn no_bytes_whatever_make_healing_panic_or_lose_the_record_before(tail in prop::collection::vec(prop_oneof![
        Just(b'#'), Just(b'@'), Just(b'1'), Just(b' '), Just(b'\n'), Just(b'-'), Just(b':'), Just(b'"'), Just(b'\''), Just(0), any::<u8>()
    ], 0..64)) {
        let log = heal(&[stamped(FIRST).as_bytes(), &tail].concat());
        let text = std::str::from_utf8(&log).unwrap();
        let items: Vec<Value> = serde_yaml::from_str(text).unwrap();
        prop_assert_eq!(items[0]["id"].as_str(), Some("first"));
    }
}
