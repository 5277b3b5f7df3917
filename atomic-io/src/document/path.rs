//! Paths into a document.

use super::error::DocumentError;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
    Select { key: String, value: String },
}

/// A path to a value in a [`Document`](crate::Document).
///
/// As text: keys joined by dots, list items by position (from 0) or by the value of one of their keys in
/// brackets. Keys and values with other characters stand in double quotes, where `\"` and `\\` are escapes.
/// The root is `.` or the empty text.
///
/// ```
/// use atomic_io::DocPath;
///
/// let path: DocPath = r#"tasks[id=TASK-1].labels."due date""#.parse()?;
/// assert_eq!(path, DocPath::root().key("tasks").select("id", "TASK-1").key("labels").key("due date"));
/// assert_eq!(path.to_string(), r#"tasks[id=TASK-1].labels."due date""#);
/// # Ok::<(), atomic_io::DocumentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocPath {
    steps: Vec<Step>,
}

impl DocPath {
    /// The path of the whole document.
    #[must_use]
    pub fn root() -> Self {
        DocPath::default()
    }

    /// This path and then the value of `key` in the mapping there.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.steps.push(Step::Key(key.into()));
        self
    }

    /// This path and then the item at `index`, from 0, in the list there.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.steps.push(Step::Index(index));
        self
    }

    /// This path and then the one item in the list there that is a mapping with `value` under `key`.
    #[must_use]
    pub fn select(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.steps.push(Step::Select { key: key.into(), value: value.into() });
        self
    }

    /// This path and then `rest`, which starts where this one ends.
    #[must_use]
    pub fn join(mut self, rest: &DocPath) -> Self {
        self.steps.extend_from_slice(&rest.steps);
        self
    }

    /// The key with which the path begins; `None` for the root, and for a path that begins with an item of a list.
    #[must_use]
    pub fn first_key(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first `n` steps, for messages.
    pub(crate) fn prefix(&self, n: usize) -> DocPath {
        DocPath { steps: self.steps[..n].to_vec() }
    }
}

impl fmt::Display for DocPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str(".");
        }
        for (i, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    if i > 0 {
                        f.write_str(".")?;
                    }
                    write_word(f, key, is_bare_in_key)?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Select { key, value } => {
                    f.write_str("[")?;
                    write_word(f, key, is_bare_in_key)?;
                    f.write_str("=")?;
                    write_word(f, value, is_bare_in_value)?;
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

fn write_word(f: &mut fmt::Formatter<'_>, word: &str, is_bare: fn(char) -> bool) -> fmt::Result {
    if !word.is_empty() && word.chars().all(is_bare) {
        f.write_str(word)
    } else {
        write!(f, "\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn is_bare_in_key(c: char) -> bool {
    !matches!(c, '.' | '[' | ']' | '=' | '"' | '\\') && !c.is_whitespace() && !c.is_control()
}

fn is_bare_in_value(c: char) -> bool {
    !matches!(c, '[' | ']' | '"' | '\\') && !c.is_control()
}

impl FromStr for DocPath {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        if matches!(text, "" | ".") {
            return Ok(DocPath::root());
        }
        let mut reader = Reader { text, at: 0 };
        let mut steps = Vec::new();
        loop {
            match reader.peek() {
                None => return Ok(DocPath { steps }),
                Some('[') => steps.push(reader.brackets()?),
                Some('.') if !steps.is_empty() => {
                    reader.at += 1;
                    steps.push(Step::Key(reader.word(is_bare_in_key)?));
                }
                Some(_) if steps.is_empty() => steps.push(Step::Key(reader.word(is_bare_in_key)?)),
                Some(_) => return reader.fail("expected `.` or `[`"),
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn fail<T>(&self, reason: &'static str) -> Result<T, DocumentError> {
        let at = self.text[..self.at].chars().count() + 1;
        Err(DocumentError::Path { path: self.text.to_owned(), at, reason })
    }

    fn expect(&mut self, c: char, reason: &'static str) -> Result<(), DocumentError> {
        if self.peek() != Some(c) {
            return self.fail(reason);
        }
        self.at += c.len_utf8();
        Ok(())
    }

    /// A bare or quoted word.
    fn word(&mut self, is_bare: fn(char) -> bool) -> Result<String, DocumentError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
        if end == 0 {
            return self.fail("expected a key or value");
        }
        self.at += end;
        Ok(rest[..end].to_owned())
    }

    fn quoted(&mut self) -> Result<String, DocumentError> {
        let mut word = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += 1 + i + 1;
                    return Ok(word);
                }
                '\\' => match chars.next() {
                    Some((_, c @ ('"' | '\\'))) => word.push(c),
                    _ => return self.fail("only `\\\"` and `\\\\` are escapes in quotes"),
                },
                c => word.push(c),
            }
        }
        self.fail("a quote that is never closed")
    }

    fn brackets(&mut self) -> Result<Step, DocumentError> {
        self.expect('[', "expected `[`")?;
        let rest = &self.text[self.at..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 && rest[digits..].starts_with(']') {
            let Ok(index) = rest[..digits].parse() else {
                return self.fail("a position beyond all lists");
            };
            self.at += digits + 1;
            return Ok(Step::Index(index));
        }
        let key = self.word(is_bare_in_key)?;
        self.expect('=', "expected a position or `key=value`")?;
        let value = self.word(is_bare_in_value)?;
        self.expect(']', "expected `]`")?;
        Ok(Step::Select { key, value })
    }
}

/// What the operations of a document take for a path: text, or a [`DocPath`].
pub trait ToPath {
    /// The path.
    ///
    /// # Errors
    /// [`DocumentError::Path`] when the text does not follow the grammar of [`DocPath`].
    fn to_path(&self) -> Result<Cow<'_, DocPath>, DocumentError>;
}

impl ToPath for DocPath {
    fn to_path(&self) -> Result<Cow<'_, DocPath>, DocumentError> {
        Ok(Cow::Borrowed(self))
    }
}

impl ToPath for str {
    fn to_path(&self) -> Result<Cow<'_, DocPath>, DocumentError> {
        self.parse().map(Cow::Owned)
    }
}

impl ToPath for String {
    fn to_path(&self) -> Result<Cow<'_, DocPath>, DocumentError> {
        self.as_str().to_path()
    }
}

impl<P: ToPath + ?Sized> ToPath for &P {
    fn to_path(&self) -> Result<Cow<'_, DocPath>, DocumentError> {
        (**self).to_path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back_from_their_text() {
        for text in [
            ".",
            "tasks",
            "tasks[3].roi.impact",
            "tasks[id=TASK-1].status",
            r#"skills."bmad.pm".usage"#,
            "[0][1]",
            r#"[key="quoted ] value"]"#,
            r#"a."say \"hi\" \\".b"#,
            r#"."".x"#.trim_start_matches('.'),
            "tasks[title=a b=c].x",
        ] {
            let path: DocPath = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn quotes_are_not_needed_for_a_hyphen() {
        let quoted: DocPath = r#"skills."bmad-pm".usage"#.parse().unwrap();
        assert_eq!(quoted, DocPath::root().key("skills").key("bmad-pm").key("usage"));
        assert_eq!(quoted.to_string(), "skills.bmad-pm.usage");
    }

    #[test]
    fn a_malformed_path_says_where() {
        for (text, at) in [
            ("a..b", 3),
            ("a[", 3),
            ("a[x]", 4),
            ("a[x=1", 6),
            ("a[1]b", 5),
            (".a", 1),
            ("é\"", 2),
            ("a b", 2),
        ] {
            match text.parse::<DocPath>() {
                Err(DocumentError::Path { at: found, .. }) => assert_eq!(found, at, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
