//! Carrying out an edit, and making sure that it did what was meant and nothing else.
//!
//! Bytes outside the edit are those of the old text, because they are never touched. The entries around the
//! edit are outlined again from the new bytes, and every record there must be the old one, moved; what is
//! new must be one value at the place meant. Then the full parser reads the same bytes and must find the
//! value meant there. Up to [`CHECK_WHOLE`] bytes the whole document is outlined again, too, after each edit or once
//! after all of them. If anything differs the edit is undone.

use super::error::DocumentError;
use super::lines::LineIndex;
use super::outline::{Entry, Outline};
use super::path::DocPath;
use super::read::line_start;
use super::scan::text::without_mark;
use super::{Body, Document, WholeCheck, scan};
use serde_yaml::Value;
use std::borrow::Cow;
use std::ops::Range;

/// Texts below this size are outlined again as a whole, which takes about 3 ms at most.
pub(super) const CHECK_WHOLE: usize = 1 << 20;

const ELSEWHERE: &str = "an entry beside it would change";

/// An edit: the bytes to replace and what is meant by it.
pub(super) struct Plan {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
    pub(super) change: Change,
}

/// What an edit does to the records.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// This value becomes another one.
    Replace(usize),
    /// This collection gets a new last entry.
    Insert { into: usize },
    /// This entry goes.
    Remove(usize),
}

/// What must be read at the place of the edit.
pub(super) struct Meaning<'a> {
    /// The key of a new entry.
    pub(super) key: Option<&'a str>,
    /// `None` when something was removed.
    pub(super) value: Option<&'a Value>,
}

/// Neighbouring entries of one block collection, which are outlined again; or the whole document.
struct Region {
    /// The collection, behind those around it; none for the whole document. Found once: on the way to it all tasks before it are passed.
    around: Vec<usize>,
    /// The records of the entries, in the old outline.
    first: usize,
    stop: usize,
    /// The record whose key or dash is the first in the new text.
    begins: usize,
    /// The records that change, and in their place how many there are after the edit is for the scan to tell.
    from: usize,
    to: usize,
    /// A record that lies inside, or is, every collection around the change.
    anchor: usize,
}

impl Region {
    /// The collection; `None` for the whole document.
    fn parent(&self) -> Option<usize> {
        self.around.last().copied()
    }

    fn around(outline: &Outline, change: Change) -> Region {
        let (anchor, from, to) = match change {
            Change::Replace(i) | Change::Remove(i) => (i, i, outline.next(i)),
            Change::Insert { into } => (into, outline.next(into), outline.next(into)),
        };
        let whole =
            Region { around: Vec::new(), first: 0, stop: outline.entries.len(), begins: 0, from, to, anchor };
        let mut around = outline.ancestors(anchor);
        around.push(anchor);
        // The innermost entry of a block collection that holds the change.
        let Some(depth) = (1..around.len()).rev().find(|&d| outline.entry(around[d - 1]).kind.is_block())
        else {
            let into_root = matches!(change, Change::Insert { into: 0 }) && outline.entry(0).kind.is_block();
            return if into_root { Region::at_end(outline, whole, around) } else { whole };
        };
        let (parent, entry) = (around[depth - 1], around[depth]);
        if let Change::Insert { into } = change
            && outline.entry(into).kind.is_block()
        {
            return Region::at_end(outline, whole, around);
        }
        around.truncate(depth);
        match change {
            // What stood behind the entry now stands behind the one before it, or else begins its collection.
            Change::Remove(i) if i == entry => match outline.children(parent).take_while(|&c| c < i).last() {
                Some(before) => Region { around, first: before, stop: to, begins: before, ..whole },
                None => {
                    let stop = outline.next(to);
                    Region { around, first: i, stop, begins: to, ..whole }
                }
            },
            _ => {
                let stop = outline.next(entry);
                Region { around, first: entry, stop, begins: entry, ..whole }
            }
        }
    }

    /// The last entry of the last of the collections `around`, behind which a new one is put.
    fn at_end(outline: &Outline, whole: Region, around: Vec<usize>) -> Region {
        let into = around.last().copied().unwrap_or(0);
        match outline.last_child(into) {
            Some(last) => Region { around, first: last, stop: outline.next(into), begins: last, ..whole },
            None => whole,
        }
    }
}

/// Where positions of the old text stand in the new one.
#[derive(Clone, Copy)]
struct Moved {
    start: usize,
    end: usize,
    new_end: usize,
}

impl Moved {
    fn by(plan: &Plan) -> Moved {
        Moved { start: plan.start, end: plan.end, new_end: plan.start + plan.text.len() }
    }

    /// A position before or behind the edit; what stood inside it is gone.
    fn position(self, p: usize) -> Result<usize, &'static str> {
        match p {
            p if p >= self.end => Ok(p - self.end + self.new_end),
            p if p <= self.start => Ok(p),
            _ => Err(ELSEWHERE),
        }
    }

    /// A position behind the edit.
    fn behind(self, p: u32) -> u32 {
        let p = (p as usize).saturating_sub(self.end) + self.new_end;
        u32::try_from(p).unwrap_or(u32::MAX)
    }
}

impl Document {
    /// Carries out `plan`; on an error the document is as before.
    pub(super) fn apply(
        &mut self,
        path: &DocPath,
        plan: &Plan,
        meaning: &Meaning<'_>,
    ) -> Result<(), DocumentError> {
        let Body::Outlined(outline) = &mut self.body else {
            return Ok(());
        };
        let old_len = self.text.len();
        let removed = self.text[plan.start..plan.end].to_owned();
        self.text.replace_range(plan.start..plan.end, &plan.text);
        match checked(&self.text, old_len, outline, self.whole_check, plan, meaning) {
            Ok(()) => {
                self.lines = LineIndex::default();
                if self.whole_check == WholeCheck::OnceAfterAll {
                    self.whole_check = WholeCheck::Owed;
                }
                Ok(())
            }
            Err(reason) => {
                self.text.replace_range(plan.start..plan.start + plan.text.len(), &removed);
                Err(DocumentError::Check { path: path.to_string(), reason })
            }
        }
    }
}

/// Checks the new text and brings the outline up to date; on an error the outline is as before.
fn checked(
    text: &str,
    old_len: usize,
    outline: &mut Outline,
    whole_check: WholeCheck,
    plan: &Plan,
    meaning: &Meaning<'_>,
) -> Result<(), String> {
    let moved = Moved::by(plan);
    let region = Region::around(outline, plan.change);
    let (fresh, source) = rescan(text, old_len, outline, &region, moved)?;
    let changed = compare(text, old_len, outline, &region, &fresh, plan)?;
    read_back(text, &source, &region, &fresh, &changed, meaning)?;
    let is_checked_later = whole_check != WholeCheck::AfterEachEdit;
    if text.len() >= CHECK_WHOLE || region.around.is_empty() || is_checked_later {
        patch(outline, &region, &fresh, moved);
        return Ok(());
    }
    let mut patched = outline.clone();
    patch(&mut patched, &region, &fresh, moved);
    match scan::outline(text) {
        Ok(whole) if whole == patched => {
            *outline = patched;
            Ok(())
        }
        Ok(_) => Err("the structure of the document changed elsewhere".to_owned()),
        Err(r) => Err(format!("the document would have {}", r.reason)),
    }
}

/// Outlines the region in the new text; also its bytes as a document of their own.
fn rescan<'t>(
    text: &'t str,
    old_len: usize,
    outline: &Outline,
    region: &Region,
    moved: Moved,
) -> Result<(Vec<Entry>, Cow<'t, str>), String> {
    let problem = |r: scan::Refusal| format!("it would be {}", r.reason);
    let Some(parent) = region.parent() else {
        return Ok((scan::outline(text).map_err(problem)?.entries, Cow::Borrowed(without_mark(text))));
    };
    let from = moved.position(outline.entry(region.begins).at())?;
    let until = match outline.entries.get(region.stop) {
        Some(next) => line_start(text, moved.position(next.at())?),
        None => moved.position(old_len)?,
    };
    let p = outline.entry(parent);
    let depth = u32::try_from(region.around.len()).unwrap_or(u32::MAX);
    let fresh = scan::siblings(text, p.kind, p.column, depth, from, until).map_err(problem)?;
    Ok((fresh, Cow::Owned(" ".repeat(p.column()) + &text[from..until])))
}

/// Every record of the region must be the old one, moved, but for the change, which must be one value.
/// Returns where its records are.
fn compare(
    text: &str,
    old_len: usize,
    outline: &Outline,
    region: &Region,
    fresh: &[Entry],
    plan: &Plan,
) -> Result<Range<usize>, &'static str> {
    let kept = (region.stop - region.first) - (region.to - region.from);
    let count = fresh.len().checked_sub(kept).ok_or(ELSEWHERE)?;
    let at = region.from - region.first;
    let changed = at..at + count;
    let is_one_value = fresh.get(at).is_some_and(|e| e.next as usize == changed.end);
    let moved = Moved::by(plan);
    let renumber = |next: u32| next as usize - region.first - (region.to - region.from) + count;
    match plan.change {
        Change::Remove(_) if count != 0 => return Err("it would leave something behind"),
        Change::Remove(_) => {}
        _ if count == 0 || !is_one_value => return Err("it would not be one value"),
        Change::Replace(i) => {
            let (old, new) = (outline.entry(i), &fresh[at]);
            let is_key_kept = (old.at, old.key_len) == (new.at, new.key_len) && old.key_end() <= plan.start;
            if i > 0 && !is_key_kept {
                return Err("its key would change");
            }
        }
        Change::Insert { .. } => {}
    }
    for k in (region.first..region.from).chain(region.to..region.stop) {
        let old = outline.entry(k);
        let is_around = k < region.from && k <= region.anchor && outline.next(k) > region.anchor;
        let is_behind = k >= region.to;
        // What is not behind the edit must be before it, keys of the collections around it included.
        let is_beside = match (is_behind, is_around) {
            (true, _) => old.at() >= plan.end,
            (_, true) => k == 0 || old.key_end() <= plan.start,
            _ => old.end() <= plan.start,
        };
        if !is_beside {
            return Err(ELSEWHERE);
        }
        let expected = if is_behind {
            let next = renumber(old.next);
            (moved.behind(old.at), moved.behind(old.start), moved.behind(old.end), next)
        } else if is_around {
            (old.at, old.start, moved.behind(old.end), renumber(old.next))
        } else {
            (old.at, old.start, old.end, old.next as usize - region.first)
        };
        let new = &fresh[if k < region.from { k - region.first } else { k - region.to + changed.end }];
        if (new.at, new.start, new.end, new.next as usize) != expected
            || (new.kind, new.column, new.key_len) != (old.kind, old.column, old.key_len)
        {
            return Err(ELSEWHERE);
        }
        // Without a line break the value of a block scalar at the end of the text is another.
        let (was_last, is_last) = (old.end() == old_len, new.end() == text.len());
        if was_last != is_last && new.owns_line_break(text) {
            return Err(ELSEWHERE);
        }
    }
    Ok(changed)
}

/// The full parser must find the value meant at the place of the change.
fn read_back(
    text: &str,
    source: &str,
    region: &Region,
    fresh: &[Entry],
    changed: &Range<usize>,
    meaning: &Meaning<'_>,
) -> Result<(), String> {
    let read: Value = serde_yaml::from_str(source).map_err(|e| format!("it cannot be read: {e}"))?;
    let Some(meant) = meaning.value else {
        return Ok(());
    };
    let new = &fresh[changed.start];
    if let Some(key) = meaning.key {
        let fresh = Outline { entries: vec![*new] };
        if fresh.key(text, 0) != key {
            return Err("its key would be another".to_owned());
        }
    }
    let mut found = Some(&read);
    for (position, record) in positions(region, fresh, changed.start) {
        found = match found {
            Some(Value::Mapping(map)) => map.iter().nth(position).and_then(|(k, v)| {
                let is_meant = record != changed.start
                    || meaning.key.is_none_or(|key| k.as_str().is_some_and(|k| k == key));
                is_meant.then_some(v)
            }),
            Some(Value::Sequence(items)) => items.get(position),
            _ => None,
        };
    }
    if found == Some(meant) { Ok(()) } else { Err("another value would be read".to_owned()) }
}

/// The way to record `target`: at every level the position among its siblings, and its record.
fn positions(region: &Region, fresh: &[Entry], target: usize) -> Vec<(usize, usize)> {
    let mut way = Vec::new();
    // The records of the whole document begin with the root, those of a region with its first entry.
    let (mut k, mut position) = if region.around.is_empty() { (1, 0) } else { (0, 0) };
    while k <= target && k < fresh.len() {
        let next = fresh[k].next as usize;
        if next <= target {
            (k, position) = (next, position + 1);
            continue;
        }
        way.push((position, k));
        (k, position) = (k + 1, 0);
    }
    way
}

/// Puts the new records in the place of those of the region, and moves all behind it.
fn patch(outline: &mut Outline, region: &Region, fresh: &[Entry], moved: Moved) {
    let Some(parent) = region.parent() else {
        outline.entries = fresh.to_vec();
        return;
    };
    let (old_count, count) = (region.stop - region.first, fresh.len());
    let renumber = |next: u32| u32::try_from(next as usize - old_count + count).unwrap_or(u32::MAX);
    // A collection ends where its last entry ends.
    let ends_here = |e: &Entry| e.next as usize == region.stop;
    let end = last_end(fresh);
    let is_last = ends_here(outline.entry(parent));
    for &k in &region.around {
        let e = &mut outline.entries[k];
        e.end = if is_last && ends_here(e) { end } else { moved.behind(e.end) };
        e.next = renumber(e.next);
    }
    // It begins where its first entry begins.
    if region.first == parent + 1 {
        outline.entries[parent].start = fresh[0].at;
    }
    // Behind the edit all move by the same distances, forwards or backwards: additions that wrap do both. There can be a hundred thousand
    // records, and asking of each whether it fits took three times as long.
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let bytes = narrow(moved.new_end).wrapping_sub(narrow(moved.end));
    let records = narrow(count).wrapping_sub(narrow(old_count));
    for e in &mut outline.entries[region.stop..] {
        e.at = e.at.wrapping_add(bytes);
        e.start = e.start.wrapping_add(bytes);
        e.end = e.end.wrapping_add(bytes);
        e.next = e.next.wrapping_add(records);
    }
    let fresh = fresh.iter().map(|e| Entry { next: e.next + narrow(region.first), ..*e });
    outline.entries.splice(region.first..region.stop, fresh);
}

/// The end of the last of several neighbouring entries.
fn last_end(fresh: &[Entry]) -> u32 {
    let mut k = 0;
    let mut end = 0;
    while let Some(e) = fresh.get(k) {
        end = e.end;
        k = e.next as usize;
    }
    end
}
