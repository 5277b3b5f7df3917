//! `report.html`: the run as one page that needs nothing else, for whoever was not there.

use crate::engine::Invariant;
use crate::engine::report::{Record, Report, Word};
use std::fmt::{self, Write};

const STYLE: &str = include_str!("report.css");

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write_page(&mut page, report);
    page
}

fn write_page(page: &mut String, report: &Report) -> fmt::Result {
    let verdict = if report.is_good() { Word::Passed } else { Word::Failed };
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Mooring: {counts}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>Integration matrix</h1>\n<p class=\"count {class}\">{counts}</p>\n\
         <p>{pace:?} run, seed {seed}, {cases} cases, {jobs} at a time, {seconds:.0} s</p>\n</header>\n",
        counts = report.counts,
        class = class(verdict),
        pace = report.pace,
        seed = report.seed,
        cases = report.cases.len(),
        jobs = report.jobs,
        seconds = report.seconds,
    )?;
    write_failures(page, report)?;
    write_invariants(page, report)?;
    write_cases(page, report)?;
    page.write_str("</body>\n</html>\n")
}

fn write_failures(page: &mut String, report: &Report) -> fmt::Result {
    for record in report.failed() {
        write!(
            page,
            "<section class=\"failure\">\n<h2>{name} failed</h2>\n<p>It is there to show: {proves}</p>\n\
             <pre>{detail}</pre>\n<p>Again: <code>{repeat}</code></p>\n</section>\n",
            name = Text(&record.name),
            proves = Text(record.proves),
            detail = Text(record.detail.trim_end()),
            repeat = Text(&record.repeat),
        )?;
    }
    Ok(())
}

/// What is claimed, and which cases of this run stood for it.
fn write_invariants(page: &mut String, report: &Report) -> fmt::Result {
    page.write_str("<h2>Invariants</h2>\n<table>\n<thead><tr><th>no.</th><th>what must hold</th><th>cases</th></tr></thead>\n<tbody>\n")?;
    for invariant in Invariant::ALL {
        let (number, gist) = (invariant.number(), invariant.gist());
        write!(page, "<tr><td class=\"number\">{number}</td><td>{}</td><td>", Text(gist))?;
        for record in report.cases.iter().filter(|record| record.upholds.contains(&invariant)) {
            write!(
                page,
                "<a class=\"chip {class}\" href=\"#{anchor}\">{sign} {name}</a> ",
                class = class(record.outcome),
                anchor = Anchor(&record.name),
                sign = sign(record.outcome),
                name = Text(&record.name),
            )?;
        }
        page.write_str("</td></tr>\n")?;
    }
    page.write_str("</tbody>\n</table>\n")
}

fn write_cases(page: &mut String, report: &Report) -> fmt::Result {
    page.write_str(
        "<h2>Cases</h2>\n<table>\n<thead><tr><th>case</th><th>result</th><th>clients</th><th>faults</th>\
         <th>on</th><th>s</th><th>what came of it</th></tr></thead>\n<tbody>\n",
    )?;
    for record in &report.cases {
        write_case(page, record)?;
    }
    page.write_str("</tbody>\n</table>\n")
}

fn write_case(page: &mut String, record: &Record) -> fmt::Result {
    writeln!(
        page,
        "<tr id=\"{anchor}\"><th scope=\"row\">{name}</th><td><span class=\"chip {class}\">{sign} {word}</span></td>\
         <td>{clients}</td><td>{faults}</td><td>{on}</td><td class=\"number\">{seconds:.1}</td>\
         <td><p class=\"proves\">{proves}</p><p>{detail}</p></td></tr>",
        anchor = Anchor(&record.name),
        name = Text(&record.name),
        class = class(record.outcome),
        sign = sign(record.outcome),
        word = class(record.outcome),
        clients = Text(&record.clients.join(", ")),
        faults = Text(&record.faults.join(", ")),
        on = record.filesystem,
        seconds = record.seconds,
        proves = Text(record.proves),
        detail = Text(record.detail.lines().next().unwrap_or_default()),
    )
}

fn class(word: Word) -> &'static str {
    match word {
        Word::Passed => "passed",
        Word::Failed => "failed",
        Word::Skipped => "skipped",
    }
}

/// Results are told apart without colour as well.
fn sign(word: Word) -> char {
    match word {
        Word::Passed => '✓',
        Word::Failed => '✗',
        Word::Skipped => '–',
    }
}

/// Text as it must stand between tags and in attributes.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A case's name as the id of its row.
struct Anchor<'a>(&'a str);

impl fmt::Display for Anchor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace('/', "-"))
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_a_program_said_cannot_become_markup() {
        let said = Text("<b a=\"1\">'&'").to_string();
        assert_eq!(said, "&lt;b a=&quot;1&quot;&gt;&#39;&amp;&#39;");
    }
}
