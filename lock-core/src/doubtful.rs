//! Filesystems on which `flock` may not mean what it means elsewhere.

use crate::acquire::Locked;
use crate::table::table;

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

/// The numbers are those of statfs(2).
#[cfg(target_os = "linux")]
fn kind_of(locked: &Locked) -> Option<&'static str> {
    match rustix::fs::fstatfs(&locked.file).ok()?.f_type {
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
fn kind_of(_: &Locked) -> Option<&'static str> {
    None
}
