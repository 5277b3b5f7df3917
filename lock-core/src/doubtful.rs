//! Filesystems on which `flock` may not mean what it means elsewhere.

use crate::acquire::Locked;
use crate::table::table;
use std::path::Path;

/// The first lock that this process takes on a filesystem where locks are doubtful is logged as a warning.
pub(crate) fn warn_once(locked: &Locked) {
    if table().is_first_on(locked.id.0)
        && let Some(kind) = kind_of(locked)
    {
        tracing::warn!(
            path = %locked.path.display(),
            "this file is on {kind}: whether flock excludes other machines, or anybody, depends on its server and mount options"
        );
    }
}

/// The kind of the filesystem that `path` is on, if it is one on which `flock` may exclude nobody, or not other machines: NFS, FUSE and
/// the like. `None` on any other, and where it cannot be told: without the file, and elsewhere than on Linux.
pub fn doubtful_filesystem(path: impl AsRef<Path>) -> Option<&'static str> {
    kind_of_path(path.as_ref())
}

#[cfg(target_os = "linux")]
fn kind_of(locked: &Locked) -> Option<&'static str> {
    kind(&rustix::fs::fstatfs(&locked.file).ok()?)
}

#[cfg(target_os = "linux")]
fn kind_of_path(path: &Path) -> Option<&'static str> {
    kind(&rustix::fs::statfs(path).ok()?)
}

/// The numbers are those of statfs(2).
#[cfg(target_os = "linux")]
fn kind(filesystem: &rustix::fs::StatFs) -> Option<&'static str> {
    match filesystem.f_type {
        0x6969 => Some("NFS"),
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => Some("a Windows share"),
        0x6573_5546 => Some("FUSE"),
        0x0102_1997 => Some("9P"),
        0x7375_7245 => Some("Coda"),
        0x0bd0_0bd0 => Some("Lustre"),
        0x00c3_6400 => Some("Ceph"),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn kind_of_path(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(not(target_os = "linux"))]
fn kind_of(_: &Locked) -> Option<&'static str> {
    None
}
