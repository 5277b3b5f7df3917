//! Decisions made from a row of bytes.

/// A row of bytes that decides; zeros when it is used up, which choose the first and simplest.
pub(crate) struct Choices<'a> {
    left: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Choices { left: bytes }
    }

    /// A number below `n`, which must not be 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let (&[high, low], rest) = self.left.split_first_chunk().unwrap_or((&[0, 0], &[]));
        self.left = rest;
        (usize::from(high) * 256 + usize::from(low)) % n
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn of<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// Whether nothing is left to decide with.
    pub(crate) fn is_used_up(&self) -> bool {
        self.left.is_empty()
    }
}

/// The largest place in `text`, at or before `at`, where a character begins.
pub(crate) fn char_at(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
