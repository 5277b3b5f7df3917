//! Replacing the content of any file, in any format, without a lock.

use crate::error::{FileError, SaveStep};
use crate::metadata::copy_metadata;
use crate::target::{Target, sync_folder};
use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Replaces the content of the file at `path` by `bytes`, whole and durable: a reader, also one that comes after a power cut, sees
/// the old content or the new one.
///
/// Takes no lock and keeps no backup: of two that replace at once the later one wins. For read-modify-write use
/// [`SharedFile::update`](crate::SharedFile::update). A symbolic link is followed; mode and, where permitted, owner and extended attributes are kept;
/// a file that does not exist is created with mode 0666 less the umask. The temporary is written beside the target, so its folder
/// must be writable.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("settings.toml");
/// atomic_io::replace(&path, b"speed = 3\n")?;
/// assert_eq!(std::fs::read(&path)?, b"speed = 3\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`FileError::Save`] names the step that failed; the target is untouched then and nothing is left beside it.
/// [`FileError::DurabilityUnknown`]: the content is in place, but the folder could not be synced. [`FileError::NotAFile`],
/// [`FileError::DanglingLink`], [`FileError::HardLinked`], [`FileError::MountPoint`], [`FileError::Read`]: what stands at `path` cannot be replaced.
pub fn replace(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), FileError> {
    let target = &Target::resolve(path.as_ref())?;
    target.refuse_hard_links()?;
    let failed = |step| move |source: io::Error| FileError::Save { path: target.given.clone(), step, source };
    let name = target.temporary();
    let mut file = tempfile::Builder::new()
        .prefix(name.file_name().unwrap_or_default())
        .permissions(Permissions::from_mode(if target.metadata.is_some() { 0o600 } else { 0o666 }))
        .tempfile_in(&target.folder)
        .map_err(failed(SaveStep::CreateTemporary))?;
    copy_metadata(target, file.as_file()).map_err(failed(SaveStep::CopyMetadata))?;
    file.write_all(bytes).map_err(failed(SaveStep::Write))?;
    file.as_file().sync_all().map_err(failed(SaveStep::SyncFile))?;
    file.persist(&target.path).map_err(|error| match error.error.kind() {
        ErrorKind::ResourceBusy => FileError::MountPoint { path: target.given.clone(), source: error.error },
        _ => failed(SaveStep::Rename)(error.error),
    })?;
    sync_folder(&target.folder).map_err(|source| FileError::DurabilityUnknown {
        path: target.given.clone(),
        step: SaveStep::SyncFolder,
        source,
    })
}
