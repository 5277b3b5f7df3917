//! Finished tasks leave the queue line by line as they stand.

use atomic_io::{Document, Wait};
use queue_cli::ops::{put_on_shelf, shelvable, take_off};
use queue_cli::{Queue, QueueError, tasks};
use std::fs;

const QUEUE: &str = "\
# the queue
tasks:
  # kept with the list
  - id: A   # the first
    status: completed
    approach: |
      one

      two
    when: 2026-02-07
  - id: B
    status: completed
  - id: C
    status: pending
    blockedBy: [B]
  - id: D   # called off
    status: CANCELLED
  - {id: E, status: failed}
metadata: {current_depth: 1}
";

const LEFT: &str = "\
# the queue
tasks:
  # kept with the list
  - id: B
    status: completed
  - id: C
    status: pending
    blockedBy: [B]
  - {id: E, status: failed}
metadata: {current_depth: 1}
";

const ARCHIVED: &str = "\
tasks:
  - id: A   # the first
    status: completed
    approach: |
      one

      two
    when: 2026-02-07
  - id: D   # called off
    status: CANCELLED
";

fn queue(text: &str) -> (tempfile::TempDir, Queue) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.yaml");
    fs::write(&path, text).unwrap();
    let queue = Queue::at(path, Wait::Forever);
    (folder, queue)
}

fn read(queue: &Queue) -> (String, String) {
    let archive = fs::read_to_string(queue.archive_path()).unwrap_or_default();
    (fs::read_to_string(queue.path()).unwrap(), archive)
}

#[test]
fn what_nobody_needs_is_moved_as_it_stands() {
    let (_folder, queue) = queue(QUEUE);
    assert_eq!(queue.archive().unwrap(), ["A", "D"]);
    assert_eq!(read(&queue), (LEFT.into(), ARCHIVED.into()));
    assert!(queue.archive().unwrap().is_empty());
    // The next ones are put behind them.
    fs::write(queue.path(), LEFT.replace("pending", "completed")).unwrap();
    assert_eq!(queue.archive().unwrap(), ["B", "C"]);
    let more = "  - id: B\n    status: completed\n  - id: C\n    status: completed\n    blockedBy: [B]\n";
    assert_eq!(read(&queue).1, format!("{ARCHIVED}{more}"));
    assert_eq!(queue.archived_ids().unwrap().len(), 4);
}

#[test]
fn the_last_task_leaves_an_empty_list() {
    let (_folder, queue) = queue("tasks:\n- id: A\n  status: completed\n- id: B\n  status: completed\n");
    queue.archive().unwrap();
    let (left, archived) = read(&queue);
    assert_eq!(left, "tasks: []\n");
    assert_eq!(archived, "tasks:\n- id: A\n  status: completed\n- id: B\n  status: completed\n");
}

/// Killed between the two files: the task stands in both.
#[test]
fn an_archiving_that_was_interrupted_is_finished_by_the_next() {
    let (_folder, queue) = queue(QUEUE);
    fs::write(queue.archive_path(), ARCHIVED).unwrap();
    assert_eq!(queue.archive().unwrap(), ["A", "D"]);
    assert_eq!(read(&queue), (LEFT.into(), ARCHIVED.into()));
}

const FINISHED: &str = "\
tasks:
- id: A
  status: completed
  created_at: \"2026-02-07T10:00:00Z\"
  attempt: 2
";

/// What had been done under that id was gone.
#[test]
fn an_archived_task_was_replaced_by_another_of_the_same_id() {
    let later = FINISHED.replace("02-07", "03-01");
    let fewer = FINISHED.replace("attempt: 2", "attempt: 1");
    let never = FINISHED.replace("  attempt: 2\n", "");
    for other in [later, fewer, never] {
        let (_folder, queue) = queue(&other);
        fs::write(queue.archive_path(), FINISHED).unwrap();
        let refused = queue.archive().unwrap_err();
        assert!(matches!(refused, QueueError::OtherArchived { .. }), "{refused}");
        for path in [queue.path(), &queue.archive_path()] {
            assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
        }
        assert_eq!(read(&queue), (other, FINISHED.into()));
    }
}

#[test]
fn an_archived_task_that_was_done_again_is_brought_up_to_date() {
    let again = FINISHED.replace("attempt: 2", "attempt: 3");
    let rewritten = FINISHED.replace("\"2026-02-07T10:00:00Z\"", "2026-02-07 10:00:00+00:00");
    let bare = FINISHED.replace("  created_at: \"2026-02-07T10:00:00Z\"\n", "");
    for same in [again, rewritten, bare] {
        let (_folder, queue) = queue(&same);
        fs::write(queue.archive_path(), FINISHED).unwrap();
        assert_eq!(queue.archive().unwrap(), ["A"], "{same}");
        assert_eq!(read(&queue).0, "tasks: []\n");
    }
}

#[test]
fn a_task_that_has_changed_since_stays_in_the_queue() {
    let mut document = Document::parse(QUEUE).unwrap();
    let shelved = shelvable(&document).unwrap();
    document.set("tasks[0].title", "changed").unwrap();
    document.set("tasks[4].blockedBy", &["D"]).unwrap();
    let before = document.text().to_owned();
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    assert!(take_off(&mut document, now, &shelved).unwrap().value.is_empty());
    assert_eq!(document.text(), before);
}

#[test]
fn an_archive_of_another_shape_gets_the_same_tasks() {
    for shape in
        ["tasks: [{id: OLD, status: completed}]\n", "tasks:\n- id: OLD\nlast: 1\n", "# nothing\ntasks:\n"]
    {
        let shelved = shelvable(&Document::parse(QUEUE).unwrap()).unwrap();
        let mut shelf = Document::parse(shape).unwrap();
        put_on_shelf(&mut shelf, &shelved).unwrap();
        let ids: Vec<_> =
            tasks(&shelf).unwrap().into_iter().map(|task| task.id).filter(|id| id != "OLD").collect();
        assert_eq!(ids, ["A", "D"], "{shape}");
        let place = tasks(&shelf).unwrap().iter().position(|task| task.id == "A").unwrap();
        assert_eq!(shelf.get::<String>(format!("tasks[{place}].approach")).unwrap(), "one\n\ntwo\n");
    }
}

#[test]
fn an_archive_that_is_no_queue_keeps_everything_where_it_is() {
    for broken in ["- a list\n", "tasks: {a: 1}\n", "tasks: [\n"] {
        let (_folder, queue) = queue(QUEUE);
        fs::write(queue.archive_path(), broken).unwrap();
        let error = queue.archive().unwrap_err();
        assert!(matches!(error, QueueError::Archive { .. } | QueueError::File(_)), "{error}");
        assert_eq!(read(&queue), (QUEUE.into(), broken.into()));
    }
}
