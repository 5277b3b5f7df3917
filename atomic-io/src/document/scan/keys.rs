//! Keys of block mappings, and keys that occur twice.

use super::super::read::{Plain, plain};
use super::block::FoundKey;
use super::scalar::plain_run;
use super::text::scalar_text;
use super::{MAX_KEY_BYTES, Refusal, RefusalKind, Scan, Scanner, refuse};
use serde_yaml::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

/// Up to here keys are compared by fingerprints on the stack; larger mappings get a hash table.
const FEW: usize = 32;

impl Scanner<'_> {
    /// The key `k:` at `p`, when one stands there.
    #[inline]
    pub(super) fn find_key(&self, p: usize) -> Scan<Option<FoundKey>> {
        if matches!(self.at(p), b'"' | b'\'') {
            let end = self.quoted(p)?;
            let mut colon = end;
            while self.at(colon) == b' ' {
                colon += 1;
            }
            if self.at(colon) != b':' || !self.is_blank(colon + 1) {
                return Ok(None);
            }
            if memchr::memchr(b'\n', &self.b[p..end]).is_some() {
                return refuse("a key over several lines", p);
            }
            return Ok(Some(FoundKey { start: p, end, after: colon + 1 }));
        }
        if !self.is_plain_start(p) {
            return Ok(None);
        }
        let mut i = p;
        loop {
            i = plain_run(self.b, i);
            match self.at(i) {
                b':' if self.is_blank(i + 1) => {
                    let mut end = i;
                    while self.b[end - 1] == b' ' {
                        end -= 1;
                    }
                    return Ok(Some(FoundKey { start: p, end, after: i + 1 }));
                }
                b'#' if self.b[i - 1] == b' ' => return Ok(None),
                b'\n' => return Ok(None),
                b'\t' => return refuse("a tab", i),
                _ => i += 1,
            }
        }
    }

    pub(super) fn check_key(&self, k: &FoundKey) -> Scan<()> {
        if k.after - k.start > MAX_KEY_BYTES {
            return refuse("a key of more than 1,000 bytes", k.start);
        }
        self.refuse_special_key(k.start, k.end)
    }

    pub(super) fn refuse_special_key(&self, start: usize, end: usize) -> Scan<()> {
        match &self.b[start..end] {
            b"<<" => refuse("a merge key", start),
            b"=" => refuse("the key `=`", start),
            _ => Ok(()),
        }
    }

    /// Readers take the first or the last of two equal keys, or fail: none of them is right.
    pub(super) fn refuse_duplicates(&mut self, map: usize) -> Scan<()> {
        let depth = self.depth as usize;
        if self.alike.len() <= depth {
            self.alike.resize(depth + 1, None);
        }
        let is_alike = self.alike[depth].is_some_and(|known| self.has_keys_of(map, known));
        if !is_alike {
            self.look_for_duplicates(map)?;
        }
        self.alike[depth] = Some(map);
        Ok(())
    }

    /// Whether the keys of `map` are those that `known` begins with, byte for byte and in the same order.
    fn has_keys_of(&self, map: usize, known: usize) -> bool {
        let key = |i: usize| &self.b[self.entries[i].at()..self.entries[i].key_end()];
        let (end, known_end) = (self.entries[map].next as usize, self.entries[known].next as usize);
        let (mut i, mut k) = (map + 1, known + 1);
        while i < end {
            if k >= known_end || key(i) != key(k) {
                return false;
            }
            i = self.entries[i].next as usize;
            k = self.entries[k].next as usize;
        }
        true
    }

    fn look_for_duplicates(&self, map: usize) -> Scan<()> {
        let mut fingerprints = [0u64; FEW];
        let mut seen = [0usize; FEW];
        let mut n = 0;
        let end = self.entries[map].next as usize;
        let mut i = map + 1;
        while i < end {
            if n == FEW {
                return self.refuse_duplicates_among_many(map);
            }
            let text = self.key_text(i)?;
            let print = fingerprint(&text);
            for j in 0..n {
                if fingerprints[j] == print && self.key_text(seen[j])? == text {
                    return self.duplicate(seen[j], i);
                }
            }
            fingerprints[n] = print;
            seen[n] = i;
            n += 1;
            i = self.entries[i].next as usize;
        }
        Ok(())
    }

    fn refuse_duplicates_among_many(&self, map: usize) -> Scan<()> {
        let mut seen: HashMap<Cow<'_, [u8]>, usize> = HashMap::new();
        let end = self.entries[map].next as usize;
        let mut i = map + 1;
        while i < end {
            match seen.entry(self.key_text(i)?) {
                Slot::Occupied(first) => return self.duplicate(*first.get(), i),
                Slot::Vacant(free) => free.insert(i),
            };
            i = self.entries[i].next as usize;
        }
        Ok(())
    }

    fn duplicate<T>(&self, first: usize, second: usize) -> Scan<T> {
        let first = self.entries[first].at();
        Err(Refusal {
            reason: "a key that the mapping already has",
            at: self.entries[second].at(),
            kind: RefusalKind::Duplicate { first },
        })
    }

    #[inline]
    fn key_text(&self, i: usize) -> Scan<Cow<'_, [u8]>> {
        let e = &self.entries[i];
        let raw = &self.b[e.at()..e.key_end()];
        if is_word(raw) {
            return Ok(Cow::Borrowed(raw));
        }
        match raw.first() {
            Some(b'"') if memchr::memchr(b'\\', raw).is_some() => refuse("a key with an escape", e.at()),
            Some(b'"' | b'\'') => match std::str::from_utf8(raw).ok().and_then(scalar_text) {
                Some(Cow::Borrowed(s)) => Ok(Cow::Borrowed(s.as_bytes())),
                Some(Cow::Owned(s)) => Ok(Cow::Owned(s.into_bytes())),
                None => refuse("a key with an escape", e.at()),
            },
            _ => Ok(typed_key(raw).map_or(Cow::Borrowed(raw), |text| Cow::Owned(text.into_bytes()))),
        }
    }
}

/// Whether a plain key is certainly a string, as nearly all keys are: it begins with a letter, and is neither `null` nor a boolean.
#[inline]
fn is_word(raw: &[u8]) -> bool {
    let longer_than_false = raw.len() > 5;
    raw.first().is_some_and(|first| {
        first.is_ascii_alphabetic()
            && (longer_than_false || !matches!(first, b'n' | b'N' | b't' | b'T' | b'f' | b'F'))
    })
}

/// The one text for all spellings of a plain key that is no string: to readers `1` and `0x1` are one key, as are
/// `~` and `null`. `None` for strings.
fn typed_key(raw: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(raw).ok()?;
    match plain(text) {
        // Decimals have one spelling.
        Plain::Text | Plain::Unsigned(_) | Plain::Negative(_) => return None,
        Plain::Null => return Some("null".to_owned()),
        Plain::Unclear => {}
    }
    // Days are frequent keys and worth no parse: no number has a hyphen behind a digit.
    let is_hyphenated = raw.windows(2).any(|two| two[0].is_ascii_digit() && two[1] == b'-');
    if is_hyphenated || !matches!(raw[0], b'0'..=b'9' | b'+' | b'-' | b'.' | b't' | b'T' | b'f' | b'F') {
        return None;
    }
    match serde_yaml::from_str(text).ok()? {
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Length and four bytes: enough to tell nearly all keys of a mapping apart without comparing them.
fn fingerprint(text: &[u8]) -> u64 {
    let at = |i: usize| u64::from(text.get(i).copied().unwrap_or(0));
    let n = text.len();
    (n as u64) | at(0) << 32 | at(n / 2) << 40 | at(n.wrapping_sub(1)) << 48 | at(n.wrapping_sub(2)) << 56
}
