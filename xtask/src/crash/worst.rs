//! The worst that POSIX permits: what was synced is there, and of the rest anything.

use crate::crash::choose::choose;
use crate::crash::contents::Writeback;
use crate::crash::cuts::{Candidates, Cuts};
use crate::crash::journal::name_of;
use crate::crash::timeline::{Span, Timeline};
use crate::crash::world::{Change, Node, Place, World};
use crate::engine::Random;
use std::collections::BTreeSet;

pub(crate) fn cuts(timeline: &Timeline<'_>, cuts: &mut Cuts, random: &mut Random) {
    for cut in 0..=timeline.end() {
        let files: Vec<Candidates> = every_file(timeline, cut)
            .into_iter()
            .map(|file| {
                let span = Span { committed: cut, cut };
                let variants = timeline.contents(file, span, Writeback::Any, cuts.effort.contents, random);
                cuts.passed_over(variants.left_out);
                let modes = modes(timeline, file, cut);
                let of = |variant| modes.iter().map(move |mode| (Clone::clone(variant), *mode));
                Candidates {
                    file,
                    name: name_of(timeline, file),
                    forms: variants.all.iter().flat_map(of).collect(),
                }
            })
            .collect();
        let places: BTreeSet<&Place> =
            timeline.worlds[..=cut].iter().flat_map(|world| world.names.keys()).collect();
        let meanings: Vec<(&Place, Vec<Option<Node>>)> =
            places.into_iter().map(|place| (place, meanings(timeline, place, cut))).collect();
        let options: Vec<usize> = meanings.iter().map(|(_, meanings)| meanings.len()).collect();
        let chosen = choose(&options, cuts.effort.names, random);
        cuts.passed_over(chosen.left_out);
        for pick in chosen.picks {
            let mut world = World { bodies: timeline.worlds[cut].bodies.clone(), ..World::default() };
            for ((place, meanings), option) in meanings.iter().zip(&pick) {
                world.set(place, meanings[*option]);
            }
            let named = world.named_files();
            let files: Vec<_> = files.iter().filter(|file| named.contains(&file.file)).collect();
            let told =
                format!("after {}, of the names these: {}", timeline.told(cut), names(&world, timeline));
            cuts.spread(&world, &files, timeline.said(cut), &told, random);
        }
    }
}

fn every_file(timeline: &Timeline<'_>, cut: usize) -> BTreeSet<Node> {
    timeline.worlds[..=cut].iter().flat_map(World::named_files).collect()
}

/// Everything that a name stood for since its folder was synced, the latest first.
fn meanings(timeline: &Timeline<'_>, place: &Place, cut: usize) -> Vec<Option<Node>> {
    let since = timeline.synced(place.folder, cut).unwrap_or(0);
    let mut meanings = Vec::new();
    for world in timeline.worlds[since..=cut].iter().rev() {
        let meaning = world.names.get(place).copied();
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }
    meanings
}

fn modes(timeline: &Timeline<'_>, file: Node, cut: usize) -> Vec<u32> {
    // fdatasync leaves the mode where it is.
    let synced = |at: &usize| matches!(timeline.change(*at), Change::Sync { node } if *node == file);
    let since = (0..cut).rev().find(synced).unwrap_or(0);
    let worlds = timeline.worlds[since..=cut].iter().rev();
    let mut modes: Vec<u32> = worlds.filter_map(|world| Some(world.bodies.get(&file)?.mode)).collect();
    modes.dedup();
    modes
}

fn names(world: &World, timeline: &Timeline<'_>) -> String {
    let told = world.names.iter().map(|(place, node)| {
        let first = name_of(timeline, *node);
        let name = place.name.to_string_lossy();
        if first == name { first } else { format!("{name} (made as {first})") }
    });
    told.collect::<Vec<_>>().join(", ")
}
