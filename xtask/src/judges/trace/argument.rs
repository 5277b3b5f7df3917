//! One argument of a system call, as strace prints it: plain, or with every byte of a text as `\xNN` (`-xx`).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// One argument, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Argument {
    /// As it is printed.
    pub(crate) text: String,
    /// The number, where it begins with one: a descriptor, a size, a mode.
    pub(crate) number: Option<i64>,
    /// What the descriptor stands for, `AT_FDCWD` too.
    place: Option<PathBuf>,
    /// The texts in quotes, decoded: one, or several in a vector of buffers.
    strings: Vec<Vec<u8>>,
    /// Whether strace left out the end of a text, or of a list.
    pub(crate) is_cut: bool,
}

impl Argument {
    /// All arguments of a call, from what stands between its brackets.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut arguments = Vec::new();
        let mut current = Self::default();
        let (mut depth, mut at, mut start) = (0_usize, 0, 0);
        let bytes = text.as_bytes();
        while at < bytes.len() {
            match bytes[at] {
                b'"' => at += current.take_string(&bytes[at..]),
                b'<' if depth == 0 && current.place.is_none() => at += current.take_place(&bytes[at..]),
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => {
                    arguments.push(current.ended(&text[start..at]));
                    current = Self::default();
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if !text.trim().is_empty() {
            arguments.push(current.ended(text.get(start..).unwrap_or_default()));
        }
        arguments
    }

    fn ended(mut self, text: &str) -> Self {
        self.text = text.trim().into();
        let end = self.text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(self.text.len());
        let digits = &self.text[..end];
        // strace prints modes as C does, with a leading zero.
        let is_octal = digits.len() > 1 && digits.starts_with('0');
        self.number = i64::from_str_radix(digits, if is_octal { 8 } else { 10 }).ok();
        self
    }

    /// Reads a text in quotes at the start of `bytes`; returns how far its last quote is.
    fn take_string(&mut self, bytes: &[u8]) -> usize {
        let mut end = 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(bytes.len());
        self.strings.push(decoded(&bytes[1.min(end)..end]));
        self.is_cut |= bytes.get(end + 1..end + 4).is_some_and(|next| next == b"...");
        end
    }

    /// Reads `<path>` at the start of `bytes`; returns how far its end is.
    fn take_place(&mut self, bytes: &[u8]) -> usize {
        let Some(end) = bytes.iter().position(|c| *c == b'>') else { return 0 };
        self.place = Some(OsString::from_vec(decoded(&bytes[1..end])).into());
        end
    }

    /// What the descriptor stood for.
    pub(crate) fn place(&self) -> Option<&Path> {
        self.place.as_deref()
    }

    /// The text, if it is one.
    pub(crate) fn string(&self) -> Option<&[u8]> {
        self.strings.first().map(Vec::as_slice)
    }

    /// All its texts in a row: what a vector of buffers holds.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.strings.concat()
    }

    /// Whether it has this flag among those joined by `|`.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.text.split('|').any(|word| word == flag)
    }
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len() / 4 + 1);
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let (byte, used) = match (first, after) {
            (b'\\', [b'x', high, low, ..]) => (hex(*high) * 16 + hex(*low), 4),
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'v', ..]) => (0x0b, 2),
            (b'\\', [b'f', ..]) => (0x0c, 2),
            (b'\\', [digit @ b'0'..=b'7', more @ ..]) => octal(*digit, more),
            (b'\\', [other, ..]) => (*other, 2),
            _ => (*first, 1),
        };
        decoded.push(byte);
        rest = rest.get(used..).unwrap_or_default();
    }
    decoded
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
}

/// Up to three octal digits, the first of which is `first`, behind a backslash: the byte, and how long all of it is.
fn octal(first: u8, more: &[u8]) -> (u8, usize) {
    let digits = more.iter().take(2).take_while(|c| matches!(c, b'0'..=b'7'));
    let (value, used) = digits.fold((first - b'0', 2), |(value, used), digit| {
        (value.wrapping_mul(8).wrapping_add(digit - b'0'), used + 1)
    });
    (value, used)
}

#[cfg(test)]
mod tests {
    use super::Argument;
    use std::path::Path;

    #[test]
    fn hexadecimal_and_plain_texts_are_decoded_alike() {
        for text in [r#"4<\x2f\x77>, "\x61\x00\x22\x0a", 4"#, r#"4</w>, "a\0\"\n", 4"#] {
            let arguments = Argument::all(text);
            assert_eq!(arguments.len(), 3, "{text}");
            assert_eq!(arguments[0].number, Some(4));
            assert_eq!(arguments[0].place(), Some(Path::new("/w")));
            assert_eq!(arguments[1].string(), Some(&b"a\0\"\n"[..]));
            assert_eq!(arguments[2].number, Some(4));
        }
    }

    #[test]
    fn commas_in_texts_and_structures_separate_nothing() {
        let arguments = Argument::all(
            r#"3</a,b>(deleted), [{iov_base="x, y", iov_len=4}, {iov_base="z", iov_len=1}], 2"#,
        );
        assert_eq!(arguments.len(), 3);
        assert_eq!(arguments[0].place(), Some(Path::new("/a,b")));
        assert_eq!(arguments[1].bytes(), b"x, yz");
    }

    #[test]
    fn a_text_that_strace_cut_off_is_known_for_it() {
        let arguments = Argument::all(r#"3</a>, "abc"..., 9"#);
        assert!(arguments[1].is_cut);
        assert!(!arguments[0].is_cut);
    }

    #[test]
    fn flags_are_whole_words_and_modes_are_octal() {
        let arguments = Argument::all(r#"AT_FDCWD</w>, "a", O_RDWR|O_CREAT, 0640"#);
        assert_eq!(arguments[0].place(), Some(Path::new("/w")));
        assert_eq!(arguments[0].number, None);
        assert!(arguments[2].has("O_CREAT") && !arguments[2].has("O_CRE"));
        assert_eq!(arguments[3].number, Some(0o640));
    }
}
