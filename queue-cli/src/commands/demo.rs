//! `queue demo`: a folder with a small queue of real commands, dispatched to its end.

use super::Context;
use crate::cli::Dispatch;
use crate::dispatch;
use crate::exit::{Exit, Failure};
use crate::output::print_text;
use atomic_io::Document;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const QUEUE: &str = include_str!("../../../examples/queue.yaml");

pub(crate) fn run(context: &Context, folder: Option<PathBuf>, slots: u16) -> Result<Exit, Failure> {
    let folder = match folder {
        Some(folder) => make(&folder)?.ok_or_else(|| {
            Failure::new(Exit::Conflict, format!("{} exists already; name another folder", folder.display()))
        })?,
        None => make_free()?,
    };
    let demo = context.for_queue(&folder.join("queue.yaml"));
    let content =
        Document::parse(QUEUE).map_err(|error| Failure::because("the example is not YAML", error))?;
    demo.queue.create(&content)?;
    let exit = dispatch::run(&demo, &Dispatch::in_slots(slots), Some(&folder))?;
    if !context.global.json {
        let place = |name: &str| folder.join(name).display().to_string();
        // The way this program was called works again, also where `queue` is on no path.
        let program = std::env::args_os().next().unwrap_or_else(|| "queue".into());
        let program = program.display();
        print_text(&format!(
            "\nthe queue   {}\nits events  {}\nits logs    {}\nlook at it  {program} -f {} list\n",
            place("queue.yaml"),
            place("events.yaml"),
            place(".mooring/logs"),
            place("queue.yaml"),
        ));
    }
    Ok(exit)
}

/// The first of `mooring-demo`, `mooring-demo-2`, … that is not there yet: what an earlier demo left is not ours to remove.
fn make_free() -> Result<PathBuf, Failure> {
    for number in 1_u32..1000 {
        let name = if number == 1 { "mooring-demo".into() } else { format!("mooring-demo-{number}") };
        if let Some(folder) = make(Path::new(&name))? {
            return Ok(folder);
        }
    }
    Err(Failure::new(Exit::Failure, "there are a thousand demo folders here; remove some"))
}

/// `None` when something stands there already.
fn make(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(Some(folder.into())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Failure::because(format!("cannot make the folder {}", folder.display()), error)),
    }
}
