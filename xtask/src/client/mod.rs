//! Client processes of the scenarios: this program again, so that a scenario has real processes to kill.
//!
//! Each uses the crates as any program would. What it has to tell it prints; `0` is success.

mod bench_claims;
mod bench_lock;
mod claims;
mod count;
mod editing;
mod lock_plain;
mod lock_rooms;
mod lock_single;
mod lock_turns;
mod peak;
mod peer;
mod single;
mod uses;

pub(crate) use bench_lock::{How, now};
pub(crate) use claims::Pen;
pub(crate) use lock_plain::{NOBODY as NOBODY_INSIDE, Opened};
pub(crate) use lock_single::NOT_GOT;
pub(crate) use single::DONE;

use crate::engine::Failure;
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Take a lock again and again, each time making sure to be alone
    LockTurns(lock_turns::Turns),
    /// Take a lock without waiting and remove its file, again and again, as some cleaners do
    RemoveLockFile(lock_turns::Removals),
    /// Count under a lock as fast as possible, without a look whether its file is still there
    LockPlain(lock_plain::Plain),
    /// Retire lock files as `lock-janitor` does, without a pause
    Retire(lock_plain::Retirements),
    /// Take a lock in turns with others, writing down whom it meets behind it
    LockRooms(lock_rooms::Rooms),
    /// Take a lock once, and say whether it was got
    LockOnce(lock_single::Once),
    /// Hold a lock until told to give it back
    LockHold(lock_single::Hold),
    /// Give up on a lock many times, and say what each time took
    LockTimeouts(lock_single::Timeouts),
    /// Count and log under the locks, noting what succeeded, until told to stop
    Count(count::Count),
    /// Read both files without a lock, making sure that they are whole, until told to stop
    Watch(count::Watch),
    /// Claim tasks with `queue` and do with them what holders do, noting everything, until nothing is left
    Claims(claims::Claims),
    /// Log uses of skills into a registry, noting what succeeded, so many or until told to stop
    LogUses(uses::Uses),
    /// Be the task of a supervised claim
    Work(claims::Task),
    /// Take a lock in one of several ways, and say how long it took
    #[command(subcommand)]
    BenchLock(bench_lock::BenchLock),
    /// Claim tasks, in process, and say when that began and ended
    BenchClaims(bench_claims::Claims),
    /// Run a command to its end, and say how much memory it had at most
    Peak(peak::Peak),
    /// Replace a file once, and say so
    Replace { file: PathBuf, content: String },
    /// Update a counter file once, and say so
    CountOnce { file: PathBuf, id: String },
    /// Put a version back in a file's place, and say so
    Restore { file: PathBuf, from: PathBuf },
    /// Update a file that an editor saves without a lock, noting what succeeded, until told to stop
    UpdateAmongEdits(editing::Update),
    /// Save a file again and again as an editor does, which knows of no lock
    Edit(editing::Edit),
    /// Append one event, and say so
    Append { file: PathBuf, id: String },
    /// Append several events, and say so after each
    AppendAll { file: PathBuf, ids: Vec<String> },
    /// Append so many events
    AppendTimes { file: PathBuf, times: u32 },
    /// Replace a file once as another library does, and say so
    PeerReplace { how: peer::Peer, file: PathBuf, content: String },
}

pub(crate) fn run(command: ClientCommand) -> Result<ExitCode, Failure> {
    match command {
        ClientCommand::LockTurns(turns) => lock_turns::take(&turns),
        ClientCommand::RemoveLockFile(removals) => lock_turns::remove(&removals),
        ClientCommand::LockPlain(args) => lock_plain::count(&args),
        ClientCommand::Retire(args) => lock_plain::retire(&args),
        ClientCommand::LockRooms(args) => lock_rooms::take_turns(&args),
        ClientCommand::LockOnce(args) => lock_single::once(&args),
        ClientCommand::LockHold(args) => lock_single::hold(&args),
        ClientCommand::LockTimeouts(args) => lock_single::time_out(&args),
        ClientCommand::Count(args) => count::count_until_stopped(&args),
        ClientCommand::Watch(args) => count::watch(&args),
        ClientCommand::Claims(args) => claims::claim_until_closed(args),
        ClientCommand::LogUses(args) => uses::log(&args),
        ClientCommand::Work(args) => claims::work(&args),
        ClientCommand::BenchLock(bench) => bench_lock::run(&bench),
        ClientCommand::BenchClaims(args) => bench_claims::claim(&args),
        ClientCommand::Peak(args) => peak::measure(&args),
        ClientCommand::Replace { file, content } => single::replace(&file, &content),
        ClientCommand::CountOnce { file, id } => single::count_once(&file, &id),
        ClientCommand::Restore { file, from } => single::restore(&file, &from),
        ClientCommand::UpdateAmongEdits(args) => editing::update_until_stopped(&args),
        ClientCommand::Edit(args) => editing::edit(&args),
        ClientCommand::Append { file, id } => single::append_once(&file, &id),
        ClientCommand::AppendAll { file, ids } => single::append_all(&file, &ids),
        ClientCommand::AppendTimes { file, times } => single::append_times(&file, times),
        ClientCommand::PeerReplace { how, file, content } => peer::replace(how, &file, &content),
    }
}
