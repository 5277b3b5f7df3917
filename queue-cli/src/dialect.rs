//! How a queue's file names things. Three ways are alive in the wild; each file is read and written in its own.
//!
//! | | A | B | C |
//! |---|---|---|---|
//! | list | `tasks` | `queue` | `queue` |
//! | id | `id` | `id` | `task_id` |
//! | blockers | `blockedBy` | `dependencies` | `blocked_by` |
//! | added at | `created_at` | `added_at` | `created_at` |
//! | resource | `resource_type` | `resource_type` | `resources`, a list |
//!
//! These are what a file without an example gets. Where it has one, the example is followed: the first task that has a field of
//! that meaning tells its name.

use crate::error::QueueError;
use crate::status::Priority;
use atomic_io::{DocPath, Document, Node};

/// The names under which the tasks that a task waits for are found.
pub(crate) const BLOCKERS: [&str; 4] = ["blockedBy", "depends_on", "blocked_by", "dependencies"];
/// The names under which the tasks that wait for a task are found.
pub(crate) const BLOCKED: &str = "blocks";
/// The names under which the time is found at which a task was added.
pub(crate) const ADDED: [&str; 2] = ["created_at", "added_at"];
const RESOURCES: [&str; 2] = ["resource_type", "resources"];

/// The names that one file uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The key of the list of tasks.
    pub(crate) list: &'static str,
    /// The key of a task's id.
    pub(crate) id: &'static str,
    /// The key of the tasks that a task waits for, for tasks that have none yet.
    pub(crate) blockers: &'static str,
    /// Whether tasks without blockers say so with an empty list.
    pub(crate) spells_no_blockers: bool,
    /// The key of the time at which a task was added.
    pub(crate) added: &'static str,
    /// The key of what a task uses most.
    pub(crate) resource: &'static str,
    /// A word for a status that stands in the file, for its case.
    pub(crate) spoken_status: String,
    /// A word for a priority that stands in the file, for its case.
    pub(crate) spoken_priority: String,
}

impl Dialect {
    /// The dialect of the queue in `document`.
    ///
    /// # Errors
    ///
    /// [`QueueError::NoTasks`] if it has no list of tasks; [`QueueError::TwoLists`] if it has two, of which nobody can say which is
    /// meant.
    pub fn of(document: &Document) -> Result<Self, QueueError> {
        let list = list_of(document)?;
        let Some(node) = document.root().field(list) else { return Err(QueueError::NoTasks { line: None }) };
        Ok(Self::read(list, node))
    }

    fn read(list: &'static str, node: Node<'_>) -> Self {
        let (mut id, mut blockers, mut added, mut resource) = (None, None, None, None);
        let (mut spells_no_blockers, mut any) = (false, false);
        let (mut spoken_status, mut spoken_priority) = (String::new(), String::new());
        for task in node.items() {
            any = true;
            id = id.or_else(|| ["id", "task_id"].into_iter().find(|key| task.field(key).is_some()));
            for (key, value) in task.entries() {
                let one_of = |names: &[&'static str]| names.iter().copied().find(|name| *name == key);
                if blockers.is_none() {
                    blockers = one_of(&BLOCKERS);
                    spells_no_blockers |=
                        blockers.is_some() && value.is_list() && value.items().next().is_none();
                }
                added = added.or_else(|| one_of(&ADDED));
                resource = resource.or_else(|| one_of(&RESOURCES));
                match &*key {
                    "status" if spoken_status.is_empty() => {
                        spoken_status = value.str().unwrap_or_default().into();
                    }
                    "priority" if spoken_priority.is_empty() => {
                        spoken_priority = value.str().unwrap_or_default().into();
                    }
                    _ => {}
                }
            }
            let told = id.is_some() && blockers.is_some() && added.is_some() && resource.is_some();
            if told && !spoken_status.is_empty() && !spoken_priority.is_empty() {
                break;
            }
        }
        let id = id.unwrap_or("id");
        let (usual_blockers, usual_added, usual_resource) = match (list, id) {
            ("tasks", _) => ("blockedBy", "created_at", "resource_type"),
            (_, "id") => ("dependencies", "added_at", "resource_type"),
            _ => ("blocked_by", "created_at", "resources"),
        };
        Self {
            list,
            id,
            spells_no_blockers: spells_no_blockers || !any,
            blockers: blockers.unwrap_or(usual_blockers),
            added: added.unwrap_or(usual_added),
            resource: resource.unwrap_or(usual_resource),
            spoken_status,
            spoken_priority,
        }
    }

    /// Where the task at `index` of the list stands.
    pub fn task_path(&self, index: usize) -> DocPath {
        DocPath::root().key(self.list).index(index)
    }

    /// The key of the list of tasks: `tasks` or `queue`.
    pub fn list_key(&self) -> &'static str {
        self.list
    }

    /// The priority's word in the case of the file's other ones; a queue without any gets upper case. A word that is not known
    /// stays as it is.
    pub(crate) fn priority(&self, word: &str) -> String {
        let lower = self.spoken_priority.chars().any(char::is_lowercase);
        match Priority::from_word(word) {
            Priority::Unstated => word.to_owned(),
            _ if lower => word.to_lowercase(),
            _ => word.to_uppercase(),
        }
    }
}

/// The key of the list of tasks.
pub(crate) fn list_of(document: &Document) -> Result<&'static str, QueueError> {
    let root = document.root();
    let found = |key: &'static str| {
        let node = root.field(key)?;
        (node.is_list() || node.is_null()).then_some((key, node))
    };
    match (found("tasks"), found("queue")) {
        (Some((_, tasks)), Some((_, queue))) if tasks.is_list() && queue.is_list() => {
            Err(QueueError::TwoLists { tasks: tasks.line(), queue: queue.line() })
        }
        // An empty key beside a list is not the list.
        (Some((key, node)), None) | (None, Some((key, node))) | (Some((key, node)), Some(_))
            if node.is_list() =>
        {
            Ok(key)
        }
        (_, Some((key, _))) | (Some((key, _)), None) => Ok(key),
        (None, None) => {
            let other = root.field("tasks").or_else(|| root.field("queue"));
            Err(QueueError::NoTasks { line: other.and_then(|node| node.line()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(text: &str) -> Dialect {
        Dialect::of(&Document::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn each_dialect_is_told_by_its_list_and_its_tasks() {
        let names = |text: &str| {
            let found = dialect(text);
            (found.list, found.id, found.blockers, found.added)
        };
        assert_eq!(names("tasks: []\n"), ("tasks", "id", "blockedBy", "created_at"));
        assert_eq!(names("tasks:\n"), ("tasks", "id", "blockedBy", "created_at"));
        assert_eq!(names("queue:\n- id: A\n"), ("queue", "id", "dependencies", "added_at"));
        assert_eq!(names("queue:\n- task_id: A\n"), ("queue", "task_id", "blocked_by", "created_at"));
        assert_eq!(names("queue: []\n").0, "queue");
        // The file's own example goes before what its kind usually has.
        assert_eq!(names("tasks:\n- id: A\n- id: B\n  depends_on: [A]\n").2, "depends_on");
    }

    #[test]
    fn a_list_is_found_beside_a_key_that_is_none() {
        assert_eq!(dialect("queue: {name: x}\ntasks:\n- id: A\n").list, "tasks");
        assert_eq!(dialect("tasks:\nqueue:\n- id: A\n").list, "queue");
        assert_eq!(dialect("queue:\ntasks:\n- id: A\n").list, "tasks");
        let refused = |text: &str| Dialect::of(&Document::parse(text).unwrap()).unwrap_err().to_string();
        assert!(refused("a: 1\ntasks: none\n").starts_with("line 2: "));
        assert!(refused("tasks:\n- id: A\nqueue:\n- id: B\n").contains("two lists"));
    }

    #[test]
    fn words_are_spelt_as_the_file_spells_them() {
        let shouting = dialect("tasks:\n- {id: A, priority: HIGH, status: PENDING}\n");
        assert_eq!(
            (shouting.priority("low"), shouting.priority("Someday")),
            ("LOW".into(), "Someday".into())
        );
        assert_eq!(dialect("queue:\n- {id: A, priority: high}\n").priority("LOW"), "low");
    }
}
