//! Btrfs: the tree as it was at the last commit, and over it what was synced since.

use crate::crash::contents::Writeback;
use crate::crash::cuts::{Candidates, Cuts};
use crate::crash::journal::candidates;
use crate::crash::timeline::{Span, Timeline};
use crate::crash::world::{Change, Kind, Node, Place, World};
use crate::engine::Random;

pub(crate) fn cuts(timeline: &Timeline<'_>, cuts: &mut Cuts, random: &mut Random) {
    let mut floor = 0;
    for cut in 0..=timeline.end() {
        if let Some(last) = cut.checked_sub(1)
            && matches!(timeline.change(last), Change::SyncAll)
        {
            floor = last;
        }
        for committed in floor..=cut {
            let (world, logged) = replayed(timeline, committed, cut);
            let files: Vec<Candidates> = world
                .named_files()
                .into_iter()
                .map(|file| {
                    // A file that was logged is what it was then, whatever was committed before.
                    let moment =
                        logged.iter().rev().find(|(_, node)| *node == file).map_or(committed, |(at, _)| *at);
                    let span = Span { committed: committed.max(moment), cut };
                    let most = cuts.effort.contents;
                    let variants = timeline.contents(file, span, Writeback::CopyOnWrite, most, random);
                    let seen = first_seen(timeline, file).max(span.committed);
                    candidates(timeline, file, seen, variants, cuts)
                })
                .collect();
            let told = format!(
                "after {}, committed were {}, and over it what was synced",
                timeline.told(cut),
                timeline.told(committed)
            );
            cuts.spread(&world, &files.iter().collect::<Vec<_>>(), timeline.said(cut), &told, random);
        }
    }
}

/// The tree at `committed`, and what was logged of each file or folder since.
fn replayed(timeline: &Timeline<'_>, committed: usize, cut: usize) -> (World, Vec<(usize, Node)>) {
    let mut world = timeline.worlds[committed].clone();
    let mut logged = Vec::new();
    for at in committed..cut {
        if let Change::Sync { node } | Change::SyncData { node } = timeline.change(at) {
            replay(&mut world, &timeline.worlds[at], *node);
            logged.push((at, *node));
        }
    }
    (world, logged)
}

/// Puts `node` as it was `then` into `world`: a folder with its names, a file with all names that it had.
fn replay(world: &mut World, then: &World, node: Node) {
    let is_folder = then.bodies.get(&node).is_some_and(|body| body.kind == Kind::Folder);
    let concerned = |place: &Place, named: Node| if is_folder { place.folder == node } else { named == node };
    world.names.retain(|place, named| !concerned(place, *named));
    let mut logged: Vec<Node> = vec![node];
    for (place, named) in then.names.iter().filter(|(place, named)| concerned(place, **named)) {
        world.names.insert(place.clone(), *named);
        logged.extend([*named, place.folder]);
    }
    // The folders on the way to it are logged with it if they are new.
    while let Some(folder) = logged.pop() {
        if !world.bodies.contains_key(&folder)
            && let Some(body) = then.bodies.get(&folder)
        {
            world.bodies.insert(folder, body.clone());
            if let Some((place, _)) = then.names.iter().find(|(_, named)| **named == folder) {
                world.names.entry(place.clone()).or_insert(folder);
                logged.push(place.folder);
            }
        }
    }
}

/// The first moment at which `file` is there.
fn first_seen(timeline: &Timeline<'_>, file: Node) -> usize {
    timeline.worlds.iter().position(|world| world.bodies.contains_key(&file)).unwrap_or(0)
}
