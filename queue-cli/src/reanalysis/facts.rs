//! What is known of files, and whether a task refers to one.

use glob::{MatchOptions, Pattern};

/// What an operation cannot find out by itself.
pub struct Facts<'a> {
    /// The files that changed; `None` where nobody can tell.
    pub changes: Option<&'a Changes>,
    /// Whether the file that a task refers to by this name does not exist.
    pub is_gone: &'a dyn Fn(&str) -> bool,
}

/// Files that changed since a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The revision, as it was asked for.
    pub since: String,
    /// The files.
    pub files: Vec<ChangedFile>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path from the root of the repository.
    pub path: String,
    /// Other names under which a task may refer to it: its path from the queue's folder, and from the root of the filesystem.
    pub other_names: Vec<String>,
    /// Whether a commit whose message says that it breaks something changed it.
    pub is_breaking: bool,
}

const BY_COMPONENT: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

pub(super) fn matches(pattern: &Pattern, path: &str) -> bool {
    pattern.matches_with(path, BY_COMPONENT)
}

impl ChangedFile {
    /// Whether `reference` means this file: by name, by a folder that it is in, or by a pattern.
    pub(super) fn is_meant_by(&self, reference: &str) -> bool {
        [bare(reference), file_of(reference)].into_iter().any(|reference| self.is_named(reference))
    }

    fn is_named(&self, reference: &str) -> bool {
        let is_below = |name: &str| name.strip_prefix(reference).is_some_and(|rest| rest.starts_with('/'));
        let fits = |name: &str| {
            is_pattern(reference) && Pattern::new(reference).is_ok_and(|pattern| matches(&pattern, name))
        };
        let names = std::iter::once(&self.path).chain(&self.other_names);
        !reference.is_empty()
            && names.into_iter().any(|name| name == reference || is_below(name) || fits(name))
    }
}

/// Where in a reference something else may begin than a file's name: `src/lib.rs (main)`, `src/lib.rs:fn main`.
const MARKS: [char; 8] = [':', '#', '(', ',', ';', '@', ' ', '\t'];

impl Facts<'_> {
    /// Whether no file is there that `reference` may mean: none of its whole name, and none of any beginning of it that may be the name.
    pub(super) fn none_is_there(&self, reference: &str) -> bool {
        let whole = bare(reference);
        let beginnings = whole.match_indices(MARKS).map(|(at, _)| bare(&whole[..at]));
        is_one_file(reference)
            && std::iter::once(whole).chain(beginnings).all(|name| name.is_empty() || (self.is_gone)(name))
    }
}

/// Whether it cannot be told where in a reference the file's name ends.
pub(super) fn is_doubtful(reference: &str) -> bool {
    file_of(reference).contains(MARKS)
}

/// Whether a reference names one file or folder that can be looked for: no pattern, no address, no folder of some user.
fn is_one_file(reference: &str) -> bool {
    let name = file_of(reference);
    !name.is_empty() && !is_pattern(name) && !name.contains("://") && !name.starts_with('~')
}

/// The file's name in a reference such as `./src/lib.rs:12:3`, `src/lib.rs#L12` or `docs/`.
fn file_of(reference: &str) -> &str {
    let mut name = reference.trim();
    while let Some((at, mark)) = name.rmatch_indices([':', '#']).next()
        && is_place(mark, &name[at + 1..])
    {
        name = &name[..at];
    }
    bare(name)
}

/// Whether this names lines of a file: `:12`, `:12-20`, `#L12`, `#L12-L20`.
fn is_place(mark: &str, place: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match mark {
        "#" => place.replace(['L', 'C'], "").split('-').all(is_number),
        _ => place.split('-').all(is_number),
    }
}

/// A name without what says nothing: blanks around it, `./` before it and `/` behind it.
fn bare(name: &str) -> &str {
    let mut name = name.trim();
    while let Some(rest) = name.strip_prefix("./") {
        name = rest;
    }
    match name.trim_end_matches('/') {
        "" => name,
        bare => bare,
    }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_meant_by_its_name_its_folder_or_a_pattern() {
        let other_names = vec!["../src/lib.rs".into(), "/repo/src/lib.rs".into()];
        let file = ChangedFile { path: "src/lib.rs".into(), other_names, is_breaking: false };
        for reference in [
            "src/lib.rs",
            "./src/lib.rs",
            "src/lib.rs:12:3",
            "src/lib.rs:12-20",
            "src/lib.rs#L12",
            "src/lib.rs#L12-L20",
            "src",
            "src/",
            "../src",
            "/repo/src/lib.rs",
            "**/*.rs",
        ] {
            assert!(file.is_meant_by(reference), "{reference}");
        }
        for reference in
            ["lib.rs", "src/lib", "sr", "src/lib.rs/x", "*.rs", "", "/", "[", "src/lib.rs:x", "src/lib.rs#x"]
        {
            assert!(!file.is_meant_by(reference), "{reference}");
        }
    }

    #[test]
    fn a_pattern_for_everything_is_one() {
        let all = Pattern::new("**").unwrap();
        assert!(["a", "a/b/c", ".github/x"].iter().all(|path| matches(&all, path)));
        assert!(!matches(&Pattern::new("src/*").unwrap(), "src/a/b"));
    }

    #[test]
    fn what_cannot_be_looked_for_is_not_looked_for() {
        assert!(is_one_file("src/lib.rs:12") && is_one_file("docs/"));
        assert!(!["", "*.rs", "https://example.org/x", "~/x"].into_iter().any(is_one_file));
    }
}
