//! Tables for people. On a terminal they fit its width; elsewhere every row is one line, uncut, for `grep` and `cut`.

use crate::output::{Tone, print_text};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, Color, ContentArrangement, Table};
use std::io::{self, IsTerminal};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns below which rows are not broken any more: a terminal this narrow would cut ids to pieces.
const NARROWEST: u16 = 60;
/// Blanks around each cell.
const PADDING: usize = 2;
/// A column is made as wide as its words, but not for those that are longer than this.
const LONGEST_WORD: usize = 20;
/// The least that is worth showing of a title.
const LEAST_TITLE: usize = 20;
/// Before a reason on a line of its own.
const INDENT: &str = "     ";

/// The width that tables have to fit, if there is one.
///
/// `COLUMNS` counts also where standard output is no terminal: shells do not export it, so who has it in the environment, as `watch`
/// does for the programs it shows, wants lines of that length.
pub(crate) fn width() -> Option<u16> {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let own = || if io::stdout().is_terminal() { Table::new().width() } else { None };
    // A terminal that does not know its width says 0.
    asked.or_else(own).filter(|width| *width >= NARROWEST)
}

/// A table without lines.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header.iter().map(|title| title.to_uppercase()));
    match width() {
        Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

/// A cell in the colour of its tone, if colours are wanted.
pub(crate) fn cell(text: impl ToString, tone: Tone, colour: bool) -> Cell {
    let cell = Cell::new(text);
    match tone {
        _ if !colour => cell,
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Waiting => cell.fg(Color::Yellow),
    }
}

/// Prints a table, without the blanks that fill its last column.
pub(crate) fn print_table(table: &Table) {
    print_text(&table.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>());
}

/// Rows of words, then a title that may be cut, then a reason that must stay readable. In `width` columns a title gets what words and
/// reasons leave of the line, and an ellipsis; a reason that would leave too little stands on lines of its own below. The few words that
/// are much longer than the others of their column push the rest of their row aside.
pub(crate) fn lines_of(header: &[&str], rows: &[Vec<String>], width: Option<u16>) -> Vec<String> {
    let widths = Widths::of(header, rows, width.map(usize::from));
    let header: Vec<String> = header.iter().map(|word| word.to_uppercase()).collect();
    std::iter::once(&header).chain(rows).flat_map(|row| widths.lines_of(row)).collect()
}

struct Widths {
    words: Vec<usize>,
    title: usize,
    reason: usize,
    line: Option<usize>,
}

impl Widths {
    fn of(header: &[&str], rows: &[Vec<String>], line: Option<usize>) -> Self {
        let longest = |column: usize, limit: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|text| text.width());
            cells.filter(|width| *width <= limit).chain([header[column].width()]).max().unwrap_or(0)
        };
        let (title, reason) = (header.len() - 2, header.len() - 1);
        let limit = if line.is_some() { LONGEST_WORD } else { usize::MAX };
        let words: Vec<usize> = (0..title).map(|column| longest(column, limit)).collect();
        let (all_of_title, all_of_reason) = (longest(title, usize::MAX), longest(reason, usize::MAX));
        let free = line.map_or(usize::MAX, |line| {
            line.saturating_sub(words.iter().map(|width| width + PADDING).sum::<usize>() + 2 * PADDING)
        });
        if all_of_title.saturating_add(all_of_reason) <= free {
            return Self { words, title: all_of_title, reason: all_of_reason, line };
        }
        let least = all_of_title.min((free / 2).max(LEAST_TITLE));
        let reason = longest(reason, free.saturating_sub(least));
        Self { words, title: free.saturating_sub(reason), reason, line }
    }

    fn lines_of(&self, row: &[String]) -> Vec<String> {
        let (words, rest) = row.split_at(self.words.len());
        let (title, reason) = (&rest[0], &rest[1]);
        let (mut line, mut should_be) = (String::new(), 0);
        for (word, width) in words.iter().zip(&self.words) {
            should_be += width + PADDING;
            // What a word takes more than its column has is taken from the blanks behind the next ones, and then from the title.
            let blanks = should_be.saturating_sub(line.width() + 1 + word.width()).max(1);
            line.push_str(&format!(" {word}{}", " ".repeat(blanks)));
        }
        line.push(' ');
        let stands_beside = !reason.is_empty() && reason.width() <= self.reason;
        let title_ends = match self.line {
            // Nothing comes behind it.
            Some(whole) if !stands_beside => whole - 1,
            _ => should_be + 1 + self.title,
        };
        line.push_str(&cut(title, title_ends.saturating_sub(line.width())));
        if stands_beside {
            let blanks = (title_ends + PADDING).saturating_sub(line.width());
            line.push_str(&format!("{}{reason}", " ".repeat(blanks)));
        }
        if stands_beside || reason.is_empty() {
            return vec![line.trim_end().to_owned()];
        }
        let below = broken(reason, self.line.unwrap_or(usize::MAX).saturating_sub(INDENT.len()));
        let below = below.into_iter().map(|part| format!("{INDENT}{part}"));
        std::iter::once(line.trim_end().to_owned()).chain(below).collect()
    }
}

/// `text` in at most `width` columns, with an ellipsis for what is left out.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// `text` in lines of at most `width` columns, broken between words; a word that is longer, such as an id, is left whole.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
                continue;
            }
            if line.width() + 1 + word.width() <= width {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [&str; 3] = ["id", "title", "waits"];

    fn lines(rows: &[[&str; 3]], width: Option<u16>) -> Vec<String> {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        lines_of(&HEADER, &rows, width)
    }

    #[test]
    fn what_fits_is_not_cut() {
        let rows = [["A-1", "Draw", "ready"], ["A-22", "Build it", ""]];
        let expected = [" ID    TITLE     WAITS", " A-1   Draw      ready", " A-22  Build it"];
        assert_eq!(lines(&rows, Some(80)), expected);
        assert_eq!(lines(&rows, None), expected);
    }

    #[test]
    fn titles_are_cut_and_reasons_are_not() {
        let title = "Ein Wörterbuch für 日本語 mit sehr vielen Seiten und noch einem Anhang dahinter";
        let reason = "waits for TASK-ARCH-000000001 (in_progress), TASK-2 (pending)";
        let rows = [["TASK-ARCH-001", title, "ready"], ["TASK-ARCH-002", title, reason]];
        let fitted = lines(&rows, Some(60));
        assert_eq!(
            fitted,
            [
                " ID             TITLE                                 WAITS",
                " TASK-ARCH-001  Ein Wörterbuch für 日本語 mit sehr…   ready",
                " TASK-ARCH-002  Ein Wörterbuch für 日本語 mit sehr vielen…",
                "     waits for TASK-ARCH-000000001 (in_progress), TASK-2",
                "     (pending)",
            ]
        );
        assert!(fitted.iter().all(|line| line.width() <= 60));
        assert_eq!(lines(&rows, None)[2], format!(" TASK-ARCH-002  {title}  {reason}"));
    }

    /// One of them must not cost the others their titles.
    #[test]
    fn long_ids_are_whole_and_push_the_rest_aside() {
        let (id, longer) = ("TASK-STATUS-LIFECYCLE-ACTION-PLAN", "x".repeat(70));
        let rows =
            [["A-1", "Build a house", "ready"], [id, "Build a house", ""], [&longer, "t", "waits for B"]];
        let fitted = lines(&rows, Some(72));
        assert_eq!(
            fitted[..3],
            [
                " ID   TITLE          WAITS",
                " A-1  Build a house  ready",
                " TASK-STATUS-LIFECYCLE-ACTION-PLAN  Build a house",
            ]
        );
        assert!(fitted[3].starts_with(&format!(" {longer}")) && fitted[3..].concat().contains("waits for B"));
    }
}
