//! Whether a damaged log was put right: a pure function of what was written, what was left of it, and what there is now.

use super::reference::without_mark;
use serde_yaml::Value;
use std::ops::Range;

/// What was written to a log before it was damaged.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) records: Vec<Record>,
    /// So much of it was on disk for certain while the last append of ours was under way.
    pub(super) certain: usize,
}

#[derive(Debug)]
pub(super) struct Record {
    /// With the stamp, if it is ours.
    pub(super) range: Range<usize>,
    pub(super) value: Value,
    pub(super) is_ours: bool,
}

/// What there is after an append to the damaged log.
pub(super) struct After<'a> {
    pub(super) damaged: &'a [u8],
    pub(super) content: &'a [u8],
    /// The files in `.mooring/recovered/`.
    pub(super) recovered: Vec<Vec<u8>>,
}

/// `#@1 LLLLLLLL CCCCCCCC` and a line break.
const STAMP: usize = 22;

/// Where the `count` stamped records are that `bytes` should consist of; `offset` is where `bytes` begin.
pub(super) fn stamped_ranges(bytes: &[u8], offset: usize, count: usize) -> Result<Vec<Range<usize>>, String> {
    let mut ranges = Vec::with_capacity(count);
    let mut at = 0;
    while at < bytes.len() {
        let len = stamp_at(&bytes[at..]).ok_or("an append wrote something else than stamped records")?;
        ranges.push(at + offset..at + STAMP + len + offset);
        at += STAMP + len;
    }
    if ranges.len() == count && at == bytes.len() {
        Ok(ranges)
    } else {
        Err(format!("an append wrote {} records and not {count}", ranges.len()))
    }
}

/// The length that a stamp at the start of `bytes` states.
fn stamp_at(bytes: &[u8]) -> Option<usize> {
    let fields = std::str::from_utf8(bytes.get(..STAMP)?).ok()?.strip_prefix("#@1 ")?.strip_suffix('\n')?;
    let (len, checksum) = fields.split_once(' ')?;
    let is_hex =
        |digits: &str| digits.len() == 8 && digits.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    (is_hex(len) && is_hex(checksum)).then(|| usize::from_str_radix(len, 16).ok()).flatten()
}

/// Says what kind of repair it was, or what is wrong with it.
pub(super) fn judge(written: &Written, after: &After<'_>, new: &Value) -> Result<&'static str, String> {
    if let Some(reason) = written.beyond_healing(after.damaged) {
        after.kept_every_byte()?;
        return Ok(reason);
    }
    let text = std::str::from_utf8(after.content).map_err(|error| format!("the log is no text: {error}"))?;
    let values = serde_yaml::from_str::<Vec<Value>>(without_mark(text))
        .map_err(|error| format!("the log is no list: {error}"))?;
    let Some((last, before)) = values.split_last() else { return Err("the log is empty".to_owned()) };
    if last != new {
        return Err(format!("the last record is {last:?}, not the one that was appended"));
    }
    after.begins_with_whole(written, before)?;
    after.is_torn_record_gone(written)?;
    match after.kept_every_byte() {
        Ok(()) => {
            let added = &after.content[after.damaged.len()..];
            // A log without a stamp may get the line break that it lacks.
            let record =
                if written.has_stamp_before(after.damaged) { added } else { added.trim_ascii_start() };
            stamped_ranges(record, 0, 1)?;
            Ok(if after.recovered.is_empty() { "sound" } else { "mended" })
        }
        Err(what) if written.has_stamp_before(after.damaged) => Err(what),
        // Without a stamp it is read and replaced as a whole.
        Err(what) => {
            let found = std::str::from_utf8(after.damaged).ok();
            let found =
                found.and_then(|text| serde_yaml::from_str::<Option<Vec<Value>>>(without_mark(text)).ok());
            let is_kept = found.is_some_and(|found| found.unwrap_or_default() == before);
            if is_kept { Ok("without a stamp, brought into shape") } else { Err(what) }
        }
    }
}

impl After<'_> {
    /// Whether an append that failed was right to: only where there is nothing of ours that it could go by, and nothing was touched.
    pub(super) fn is_refused(&self, written: &Written, error: &str) -> Result<&'static str, String> {
        if self.content != self.damaged {
            return Err(format!("the append failed, but changed the log: {error}"));
        }
        if written.has_stamp_before(self.damaged) {
            let reason = written.beyond_healing(self.damaged);
            return reason.ok_or_else(|| format!("the append failed: {error}"));
        }
        Ok("without a stamp, refused")
    }

    /// Every record that ended before the damage must be there, in order and before anything else.
    pub(super) fn begins_with_whole(&self, written: &Written, values: &[Value]) -> Result<(), String> {
        let whole = written.whole_before(self.damaged);
        for (n, record) in whole.iter().enumerate() {
            if values.get(n) != Some(&record.value) {
                return Err(format!("record {n} is {:?} where {:?} was whole", values.get(n), record.value));
            }
        }
        Ok(())
    }

    /// A record of ours of which the stamp is left, but not all of the rest, must not be read in whatever form it has now.
    fn is_torn_record_gone(&self, written: &Written) -> Result<(), String> {
        let same = written.same(self.damaged);
        let torn =
            written.records.iter().find(|r| r.is_ours && r.range.start + STAMP <= same && same < r.range.end);
        let Some(torn) = torn else { return Ok(()) };
        let stamp = &self.content[torn.range.start..torn.range.start + STAMP - 1];
        if stamp.iter().all(|c| *c == b'#') {
            Ok(())
        } else {
            Err(format!("a torn record is left as it is, where {:?} was written", torn.value))
        }
    }

    /// Every byte of the damaged log must be where it was, or under a comment line of the same length and kept aside.
    fn kept_every_byte(&self) -> Result<(), String> {
        if self.content.len() < self.damaged.len() {
            return Err("the log became shorter".to_owned());
        }
        let mut at = 0;
        while at < self.damaged.len() {
            if self.content[at] == self.damaged[at] {
                at += 1;
                continue;
            }
            let before = self.content[..at].iter().rposition(|c| *c == b'\n');
            let start = before.map_or(0, |k| k + 1);
            let end = self.content[at..]
                .iter()
                .position(|c| *c == b'\n')
                .map_or(self.content.len(), |k| at + k + 1);
            let is_comment = self.content[start..end - 1].iter().all(|c| *c == b'#');
            if !is_comment || end > self.damaged.len() {
                return Err(format!("byte {at} became another, but not in a comment"));
            }
            let lost = &self.damaged[start..end];
            if !self.recovered.iter().any(|kept| kept.windows(lost.len()).any(|part| part == lost)) {
                return Err(format!("{:?} was thrown away", String::from_utf8_lossy(lost)));
            }
            at = end;
        }
        Ok(())
    }
}

impl Written {
    /// How many bytes at the start are what they were.
    fn same(&self, damaged: &[u8]) -> usize {
        self.bytes.iter().zip(damaged).take_while(|(a, b)| a == b).count()
    }

    /// Whether a stamp of ours was left.
    pub(super) fn has_stamp_before(&self, damaged: &[u8]) -> bool {
        let same = self.same(damaged);
        self.records.iter().any(|record| record.is_ours && record.range.start + STAMP <= same)
    }

    /// Why healing is not held to more than to throw nothing away; `None` where it is.
    pub(super) fn beyond_healing(&self, damaged: &[u8]) -> Option<&'static str> {
        self.has_a_stamp_too_many(damaged).then_some("with a stamp too many")
    }

    /// Whether there is more than one torn stamp, or what looks like it. No append of one record leaves two, so healing looks for one.
    fn has_a_stamp_too_many(&self, damaged: &[u8]) -> bool {
        let same = self.same(damaged);
        let torn = self.records.iter().find(|record| record.is_ours && record.range.contains(&same));
        let line = damaged[..same].iter().rposition(|c| *c == b'\n').map_or(0, |at| at + 1);
        let from = torn.map_or(line, |record| record.range.start);
        let is_line_start = |at: usize| at == 0 || damaged[at - 1] == b'\n';
        let stamps =
            (from..damaged.len()).filter(|at| is_line_start(*at) && stamp_at(&damaged[*at..]).is_some());
        stamps.count() > usize::from(self.has_stamp_before(damaged))
    }

    /// The records that ended before the damage begins. One of another program has no end of its own: what is behind it ends it, so
    /// that must be undamaged for its first two bytes. If that is our first stamp, all of it: half of it is a comment like any other in a
    /// log that has no stamp then, and a record goes on behind a comment.
    fn whole_before(&self, damaged: &[u8]) -> Vec<&Record> {
        let same = self.same(damaged);
        let has_stamp = self.has_stamp_before(damaged);
        let is_ended = |at: usize| {
            let next = self.records.iter().find(|record| record.range.start == at);
            next.is_some_and(|next| at + if next.is_ours && !has_stamp { STAMP } else { 2 } <= same)
        };
        let is_whole = |record: &&Record| {
            let end = record.range.end;
            end <= same && (record.is_ours || is_ended(end))
        };
        self.records.iter().take_while(is_whole).collect()
    }
}

#[cfg(test)]
#[path = "log_judge_tests.rs"]
mod tests;
