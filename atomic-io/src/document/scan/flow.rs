//! Flow collections: `[…]` and `{…}`, over any number of lines.

use super::super::outline::Kind;
use super::{Key, MAX_KEY_BYTES, Scan, Scanner, refuse};

impl Scanner<'_> {
    /// Over spaces, line breaks and comments inside the brackets that open at `open`; also whether a comment
    /// was passed.
    fn flow_space(&self, open: usize, from: usize) -> Scan<(usize, bool)> {
        let (mut i, mut comment) = (from, false);
        loop {
            match self.b.get(i) {
                None => return refuse("a bracket that is never closed", open),
                Some(b' ' | b'\r') => i += 1,
                Some(b'\n') => {
                    i += 1;
                    if self.is_marker(i) {
                        return refuse("a document marker inside brackets", i);
                    }
                }
                Some(b'#') if matches!(self.b[i - 1], b' ' | b'\n') => {
                    comment = true;
                    i = self.line_end(i).0;
                }
                Some(b'\t') => return refuse("a tab", i),
                _ => return Ok((i, comment)),
            }
        }
    }

    /// One value in flow context; returns the byte after it.
    pub(super) fn flow(&mut self, p: usize, column: usize, key: Key) -> Scan<usize> {
        match self.at(p) {
            b'[' => self.flow_collection(p, column, key, Kind::FlowList),
            b'{' => self.flow_collection(p, column, key, Kind::FlowMap),
            q @ (b'"' | b'\'') => {
                let e = self.quoted(p)?;
                self.push(if q == b'"' { Kind::Double } else { Kind::Single }, column, key, p, e)?;
                Ok(e)
            }
            _ => {
                let e = self.flow_plain(p, false)?;
                self.push(Kind::Plain, column, key, p, e)?;
                Ok(e)
            }
        }
    }

    fn flow_collection(&mut self, p: usize, column: usize, key: Key, kind: Kind) -> Scan<usize> {
        self.p = p;
        self.open()?;
        let me = self.push(kind, column, key, p, p)?;
        let close = if kind == Kind::FlowList { b']' } else { b'}' };
        let mut i = self.flow_space(p, p + 1)?.0;
        while self.at(i) != close {
            let mut item = Key { at: i, len: 0 };
            if kind == Kind::FlowMap {
                let after;
                (item, after) = self.flow_key(i)?;
                i = self.flow_space(p, after)?.0;
                // Behind `k:` there must be a space: `{k:}` and `{k:, l}` are one key `k:` to some readers.
                if matches!(self.at(i), b',' | b'}') && i > after {
                    self.push(Kind::Null, column, item, after, after)?;
                    i = self.end_of_flow_entry(p, i, close)?;
                    continue;
                }
            }
            i = self.flow(i, column, item)?;
            i = self.flow_space(p, i)?.0;
            i = self.end_of_flow_entry(p, i, close)?;
        }
        self.close(me, i + 1)?;
        Ok(i + 1)
    }

    /// Over the comma at `i` to the next entry, or to the bracket that closes.
    fn end_of_flow_entry(&self, open: usize, i: usize, close: u8) -> Scan<usize> {
        match self.at(i) {
            b',' => self.flow_space(open, i + 1).map(|(next, _)| next),
            c if c == close => Ok(i),
            _ => refuse("expected `,` or the closing bracket", i),
        }
    }

    /// A key inside braces, and the position after its colon.
    fn flow_key(&self, start: usize) -> Scan<(Key, usize)> {
        let is_quoted = matches!(self.at(start), b'"' | b'\'');
        let end = if is_quoted { self.quoted(start)? } else { self.flow_plain(start, true)? };
        if end - start > MAX_KEY_BYTES || memchr::memchr(b'\n', &self.b[start..end]).is_some() {
            return refuse("a key over several lines or of more than 1,000 bytes", start);
        }
        self.refuse_special_key(start, end)?;
        let mut colon = end;
        while self.at(colon) == b' ' {
            colon += 1;
        }
        if self.at(colon) != b':' || !(is_quoted || self.is_blank(colon + 1)) {
            return refuse("a key without a value inside braces", start);
        }
        Ok((Key { at: start, len: end - start }, colon + 1))
    }

    /// The end of a plain scalar in flow context, where `,` and brackets end it.
    fn flow_plain(&self, p: usize, is_key: bool) -> Scan<usize> {
        let bracket = |c: u8| matches!(c, b',' | b'[' | b']' | b'{' | b'}');
        if !self.is_plain_start(p) || (self.at(p) == b'-' && bracket(self.at(p + 1))) {
            return refuse("a value that starts with a reserved character", p);
        }
        let (mut i, mut end) = (p, p);
        loop {
            match self.b.get(i) {
                None => return refuse("a bracket that is never closed", p),
                Some(b',' | b']' | b'}') => break,
                Some(b':') if self.is_blank(i + 1) && is_key => break,
                Some(b':') if self.is_blank(i + 1) || bracket(self.at(i + 1)) => {
                    return refuse("a pair without braces, or a colon before a bracket", i);
                }
                Some(b'[' | b'{' | b'?' | b'\t') => {
                    return refuse("a bracket, `?` or tab inside a plain value in brackets", i);
                }
                Some(b'#') if self.b[i - 1] == b' ' => break,
                Some(b'\r' | b' ') => i += 1,
                Some(b'\n') => {
                    let (j, comment) = self.flow_space(p, i)?;
                    if matches!(self.at(j), b',' | b']' | b'}') {
                        break;
                    }
                    if comment || is_key || self.at(j) == b'#' {
                        return refuse("a plain value in brackets that goes on after a comment or key", j);
                    }
                    i = j;
                }
                _ => {
                    i += 1;
                    end = i;
                }
            }
        }
        match &self.b[p..end] {
            b"=" | b"<<" => refuse("a plain `=` or `<<`", p),
            _ => Ok(end),
        }
    }
}
