//! From byte offsets to lines and columns.

use super::scan::text::content_start;
use memchr::memchr_iter;
use std::sync::OnceLock;

const STRIDE: usize = 256;

/// How many line breaks stand before every 256th byte, counted once when the first line is asked for:
/// asking for the lines of all tasks of a large file must not count the whole file each time.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineIndex {
    before: OnceLock<Vec<usize>>,
}

impl LineIndex {
    /// The line of byte `at`, from 1.
    pub(crate) fn line(&self, text: &str, at: usize) -> usize {
        let b = text.as_bytes();
        let at = at.min(b.len());
        let before = self.before.get_or_init(|| {
            let mut count = 0;
            b.chunks(STRIDE)
                .map(|chunk| {
                    let here = count;
                    count += memchr_iter(b'\n', chunk).count();
                    here
                })
                .collect()
        });
        let block = at / STRIDE;
        let Some(&count) = before.get(block) else {
            return 1 + memchr_iter(b'\n', &b[..at]).count();
        };
        1 + count + memchr_iter(b'\n', &b[block * STRIDE..at]).count()
    }
}

/// Line and column (in characters) of byte `at`, both from 1, and the text of that line.
pub(crate) fn locate(text: &str, at: usize) -> (usize, usize, &str) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // A byte order mark stands before the first column.
    let text_start = content_start(text);
    at = at.max(text_start);
    let start = text[..at].rfind('\n').map_or(text_start, |i| i + 1);
    let line = 1 + memchr_iter(b'\n', &text.as_bytes()[..start]).count();
    (line, 1 + text[start..at].chars().count(), line_text(text, start))
}

/// The line that begins at `start`, without its line break.
fn line_text(text: &str, start: usize) -> &str {
    let rest = &text[start..];
    rest[..rest.find('\n').unwrap_or(rest.len())].trim_end_matches('\r')
}

/// The text of line `line`, from 1; empty beyond the end.
pub(crate) fn nth_line(text: &str, line: usize) -> &str {
    text[content_start(text)..].split('\n').nth(line.saturating_sub(1)).unwrap_or("").trim_end_matches('\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_agrees_with_counting() {
        let text = "ab\ncdé\r\n\n".repeat(3000);
        let index = LineIndex::default();
        for at in (0..text.len()).step_by(97).chain([0, 255, 256, 257, text.len()]) {
            assert_eq!(index.line(&text, at), locate(&text, at).0, "at {at}");
        }
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(locate("a\nßé: x\n", 8), (2, 5, "ßé: x"));
        assert_eq!(locate("a\r\nb\r\n", 4), (2, 2, "b"));
        assert_eq!(nth_line("a\r\nb", 2), "b");
        assert_eq!(nth_line("a", 9), "");
    }
}
