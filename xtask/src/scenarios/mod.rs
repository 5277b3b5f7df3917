//! The matrix. One file per scenario; this list is the order in which they run.

mod call_order;
mod lock_file_removed;
mod workspace_tests;

use crate::engine::Scenario;

pub(crate) const ALL: &[&Scenario] =
    &[&workspace_tests::SCENARIO, &lock_file_removed::SCENARIO, &call_order::SCENARIO];
