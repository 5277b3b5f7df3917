//! The cases in `tests/cmd`, and the README's: what is typed and what comes of it, also to be read as documentation.
//!
//! `TRYCMD=overwrite cargo test -p queue-cli cases` writes down what comes of those in `tests/cmd` now.

use std::fs;

#[test]
fn what_is_told_is_what_happens() {
    let cases = trycmd::TestCases::new();
    // Lines are as on a terminal of 80 columns.
    cases.env("COLUMNS", "80").case("tests/cmd/*.md");
    // Each case runs in a copy of the folder beside it; the README has none in the repository.
    let folder = tempfile::tempdir().unwrap();
    for name in ["readme.in", "readme.out"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::copy("README.md", folder.path().join("readme.md")).unwrap();
    cases.case(folder.path().join("readme.md"));
    // They are run when this is dropped, and need the folder until then.
    drop(cases);
}
