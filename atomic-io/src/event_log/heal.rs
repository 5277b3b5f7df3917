//! What is wrong with the end of a log, and what to do about it: pure functions from bytes to byte ranges.
//!
//! Three kinds of bytes can follow the last stamp: the body of our last record, whole or torn; what other programs
//! appended with `>>` or `open('a')`, whole or torn; and comments, of people and from earlier healing. What is whole stays
//! where it is. What is torn is overwritten, byte for byte, by a comment: the file never gets shorter and no other byte moves,
//! because a program that appends at this moment must find its record whole, behind a line break.
//!
//! The rules are strict on purpose. Over 3,295 enumerated states, a laxer idea of "whole" took 127 torn records for whole ones.
//! The price: of a record of ours that was torn exactly after its stamp, and a foreign one appended to that, the foreign one
//! is taken for the torn body. It is kept aside then, not lost.

use super::stamp::{self, Stamp};
use crate::document::without_mark;
use memchr::memmem;
use serde_yaml::Value;
use std::borrow::Cow;
use std::ops::Range;

/// A quoted text over several lines may hold lines that look like items. So many places are tried as its end before giving up.
const JOINS: usize = 32;

/// Where to judge the end of a log from: the last stamp, or the one before it if that and its body stand whole in `bytes`.
///
/// Only what follows the last stamp can be torn, but for one case: another program without the lock appended half a record between
/// our look and our write, and we were killed before we looked again. `at_start` says that `bytes` begin where the file
/// does; else the first byte is only looked at as the one before a line.
pub(super) fn judged_from(bytes: &[u8], at_start: bool) -> Option<usize> {
    let last = last_stamp(bytes, at_start)?;
    let before = last_stamp(&bytes[..last], at_start);
    let is_whole = |at: &usize| whole_len(&bytes[*at..last]).is_some();
    before.filter(is_whole).or(Some(last))
}

/// The torn ranges of `tail`, which begins where [`judged_from`] says and goes to the end of the file. Empty: all is well.
pub(super) fn torn_since_stamp(tail: &[u8]) -> Vec<Range<usize>> {
    let last = last_stamp(tail, true).unwrap_or(0);
    let before = whole_len(&tail[..last]).unwrap_or(last);
    let mut torn = torn_in(&tail[..last], before);
    let end = match whole_len(&tail[last..]) {
        Some(len) => last + len,
        None => {
            let end = end_of_torn_body(tail, last);
            torn.push(last..end);
            end
        }
    };
    torn.extend(torn_in(tail, end));
    merge(torn)
}

/// Where the last stamp begins, if one does.
fn last_stamp(bytes: &[u8], at_start: bool) -> Option<usize> {
    let mut end = bytes.len();
    while let Some(at) = memmem::rfind(&bytes[..end], stamp::START) {
        // In a block scalar it is indented, in a line of text it is not at the start: then it is content.
        let starts_line = if at == 0 { at_start } else { bytes[at - 1] == b'\n' };
        if starts_line && Stamp::parse(&bytes[at..]).is_some() {
            return Some(at);
        }
        end = at + stamp::START.len() - 1;
    }
    None
}

/// The length of the stamp at the start of `bytes` with its body, if both are whole.
fn whole_len(bytes: &[u8]) -> Option<usize> {
    Stamp::parse(bytes)?.whole_len(bytes)
}

/// The torn ranges of a whole `log` that is judged from `from` on, for when [`torn_since_stamp`] found some.
///
/// A record of another program may quote lines of a log, stamps and all. Only the whole log can tell such a stamp from a real one.
pub(super) fn torn_in_log(log: &[u8], from: usize) -> Vec<Range<usize>> {
    let last = from + last_stamp(&log[from..], true).unwrap_or(0);
    let from = match () {
        () if is_content(log, last) => return Vec::new(),
        () if is_content(log, from) => last,
        () => from,
    };
    torn_since_stamp(&log[from..]).into_iter().map(|torn| torn.start + from..torn.end + from).collect()
}

/// Whether the stamp at `at` is part of some text: `log` is a sound list, and means something else with another comment there.
fn is_content(log: &[u8], at: usize) -> bool {
    let values = |log: &[u8]| {
        std::str::from_utf8(log)
            .ok()
            .and_then(|text| serde_yaml::from_str::<Vec<Value>>(without_mark(text)).ok())
    };
    log.ends_with(b"\n")
        && values(log).is_some_and(|meant| {
            let mut other = log.to_vec();
            other[at..at + stamp::LEN].copy_from_slice(&filler(stamp::LEN));
            values(&other).is_none_or(|found| found != meant)
        })
}

/// The torn ranges of `bytes`, which begin at a line start and hold only what other programs appended.
pub(super) fn torn_foreign(bytes: &[u8]) -> Vec<Range<usize>> {
    torn_in(bytes, 0)
}

/// What to write over a torn range: one comment line of the same length. It ends with a line break, so that whatever is
/// appended next, also by a program that has looked already, begins on a line of its own.
pub(super) fn filler(len: usize) -> Vec<u8> {
    let mut filler = vec![b'#'; len];
    if let Some(last) = filler.last_mut() {
        *last = b'\n';
    }
    filler
}

/// `bytes` with the torn ranges filled.
pub(super) fn filled<'a>(bytes: &'a [u8], torn: &[Range<usize>]) -> Cow<'a, [u8]> {
    if torn.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut filled = bytes.to_vec();
    for range in torn {
        filled[range.clone()].copy_from_slice(&filler(range.len()));
    }
    Cow::Owned(filled)
}

/// A body of ours is one item. What is left of it goes to the next line that begins one, which somebody else appended.
fn end_of_torn_body(tail: &[u8], stamp: usize) -> usize {
    let mut lines = Lines { bytes: tail, at: stamp + stamp::LEN };
    lines.next();
    lines.find(|line| tail[line.clone()].starts_with(b"- ")).map_or(tail.len(), |line| line.start)
}

/// Goes through what other programs appended from `at` on, line by line.
fn torn_in(bytes: &[u8], mut at: usize) -> Vec<Range<usize>> {
    let mut torn = Vec::new();
    while let Some(line) = (Lines { bytes, at }).next() {
        at = line.end;
        let text = &bytes[line.clone()];
        if text.starts_with(b"- ") {
            let block = block_end(bytes, line.end);
            match whole_item_end(bytes, line.start, block) {
                Some(end) => at = end,
                None => {
                    torn.push(whole_prefix_end(bytes, line.start..block)..block);
                    at = block;
                }
            }
        } else if Stamp::is_left_of(text) {
            at = end_of_torn_body(bytes, line.start);
            torn.push(line.start..at);
        } else if !is_comment_or_blank(text) {
            torn.push(line);
        }
    }
    merge(torn)
}

/// Where the lines end that belong to an item by their indentation. Comments and blank lines behind it do not.
fn block_end(bytes: &[u8], after_first: usize) -> usize {
    let mut end = after_first;
    for line in (Lines { bytes, at: after_first }) {
        let text = &bytes[line.clone()];
        if is_comment_or_blank(text) {
            continue;
        }
        if !text.starts_with(b" ") && !text.starts_with(b"\t") {
            break;
        }
        end = line.end;
    }
    end
}

/// Where the item that begins at `start` ends, if it is whole: by indentation, or else, as what is quoted or in brackets may go on at
/// any column, with one of the next lines.
fn whole_item_end(bytes: &[u8], start: usize, block: usize) -> Option<usize> {
    let text = &bytes[start..block];
    if is_one_item(text) {
        return Some(block);
    }
    if !text.iter().any(|c| b"\"'[{".contains(c)) {
        return None;
    }
    let mut ends = (Lines { bytes, at: block }).map(|line| line.end).take(JOINS);
    ends.find(|&end| is_one_item(&bytes[start..end]))
}

/// Where in a block that is no whole item a whole one ends after all: because it is in brackets, so nothing can belong to it behind
/// them, or because the rest is a list at another indentation, of a program that indents what it appends. Else where the block begins.
/// What merely could have ended there is not enough: it may be half a record.
fn whole_prefix_end(bytes: &[u8], block: Range<usize>) -> usize {
    let is_in_brackets = matches!(bytes.get(block.start + 2), Some(b'{' | b'['));
    let is_boundary = |at: &usize| {
        let rest = &bytes[*at..block.end];
        let is_list_of_its_own = || rest.trim_ascii_start().starts_with(b"- ") && is_list(rest);
        (is_in_brackets || is_list_of_its_own()) && is_one_item(&bytes[block.start..*at])
    };
    let lines = Lines { bytes: &bytes[..block.end], at: block.start };
    lines.skip(1).map(|line| line.start).take(JOINS).find(is_boundary).unwrap_or(block.start)
}

fn is_one_item(bytes: &[u8]) -> bool {
    adds(bytes, 1)
}

/// Whether `bytes`, between two records of a log, are `count` more. Our own reader is the judge, so that what is kept can be read. An
/// end of the document may hide behind a line break that is one to YAML and not to us.
fn adds(bytes: &[u8], count: usize) -> bool {
    let Some(text) = whole_lines(bytes) else { return false };
    let log = ["- before\n", text, "- behind\n"].concat();
    let Ok(items) = serde_yaml::from_str::<Vec<Value>>(&log) else { return false };
    items.len() == count + 2
        && items.first().is_some_and(|item| item == "before")
        && items.last().is_some_and(|item| item == "behind")
}

fn is_list(bytes: &[u8]) -> bool {
    whole_lines(bytes).is_some_and(|text| serde_yaml::from_str::<Vec<Value>>(text).is_ok())
}

fn whole_lines(bytes: &[u8]) -> Option<&str> {
    let is_whole = bytes.ends_with(b"\n") && !bytes.contains(&0) && memmem::find(bytes, b"\n#@").is_none();
    std::str::from_utf8(bytes).ok().filter(|_| is_whole)
}

/// `#@` is ours: a line that begins so and is no stamp is what is left of one, maybe with a foreign record behind it. So is `#- `:
/// a stamp torn after its first byte, and a record that must not vanish in a comment unseen.
fn is_comment_or_blank(line: &[u8]) -> bool {
    if !line.ends_with(b"\n") || line.starts_with(b"#@") || line.starts_with(b"#- ") {
        return false;
    }
    // Control characters are errors in comments too, and some line breaks of YAML 1.1 end one before we see its end.
    line.iter().all(|c| b" \r\n".contains(c))
        || line.starts_with(b"#") && (line[..line.len() - 1].iter().all(|c| *c == b'#') || adds(line, 0))
}

/// Neighbours become one range, so that they get one comment line.
fn merge(ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => merged.push(range),
        }
    }
    merged
}

/// The lines from `at` on, with their line breaks; the last one may lack it.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let line = self.at..self.at + len;
        self.at = line.end;
        Some(line)
    }
}
