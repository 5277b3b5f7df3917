use crate::folder::Folder;
use atomic_io::{FileError, replace};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

#[test]
fn content_is_replaced_and_nothing_is_left_beside() {
    let folder = Folder::with("a.bin", "old");
    fs::set_permissions(folder.path("a.bin"), fs::Permissions::from_mode(0o640)).unwrap();
    replace(folder.path("a.bin"), b"new\0").unwrap();
    assert_eq!(fs::read(folder.path("a.bin")).unwrap(), b"new\0");
    assert_eq!(fs::metadata(folder.path("a.bin")).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(folder.names(), ["a.bin"]);
}

#[test]
fn a_new_file_gets_the_mode_that_any_program_would_give_it() {
    let folder = Folder::with("plain", "");
    replace(folder.path("ours"), b"").unwrap();
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().mode();
    assert_eq!(mode("ours"), mode("plain"));
}

#[test]
fn a_link_is_followed() {
    let folder = Folder::with("real", "old");
    symlink("real", folder.path("link")).unwrap();
    replace(folder.path("link"), b"new").unwrap();
    assert_eq!(folder.read("real"), "new");
    assert!(fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());
}

#[test]
fn what_cannot_be_replaced_is_named() {
    let folder = Folder::with("a", "old");
    assert!(matches!(replace(folder.path(""), b""), Err(FileError::NotAFile { .. })));
    let error = replace(folder.path("nowhere/a"), b"").unwrap_err();
    assert!(error.to_string().contains("creating the temporary file"), "{error}");
    fs::hard_link(folder.path("a"), folder.path("b")).unwrap();
    assert!(matches!(replace(folder.path("a"), b"new"), Err(FileError::HardLinked { .. })));
    assert_eq!(folder.read("a"), "old");
}
