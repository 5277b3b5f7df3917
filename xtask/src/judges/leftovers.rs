//! What must not stand beside a shared file when nobody is at work.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Temporaries under `folder`, at any depth: ours (`.NAME.new`), and those of the other clients (`*.tmp`).
pub(crate) fn temporaries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            // What was put aside there keeps its name on purpose.
            if path.file_name().is_none_or(|name| name != "recovered") {
                found.extend(temporaries(&path)?);
            }
        } else if is_temporary(&entry.file_name().to_string_lossy()) {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_temporary(name: &str) -> bool {
    (name.starts_with('.') && name.contains(".new")) || name.starts_with(".tmp") || name.contains(".tmp")
}

/// That there are none.
pub(crate) fn none(folder: &Path) -> Result<(), String> {
    let found = temporaries(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    if found.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = found.iter().map(|path| path.display().to_string()).collect();
    Err(format!("temporaries were left: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::none;
    use std::fs;

    #[test]
    fn a_temporary_is_noticed_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".mooring/recovered")).unwrap();
        for name in
            ["queue.yaml", "queue.yaml.lock", "queue.yaml.backup", ".mooring/recovered/.queue.yaml.new"]
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(none(folder.path()), Ok(()));
        for name in [".queue.yaml.new", "queue.yaml.17.tmp", ".tmpAb12", ".mooring/.state.new"] {
            fs::write(folder.path().join(name), "").unwrap();
            assert!(none(folder.path()).is_err(), "{name}");
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}
