//! Collecting states: each once, and no more than was asked for.

use crate::crash::choose::choose;
use crate::crash::contents::Variant;
use crate::crash::world::{Node, Tree, World};
use crate::engine::Random;
use std::collections::HashSet;
use std::rc::Rc;

/// How many combinations are tried at one moment before the rest is sampled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Of the sectors of one file.
    pub(crate) contents: usize,
    /// Of the names in all folders.
    pub(crate) names: usize,
    /// Of the contents of all files.
    pub(crate) files: usize,
}

/// What a power cut left.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) tree: Tree,
    /// How many promises the program had made by then.
    pub(crate) said: usize,
    /// When it was, and what was on disk.
    pub(crate) told: String,
}

pub(crate) struct Cuts {
    pub(crate) effort: Effort,
    pub(crate) all: Vec<Cut>,
    pub(crate) left_out: u64,
    known: HashSet<(Tree, usize)>,
}

/// A file, and the contents and modes that it can have.
pub(crate) struct Candidates {
    pub(crate) file: Node,
    pub(crate) name: String,
    pub(crate) forms: Vec<(Variant, u32)>,
}

impl Cuts {
    pub(crate) fn new(effort: Effort) -> Self {
        Self { effort, all: Vec::new(), left_out: 0, known: HashSet::new() }
    }

    pub(crate) fn passed_over(&mut self, count: u64) {
        self.left_out = self.left_out.saturating_add(count);
    }

    /// Adds `world` with each combination of the contents that its files can have.
    pub(crate) fn spread(
        &mut self,
        world: &World,
        files: &[&Candidates],
        said: usize,
        told: &str,
        random: &mut Random,
    ) {
        let options: Vec<usize> = files.iter().map(|file| file.forms.len()).collect();
        let chosen = choose(&options, self.effort.files, random);
        self.passed_over(chosen.left_out);
        let mut world = world.clone();
        for pick in chosen.picks {
            for (file, form) in files.iter().zip(&pick) {
                let (variant, mode) = &file.forms[*form];
                if let Some(body) = world.bodies.get_mut(&file.file) {
                    body.bytes = Rc::clone(&variant.bytes);
                    body.mode = *mode;
                }
            }
            let tree = world.tree();
            if self.known.insert((tree.clone(), said)) {
                let contents = files.iter().zip(&pick).filter(|(file, _)| file.forms.len() > 1);
                let contents =
                    contents.map(|(file, form)| format!("\n  {}: {}", file.name, file.forms[*form].0.told));
                let told = format!("{told}{}", contents.collect::<String>());
                self.all.push(Cut { tree, said, told });
            }
        }
    }
}
