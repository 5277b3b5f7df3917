//! The commands `completions SHELL` and `man [--dir DIR]`: what they are told, and what they answer.

use crate::{Pages, PagesError};
use clap::Args;
use clap_complete::Shell;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The arguments of `completions`.
#[derive(Clone, Debug, Args)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// The arguments of `man`.
#[derive(Clone, Debug, Args)]
pub struct Man {
    /// Write all pages into this folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// What one of these commands has to say, in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// For people, or for what reads it in their stead: the script, the page, or where the pages are.
    pub text: String,
    /// For programs: `{"shell", "script"}`, `{"page"}` or `{"files"}`.
    pub json: Value,
}

impl Completions {
    /// The script that the shell is to read.
    #[must_use]
    pub fn answer(&self, pages: &Pages) -> Answer {
        let script = text(&pages.completions(self.shell));
        let json = json!({"shell": self.shell.to_string(), "script": script});
        Answer { text: script, json }
    }
}

impl Man {
    /// The page of the program itself; or all pages as files, and which they are.
    ///
    /// # Errors
    ///
    /// Without a folder [`PagesError::Render`]; with one [`PagesError::Folder`], [`PagesError::Page`].
    pub fn answer(&self, pages: &Pages) -> Result<Answer, PagesError> {
        let Some(folder) = &self.dir else {
            let page = text(&pages.manual()?);
            let json = json!({"page": page});
            return Ok(Answer { text: page, json });
        };
        let files = pages.write_manuals(folder)?;
        let text = format!("{} pages are in {}\n", files.len(), folder.display());
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        Ok(Answer { text, json: json!({"files": files}) })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Completions, Man};
    use crate::{Pages, PagesError};
    use clap::{CommandFactory, Parser, Subcommand};
    use serde_json::json;

    #[derive(Debug, Parser)]
    struct Tell {
        #[command(subcommand)]
        command: Verb,
    }

    #[derive(Debug, Subcommand)]
    enum Verb {
        /// Print the script.
        Completions(Completions),
        /// Print the page.
        Man(Man),
    }

    fn tell(words: &[&str]) -> Verb {
        Tell::try_parse_from([&["tell"], words].concat()).unwrap().command
    }

    fn pages() -> Pages {
        Pages::of("tell", "1.2.3", &Tell::command())
    }

    #[test]
    fn the_help_is_that_of_the_program() {
        let told = pages().manual().unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("Print the script") && told.contains("Print the page"), "{told}");
        assert!(!told.contains("The arguments of"), "{told}");
    }

    #[test]
    fn a_script_names_its_shell() {
        let Verb::Completions(args) = tell(&["completions", "fish"]) else { unreachable!() };
        let answer = args.answer(&pages());
        assert!(answer.text.contains("complete -c tell"), "{}", answer.text);
        assert_eq!(answer.json, json!({"shell": "fish", "script": answer.text}));
    }

    #[test]
    fn without_a_folder_there_is_one_page() {
        let Verb::Man(args) = tell(&["man"]) else { unreachable!() };
        let answer = args.answer(&pages()).unwrap();
        assert!(answer.text.contains("tell 1.2.3"), "{}", answer.text);
        assert_eq!(answer.json, json!({"page": answer.text}));
    }

    #[test]
    fn a_folder_gets_every_page() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let Verb::Man(args) = tell(&["man", "--dir", path]) else { unreachable!() };
        let answer = args.answer(&pages()).unwrap();
        assert_eq!(answer.text, format!("3 pages are in {path}\n"));
        let files = ["tell-completions.1", "tell-man.1", "tell.1"].map(|name| format!("{path}/{name}"));
        assert_eq!(answer.json, json!({"files": files}));
        let below_a_file = Man { dir: Some(folder.path().join("tell.1")) };
        assert!(matches!(below_a_file.answer(&pages()), Err(PagesError::Folder { .. })));
    }
}
