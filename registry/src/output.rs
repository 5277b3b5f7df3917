//! Text for people, JSON for programs.

use crate::exit::Exit;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde_json::Value;
use std::io::{self, ErrorKind, Write};

/// Prints one JSON object.
pub(crate) fn print_json(value: &Value) {
    print_text(&format!("{value:#}\n"));
}

/// Prints to standard output. Whoever reads it may have gone (`registry list | head`), and that is no failure of ours; any other
/// reason is.
pub(crate) fn print_text(text: &str) {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(&format!("registry: cannot write to standard output: {error}; it was:\n{}", text.trim_end()));
            std::process::exit(Exit::Failure as i32);
        }
        _ => {}
    }
}

/// Says something on standard error. Where nobody can hear it, it is not said; `eprintln!` would panic.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text from a file, fit for a terminal: what would move the cursor or break the row is shown as an escape.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
    out
}

/// The same for a text of several lines.
pub(crate) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// What is not known.
pub(crate) const NOTHING_KNOWN: &str = "-";

/// A cell: what is not known is a dash.
pub(crate) fn cell(text: Option<impl ToString>) -> String {
    text.map_or_else(|| NOTHING_KNOWN.into(), |text| printable(&text.to_string()))
}

/// A number with one digit behind the point.
pub(crate) fn tenths(value: Option<f64>) -> String {
    cell(value.map(|value| format!("{value:.1}")))
}

/// A duration as people say it, from milliseconds.
pub(crate) fn time(value: Option<f64>) -> String {
    cell(value.map(|time| match time {
        time if time < 60_000.0 => format!("{:.2} s", time / 1000.0),
        time => format!("{:.1} min", time / 60_000.0),
    }))
}

/// Rows, uncut, each on one line; the columns named in `numbers` stand to the right. Nothing where there are no rows.
pub(crate) fn table(header: &[&str], numbers: &[usize], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    for number in numbers {
        if let Some(column) = table.column_mut(*number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// `3 skills`, `1 skill`, `no skills`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s\n"),
        1 => format!("1 {what}\n"),
        count => format!("{count} {what}s\n"),
    }
}
