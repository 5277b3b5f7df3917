//! The stamp: one comment line before each record, by which a torn record is told from a whole one.

/// The length of a stamp in bytes: `#@1 LLLLLLLL CCCCCCCC` and a line break.
pub(super) const LEN: usize = 22;
/// How every stamp of this version begins.
pub(super) const START: &[u8] = b"#@1 ";

/// Length and checksum of the body that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    body_len: u32,
    checksum: u32,
}

impl Stamp {
    /// The stamp for `body`; `None` if it is longer than a stamp can say (4 GiB).
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        Some(Self { body_len: u32::try_from(body.len()).ok()?, checksum: crc32c::crc32c(body) })
    }

    /// The stamp at the start of `bytes`. Anything but the 22 bytes exactly as we write them is none.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let fields = bytes.get(..LEN)?.strip_prefix(START)?.strip_suffix(b"\n")?;
        let (body_len, rest) = fields.split_at_checked(8)?;
        Some(Self { body_len: hex(body_len)?, checksum: hex(rest.strip_prefix(b" ")?)? })
    }

    /// Whether `line` is a stamp whose first bytes are zeros: of a sector that a power cut kept from the disk, while the next one, with
    /// the rest of the stamp and maybe only a part of its body, got there. Such a record was never confirmed, and what is left of
    /// its body can look whole.
    pub(super) fn is_left_of(line: &[u8]) -> bool {
        let lost = line.iter().take_while(|c| **c == 0).count();
        if !(1..LEN).contains(&lost) || line.len() != LEN {
            return false;
        }
        let mut with_any_digits = b"#@1 00000000 00000000\n".to_vec();
        with_any_digits[lost..].copy_from_slice(&line[lost..]);
        Self::parse(&with_any_digits).is_some()
    }

    /// The stamp as it is written.
    pub(super) fn line(self) -> String {
        format!("#@1 {:08x} {:08x}\n", self.body_len, self.checksum)
    }

    /// The length of the stamp and its body together, if `bytes`, which start at the stamp, hold the whole body and it is unharmed.
    pub(super) fn whole_len(self, bytes: &[u8]) -> Option<usize> {
        let end = LEN.checked_add(usize::try_from(self.body_len).ok()?)?;
        let body = bytes.get(LEN..end)?;
        (crc32c::crc32c(body) == self.checksum).then_some(end)
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_ours = digits.len() == 8 && digits.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    u32::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_ours)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_22_bytes_and_reads_back() {
        let body = b"- a: 1\n";
        let stamp = Stamp::of(body).unwrap();
        let line = stamp.line();
        assert_eq!(line.len(), LEN);
        assert_eq!(&line[..13], "#@1 00000007 ");
        assert_eq!(Stamp::parse(line.as_bytes()), Some(stamp));
        assert_eq!(stamp.whole_len(&[line.as_bytes(), body].concat()), Some(LEN + 7));
    }

    /// The polynomial is part of the file format: this is the check value of CRC-32C in every catalogue.
    #[test]
    fn the_checksum_is_crc_32c() {
        assert_eq!(Stamp::of(b"123456789").unwrap().line(), "#@1 00000009 e3069283\n");
        assert_eq!(Stamp::of(b"").unwrap().line(), "#@1 00000000 00000000\n");
    }

    #[test]
    fn a_changed_a_short_and_a_shifted_body_are_not_whole() {
        let stamp = Stamp::of(b"- a: 1\n").unwrap();
        let line = stamp.line();
        for body in ["- a: 2\n", "- a: 1", "", "\n- a: 1"] {
            assert_eq!(stamp.whole_len(format!("{line}{body}").as_bytes()), None, "{body:?}");
        }
        assert_eq!(stamp.whole_len(format!("{line}- a: 1\nmore").as_bytes()), Some(LEN + 7));
    }

    #[test]
    fn what_is_left_of_a_stamp_is_known_wherever_the_sector_ended() {
        let line = b"#@1 00000007 0badcafe\n";
        for lost in 1..LEN {
            let left = [&vec![0; lost], &line[lost..]].concat();
            assert!(Stamp::is_left_of(&left), "{lost}");
            assert!(!Stamp::is_left_of(&left[1..]), "{lost}");
        }
        for other in
            [&line[..], &[0; LEN], b"\x00\x00\x00 00000007 0badcafg\n", b"\x00@1 00000007 0badcafe ", b""]
        {
            assert!(!Stamp::is_left_of(other), "{other:?}");
        }
    }

    #[test]
    fn only_the_exact_form_is_a_stamp() {
        assert!(Stamp::parse(b"#@1 00000007 0badcafe\n").is_some());
        for other in [
            "#@1 00000007 0BADCAFE\n",
            "#@1 00000007 0badcafe\r\n",
            "#@1 00000007 0badcafe",
            "#@1 +0000007 0badcafe\n",
            "#@1 00000007_0badcafe\n",
            "#@2 00000007 0badcafe\n",
            "# @1 0000007 0badcafe\n",
            "#@1 0000007 00badcafe\n",
            " #@1 00000007 0badcafe\n",
            "",
        ] {
            assert!(Stamp::parse(other.as_bytes()).is_none(), "{other:?}");
        }
    }
}
