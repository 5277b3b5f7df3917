//! What a replacement takes over besides the content, and what it cannot replace.

use crate::folder::Folder;
use atomic_io::{FileError, SharedFile, UpdateError, replace};
use rustix::fs::{XattrFlags, getxattr, setxattr};
use rustix::io::Errno;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

fn attribute(path: &Path, name: &str) -> Result<String, Errno> {
    let mut value = [0; 200];
    getxattr(path, name, &mut value).map(|len| String::from_utf8(value[..len].to_vec()).unwrap())
}

#[test]
fn extended_attributes_are_kept_by_the_file_and_by_its_backup() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let path = &folder.path("a.yaml");
    match setxattr(path, "user.origin", b"by hand", XattrFlags::empty()) {
        Err(Errno::NOTSUP) => return eprintln!("this filesystem has no extended attributes"),
        other => other.unwrap(),
    }
    setxattr(path, "user.empty", b"", XattrFlags::empty()).unwrap();
    SharedFile::at(path).update(|document| document.set("n", &2)).unwrap();
    assert_eq!(attribute(path, "user.origin").as_deref(), Ok("by hand"));
    assert_eq!(attribute(path, "user.empty").as_deref(), Ok(""));
    assert_eq!(attribute(&folder.path("a.yaml.backup"), "user.origin").as_deref(), Ok("by hand"));
    replace(path, b"n: 3\n").unwrap();
    assert_eq!(attribute(path, "user.origin").as_deref(), Ok("by hand"));
}

#[test]
fn a_file_that_is_read_only_keeps_its_attributes_and_its_mode() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let path = &folder.path("a.yaml");
    if setxattr(path, "user.origin", b"by hand", XattrFlags::empty()).is_err() {
        return eprintln!("this filesystem has no extended attributes");
    }
    let mut mode = fs::metadata(path).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(path, mode.clone()).unwrap();
    replace(path, b"n: 3\n").unwrap();
    assert_eq!(attribute(path, "user.origin").as_deref(), Ok("by hand"));
    assert_eq!(fs::metadata(path).unwrap().permissions(), mode);
}

#[test]
fn owner_and_group_are_kept_where_that_is_permitted() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let path = &folder.path("a.yaml");
    if chown(path, Some(4711), Some(4712)).is_err() {
        return eprintln!("only root can give files away");
    }
    SharedFile::at(path).update(|document| document.set("n", &2)).unwrap();
    let found = fs::metadata(path).unwrap();
    assert_eq!((found.uid(), found.gid()), (4711, 4712));
}

/// The test below runs this in a namespace where the file is mounted by itself.
#[test]
fn set_a_mounted_file() {
    let Some(path) = std::env::var_os("MOUNTED") else { return };
    let error = SharedFile::at(&path).update(|document| document.set("n", &2)).unwrap_err();
    assert!(matches!(&error, UpdateError::File(FileError::MountPoint { .. })), "{error:?}");
    assert!(error.to_string().contains("a.yaml is a mount of its own (a bind mount)"), "{error}");
    assert!(matches!(replace(&path, b"n: 3\n"), Err(FileError::MountPoint { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "n: 1\n");
}

#[test]
fn a_file_that_is_mounted_by_itself_is_refused_and_stays() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    fs::write(folder.path("real"), "n: 1\n").unwrap();
    let mounted =
        "mount --bind \"$0\" \"$MOUNTED\" || exit 77; exec \"$1\" --exact metadata::set_a_mounted_file";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", mounted])
        .args([folder.path("real"), std::env::current_exe().unwrap()])
        .env("MOUNTED", folder.path("a.yaml"))
        .output();
    match output {
        Ok(output) if output.status.success() => {
            assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        }
        Ok(output) if output.status.code() == Some(101) => {
            panic!("{}", String::from_utf8_lossy(&output.stdout));
        }
        refused => return eprintln!("nothing can be mounted here: {refused:?}"),
    }
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.lock", "real"]);
}
