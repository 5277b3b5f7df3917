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
use memchr::memmem;
use serde_yaml::Value;
use std::borrow::Cow;
use std::ops::Range;

/// A quoted text over several lines may hold lines that look like items. So many of them are joined before giving up.
const JOINS: usize = 16;

/// Where the last stamp begins, if one does. `at_start` says that `bytes` begin where the file does; else their first byte
/// is only looked at as the one before a line.
pub(super) fn last_stamp(bytes: &[u8], at_start: bool) -> Option<usize> {
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

/// The torn ranges of `tail`, which begins at the last stamp and goes to the end of the file. Empty: all is well.
pub(super) fn torn_since_stamp(tail: &[u8]) -> Vec<Range<usize>> {
    let Some(stamp) = Stamp::parse(tail) else { return torn_in(tail, 0) };
    match stamp.whole_len(tail) {
        Some(end) => torn_in(tail, end),
        None => {
            let end = end_of_torn_body(tail);
            let mut torn = vec![0..end];
            torn.extend(torn_in(tail, end));
            merge(torn)
        }
    }
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
fn end_of_torn_body(tail: &[u8]) -> usize {
    let mut lines = Lines { bytes: tail, at: stamp::LEN };
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
                    torn.push(line.start..block);
                    at = block;
                }
            }
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

/// Where the item that begins at `start` ends, if it is whole: by indentation, or else, as quoted text may go on at
/// any column, before one of the next lines that look like an item, or at the end.
fn whole_item_end(bytes: &[u8], start: usize, block: usize) -> Option<usize> {
    if is_one_item(&bytes[start..block]) {
        return Some(block);
    }
    let looks_like_item = |line: &Range<usize>| bytes[line.clone()].starts_with(b"- ");
    let starts = (Lines { bytes, at: block }).filter(looks_like_item).map(|line| line.start);
    starts.chain([bytes.len()]).take(JOINS).find(|&end| end > block && is_one_item(&bytes[start..end]))
}

fn is_one_item(bytes: &[u8]) -> bool {
    // Our own reader is the judge, so that what is kept can be read.
    bytes.ends_with(b"\n")
        && !bytes.contains(&0)
        && memmem::find(bytes, b"\n#@").is_none()
        && std::str::from_utf8(bytes)
            .is_ok_and(|text| serde_yaml::from_str::<Vec<Value>>(text).is_ok_and(|items| items.len() == 1))
}

/// `#@` is ours: a line that begins so and is no stamp is what is left of one, maybe with a foreign record behind it.
fn is_comment_or_blank(line: &[u8]) -> bool {
    let is_comment = line.starts_with(b"#") && !line.starts_with(b"#@");
    line.ends_with(b"\n")
        && !line.contains(&0)
        && (is_comment && std::str::from_utf8(line).is_ok() || line.iter().all(|c| b" \r\n".contains(c)))
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
