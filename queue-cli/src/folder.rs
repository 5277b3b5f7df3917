//! The folder that a file is in, also where the path does not say it.

use std::path::Path;

/// The folder of `path`; a bare name, whose parent is the empty path, is in `.`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::folder_of;
    use std::path::Path;

    #[test]
    fn a_bare_name_is_in_the_working_folder() {
        assert_eq!(folder_of(Path::new("queue.yaml")), Path::new("."));
        assert_eq!(folder_of(Path::new("./queue.yaml")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/queue.yaml")), Path::new("a"));
        assert_eq!(folder_of(Path::new("/queue.yaml")), Path::new("/"));
    }
}
