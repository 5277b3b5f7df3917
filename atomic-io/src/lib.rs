//! Placeholder.
#![forbid(unsafe_code)]

#[cfg(feature = "yaml")]
mod document;

#[cfg(feature = "yaml")]
pub use document::{DocPath, Document, DocumentError, Node, ParseError, ToPath};
