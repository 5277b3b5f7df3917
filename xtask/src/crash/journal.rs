//! Filesystems with one journal for names and sizes: ext4 and XFS.

use crate::crash::contents::{Variants, Writeback};
use crate::crash::cuts::{Candidates, Cuts};
use crate::crash::timeline::{Span, Timeline};
use crate::crash::world::{Change, Node};
use crate::engine::Random;

/// What a rename over another file does for the data of the one that is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renames {
    /// Its blocks are allocated, so that its size is on disk no later than its name.
    Allocate,
    AreNamesOnly,
}

pub(crate) fn cuts(
    timeline: &Timeline<'_>,
    how: Writeback,
    renames: Renames,
    cuts: &mut Cuts,
    random: &mut Random,
) {
    let floors = timeline.journal_floors();
    for (cut, floor) in floors.into_iter().enumerate() {
        for committed in floor..=cut {
            let world = &timeline.worlds[committed];
            let span = Span { committed, cut };
            let mut files = Vec::new();
            for file in world.named_files() {
                let mut variants = timeline.contents(file, span, how, cuts.effort.contents, random);
                if renames == Renames::Allocate {
                    let size = allocated(timeline, file, span);
                    variants.all.retain(|variant| variant.bytes.len() >= size);
                }
                files.push(candidates(timeline, file, committed, variants, cuts));
            }
            let told =
                format!("after {}, the journal holds {}", timeline.told(cut), timeline.told(committed));
            cuts.spread(world, &files.iter().collect::<Vec<_>>(), timeline.said(cut), &told, random);
        }
    }
}

/// The size of `file` when it last took another's place, which is on disk if that is; unless a truncation came later.
fn allocated(timeline: &Timeline<'_>, file: Node, span: Span) -> usize {
    for at in (0..span.committed).rev() {
        match timeline.change(at) {
            Change::Names { took_place: Some(taker), .. } if *taker == file => {
                return timeline.worlds[at].content(file).len();
            }
            Change::Truncate { file: cut, .. } if *cut == file => return 0,
            _ => {}
        }
    }
    0
}

/// The contents with the one mode that the file had at `moment`.
pub(super) fn candidates(
    timeline: &Timeline<'_>,
    file: Node,
    moment: usize,
    variants: Variants,
    cuts: &mut Cuts,
) -> Candidates {
    cuts.passed_over(variants.left_out);
    let world = &timeline.worlds[moment];
    let mode = world.bodies.get(&file).map_or(0, |body| body.mode);
    let name = name_of(timeline, file);
    Candidates { file, name, forms: variants.all.into_iter().map(|variant| (variant, mode)).collect() }
}

/// The first name that a file had.
pub(super) fn name_of(timeline: &Timeline<'_>, file: Node) -> String {
    let names = timeline.worlds.iter().find_map(|world| world.names.iter().find(|(_, node)| **node == file));
    names.map_or_else(|| "a file".into(), |(place, _)| place.name.to_string_lossy().into_owned())
}
