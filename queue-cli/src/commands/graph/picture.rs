//! What a picture of a queue shows, whatever its form.

use queue_cli::plan::{Field, Plan};
use queue_cli::{Board, Status, Task, Waiting};
use std::collections::{HashMap, HashSet};

/// What a task is, as far as a picture tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Look {
    Ready,
    Running,
    Waiting,
    /// It waits, and never comes to its turn as the queue stands.
    Stuck,
    Held,
    Done,
    Failed,
    /// Called off, invalid or obsolete.
    Off,
    /// Something waits for it, and it is not in the queue.
    Missing,
}

impl Look {
    pub(super) const ALL: [Self; 9] = [
        Self::Ready,
        Self::Running,
        Self::Waiting,
        Self::Stuck,
        Self::Held,
        Self::Done,
        Self::Failed,
        Self::Off,
        Self::Missing,
    ];

    /// Its word: for legends, and for names of classes.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Stuck => "stuck",
            Self::Held => "held",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Off => "off",
            Self::Missing => "missing",
        }
    }

    /// Whether nothing is to be done any more.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Off)
    }

    /// The colour of its ground, and of its border.
    pub(super) fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Ready => ("#dff3df", "#1b7a2f"),
            Self::Running => ("#dbe9fb", "#1f5fb0"),
            Self::Waiting => ("#ffffff", "#6b6b6b"),
            Self::Stuck => ("#fdf0d5", "#9a5b00"),
            Self::Held => ("#f3e8f8", "#6f3c8c"),
            Self::Done => ("#ececec", "#7c7c7c"),
            Self::Failed => ("#fbdcd9", "#b3261e"),
            Self::Off => ("#f5f5f5", "#9a9a9a"),
            Self::Missing => ("#fff5f4", "#b3261e"),
        }
    }
}

/// A task, or the name of one that is not there.
pub(super) struct Node {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) look: Look,
    /// What it is now, for people: its status, or that it is ready, or waits.
    pub(super) state: String,
    /// Its priority and its time, where it has them.
    pub(super) details: String,
    pub(super) is_critical: bool,
    pub(super) is_in_circle: bool,
    /// The wave that it is done in, from 1.
    pub(super) wave: Option<usize>,
}

impl Node {
    /// What is said of it besides its id and title.
    pub(super) fn remarks(&self) -> String {
        let mut remarks = self.state.clone();
        if self.is_critical {
            remarks.push_str(", critical path");
        }
        if self.is_in_circle {
            remarks.push_str(", in a circle");
        }
        remarks
    }

    /// All that is known of it, in one line.
    pub(super) fn sentence(&self) -> String {
        let title = if self.title.is_empty() { String::new() } else { format!(" ({})", self.title) };
        let details = if self.details.is_empty() { String::new() } else { format!(", {}", self.details) };
        format!("{}{title}: {}{details}", self.id, self.remarks())
    }
}

/// That one task waits for another.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) blocker: usize,
    pub(super) blocked: usize,
    pub(super) kind: EdgeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// It still has to be waited for.
    Open,
    /// The blocker is done.
    Done,
    /// Part of the critical path.
    Critical,
    /// Part of a circle.
    Circle,
}

/// Tasks and dependencies, ready to be drawn.
pub(super) struct Picture {
    pub(super) name: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

impl Picture {
    /// Everything of `plan`; with `only_open` without what will not be done any more.
    pub(super) fn of(plan: &Plan, board: &Board<'_>, name: String, only_open: bool) -> Self {
        let is_shown = |task: &&Task| !only_open || !task.status.is_over() || task.status == Status::Failed;
        let shown: Vec<&Task> = plan.tasks.iter().filter(is_shown).collect();
        let mut place_of: HashMap<&str, usize> =
            shown.iter().enumerate().map(|(place, task)| (task.id.as_str(), place)).collect();
        let marks = Marks::of(plan);
        let mut nodes: Vec<Node> = shown.iter().map(|task| marks.node(plan, board, task)).collect();
        for missing in plan.missing.iter().filter(|missing| missing.field == Field::WaitsFor) {
            if !place_of.contains_key(missing.id.as_str()) {
                place_of.insert(&missing.id, nodes.len());
                nodes.push(not_there(&missing.id));
            }
        }
        let mut edges = Vec::new();
        for (blocked, task) in shown.iter().enumerate() {
            for id in &task.blocked_by {
                if let Some(blocker) = place_of.get(id.as_str()).copied() {
                    let blocker_in_plan = shown.get(blocker).map(|blocker| blocker.index);
                    let kind = marks.kind(plan, blocker_in_plan, task);
                    edges.push(Edge { blocker, blocked, kind });
                }
            }
        }
        Self { name, nodes, edges }
    }

    /// How many tasks are shown.
    pub(super) fn tasks(&self) -> usize {
        self.nodes.iter().filter(|node| node.look != Look::Missing).count()
    }

    /// What it is a picture of, in one line.
    pub(super) fn title(&self) -> String {
        let count = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        let (tasks, edges) = (self.tasks(), self.edges.len());
        format!(
            "{}: {}, {}",
            self.name,
            count(tasks, "task", "tasks"),
            count(edges, "dependency", "dependencies")
        )
    }

    /// How many tasks there are of each look, in one line.
    pub(super) fn description(&self) -> String {
        let counted = Look::ALL.into_iter().filter_map(|look| {
            let count = self.nodes.iter().filter(|node| node.look == look).count();
            (count > 0).then(|| format!("{count} {}", look.word()))
        });
        let counted: Vec<String> = counted.collect();
        if counted.is_empty() { "nothing to be shown".into() } else { counted.join(", ") }
    }
}

/// What is special about some tasks and dependencies.
struct Marks {
    is_critical: HashSet<usize>,
    critical_steps: HashSet<(usize, usize)>,
    is_in_circle: HashSet<usize>,
    circle_steps: HashSet<(usize, usize)>,
    is_left_out: HashSet<usize>,
    wave: HashMap<usize, usize>,
}

impl Marks {
    fn of(plan: &Plan) -> Self {
        let steps = |path: &[usize]| path.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
        let path = &plan.critical_path.tasks;
        // A path of one task is no path: it would mark some task of every queue without dependencies.
        let path: &[usize] = if path.len() > 1 { path } else { &[] };
        let waves = plan.waves.iter().enumerate();
        Self {
            is_critical: path.iter().copied().collect(),
            critical_steps: steps(path).into_iter().collect(),
            is_in_circle: plan.circles.iter().flatten().copied().collect(),
            // In a circle each waits for the next: the next one is its blocker.
            circle_steps: (plan.circles.iter().flat_map(|circle| steps(circle)))
                .map(|(blocked, blocker)| (blocker, blocked))
                .collect(),
            is_left_out: plan.left_out.iter().map(|left| left.task).collect(),
            wave: waves
                .flat_map(|(number, wave)| wave.tasks.iter().map(move |place| (*place, number + 1)))
                .collect(),
        }
    }

    fn node(&self, plan: &Plan, board: &Board<'_>, task: &Task) -> Node {
        let place = task.index;
        let look = self.look(board, task);
        let minutes = plan.minutes[place].map(|minutes| format!("{minutes} min"));
        let details: Vec<String> = task.priority_word.iter().cloned().chain(minutes).collect();
        let state = match look {
            Look::Ready | Look::Waiting => look.word().into(),
            Look::Stuck if task.status == Status::Pending => look.word().into(),
            Look::Stuck => format!("{}, stuck", task.status),
            _ => task.status.to_string(),
        };
        Node {
            id: task.id.clone(),
            title: task.title.clone(),
            look,
            state,
            details: details.join(", "),
            is_critical: self.is_critical.contains(&place),
            is_in_circle: self.is_in_circle.contains(&place),
            wave: self.wave.get(&place).copied(),
        }
    }

    fn look(&self, board: &Board<'_>, task: &Task) -> Look {
        match (&task.status, board.waiting(task)) {
            (_, None) => Look::Ready,
            (Status::Completed, _) => Look::Done,
            (Status::Failed, _) => Look::Failed,
            (Status::Cancelled | Status::Invalid | Status::Obsolete, _) => Look::Off,
            (Status::Claimed | Status::InProgress, Some(Waiting::Held { .. } | Waiting::Marked(_))) => {
                Look::Running
            }
            _ if self.is_left_out.contains(&task.index) => Look::Stuck,
            (Status::Blocked, _) => Look::Held,
            _ => Look::Waiting,
        }
    }

    fn kind(&self, plan: &Plan, blocker: Option<usize>, task: &Task) -> EdgeKind {
        let Some(blocker) = blocker else { return EdgeKind::Open };
        let step = (blocker, task.index);
        if self.circle_steps.contains(&step) {
            EdgeKind::Circle
        } else if self.critical_steps.contains(&step) {
            EdgeKind::Critical
        } else if plan.tasks[blocker].status == Status::Completed || task.status == Status::Completed {
            EdgeKind::Done
        } else {
            EdgeKind::Open
        }
    }
}

fn not_there(id: &str) -> Node {
    Node {
        id: id.to_owned(),
        title: String::new(),
        look: Look::Missing,
        state: "not in the queue".into(),
        details: String::new(),
        is_critical: false,
        is_in_circle: false,
        wave: None,
    }
}
