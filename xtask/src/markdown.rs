//! Tables for people, on a terminal and in the documentation.

use crate::engine::{Explain, Failure, fail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A table in Markdown that can be read as it is too; the first row is its head.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1.min(lines.len()), line(&rule));
    lines.join("\n")
}

/// Replaces what stands in `file` between the markers `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
pub(crate) fn write_between(file: &Path, name: &str, content: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(file).explain(file.display())?;
    let text = between(&text, name, content)
        .ok_or_else(|| fail(format!("{}: no place for the {name}", file.display())))?;
    atomic_io::replace(file, text.as_bytes())?;
    Ok(())
}

fn between(text: &str, name: &str, content: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name}: begin -->"), format!("<!-- {name}: end -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{content}\n{end}{after}"))
}

/// The date, as `2026-01-31`.
pub(crate) fn today() -> Result<String, Failure> {
    let date = Command::new("date").arg("+%Y-%m-%d").output().explain("date")?;
    Ok(String::from_utf8_lossy(&date.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{between, table};

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let text = "a\n<!-- table: begin -->\nold\n<!-- table: end -->\nb\n";
        let replaced = "a\n<!-- table: begin -->\nnew\n<!-- table: end -->\nb\n";
        assert_eq!(between(text, "table", "new").as_deref(), Some(replaced));
        assert_eq!(between(text, "other", "new"), None);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "bbb"], ["µµ", "d"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "| a  | bbb |\n| -- | --- |\n| µµ | d   |");
    }
}
