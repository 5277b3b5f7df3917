//! Judges: pure functions that say whether what happened was right. Each is tried on planted wrong histories.

pub(crate) mod counting;
pub(crate) mod leftovers;
pub(crate) mod reading;
pub(crate) mod trace;
pub(crate) mod write_order;
