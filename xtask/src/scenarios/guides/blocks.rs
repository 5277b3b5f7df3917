//! What a page of the documentation tells its reader to do, as one shell script, and what it says will be printed.
//!
//! A block marked `sh` is pasted into the shell. A block marked `text` right below is what that prints, with `[..]` for what differs from
//! time to time. A block marked with a language and a path is written to that file. All others only show something.

use std::fmt::Write;

/// A line that would run the very tests of which this is one.
const THE_TESTS: &str = "cargo xtask test";

/// Whatever is between two fences.
struct Block<'a> {
    /// What stands behind the opening fence.
    info: &'a str,
    /// Of the opening fence, from 1.
    line: usize,
    text: String,
}

/// The steps of one page.
pub(super) struct Page<'a> {
    name: &'a str,
    blocks: Vec<Block<'a>>,
}

/// What a block of a page prints.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    /// The name of the file that has what it really printed.
    pub(super) file: String,
    /// Where the page says so.
    pub(super) place: String,
    pub(super) text: String,
}

impl<'a> Page<'a> {
    pub(super) fn read(name: &'a str, markdown: &'a str) -> Self {
        let mut blocks: Vec<Block<'a>> = Vec::new();
        let mut open = false;
        for (at, line) in markdown.lines().enumerate() {
            match line.strip_prefix("```") {
                Some(_) if open => open = false,
                Some(info) => {
                    open = true;
                    blocks.push(Block { info: info.trim(), line: at + 1, text: String::new() });
                }
                None => {
                    if let Some(block) = blocks.last_mut().filter(|_| open) {
                        block.text += line;
                        block.text.push('\n');
                    }
                }
            }
        }
        Self { name, blocks }
    }

    /// The blocks as bash reads them. What each prints goes to a file of its own in the folder `$PRINTED`; where it is, to standard error.
    pub(super) fn script(&self) -> String {
        let mut script = String::new();
        for (number, block) in self.blocks.iter().enumerate() {
            let place = self.place(block);
            let done = if let ("sh", None) = block.kind() {
                let lines: Vec<&str> =
                    block.text.lines().filter(|line| !line.starts_with(THE_TESTS)).collect();
                let file = self.file(number);
                write!(script, "echo '== {place}' >&2\n{{\n{}\n}} > \"$PRINTED/{file}\"\n", lines.join("\n"))
            } else if let (_, Some(path)) = block.kind() {
                write!(script, "cat > '{path}' <<'END_OF_BLOCK'\n{}END_OF_BLOCK\n", block.text)
            } else {
                Ok(())
            };
            debug_assert!(done.is_ok(), "a string takes whatever is written to it");
        }
        script
    }

    /// How many blocks are run.
    pub(super) fn steps(&self) -> usize {
        self.blocks.iter().filter(|block| block.kind() == ("sh", None)).count()
    }

    /// What the page says that its blocks print.
    pub(super) fn printed(&self) -> Vec<Printed> {
        let pairs = self.blocks.iter().zip(self.blocks.iter().skip(1)).enumerate();
        let told = pairs.filter(|(_, (run, said))| run.kind() == ("sh", None) && said.info == "text");
        told.map(|(number, (_, said))| Printed {
            file: self.file(number),
            place: self.place(said),
            text: said.text.clone(),
        })
        .collect()
    }

    fn place(&self, block: &Block<'_>) -> String {
        format!("{}:{}", self.name, block.line)
    }

    fn file(&self, number: usize) -> String {
        format!("{}-{number}", self.name.replace('/', "-"))
    }
}

impl<'a> Block<'a> {
    /// The language, and the path that it is to be written to.
    fn kind(&self) -> (&'a str, Option<&'a str>) {
        match self.info.split_once(' ') {
            Some((language, path)) => (language, Some(path)),
            None => (self.info, None),
        }
    }
}

impl Printed {
    /// What is wrong with what was really printed, if something is.
    pub(super) fn compare(&self, found: &str) -> Option<String> {
        let (expected, found): (Vec<_>, Vec<_>) = (self.text.lines().collect(), found.lines().collect());
        let same = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(expected, found)| is_like(expected, found));
        (!same).then(|| format!("{} says:\n{}\nbut it was:\n{}", self.place, self.text, found.join("\n")))
    }
}

/// Whether a line is as expected, with anything at all for each `[..]`.
fn is_like(expected: &str, found: &str) -> bool {
    let Some((before, last)) = expected.rsplit_once("[..]") else { return expected == found };
    let mut parts = before.split("[..]");
    let first = parts.next().unwrap_or_default();
    let between = found.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    parts
        .try_fold(between, |rest, part| Some(rest?.split_once(part).map(|(_, behind)| behind)))
        .flatten()
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::{Page, is_like};
    use std::process::Command;

    const PAGE: &str = "\
# A page

```sh
cargo xtask test      # not again
cd ..
pwd | sed 's,.*/,,'
```
```text
[..]e
```

Only shown:

```rust
fn main() {}
```
```python a file.py
print('$HOME')
```
```sh
cat 'a file.py'
false
```
";

    #[test]
    fn blocks_are_run_in_one_shell_up_to_the_first_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        for sub in ["here/below", "printed"] {
            std::fs::create_dir_all(folder.path().join(sub)).unwrap();
        }
        let page = Page::read("docs/page.md", PAGE);
        assert_eq!(page.steps(), 2);
        let mut bash = Command::new("bash");
        bash.args(["-euc", &page.script()]).current_dir(folder.path().join("here/below"));
        let ended = bash.env("PRINTED", folder.path().join("printed")).output().unwrap();
        assert!(!ended.status.success());
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "== docs/page.md:3\n== docs/page.md:20\n");
        let printed = page.printed();
        assert_eq!(printed.len(), 1);
        assert_eq!(printed[0].place, "docs/page.md:8");
        let found = std::fs::read_to_string(folder.path().join("printed").join(&printed[0].file)).unwrap();
        assert_eq!((found.as_str(), printed[0].compare(&found)), ("here\n", None));
        assert!(printed[0].compare("there is less\n").is_some());
        assert!(printed[0].compare("here\nhere\n").is_some());
        let file = std::fs::read_to_string(folder.path().join("here/a file.py")).unwrap();
        assert_eq!(file, "print('$HOME')\n");
    }

    #[test]
    fn anything_may_stand_where_the_page_says_so_and_only_there() {
        for (expected, found, like) in [
            ("a [..] b", "a x y b", true),
            ("a [..] b", "a b", false),
            ("[..]", "", true),
            ("a", "a b", false),
            ("[..]b[..]d", "abbcd", true),
            ("[..]b[..]d", "abc", false),
            ("ab[..]ba", "aba", false),
        ] {
            assert_eq!(is_like(expected, found), like, "{expected} {found}");
        }
    }
}
