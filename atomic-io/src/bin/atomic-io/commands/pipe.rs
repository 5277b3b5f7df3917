//! `atomic-io pipe`

use crate::child;
use crate::cli::Pipe;
use crate::context::{Context, document, holds_nothing, text};
use crate::exit::{Exit, Failure};
use crate::output::Answer;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::process::{Output, Stdio};
use std::thread;

pub(crate) fn run(context: &Context, args: &Pipe) -> Result<Answer, Failure> {
    let ((), changed) = context.update(&args.file, |content| {
        *content = filtered(&args.command, content.text())?;
        Ok(())
    })?;
    Ok(Answer::changed(&args.file, changed))
}

/// What `filter` makes of `content`, if it succeeds and that is YAML.
fn filtered(filter: &[OsString], content: &str) -> Result<atomic_io::Document, Failure> {
    let mut command = child::command(filter)?;
    let name = command.get_program().display().to_string();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| child::cannot_run(&command, error))?;
    let input = child.stdin.take();
    // At the same time as its output is read: a filter that has written a pipe full waits until that is read.
    let (fed, output) = thread::scope(|scope| {
        let feeder = scope.spawn(|| feed(input, content));
        let output = child.wait_with_output();
        (feeder.join(), output)
    });
    let failed = |error| Failure::because(format!("cannot talk to {name}"), error);
    let Output { status, stdout, .. } = output.map_err(failed)?;
    if let Ok(fed) = fed {
        fed.map_err(failed)?;
    }
    if !status.success() {
        let message = format!("{name} {}; nothing was changed", child::ending(status));
        return Err(Failure::new(Exit::CommandFailed, message));
    }
    let what = format!("output of {name}");
    let printed = text(stdout, &what)?;
    if holds_nothing(&printed) && !holds_nothing(content) {
        let message = format!("{name} printed nothing; nothing was changed");
        return Err(Failure::new(Exit::CommandFailed, message));
    }
    document(printed, &what)
}

fn feed(input: Option<impl Write>, content: &str) -> io::Result<()> {
    match input.map(|mut input| input.write_all(content.as_bytes())) {
        // It has seen enough; what it makes of it is its business.
        Some(Err(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Some(written) => written,
        None => Ok(()),
    }
}
