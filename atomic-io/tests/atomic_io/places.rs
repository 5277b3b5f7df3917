use crate::folder::Folder;
use atomic_io::{Document, FileError, SharedFile, UpdateError};
use std::fs;
use std::os::unix::fs::symlink;

fn set(file: &SharedFile) -> Result<(), FileError> {
    file.update(|document| document.set("n", &2)).map_err(|error| match error {
        UpdateError::File(error) => error,
        UpdateError::Operation(error) => panic!("{error}"),
    })
}

#[test]
fn a_missing_file_is_an_error_and_leaves_no_lock_behind() {
    let folder = Folder::with("other", "");
    let file = SharedFile::at(folder.path("nowhere/a.yaml"));
    assert!(matches!(set(&file), Err(FileError::NotFound { .. })));
    assert!(matches!(file.read(), Err(FileError::NotFound { .. })));
    assert_eq!(folder.names(), ["other"]);
}

#[test]
fn a_folder_in_the_files_place_is_refused() {
    let folder = Folder::with("other", "");
    fs::create_dir(folder.path("a.yaml")).unwrap();
    let file = SharedFile::at(folder.path("a.yaml"));
    for error in [set(&file).unwrap_err(), file.read().unwrap_err()] {
        assert!(error.to_string().ends_with("a.yaml is a folder, not a regular file"), "{error}");
    }
}

#[test]
fn a_link_is_followed_and_stays_a_link() {
    let folder = Folder::with("real.yaml", "n: 1\n");
    symlink("real.yaml", folder.path("link.yaml")).unwrap();
    set(&SharedFile::at(folder.path("link.yaml"))).unwrap();
    assert_eq!(folder.read("real.yaml"), "n: 2\n");
    assert!(fs::symlink_metadata(folder.path("link.yaml")).unwrap().is_symlink());
    assert_eq!(folder.read("real.yaml.backup"), "n: 1\n");
}

#[test]
fn a_link_to_nothing_is_refused() {
    let folder = Folder::with("other", "");
    symlink("gone.yaml", folder.path("link.yaml")).unwrap();
    let file = SharedFile::at(folder.path("link.yaml"));
    assert!(matches!(set(&file), Err(FileError::DanglingLink { .. })));
    assert!(matches!(file.create(&Document::parse("n: 1\n").unwrap()), Err(FileError::DanglingLink { .. })));
}

#[test]
fn a_file_with_two_names_is_refused() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    fs::hard_link(folder.path("a.yaml"), folder.path("b.yaml")).unwrap();
    assert!(matches!(
        set(&SharedFile::at(folder.path("a.yaml"))),
        Err(FileError::HardLinked { links: 2, .. })
    ));
    assert_eq!(folder.read("a.yaml"), "n: 1\n");
}

#[test]
fn create_does_not_replace_and_makes_folders() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let content = Document::parse("n: 9\n").unwrap();
    let taken = SharedFile::at(folder.path("a.yaml")).create(&content);
    assert!(matches!(taken, Err(FileError::AlreadyExists { .. })));
    assert_eq!(folder.read("a.yaml"), "n: 1\n");
    SharedFile::at(folder.path("deep/er/b.yaml")).create(&content).unwrap();
    assert_eq!(folder.read("deep/er/b.yaml"), "n: 9\n");
}

#[test]
fn write_replaces_or_creates_but_not_over_what_does_not_parse() {
    let folder = Folder::with("broken.yaml", "a: [\n");
    let content = Document::parse("n: 9\n").unwrap();
    assert!(matches!(
        SharedFile::at(folder.path("broken.yaml")).write(&content),
        Err(FileError::Invalid { .. })
    ));
    assert_eq!(folder.read("broken.yaml"), "a: [\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    file.write(&content).unwrap();
    file.write(&Document::parse("n: 10\n").unwrap()).unwrap();
    assert_eq!((folder.read("a.yaml"), folder.read("a.yaml.backup")), ("n: 10\n".into(), "n: 9\n".into()));
}

/// The parent of a bare name is the empty path, which cannot be opened.
#[test]
fn a_bare_file_name_works() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "places::set_in_this_folder"])
        .env("SET_HERE", "a.yaml")
        .current_dir(folder.path(""))
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(folder.read("a.yaml"), "n: 2\n");
}

/// The other side of the test above; on its own it has nothing to do.
#[test]
fn set_in_this_folder() {
    if let Some(name) = std::env::var_os("SET_HERE") {
        set(&SharedFile::at(name)).unwrap();
    }
}
