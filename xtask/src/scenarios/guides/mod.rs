//! The ways that the documentation describes, gone. `cargo xtask test --only guide` goes them.

mod blocks;
pub(super) mod going_back;
pub(super) mod moving_in;
pub(super) mod side_by_side;
pub(super) mod word_for_word;
