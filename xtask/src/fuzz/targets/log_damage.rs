//! What a power cut, a full disk or another program makes of the end of a log.

use super::Choices;
use super::log_judge::Written;
use serde::{Deserialize, Serialize};

/// One thing that happens to a log. Places are counted from its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Damage {
    /// The last bytes are gone.
    Cut(usize),
    /// Some bytes never got to the disk: sectors out of order are several of these.
    Zeros { from_end: usize, len: usize },
    /// Some bytes are others.
    Garbage { from_end: usize, text: String },
    /// The last bytes of an unharmed log, of the last record of ours or behind it, are there twice: somebody tried again.
    Repeat(usize),
    /// Something stands behind all records.
    Tail(String),
    /// A program made two bytes of each of the last so many line breaks.
    Crlf(usize),
}

const TAILS: &[&str] = &[
    "\0\0\0\0",
    "\0",
    "x",
    "- ",
    "- id: half",
    "- id: \"half",
    "  more: x\n",
    "\n",
    "\n  more: x\n",
    "#",
    "#@",
    "#@1 ",
    "#@1 00000007 0badcafe\n",
    "#@1 00000007 0badcafe\n- a: 1",
    "#- id: x\n",
    "- [half\n",
    "- {half: 1}\n  x\n",
    "---\n",
    "...\n",
    "\t- x\n",
    "  - indented\n",
    "key: x\n",
    "\r\n",
    "\r",
    "- id: tail\n",
    "- id: tail\r\n",
    "'",
    "\"",
    "]",
    "&a",
    "\u{85}",
    "\u{feff}",
    "é",
    "# comment",
    "# comment\n",
    "- |\n text",
    "- |+\n  text\n\n\n",
    "%",
    "- id: a\n- id: b\n  c",
];

impl Damage {
    pub(super) fn generate(choices: &mut Choices<'_>) -> Self {
        match choices.below(9) {
            0..=2 => Damage::Cut(far(choices)),
            3..=4 => Damage::Zeros {
                from_end: far(choices),
                len: if choices.one_in(3) { 512 } else { far(choices) },
            },
            5 => Damage::Garbage { from_end: far(choices), text: choices.of(TAILS).to_owned() },
            6 => Damage::Repeat(far(choices)),
            7 => Damage::Tail((0..1 + choices.below(3)).map(|_| choices.of(TAILS)).collect()),
            _ => Damage::Crlf(1 + choices.below(8)),
        }
    }

    pub(super) fn simpler(&self) -> Vec<Self> {
        let smaller = |n: usize| [0, 1, n / 2, n.saturating_sub(1)].into_iter().filter(move |m| *m < n);
        match self {
            Damage::Cut(n) => smaller(*n).map(Damage::Cut).collect(),
            Damage::Repeat(n) => smaller(*n).map(Damage::Repeat).collect(),
            Damage::Crlf(n) => smaller(*n).map(Damage::Crlf).collect(),
            Damage::Tail(text) => super::simpler::texts(text).into_iter().map(Damage::Tail).collect(),
            Damage::Zeros { from_end, len } => {
                smaller(*len).map(|len| Damage::Zeros { from_end: *from_end, len }).collect()
            }
            Damage::Garbage { from_end, text } => super::simpler::texts(text)
                .into_iter()
                .map(|text| Damage::Garbage { from_end: *from_end, text })
                .collect(),
        }
    }
}

/// Mostly within the last record, sometimes far before it.
fn far(choices: &mut Choices<'_>) -> usize {
    let most = choices.of(&[8, 40, 40, 200, 2000]);
    choices.below(most)
}

/// The log after the damage. What was on disk for certain before the last append of ours can be cut off, by whatever program, but
/// its bytes never become others.
pub(super) fn damaged(written: &Written, damage: &[Damage]) -> Vec<u8> {
    let mut log = written.bytes.clone();
    let certain = written.certain;
    for damage in damage {
        let end = log.len();
        let at = |from_end: usize| end.saturating_sub(from_end).max(certain).min(end);
        match damage {
            Damage::Cut(n) => log.truncate(end.saturating_sub(*n)),
            Damage::Zeros { from_end, len } => {
                let start = at(*from_end);
                log[start..(start + len).min(end)].fill(0);
            }
            Damage::Garbage { from_end, text } => {
                let start = at(*from_end);
                let len = text.len().min(end - start);
                log[start..start + len].copy_from_slice(&text.as_bytes()[..len]);
            }
            Damage::Repeat(n) if log == written.bytes => log.extend_from_within(at(*n)..),
            Damage::Repeat(_) => {}
            Damage::Tail(text) => log.extend_from_slice(text.as_bytes()),
            Damage::Crlf(n) => {
                let breaks: Vec<usize> = (certain.min(end)..end).filter(|k| log[*k] == b'\n').collect();
                for k in breaks.into_iter().rev().take(*n) {
                    log.insert(k, b'\r');
                }
            }
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::{Damage, damaged};
    use crate::fuzz::targets::log_judge::Written;

    #[test]
    fn what_is_on_disk_for_certain_is_cut_at_most() {
        let written = Written { bytes: b"one\ntwo\n".to_vec(), certain: 4, ..Written::default() };
        let after = |damage: Damage| String::from_utf8(damaged(&written, &[damage])).unwrap();
        assert_eq!(after(Damage::Zeros { from_end: 100, len: 100 }), "one\n\0\0\0\0");
        assert_eq!(after(Damage::Garbage { from_end: 3, text: "abcdef".into() }), "one\ntabc");
        assert_eq!(after(Damage::Cut(6)), "on");
        assert_eq!(after(Damage::Repeat(4)), "one\ntwo\ntwo\n");
        assert_eq!(after(Damage::Tail("x".into())), "one\ntwo\nx");
        assert_eq!(after(Damage::Crlf(9)), "one\ntwo\r\n");
    }
}
