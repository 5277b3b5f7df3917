//! The commands, one file each.

pub(crate) mod append;
pub(crate) mod backups;
pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod get;
pub(crate) mod lock;
pub(crate) mod normalize;
pub(crate) mod pages;
pub(crate) mod pipe;
pub(crate) mod push;
pub(crate) mod remove;
pub(crate) mod restore;
pub(crate) mod set;
pub(crate) mod tail;
pub(crate) mod write;
