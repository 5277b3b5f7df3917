//! A file that is not a queue says where and why.

use atomic_io::Document;
use queue_cli::tasks;

fn check(yaml: &str, message: &str) {
    assert_eq!(tasks(&Document::parse(yaml).unwrap()).unwrap_err().to_string(), message);
}

#[test]
fn each_with_its_line() {
    check("a: 1\n", "there is no list of tasks, under `tasks` or `queue`");
    check("a: 1\ntasks: 3\n", "line 2: there is no list of tasks, under `tasks` or `queue`");
    check(
        "tasks:\n- id: A\nqueue:\n- id: B\n",
        "line 2: there are two lists of tasks, `tasks` and `queue` on line 4; give one of them another name",
    );
    check("queue:\n  - task_id: A\n  - title: x\n", "line 3: task 2 of the list has no id");
    check("tasks:\n  - id: A\n  - text\n", "line 3: task 2 of the list is not a mapping");
    check("tasks:\n  - title: x\n", "line 2: task 1 of the list has no id");
    check(
        "tasks:\n  - id: A\n  - id: B\n  - id: \"A\"\n",
        "line 4: the id A is taken already on line 2; give one of the two another id",
    );
}

#[test]
fn an_empty_list_is_a_queue() {
    for yaml in ["tasks: []\n", "tasks:\n", "tasks: ~\n"] {
        assert!(tasks(&Document::parse(yaml).unwrap()).unwrap().is_empty());
    }
}

#[test]
fn a_queue_that_can_only_be_read_is_read() {
    let document =
        Document::parse("defaults: &d {priority: LOW}\ntasks:\n- id: A\n  status: pending\n  <<: *d\n")
            .unwrap();
    assert_eq!(tasks(&document).unwrap()[0].id, "A");
}
