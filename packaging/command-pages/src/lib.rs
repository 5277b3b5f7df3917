//! What shells and `man` are told of a program, made from its command line.
//!
//! [`Pages`] takes a program's definition in clap without the commands that are not for people: a completion would offer them. It gives a
//! completion script for each shell that clap knows, and a manual page for the program and one for each of its commands.
//!
//! [`Completions`] and [`Man`] are the commands that print them, the same in every program: their arguments for its command line, and their
//! [`Answer`] as text and as JSON. How that is printed, and how the program ends when there is none, is its own.
//!
//! Limitations: commands that are hidden further down than the first level stay. The text is the help's; nothing is told
//! that `--help` does not tell.
//!
//! ```
//! use clap::Command;
//! use command_pages::{Pages, Shell};
//!
//! let program = Command::new("tell").about("Tells things").subcommand(Command::new("time"));
//! let pages = Pages::of("tell", "1.0.0", &program);
//! let script = String::from_utf8(pages.completions(Shell::Bash))?;
//! assert!(script.contains("complete -F _tell"));
//! # Ok::<_, std::string::FromUtf8Error>(())
//! ```
#![forbid(unsafe_code)]

mod commands;

use clap::Command;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use clap_complete::Shell;
pub use commands::{Answer, Completions, Man};

/// The completions and manual pages of one program.
#[derive(Clone, Debug)]
pub struct Pages {
    name: &'static str,
    visible: Command,
}

/// Why there are no manual pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The folder for them cannot be made.
    #[error("cannot make the folder {}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A page cannot be written.
    #[error("cannot write the manual page {}", page.display())]
    Page {
        /// Where it was to be.
        page: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A page cannot be made of the command line.
    #[error("cannot make the manual page")]
    Render(#[source] io::Error),
}

impl Pages {
    /// The pages of the program `name`, whose command line is `all`.
    #[must_use]
    pub fn of(name: &'static str, version: &'static str, all: &Command) -> Self {
        let commands: Vec<_> = all.get_subcommands().filter(|one| !one.is_hide_set()).cloned().collect();
        let visible = Command::new(name)
            .version(version)
            .about(all.get_about().cloned().unwrap_or_default())
            .after_help(all.get_after_help().cloned().unwrap_or_default())
            .subcommand_required(true)
            .args(all.get_arguments().cloned())
            .subcommands(commands);
        Self { name, visible }
    }

    /// The script that `shell` is to read.
    #[must_use]
    pub fn completions(&self, shell: Shell) -> Vec<u8> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut self.visible.clone(), self.name, &mut script);
        script
    }

    /// The page of the program itself.
    ///
    /// # Errors
    ///
    /// [`PagesError::Render`].
    pub fn manual(&self) -> Result<Vec<u8>, PagesError> {
        let mut page = Vec::new();
        clap_mangen::Man::new(self.told()).render(&mut page).map_err(PagesError::Render)?;
        Ok(page)
    }

    /// Writes the page of the program, and one for each of its commands, into `folder`, which is made if it is missing. Says which, sorted.
    ///
    /// # Errors
    ///
    /// [`PagesError::Folder`], [`PagesError::Page`].
    pub fn write_manuals(&self, folder: &Path) -> Result<Vec<PathBuf>, PagesError> {
        fs::create_dir_all(folder)
            .map_err(|source| PagesError::Folder { folder: folder.to_path_buf(), source })?;
        let mut files = Vec::new();
        let mut open = vec![self.told()];
        while let Some(command) = open.pop() {
            open.extend(command.get_subcommands().cloned());
            let page = clap_mangen::Man::new(command);
            let path = page
                .generate_to(folder)
                .map_err(|source| PagesError::Page { page: folder.join(page.get_filename()), source })?;
            files.push(path);
        }
        files.sort_unstable();
        Ok(files)
    }

    /// The command `help` is told in the program's own page.
    fn told(&self) -> Command {
        let mut command = self.visible.clone().disable_help_subcommand(true);
        command.build();
        command
    }
}

#[cfg(test)]
mod tests {
    use super::{Pages, PagesError, Shell};
    use clap::{Arg, Command};
    use std::fs;

    fn tell() -> Pages {
        let all = Command::new("tell")
            .about("Tells things")
            .arg(Arg::new("json").long("json").global(true))
            .subcommand(Command::new("time").subcommand(Command::new("zone")))
            .subcommand(Command::new("inner").hide(true));
        Pages::of("tell", "1.2.3", &all)
    }

    #[test]
    fn every_command_for_people_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let files = tell().write_manuals(&folder.path().join("man1")).unwrap();
        let names: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["tell-time-zone.1", "tell-time.1", "tell.1"]);
        assert!(fs::read_to_string(&files[0]).unwrap().contains("json"));
        let page = String::from_utf8(tell().manual().unwrap()).unwrap();
        assert!(page.contains("tell 1.2.3") && page.contains("Tells things"), "{page}");
    }

    #[test]
    fn no_shell_offers_what_is_not_for_people() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = String::from_utf8(tell().completions(shell)).unwrap();
            assert!(script.contains("time") && !script.contains("inner"), "{shell}: {script}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = tell().write_manuals(&file.path().join("man1")).unwrap_err();
        assert!(matches!(&failure, PagesError::Folder { folder, .. } if folder.ends_with("man1")));
        assert!(failure.to_string().starts_with("cannot make the folder "));
    }
}
