//! What happened when, and what of it is certain to be on disk.

use crate::crash::contents::{Variants, Writeback};
use crate::crash::recorder::History;
use crate::crash::world::{Change, Node, World, write};
use crate::engine::Random;
use std::rc::Rc;

/// A history with the world after each of its operations. A moment is the number of operations that were done.
pub(crate) struct Timeline<'a> {
    history: &'a History,
    pub(crate) worlds: Vec<World>,
}

/// Of one file: the moment up to which names, sizes and truncations are on disk, and the moment of the power cut.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) committed: usize,
    pub(crate) cut: usize,
}

impl<'a> Timeline<'a> {
    pub(crate) fn of(history: &'a History) -> Self {
        Self { history, worlds: history.worlds() }
    }

    /// The last moment.
    pub(crate) fn end(&self) -> usize {
        self.history.operations.len()
    }

    pub(crate) fn change(&self, at: usize) -> &Change {
        &self.history.operations[at].change
    }

    /// What was done last before `moment`, in words.
    pub(crate) fn told(&self, moment: usize) -> String {
        match moment.checked_sub(1) {
            Some(last) => format!("{moment} operations (last: {})", self.history.operations[last].told),
            None => "no operation".into(),
        }
    }

    /// How much the program had promised at `moment`.
    pub(crate) fn said(&self, moment: usize) -> usize {
        self.history.operations[..moment].iter().filter(|op| matches!(op.change, Change::Said { .. })).count()
    }

    /// The last sync of `node` that had come back at `moment`.
    pub(crate) fn synced(&self, node: Node, moment: usize) -> Option<usize> {
        (0..moment).rev().find(|at| match self.change(*at) {
            Change::Sync { node: synced } | Change::SyncData { node: synced } => *synced == node,
            Change::SyncAll => true,
            _ => false,
        })
    }

    /// For each moment, the moment up to which a journal is certain to be on disk.
    pub(crate) fn journal_floors(&self) -> Vec<usize> {
        let mut floors = vec![0];
        for at in 0..self.end() {
            let forced = match self.change(at) {
                Change::SyncAll => at,
                Change::Sync { node } => {
                    self.forced(*node, at, |change| !matches!(change, Change::Said { .. }))
                }
                Change::SyncData { node } => self.forced(*node, at, |change| {
                    matches!(change, Change::Made { .. } | Change::Truncate { .. })
                }),
                _ => 0,
            };
            floors.push(forced.max(floors[at]));
        }
        floors
    }

    /// Up to which moment the journal is forced by a sync of `node` at `at`, for which changes like these count. Growing always does: the
    /// size is logged by the sync itself, behind all that was done before.
    fn forced(&self, node: Node, at: usize, counts: impl Fn(&Change) -> bool) -> usize {
        let since = self.synced(node, at).unwrap_or(0);
        let mut changes = since..at;
        if changes.clone().any(|moment| self.grows(moment, node)) {
            return at;
        }
        changes
            .rfind(|moment| self.touches(*moment, node) && counts(self.change(*moment)))
            .map_or(0, |last| last + 1)
    }

    /// Whether the operation at `at` makes `file` longer.
    fn grows(&self, at: usize, file: Node) -> bool {
        matches!(self.change(at), Change::Write { file: written, .. } if *written == file)
            && self.worlds[at + 1].content(file).len() > self.worlds[at].content(file).len()
    }

    /// Whether the operation at `at` changes `node` or something about it.
    fn touches(&self, at: usize, node: Node) -> bool {
        match self.change(at) {
            Change::Names { places, .. } => places.iter().any(|(place, named)| {
                let before = self.worlds[at].names.get(place);
                place.folder == node || *named == Some(node) || before == Some(&node)
            }),
            Change::Made { node: touched, .. } | Change::Mode { node: touched, .. } => *touched == node,
            Change::Write { file, .. } | Change::Truncate { file, .. } => *file == node,
            Change::Sync { .. } | Change::SyncData { .. } | Change::SyncAll | Change::Said { .. } => false,
        }
    }

    /// What the content of `file` can be.
    pub(crate) fn contents(
        &self,
        file: Node,
        span: Span,
        how: Writeback,
        most: usize,
        random: &mut Random,
    ) -> Variants {
        let since = self.synced(file, span.cut);
        let base = self.worlds[since.unwrap_or(0)].content(file);
        let mut writes: Vec<(usize, Rc<[u8]>)> = Vec::new();
        let (mut cut_off, mut untouched) = (base.to_vec(), Variants::default());
        for at in since.unwrap_or(0)..span.cut {
            let is_committed = at < span.committed;
            match self.change(at) {
                Change::Truncate { file: cut, size } if *cut == file && is_committed => {
                    cut_off.resize(*size, 0);
                    for (from, bytes) in &mut writes {
                        let kept = size.saturating_sub(*from).min(bytes.len());
                        *bytes = bytes[..kept].into();
                    }
                }
                Change::Write { file: written, at: from, bytes } if *written == file => {
                    // What is overwritten in place needs no journal, but what is copied enters the tree by a commit.
                    let is_in_place = how != Writeback::CopyOnWrite && !self.grows(at, file);
                    if is_committed || is_in_place {
                        writes.push((*from, bytes.as_slice().into()));
                    }
                }
                _ => {}
            }
        }
        if how == Writeback::Any && cut_off != *base {
            // A truncation may be what is missing.
            self.steps(&base, &writes, how, most, random, &mut untouched);
        }
        self.steps(&cut_off, &writes, how, most, random, &mut untouched);
        untouched
    }

    /// After each number of writes, all that can be there of them.
    fn steps(
        &self,
        base: &[u8],
        writes: &[(usize, Rc<[u8]>)],
        how: Writeback,
        most: usize,
        random: &mut Random,
        variants: &mut Variants,
    ) {
        let mut after = base.to_vec();
        variants.between(base, &after, how, most, random);
        for (from, bytes) in writes.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            write(&mut after, *from, bytes);
            variants.between(base, &after, how, most, random);
        }
    }
}
