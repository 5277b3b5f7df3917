//! An event with a key is in the log once, however often it is appended.

use atomic_io::{Appended, EventError, EventLog};
use serde_json::json;
use std::fs;

#[test]
fn an_event_whose_key_is_in_the_log_is_not_appended_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = EventLog::at(folder.path().join("events.yaml"));
    let event = json!({"id": "E-1", "type": "claimed"});
    assert_eq!(log.append_once(&event, "id").unwrap(), Appended::Now);
    let before = fs::read(log.path()).unwrap();
    assert_eq!(log.append_once(&event, "id").unwrap(), Appended::Before);
    assert_eq!(log.append_once(&json!({"id": "E-1", "type": "other"}), "id").unwrap(), Appended::Before);
    assert_eq!(fs::read(log.path()).unwrap(), before);
    // The same word in another field, and as a part of another word, is no double.
    for event in [json!({"id": "E-10"}), json!({"id": "claimed", "after": "E-1"}), json!({"id": "E"})] {
        assert_eq!(log.append_once(&event, "id").unwrap(), Appended::Now, "{event}");
    }
    assert_eq!(log.read().unwrap().records.len(), 4);
}

#[test]
fn a_key_is_known_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = EventLog::at(folder.path().join("events.yaml"));
    let forms =
        "- id: E-1\n- {'id': 'E-2'}\n- \"id\": \"\\x45-3\"\n- id: 4\n- id: >-\n    E-5\n- id: 'two words'\n";
    fs::write(log.path(), forms).unwrap();
    for id in [json!("E-1"), json!("E-2"), json!("E-3"), json!(4), json!("E-5"), json!("two words")] {
        assert_eq!(log.append_once(&json!({"id": id}), "id").unwrap(), Appended::Before, "{id}");
    }
    assert_eq!(fs::read_to_string(log.path()).unwrap(), forms);
    assert_eq!(log.append_once(&json!({"id": "4"}), "id").unwrap(), Appended::Now);
}

#[test]
fn an_event_without_the_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = EventLog::at(folder.path().join("events.yaml"));
    let refused = log.append_once(&json!({"type": "claimed"}), "id");
    assert!(matches!(refused, Err(EventError::Emit { .. })), "{refused:?}");
    assert!(!log.path().exists());
}

#[test]
fn what_the_log_lacks_is_chosen_under_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let log = EventLog::at(folder.path().join("e.yaml"));
    let lacking = |events: &atomic_io::Events| {
        let is_in = |id: &str| events.records.iter().any(|record| record["id"] == id);
        ["a", "b", "c"].iter().filter(|id| !is_in(id)).map(|id| json!({ "id": id })).collect::<Vec<_>>()
    };
    assert_eq!(log.append_chosen(|_| Vec::<serde_json::Value>::new()).unwrap(), 0);
    assert!(!log.path().exists());
    log.append(&json!({"id": "b"})).unwrap();
    // In eight threads at once: each looks again at what the others made of it.
    let added: usize = std::thread::scope(|scope| {
        let adders: Vec<_> = (0..8).map(|_| scope.spawn(|| log.append_chosen(lacking).unwrap())).collect();
        adders.into_iter().map(|adder| adder.join().unwrap()).sum()
    });
    assert_eq!(added, 2);
    let records = log.read().unwrap().records;
    let ids: Vec<_> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["b", "a", "c"]);
    assert!(log.append_chosen(|_| vec!["no mapping"]).is_err());
    fs::write(log.path(), "- id: \"\\q\"\n").unwrap();
    assert!(log.append_chosen(lacking).is_err());
}
