//! The five ideas of what a power cut leaves, and where they come from.
//!
//! Each permits at least what the filesystem was seen or is documented to leave; where sources leave room, the worse is permitted. They are models:
//! what a disk does that lies about having written, or a bug of a filesystem, is in none of them.
//!
//! **Common to the journals** (ext4, XFS). Changes of names, sizes, modes and truncations go into one journal in the order in which they were made, and a
//! power cut keeps a beginning of that order, which can end anywhere: several operations often share a transaction, but nobody can rely on it. fsync
//! of a file or folder forces the journal up to the last change of it, and with it everything before. So fsync of a file that was just made keeps
//! its name too, and a rename without an fsync of the folder is lost until something else forces the journal. Data is not in the
//! journal. (Linux, Documentation/filesystems/ext4/journal.rst, `jbd2_complete_transaction` with `i_sync_tid` in fs/ext4/fsync.c;
//! `xfs_log_force_seq` with `ili_commit_seq` in fs/xfs/xfs_file.c; Mohan et al., "Finding Crash-Consistency Bugs with Bounded
//! Black-Box Testing", OSDI 2018, for "strictly ordered metadata".)
//!
//! **ext4, data=ordered.** Blocks are allocated when data is written back, seconds after the write, so a name can be on disk long before the
//! size: an empty file. Ordered mode writes the data of newly allocated blocks before the transaction that makes them visible; but with `dioread_nolock`,
//! the default since Linux 5.6, blocks are allocated as unwritten and leave that list, and the size is logged when the write to the disk is merely
//! submitted (`mpage_map_and_submit_extent` and the end of `ext4_map_blocks`, fs/ext4/inode.c): a file of full length that
//! reads as zeros, in whole or by sectors, is possible and was seen. An append into the last block, which is allocated already, is overwritten in place: sector by
//! sector. Never is there anything that was not written. `auto_da_alloc`, a default, allocates when a file takes another's place by
//! rename, so that cannot leave an empty file (man 5 ext4; `ext4_rename`), but it does not for an exchange or a new name.
//!
//! **ext4, data=writeback.** As before, but "data may be written to the main filesystem after its metadata has been committed to the journal" and after a
//! crash "old data may appear in files" (man 5 ext4): stale blocks in place of what was not written.
//!
//! **XFS.** The size is logged when the data has been written (`xfs_setfilesize` at the end of an I/O), so what is visible is right, but for holes where an
//! earlier page was slower than a later one. A file that was renamed without fsync is empty until then: XFS has no `auto_da_alloc`. Blocks that exist are
//! overwritten in place, sector by sector.
//!
//! **Btrfs.** A commit keeps the whole tree as it was at one moment. Old blocks are never overwritten (without `nodatacow`), and a file's extents enter
//! the tree when their data is on disk. fsync does not commit: it writes the file, its names and nothing else into a log tree that is replayed after the last
//! commit, so what was synced can overtake what was done before it and not synced; fsync of a folder logs its names,
//! and of new files only that they exist. (fs/btrfs/tree-log.c; btrfs wiki, "fsync"; Mohan et al. 2018 found most reorderings here.)
//!
//! **POSIX, worst case.** Nothing is on disk but what was synced, and everything else may be, in any order: each name stands for anything that it stood
//! for since the last fsync of its folder, also one half of a rename; fsync of a new file does not keep its name (man 2 fsync says so); of a
//! file any sectors of what was written since its own fsync, at any size between, zeros or stale bytes for the rest; modes old or new; truncations
//! done or not. (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, call such a model abstract persistence.)

use crate::crash::contents::Writeback;
use crate::crash::cuts::{Cuts, Effort};
use crate::crash::journal::Renames;
use crate::crash::recorder::History;
use crate::crash::timeline::Timeline;
use crate::crash::{journal, log_tree, worst};
use crate::engine::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    Ext4Ordered,
    Ext4Writeback,
    Xfs,
    Btrfs,
    Posix,
}

impl Model {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ext4Ordered, Self::Ext4Writeback, Self::Xfs, Self::Btrfs, Self::Posix];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ext4Ordered => "ext4 ordered",
            Self::Ext4Writeback => "ext4 writeback",
            Self::Xfs => "XFS",
            Self::Btrfs => "Btrfs",
            Self::Posix => "POSIX worst case",
        }
    }

    /// Every state that this model permits a power cut to leave, at every moment of `history`.
    pub(crate) fn cuts(self, history: &History, effort: Effort, random: &mut Random) -> Cuts {
        let timeline = Timeline::of(history);
        let mut cuts = Cuts::new(effort);
        let (ext4, xfs) = (Renames::Allocate, Renames::AreNamesOnly);
        match self {
            Self::Ext4Ordered => journal::cuts(&timeline, Writeback::SizeFirst, ext4, &mut cuts, random),
            Self::Ext4Writeback => {
                journal::cuts(&timeline, Writeback::SizeFirstOrStale, ext4, &mut cuts, random);
            }
            Self::Xfs => journal::cuts(&timeline, Writeback::DataFirst, xfs, &mut cuts, random),
            Self::Btrfs => log_tree::cuts(&timeline, &mut cuts, random),
            Self::Posix => worst::cuts(&timeline, &mut cuts, random),
        }
        cuts
    }
}
