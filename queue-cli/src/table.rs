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
/// The least that is worth showing of a title, and of a reason.
const LEAST: usize = 12;

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

/// Rows of short words, then a title that may be cut, then a reason that must stay readable. Where `width` does not hold them, titles are
/// cut with an ellipsis and reasons broken into lines; where it does not hold even that, there are no titles.
pub(crate) fn lines_of(header: &[&str], rows: &[Vec<String>], width: Option<u16>) -> Vec<String> {
    let (title, reason) = (header.len() - 2, header.len() - 1);
    let longest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|text| text.width());
        cells.chain([header[column].width()]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..header.len()).map(longest).collect();
    if let Some(width) = width.map(usize::from) {
        let words: usize = widths[..title].iter().map(|width| width + PADDING).sum();
        let free = width.saturating_sub(words + 2 * PADDING);
        if free < 2 * LEAST {
            (widths[title], widths[reason]) = (0, (free + PADDING).max(LEAST));
        } else if widths[title] + widths[reason] > free {
            widths[title] = widths[title].min(free.saturating_sub(widths[reason]).max(LEAST.max(free / 3)));
            widths[reason] = free - widths[title];
        }
    }
    let header: Vec<String> = header.iter().map(|word| word.to_uppercase()).collect();
    std::iter::once(&header).chain(rows).flat_map(|row| lines_of_row(row, &widths)).collect()
}

fn lines_of_row(row: &[String], widths: &[usize]) -> Vec<String> {
    let (title, reason) = (widths.len() - 2, widths.len() - 1);
    let reasons = broken(&row[reason], widths[reason]);
    let mut lines = Vec::new();
    for (place, part) in reasons.iter().enumerate() {
        let mut line = String::new();
        for (column, width) in widths.iter().enumerate().filter(|(_, width)| **width > 0) {
            let text = match column {
                _ if column == reason => part.clone(),
                _ if place > 0 => String::new(),
                _ if column == title => cut(&row[title], *width),
                _ => row[column].clone(),
            };
            line.push_str(&format!(" {text}{} ", " ".repeat(width.saturating_sub(text.width()))));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// `text` in at most `width` columns, with an ellipsis for what is left out.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
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
        let rows = [["TASK-ARCH-001", title, reason]];
        let fitted = lines(&rows, Some(60));
        assert!(fitted.iter().all(|line| line.width() <= 60), "{fitted:#?}");
        let shown = fitted[1..].join(" ");
        assert!(shown.starts_with(" TASK-ARCH-001  Ein ") && shown.contains('…'), "{shown}");
        for word in reason.split(' ') {
            assert!(shown.contains(word), "{word} is not in {shown}");
        }
        assert_eq!(lines(&rows, None)[1], format!(" TASK-ARCH-001  {title}  {reason}"));
    }

    /// Better no title than no reason.
    #[test]
    fn long_ids_are_whole() {
        let id = "x".repeat(70);
        let fitted = lines(&[[&id, "title", "waits for B (pending)"]], Some(80));
        assert!(fitted[1].starts_with(&format!(" {id}  waits for")), "{fitted:#?}");
        assert!(!fitted.concat().contains("title"));
    }
}
