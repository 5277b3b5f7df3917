//! Single values: quoted, plain and block scalars.

use super::super::outline::Kind;
use super::{Key, Refusal, RefusalKind, Scan, Scanner, refuse};
use memchr::{memchr, memchr2};

/// What ends the fast loop over a plain scalar: `:`, `#`, a line break and a tab.
static STOPS: [bool; 256] = {
    let mut t = [false; 256];
    t[b':' as usize] = true;
    t[b'#' as usize] = true;
    t[b'\n' as usize] = true;
    t[b'\t' as usize] = true;
    t
};

#[inline]
pub(super) fn plain_run(b: &[u8], i: usize) -> usize {
    b[i..].iter().position(|&c| STOPS[usize::from(c)]).map_or(b.len(), |k| i + k)
}

impl Scanner<'_> {
    pub(super) fn is_plain_start(&self, p: usize) -> bool {
        match self.at(p) {
            b'-' => !self.is_blank(p + 1) && self.at(p + 1) != b'\t',
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' | b'?' | b':' | b'\n' | b'\r' | b'\t' | b' ' => false,
            _ => true,
        }
    }

    /// The byte after the closing quote of the quoted scalar at `p`.
    pub(super) fn quoted(&self, p: usize) -> Scan<usize> {
        let e = if self.b[p] == b'\'' { self.single_quoted(p)? } else { self.double_quoted(p)? };
        let mut j = p;
        while let Some(k) = memchr(b'\n', &self.b[j..e]) {
            j += k + 1;
            if self.is_marker(j) {
                return refuse("a document marker inside quotes", j);
            }
        }
        Ok(e)
    }

    fn single_quoted(&self, p: usize) -> Scan<usize> {
        let mut i = p + 1;
        loop {
            let Some(k) = memchr(b'\'', &self.b[i..]) else {
                return refuse("a quote that is never closed", p);
            };
            i += k + 1;
            if self.b.get(i) != Some(&b'\'') {
                return Ok(i);
            }
            i += 1;
        }
    }

    fn double_quoted(&self, p: usize) -> Scan<usize> {
        let mut i = p + 1;
        loop {
            let Some(k) = memchr2(b'"', b'\\', &self.b[i..]) else {
                return refuse("a quote that is never closed", p);
            };
            i += k + 1;
            if self.b[i - 1] == b'"' {
                return Ok(i);
            }
            let digits = match self.at(i) {
                b'0' | b'a' | b'b' | b't' | b'n' | b'v' | b'f' | b'r' | b'e' | b' ' | b'"' | b'/' | b'\\'
                | b'N' | b'_' | b'L' | b'P' | b'\n' | b'\r' => 0,
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                _ => return Err(Refusal { reason: "an unknown escape", at: i, kind: RefusalKind::Escape }),
            };
            if i + digits >= self.b.len() {
                return refuse("a quote that is never closed", p);
            }
            if digits > 0 && code_point(&self.b[i + 1..=i + digits]).is_none() {
                return refuse("an escape that is no character", i);
            }
            i += 1 + digits;
        }
    }

    /// A plain scalar in block context, which goes on as long as lines are indented.
    pub(super) fn plain(&mut self, start: usize, parent: usize, key: Key) -> Scan<()> {
        let mut i = start;
        let mut end;
        loop {
            let (stop, comment_behind) = self.plain_line(i)?;
            end = stop.min(self.b.len());
            while matches!(self.b[end - 1], b' ' | b'\r') {
                end -= 1;
            }
            self.p = if comment_behind { self.line_end(stop).1 } else { (stop + 1).min(self.b.len()) };
            self.skip_to_content()?;
            if self.column.is_none_or(|c| c <= parent) {
                break;
            }
            if comment_behind || self.comment {
                return refuse("text that goes on after a comment", self.p);
            }
            i = self.p;
        }
        match &self.b[start..end] {
            b"=" | b"<<" => return refuse("a plain `=` or `<<`", start),
            _ => {}
        }
        self.push(Kind::Plain, parent, key, start, end).map(|_| ())
    }

    /// One line of a plain scalar: where it stops, and whether at a comment.
    fn plain_line(&self, from: usize) -> Scan<(usize, bool)> {
        let mut i = from;
        loop {
            i = plain_run(self.b, i);
            match self.at(i) {
                b':' if self.is_blank(i + 1) => return refuse("`: ` inside a value", i),
                b'#' if i > from && self.b[i - 1] == b' ' => return Ok((i, true)),
                b'\n' => return Ok((i, false)),
                b'\t' => return refuse("a tab", i),
                _ => i += 1,
            }
        }
    }

    /// A block scalar: its indicators, then every line that is indented enough.
    pub(super) fn block_scalar(&mut self, p: usize, parent: usize, key: Key) -> Scan<()> {
        // An indentation digit counts from the parent collection, not from column 0.
        let (mut indent, mut keep, mut i) = (None, None, p + 1);
        loop {
            match self.at(i) {
                d @ b'1'..=b'9' if indent.is_none() => indent = Some(parent + usize::from(d - b'0')),
                c @ (b'+' | b'-') if keep.is_none() => keep = Some(c == b'+'),
                _ => break,
            }
            i += 1;
        }
        self.end_of_line(i)?;
        let mut end = self.line_end(p).0;
        let (mut last, mut widest_blank) = (end, 0);
        while self.p < self.b.len() {
            let line = self.p;
            let (e, next) = self.line_end(line);
            let mut n = 0;
            while line + n < e && self.b[line + n] == b' ' {
                n += 1;
            }
            if line + n == e {
                // A line of spaces that is longer than the indentation is content.
                if indent.is_some_and(|c| n > c) {
                    end = e;
                } else {
                    widest_blank = widest_blank.max(n);
                }
            } else {
                if self.b[line + n] == b'\t' && indent.is_none_or(|c| n < c) {
                    return refuse("a tab in the indentation of a block scalar", line + n);
                }
                match indent {
                    Some(c) if n < c => break,
                    Some(_) => {}
                    None if n <= parent => break,
                    None if widest_blank > n => {
                        return refuse("a blank line that is indented deeper than the text below it", line);
                    }
                    None => indent = Some(n),
                }
                end = e;
            }
            last = e;
            self.p = next;
        }
        // With `+` the blank lines at the end belong to the value.
        if keep == Some(true) {
            end = last;
        }
        self.leaf(Kind::Block, parent, key, p, end)
    }
}

/// The character that hexadecimal digits name.
pub(super) fn code_point(digits: &[u8]) -> Option<char> {
    let n = digits.iter().try_fold(0u64, |n, &c| Some(n << 4 | u64::from(char::from(c).to_digit(16)?)))?;
    char::from_u32(u32::try_from(n).ok()?)
}
