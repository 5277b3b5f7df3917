//! `queue graph`

mod dot;
mod layout;
mod mermaid;
mod picture;
mod svg;
mod tree;

use super::{Context, produce};
use crate::cli::{Format, Graph};
use crate::exit::{Exit, Failure};
use crate::output::{colour_wanted, print_json};
use jiff::Timestamp;
use picture::Picture;
use queue_cli::Board;
use queue_cli::plan::Plan;
use serde_json::json;

pub(crate) fn run(context: &Context, args: &Graph) -> Result<Exit, Failure> {
    let plan = Plan::of(&context.queue.read()?)?;
    let is_over = context.is_over();
    let board = Board::new(&plan.tasks, Timestamp::now(), &is_over);
    let name = context.queue.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let picture = Picture::of(&plan, &board, name, args.open);
    let text = match args.format {
        Format::Tree => {
            let to_terminal = args.output.is_none() && !context.global.json;
            tree::text(&picture, to_terminal && colour_wanted(context.global.no_color))
        }
        Format::Dot => dot::text(&picture),
        Format::Mermaid => mermaid::text(&picture),
        Format::Svg => svg::text(&picture),
    };
    if context.global.json && args.output.is_none() {
        let format = clap::ValueEnum::to_possible_value(&args.format);
        let format = format.map(|value| value.get_name().to_owned());
        print_json(&json!({
            "format": format, "tasks": picture.tasks(), "dependencies": picture.edges.len(), "text": text,
        }));
        return Ok(Exit::Done);
    }
    produce(context, args.output.as_deref(), &text)
}
