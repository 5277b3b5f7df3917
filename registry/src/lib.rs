//! Typed reading of a skill registry: a YAML file in which people and agents keep what skills there are and how they did.
//!
//! # Model
//!
//! A [`Registry`] names the file. Reading it gives [`Skill`]s: the entries of its mapping `skills`, in the order of the file. Nothing
//! is cached: each call reads the file as it is then, without a lock, because saves of it are atomic. What this crate does not know,
//! in a skill or elsewhere in the file, is left alone and does no harm.
//!
//! # Limitations
//!
//! - It reads. Logging usage and outcomes is not part of it yet.
//! - A file that does not parse, or whose `skills` are not a mapping of mappings, is an error with its line; there is no partial
//!   result.
//!
//! # Example
//!
//! ```
//! use registry::Registry;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("skill-registry.yaml");
//! std::fs::write(&path, "skills:\n  tide-tables:\n    name: Tide tables\n    category: data\n    usage: {usage_count: 3}\n")?;
//!
//! let skill = Registry::at(&path).get("tide-tables")?;
//! assert_eq!(skill.name, "Tide tables");
//! assert_eq!(skill.usage.usage_count, 3);
//! assert!(Registry::at(&path).get("tides").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `cli` (default): the binary `registry`.
#![forbid(unsafe_code)]

mod error;
mod registry;
mod skill;

pub use error::RegistryError;
pub use registry::Registry;
pub use skill::{Metrics, Selection, Skill, Usage};
