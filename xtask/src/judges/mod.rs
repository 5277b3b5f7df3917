//! Judges: pure functions that say whether what happened was right.
