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
        let reference = file_of(reference);
        let is_below = |name: &str| name.strip_prefix(reference).is_some_and(|rest| rest.starts_with('/'));
        let fits = |name: &str| {
            is_pattern(reference) && Pattern::new(reference).is_ok_and(|pattern| matches(&pattern, name))
        };
        let names = std::iter::once(&self.path).chain(&self.other_names);
        !reference.is_empty()
            && names.into_iter().any(|name| name == reference || is_below(name) || fits(name))
    }
}

/// Whether a reference names one file or folder that can be looked for: no pattern, no address, no folder of some user.
pub(super) fn is_one_file(reference: &str) -> bool {
    let name = file_of(reference);
    !name.is_empty() && !is_pattern(name) && !name.contains("://") && !name.starts_with('~')
}

/// The file's name in a reference such as `./src/lib.rs:12:3` or `docs/`.
pub(super) fn file_of(reference: &str) -> &str {
    let mut name = reference.trim();
    while let Some((file, place)) = name.rsplit_once(':') {
        if place.is_empty() || !place.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        name = file;
    }
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
            "src",
            "src/",
            "../src",
            "/repo/src/lib.rs",
            "**/*.rs",
        ] {
            assert!(file.is_meant_by(reference), "{reference}");
        }
        for reference in ["lib.rs", "src/lib", "sr", "src/lib.rs/x", "*.rs", "", "/", "[", "src/lib.rs:x"] {
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
