//! Where a command finds programs by their names.

use super::Failure;
use std::env;
use std::iter;
use std::path::Path;
use std::process::Command;

/// Lets `command` look into `folder` before it looks where it has looked so far.
pub(crate) fn look_first_in(folder: &Path, command: &mut Command) -> Result<(), Failure> {
    let own = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
    let path = own.map(ToOwned::to_owned).or_else(|| env::var_os("PATH")).unwrap_or_default();
    let folders = iter::once(folder.to_path_buf()).chain(env::split_paths(&path));
    command.env("PATH", env::join_paths(folders)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::look_first_in;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::{env, ffi::OsStr};

    #[test]
    fn the_last_folder_named_comes_first_and_none_is_lost() {
        let mut command = Command::new("true");
        look_first_in(Path::new("/one"), &mut command).unwrap();
        look_first_in(Path::new("/two"), &mut command).unwrap();
        let path = command.get_envs().find(|(name, _)| *name == OsStr::new("PATH")).unwrap().1.unwrap();
        let inherited = env::var_os("PATH").unwrap();
        let expected: Vec<PathBuf> =
            ["/two".into(), "/one".into()].into_iter().chain(env::split_paths(&inherited)).collect();
        assert_eq!(env::split_paths(path).collect::<Vec<_>>(), expected);
    }
}
