//! The cases in `tests/cmd`: what is typed and what comes of it, also to be read as documentation.
//!
//! `TRYCMD=overwrite cargo test -p queue-cli cases` writes down what comes of it now.

#[test]
fn what_is_told_is_what_happens() {
    let cases = trycmd::TestCases::new();
    // Lines are as on a terminal of 80 columns.
    cases.env("COLUMNS", "80").case("tests/cmd/*.md");
}
