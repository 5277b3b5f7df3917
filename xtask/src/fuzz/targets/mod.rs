//! What is fuzzed: each target is a kind of case, made from bytes and judged by plain functions.
//!
//! Nothing here knows of the campaign around it. With a nightly toolchain and cargo-fuzz at hand, a fuzz crate takes this folder
//! by `#[path]` as a module of its own and calls [`check`]:
//!
//! ```text
//! fuzz_target!(|bytes: &[u8]| targets::check::<targets::Outline>(bytes).unwrap());
//! ```
//!
//! A file of such bytes is tried here by `cargo xtask fuzz TARGET --input FILE`.

mod choices;
mod core_schema;
mod disagreements;
mod documents;
mod edit;
mod edit_bounds;
mod event_log;
mod lock_record;
mod log_damage;
mod log_judge;
mod new_values;
mod outline;
mod place;
mod reference;
mod simpler;
mod tally;

pub(crate) use choices::Choices;
pub(crate) use edit::Edits;
pub(crate) use event_log::DamagedLog;
pub(crate) use lock_record::LockContent;
pub(crate) use outline::Outline;
pub(crate) use tally::Tally;

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

/// One case of a target.
pub(crate) trait Case: Sized + Clone + Serialize + DeserializeOwned + Send + 'static {
    /// What a thread keeps from case to case.
    type Bench;

    fn bench() -> io::Result<Self::Bench>;

    /// The case that these bytes stand for; every row of bytes stands for one.
    fn generate(choices: &mut Choices<'_>) -> Self;

    /// What is wrong, if anything.
    fn check(&self, bench: &mut Self::Bench, tally: &mut Tally) -> Result<(), String>;

    /// Simpler cases like this one, the simplest first.
    fn simpler(&self) -> Vec<Self>;
}

/// Judges the case that `bytes` stand for: the entry for other fuzzers.
pub(crate) fn check<C: Case>(bytes: &[u8]) -> Result<(), String> {
    let mut bench = C::bench().map_err(|error| error.to_string())?;
    C::generate(&mut Choices::new(bytes)).check(&mut bench, &mut Tally::default())
}
