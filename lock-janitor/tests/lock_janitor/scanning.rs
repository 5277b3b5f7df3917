use lock_janitor::{Trouble, scan};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

pub(crate) fn folder_with(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    folder
}

fn found(folder: &Path) -> Vec<String> {
    let found = scan(&[folder]);
    assert!(found.troubles.is_empty(), "{:?}", found.troubles);
    let inside = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    found.files.iter().map(|path| inside(path)).collect()
}

#[test]
fn lock_files_are_found_by_their_names_at_any_depth() {
    let folder = folder_with(&[
        "queue.yaml.lock",
        "a/b/c.yml.lock",
        "a/.mooring/run/T-1.2.lock",
        "a/.hidden.yaml.lock",
    ]);
    let expected = ["a/.hidden.yaml.lock", "a/.mooring/run/T-1.2.lock", "a/b/c.yml.lock", "queue.yaml.lock"];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn what_belongs_to_others_is_left_out() {
    let folder = folder_with(&[
        "Cargo.lock",
        "yarn.lock",
        "queue.yaml",
        "queue.yaml.lock.retired.7",
        "run/a.lock",
        ".mooring/a.lock",
        ".git/index.lock",
        ".git/x.yaml.lock",
        "sub/.git/refs/x.yaml.lock",
        ".yaml.lock",
    ]);
    fs::create_dir(folder.path().join("folder.yaml.lock")).unwrap();
    assert_eq!(found(folder.path()), [""; 0]);
}

#[test]
fn links_are_not_followed() {
    let folder = folder_with(&["real/a.yaml.lock"]);
    symlink("real", folder.path().join("link")).unwrap();
    symlink("..", folder.path().join("real/loop")).unwrap();
    symlink("a.yaml.lock", folder.path().join("real/b.yaml.lock")).unwrap();
    assert_eq!(found(folder.path()), ["real/a.yaml.lock"]);
    assert_eq!(found(&folder.path().join("link")), ["a.yaml.lock"]);
}

#[test]
fn what_cannot_be_looked_at_is_said_and_the_rest_is_scanned() {
    let folder = folder_with(&["a.yaml.lock", ".git/sub/b.yaml.lock", "file"]);
    let paths = ["missing", ".", ".git/sub", "file", "."].map(|name| folder.path().join(name));
    let found = scan(&paths);
    assert_eq!(found.files.len(), 1, "given twice, found once: {:?}", found.files);
    assert!(matches!(&found.troubles[0], Trouble::NoSuchFolder { path } if path.ends_with("missing")));
    assert!(matches!(&found.troubles[1], Trouble::BelowGit { .. }));
    assert!(matches!(&found.troubles[2], Trouble::ReadFolder { path, .. } if path.ends_with("file")));
    assert_eq!(found.troubles.len(), 3);
}
