//! What a power cut can leave of the content of one file: from what is on disk for certain to what programs saw.

use crate::crash::choose::choose;
use crate::engine::Random;
use std::rc::Rc;

/// What a disk writes whole. Disks with larger sectors leave fewer states.
const SECTOR: usize = 512;
/// What a filesystem writes back, and allocates, as a whole.
const PAGE: usize = 4096;
/// What may stand in blocks that were allocated and never written: the most dangerous for YAML is text that goes on as a plain value.
const STALE: u8 = b'x';
/// Up to so many bytes, a content may end at each.
const EVERY_BYTE: usize = 96;

/// How a filesystem brings the content of a file to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writeback {
    /// The size may be on disk before the data: what is missing reads as zeros.
    SizeFirst,
    /// The same, and what is missing may be what stood in these blocks before.
    SizeFirstOrStale,
    /// The size follows the data. Old blocks are overwritten in place, sector by sector.
    DataFirst,
    /// The size follows the data, and old blocks are never overwritten: a block is old or new.
    CopyOnWrite,
    /// Nothing holds.
    Any,
}

/// One content, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Variant {
    pub(crate) bytes: Rc<[u8]>,
    pub(crate) told: String,
}

/// All that was found, without doubles.
#[derive(Debug, Default)]
pub(crate) struct Variants {
    pub(crate) all: Vec<Variant>,
    pub(crate) left_out: u64,
}

impl Variants {
    pub(crate) fn add(&mut self, bytes: Vec<u8>, told: impl FnOnce() -> String) {
        if !self.all.iter().any(|known| *known.bytes == *bytes) {
            self.all.push(Variant { bytes: bytes.into(), told: told() });
        }
    }

    /// What can be there of `new` if `old` is on disk for certain and nothing else is.
    pub(crate) fn between(
        &mut self,
        old: &[u8],
        new: &[u8],
        how: Writeback,
        most: usize,
        random: &mut Random,
    ) {
        self.add(old.to_vec(), || format!("as it was ({} bytes)", old.len()));
        let sizes = sizes(old.len(), new.len(), how);
        for size in sizes {
            self.of_size(old, &new[..size.min(new.len())], how, most, random);
        }
    }

    /// The same for one size of the file.
    fn of_size(&mut self, old: &[u8], new: &[u8], how: Writeback, most: usize, random: &mut Random) {
        let unit = if how == Writeback::CopyOnWrite { PAGE } else { SECTOR };
        let units: Vec<Unit> = (0..new.len().div_ceil(unit))
            .map(|number| Unit { from: number * unit, to: ((number + 1) * unit).min(new.len()) })
            .filter(|unit| !unit.is_the_same(old, new))
            .collect();
        let options: Vec<usize> = units.iter().map(|unit| unit.options(old.len(), new.len(), how)).collect();
        let chosen = choose(&options, most, random);
        self.left_out = self.left_out.saturating_add(chosen.left_out);
        for pick in chosen.picks {
            let mut bytes = new.to_vec();
            for (unit, option) in units.iter().zip(&pick) {
                unit.fill(&mut bytes, old, *option);
            }
            self.add(bytes, || {
                let words = units.iter().zip(&pick).map(|(unit, option)| {
                    format!(
                        "{}..{} {}",
                        unit.from,
                        unit.to,
                        ["new", "not written", "stale"][(*option).min(2)]
                    )
                });
                let words: Vec<_> = words.collect();
                format!(
                    "{} bytes: {}",
                    new.len(),
                    if words.is_empty() { "as it was".into() } else { words.join(", ") }
                )
            });
        }
    }
}

/// The sizes that the file can have.
fn sizes(old: usize, new: usize, how: Writeback) -> Vec<usize> {
    let mut sizes = vec![new];
    let step = if how == Writeback::Any { SECTOR } else { PAGE };
    if new > old {
        sizes.extend((old / step + 1..=new / step).map(|step_number| step_number * step));
    }
    if how == Writeback::Any && new > old {
        sizes.push(old);
        let every = (new - old).div_ceil(EVERY_BYTE).max(1);
        sizes.extend((old..new).step_by(every));
        sizes.extend([old + 1, new - 1]);
    }
    sizes.retain(|size| *size <= new);
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// A stretch of a file that reaches the disk whole or not at all.
#[derive(Clone, Copy, Debug)]
struct Unit {
    from: usize,
    to: usize,
}

impl Unit {
    fn is_the_same(self, old: &[u8], new: &[u8]) -> bool {
        old.get(self.from..self.to).is_some_and(|old| *old == new[self.from..self.to])
    }

    /// Between how much there is to choose: 1 new, 2 new or not written, 3 also stale.
    fn options(self, old: usize, size: usize, how: Writeback) -> usize {
        let is_behind_the_old_end = self.to > old;
        // What holds the old end was written whole before, with zeros behind that end: nothing older is left in it.
        let allocated = if how == Writeback::Any { SECTOR } else { PAGE };
        let can_be_stale = self.from >= old.next_multiple_of(allocated);
        match how {
            Writeback::SizeFirst | Writeback::CopyOnWrite | Writeback::DataFirst
                if !is_behind_the_old_end =>
            {
                2
            }
            Writeback::SizeFirst => 2,
            Writeback::SizeFirstOrStale | Writeback::Any => {
                if can_be_stale {
                    3
                } else {
                    2
                }
            }
            // The size was set because its last page was written; pages before that may be holes yet.
            Writeback::DataFirst | Writeback::CopyOnWrite => {
                let is_in_page_of = |at: usize| self.from / PAGE == at.saturating_sub(1) / PAGE;
                // The page in which the old end was is written as a whole with what was in it.
                if is_in_page_of(size) || is_in_page_of(old) { 1 } else { 2 }
            }
        }
    }

    fn fill(self, bytes: &mut [u8], old: &[u8], option: usize) {
        if option == 0 {
            return;
        }
        for (at, byte) in bytes.iter_mut().enumerate().take(self.to).skip(self.from) {
            *byte = match old.get(at) {
                Some(old) => *old,
                None if option == 1 => 0,
                None => STALE,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Variants, Writeback};
    use crate::engine::Random;

    fn between(old: &[u8], new: &[u8], how: Writeback) -> Vec<Vec<u8>> {
        let mut variants = Variants::default();
        variants.between(old, new, how, 64, &mut Random::new(1));
        variants.all.iter().map(|variant| variant.bytes.to_vec()).collect()
    }

    fn has(variants: &[Vec<u8>], wanted: &[u8]) -> bool {
        variants.iter().any(|variant| variant == wanted)
    }

    #[test]
    fn the_old_and_the_new_content_can_always_be_there() {
        use Writeback::{Any, CopyOnWrite, DataFirst, SizeFirst, SizeFirstOrStale};
        let new = vec![b'n'; 5000];
        for how in [Any, CopyOnWrite, DataFirst, SizeFirst, SizeFirstOrStale] {
            for old in [&b""[..], b"old", &vec![b'o'; 5000]] {
                let variants = between(old, &new, how);
                assert!(has(&variants, old) && has(&variants, &new), "{how:?}");
            }
        }
    }

    #[test]
    fn a_full_length_file_of_zeros_is_possible_where_the_size_comes_first() {
        let zeros = vec![0; 700];
        let new = vec![b'n'; 700];
        assert!(has(&between(b"", &new, Writeback::SizeFirst), &zeros));
        assert!(!has(&between(b"", &new, Writeback::DataFirst), &zeros));
        assert!(!has(&between(b"", &new, Writeback::CopyOnWrite), &zeros));
    }

    #[test]
    fn sectors_of_one_record_reach_the_disk_in_any_order() {
        let old = vec![b'o'; 100];
        let new = [old.clone(), vec![b'n'; 1000]].concat();
        let mut late = new.clone();
        late[512..1024].fill(0);
        assert!(has(&between(&old, &new, Writeback::SizeFirst), &late));
        assert_eq!(between(&old, &new, Writeback::DataFirst), [old.clone(), new.clone()]);
        late[512..1024].fill(b'x');
        assert!(has(&between(b"", &new, Writeback::SizeFirstOrStale), &late));
        assert!(!has(&between(b"", &new, Writeback::SizeFirst), &late));
        assert!(!has(&between(&old, &new, Writeback::SizeFirstOrStale), &late), "a block that was written");
        assert!(has(&between(&old, &new, Writeback::Any), &late));
    }

    #[test]
    fn an_old_block_is_torn_by_overwriting_but_not_by_copying() {
        let (old, new) = (vec![b'o'; 1024], vec![b'n'; 1024]);
        let torn = [&old[..512], &new[512..]].concat();
        assert!(has(&between(&old, &new, Writeback::DataFirst), &torn));
        assert_eq!(between(&old, &new, Writeback::CopyOnWrite).len(), 2);
    }

    #[test]
    fn where_nothing_holds_a_file_ends_anywhere() {
        let variants = between(b"", b"0123456789", Writeback::Any);
        for length in 0..=10 {
            assert!(has(&variants, &b"0123456789"[..length]), "{length}");
        }
    }
}
