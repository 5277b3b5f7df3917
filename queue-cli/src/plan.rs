//! What a queue's dependencies come to: in which order its tasks can be done, which of them side by side, what keeps others from
//! ever being done, and what the file says of its dependencies that does not fit together.
//!
//! Everything here is computed from the document alone, without recursion, and in time that grows with the number of dependencies
//! (the order: times its logarithm). A completed task blocks nobody.
//!
//! ```
//! use atomic_io::Document;
//! use queue_cli::plan::Plan;
//!
//! let document = Document::parse("\
//! tasks:
//! - {id: PRINT, status: pending, estimated_minutes: 5, blockedBy: [PLAN, PAPER]}
//! - {id: PLAN, status: pending, estimated_minutes: 60, blockedBy: [ROOMS]}
//! - {id: PAPER, status: pending, estimated_minutes: 30}
//! - {id: ROOMS, status: completed}
//! ")?;
//! let plan = Plan::of(&document)?;
//! assert_eq!(plan.ids(&plan.order), ["PLAN", "PAPER", "PRINT"]);
//! assert_eq!(plan.ids(&plan.waves[0].tasks), ["PLAN", "PAPER"]);
//! assert_eq!(plan.ids(&plan.critical_path.tasks), ["PLAN", "PRINT"]);
//! assert_eq!(plan.critical_path.minutes, 65.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod circles;
mod conflicts;
mod dependencies;
mod schedule;
mod score;

pub use conflicts::Conflict;
pub use dependencies::{Disagreement, Field, Missing};
pub use schedule::{CriticalPath, LeftOut, Wave};
pub use score::{NoScore, Score, scores, write_scores};

use crate::error::QueueError;
use crate::task::{Task, tasks};
use atomic_io::Document;
use dependencies::Dependencies;

/// A queue, looked at as a whole. Tasks are named by their places in [`tasks`](Self::tasks).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// All tasks, in the order of the file.
    pub tasks: Vec<Task>,
    /// How long each will take by its `estimated_minutes`, where that is a number of minutes.
    pub minutes: Vec<Option<f64>>,
    /// For each task those of its blockers that are in the queue and not completed. Completed tasks wait for nobody.
    pub open_blockers: Vec<Vec<usize>>,
    /// Tasks that wait for each other: each waits for the next, and the last is the first once more. Told from its member that stands first
    /// in the file. Each dependency that is part of a circle is in one of these, unless [`more_circles`](Self::more_circles) says otherwise.
    pub circles: Vec<Vec<usize>>,
    /// Whether only some circles are told: of every group of tasks that wait for each other at least one.
    pub more_circles: bool,
    /// Names of tasks that are not in the queue, of tasks that are still to be done.
    pub missing: Vec<Missing>,
    /// Dependencies that one of the two tasks tells of, and the other does not.
    pub disagreements: Vec<Disagreement>,
    /// Several tasks that need one thing alone.
    pub conflicts: Vec<Conflict>,
    /// The open tasks as one who does one after the other would do them: of those whose blockers are done, always the one that would be
    /// claimed first; what is in hand already comes before what is not.
    pub order: Vec<usize>,
    /// The same tasks in groups that can be done side by side, one group after the other.
    pub waves: Vec<Wave>,
    /// The tasks that one must wait for longest, however many work.
    pub critical_path: CriticalPath,
    /// Open tasks that are not in the order, because they never come to their turn as the queue stands.
    pub left_out: Vec<LeftOut>,
}

impl Plan {
    /// Plans the queue in `document`, in whichever [dialect](crate::Dialect) it is.
    ///
    /// # Errors
    ///
    /// Those of [`tasks`].
    pub fn of(document: &Document) -> Result<Self, QueueError> {
        let tasks = tasks(document)?;
        let said = dependencies::Said::of_each(document)?;
        let Dependencies { open_blockers, hopeless, missing, disagreements } =
            dependencies::read(&tasks, &said);
        let groups = circles::groups(&open_blockers);
        let (circles, more_circles) = circles::told(&open_blockers, &groups);
        let minutes: Vec<Option<f64>> = said.iter().map(|said| said.minutes).collect();
        let schedule = schedule::Schedule::of(&tasks, &open_blockers, &hopeless);
        let conflicts = conflicts::find(&tasks, &said, &schedule.levels);
        let left_out = schedule.left_out(&tasks, &groups);
        Ok(Self {
            waves: schedule.waves(&tasks, &minutes),
            critical_path: schedule.critical_path(&open_blockers, &minutes),
            order: schedule.order,
            tasks,
            minutes,
            open_blockers,
            circles,
            more_circles,
            missing,
            disagreements,
            conflicts,
            left_out,
        })
    }

    /// The ids of the tasks at `places`. A place that is none has no id.
    pub fn ids(&self, places: &[usize]) -> Vec<&str> {
        places.iter().filter_map(|place| self.tasks.get(*place)).map(|task| task.id.as_str()).collect()
    }

    /// Whether the file's dependencies fit together: no circle, no missing task, no disagreement.
    pub fn is_sound(&self) -> bool {
        self.circles.is_empty() && self.missing.is_empty() && self.disagreements.is_empty()
    }
}

#[cfg(test)]
mod tests;
