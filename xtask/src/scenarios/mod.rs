//! The matrix. One file per scenario or family of them; this list is the order in which they run.

mod bad_input;
mod call_order;
mod calls;
mod claim_history;
mod claim_race;
mod corpus;
mod corpus_edits;
mod crash_states;
mod dialects;
mod dispatch;
mod dispatchers;
mod editor_against_updates;
mod editor_between;
mod faults;
mod fuzzing;
mod guides;
mod installed;
mod janitor;
mod janitor_service;
mod killed;
mod late_worker;
mod leaves;
mod lock_file_removed;
mod locks;
mod mixed_clients;
mod no_room;
mod queue_memory;
mod queue_refusal;
mod queue_work;
mod recommended;
mod registry_uses;
mod single_crates;
mod thirty_claims;
mod workspace_tests;

use crate::engine::Scenario;

pub(crate) use crash_states::SCENARIO as CRASH_STATES;

pub(crate) const ALL: &[&Scenario] = &[
    &workspace_tests::SCENARIO,
    // Long, and not at the end, where one lane would wait for the other; nor beside each other, because they build in one folder.
    &guides::word_for_word::SCENARIO,
    &call_order::SCENARIO,
    &crash_states::SCENARIO,
    &faults::ERRORS,
    &faults::KILLS,
    &faults::MENDED,
    &faults::RECORDED,
    &editor_between::SCENARIO,
    &editor_against_updates::SCENARIO,
    &recommended::single_task::SCENARIO,
    &recommended::concurrent_tasks::SCENARIO,
    &recommended::lock_cleanup::SCENARIO,
    &recommended::backups::SCENARIO,
    &recommended::lock_refused::SCENARIO,
    &calls::lock::SCENARIO,
    &calls::append::SCENARIO,
    &calls::claim::SCENARIO,
    &queue_memory::SCENARIO,
    &lock_file_removed::SCENARIO,
    &locks::all_kinds::SCENARIO,
    &locks::names::SCENARIO,
    &locks::arrival::SCENARIO,
    &locks::timeouts::SCENARIO,
    &locks::lease::SCENARIO,
    &locks::inherited::SCENARIO,
    &janitor::exclusion::SCENARIO,
    &janitor::long_open::SCENARIO,
    &janitor::untouched::SCENARIO,
    &janitor::named::SCENARIO,
    &janitor::killed::SCENARIO,
    &janitor_service::crowd::SCENARIO,
    &janitor_service::ending::SCENARIO,
    &janitor_service::measured::SCENARIO,
    &single_crates::SCENARIO,
    &mixed_clients::MIXED,
    &mixed_clients::OURS,
    &mixed_clients::REMOVED,
    &registry_uses::OURS,
    &registry_uses::BESIDE_PYTHON,
    &corpus::SCENARIO,
    &corpus_edits::SCENARIO,
    &dialects::SCENARIO,
    &fuzzing::SCENARIO,
    &bad_input::SCENARIO,
    &no_room::READ_ONLY,
    &no_room::FULL_DISK,
    &thirty_claims::SCENARIO,
    &claim_race::SCENARIO,
    &late_worker::SCENARIO,
    &claim_history::SCENARIO,
    &dispatch::SCENARIO,
    &killed::dispatchers::SCENARIO,
    &killed::supervisors::SCENARIO,
    &killed::everything::SCENARIO,
    &killed::time_limit::SCENARIO,
    &dispatchers::rough_tasks::SCENARIO,
    &dispatchers::preempt::SCENARIO,
    &dispatchers::watching::SCENARIO,
    &dispatchers::clock_set::SCENARIO,
    &dispatchers::slots_told::SCENARIO,
    &installed::SCENARIO,
    &installed::READ,
    &guides::moving_in::SCENARIO,
    &guides::side_by_side::SCENARIO,
    &guides::going_back::SCENARIO,
];
