//! What a replacement takes over from the file it replaces: owner, extended attributes and mode.

use crate::target::Target;
use rustix::buffer::spare_capacity;
use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Linux has no longer list of names and no longer value, in bytes.
const MOST: usize = 64 * 1024;

/// Gives `file` the owner (where permitted), the extended attributes (where permitted) and the mode of what it will replace.
///
/// In this order: a change of owner clears mode bits and capabilities, and a mode that forbids writing forbids attributes.
pub(crate) fn copy_metadata(target: &Target, file: &File) -> io::Result<()> {
    let Some(metadata) = &target.metadata else { return Ok(()) };
    let present = file.metadata()?;
    if (present.uid(), present.gid()) != (metadata.uid(), metadata.gid()) {
        // Only root may give files away, but whoever belongs to a group may give it theirs: without that a file shared
        // by a group would be lost to it. The content matters more than its owner.
        let kept = fchown(file, Some(metadata.uid()), Some(metadata.gid())).or_else(|error| {
            if is_refused(&error) { fchown(file, None, Some(metadata.gid())) } else { Err(error) }
        });
        match kept {
            Err(error) if is_refused(&error) => {}
            other => other?,
        }
    }
    copy_attributes(&target.attributes_of, file)?;
    file.set_permissions(metadata.permissions())
}

/// Access lists, labels and what people note in `user.*`. What the system does not let us copy (it sets its own labels) stays behind.
fn copy_attributes(from: &Path, to: &File) -> io::Result<()> {
    let mut names = Vec::with_capacity(MOST);
    match listxattr(from, spare_capacity(&mut names)) {
        Ok(_) => {}
        // A target that is gone for a moment: an editor renames in two steps. The exchange waits for it.
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) if is_withheld(errno) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    }
    let mut value = Vec::with_capacity(if names.is_empty() { 0 } else { MOST });
    for name in names.split_inclusive(|byte| *byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        value.clear();
        let copied = getxattr(from, name, spare_capacity(&mut value))
            .and_then(|_| fsetxattr(to, name, &value, XattrFlags::empty()));
        match copied {
            Err(errno) if !is_withheld(errno) => return Err(errno.into()),
            _ => {}
        }
    }
    Ok(())
}

fn is_withheld(errno: Errno) -> bool {
    matches!(errno, Errno::PERM | Errno::ACCESS | Errno::NOTSUP | Errno::NODATA)
}

fn is_refused(error: &io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied
}
