//! The commands: each returns what is to be printed.

pub(crate) mod get;
pub(crate) mod list;
