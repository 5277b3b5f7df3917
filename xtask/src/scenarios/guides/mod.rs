//! The ways that the documentation describes, gone.

mod blocks;
pub(super) mod word_for_word;
