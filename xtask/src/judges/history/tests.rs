//! Legal histories, and planted wrong ones. Times are in milliseconds.

use super::{Ending, History, Shown, endings};
use serde_json::json;
use std::collections::BTreeMap;

fn judge(lines: &[&str], status: &str, attempt: u64) -> Result<Shown, String> {
    let text: Vec<String> = lines
        .iter()
        .map(|line| {
            let (time, rest) = line.split_once(' ').unwrap();
            format!("{time}000000 {rest}")
        })
        .collect();
    let ending = Ending { status: status.into(), attempt: (attempt > 0).then_some(attempt) };
    History::parse(&text.join("\n"))?.judge(&BTreeMap::from([("A".to_owned(), ending)]))
}

#[track_caller]
fn good(lines: &[&str], status: &str, attempt: u64) -> Shown {
    judge(lines, status, attempt).unwrap()
}

/// That it is refused, and says why, with the lines that show it.
#[track_caller]
fn bad(lines: &[&str], status: &str, attempt: u64, why: &str, shown: &[usize]) {
    let told = judge(lines, status, attempt).expect_err(why);
    assert!(told.contains(why), "{told}");
    for line in shown {
        let (_, rest) = lines[*line].split_once(' ').unwrap();
        assert!(told.contains(rest), "{told}\nlacks {rest}");
    }
}

const CLAIM: [&str; 2] = ["10 ann asked claim A 300", "12 ann got A 1"];
const DONE: [&str; 2] = ["50 ann asked done A 1", "55 ann ok"];

fn with<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

#[test]
fn the_plain_way_is_right() {
    let shown = good(
        &with(&[
            &CLAIM,
            &["13 ann asked start A 1", "14 ann ok", "15 ann started A 1", "40 ann ended A 1"],
            &["41 ann asked heartbeat A 1 300", "42 ann ok"],
            &DONE,
            &["60 ann asked done A 1", "61 ann ok", "62 ann asked heartbeat A 1 300", "63 ann refused"],
            &["70 bob asked claim A 300", "71 bob refused", "72 bob asked claim - 300", "73 bob nothing"],
        ]),
        "completed",
        1,
    );
    assert_eq!(shown, Shown { claims: 1, finished: 2, takeovers: 0, refused: 1, unanswered: 0 });
    good(&[], "pending", 0);
}

#[test]
fn a_task_goes_on_to_another_after_a_release_and_after_the_lease() {
    let released = ["20 ann asked release A 1", "30 ann ok"];
    // Asked before the release was, granted after it.
    let next = ["18 bob asked claim - 300", "35 bob got A 2", "50 bob asked fail A 2", "51 bob ok"];
    good(&with(&[&CLAIM, &released, &next]), "failed", 2);
    let taken = ["309 bob asked claim - 300", "312 bob got A 2"];
    let late = ["400 ann asked done A 1", "401 ann refused", "420 bob asked done A 2", "421 bob ok"];
    let shown = good(&with(&[&CLAIM, &taken, &late]), "completed", 2);
    assert_eq!((shown.takeovers, shown.refused), (1, 1));
    // The lease had run out, but nobody had come.
    good(&with(&[&CLAIM, &["900 ann asked done A 1", "901 ann ok"]]), "completed", 1);
    // Claimed again by the same holder: the same claim.
    good(&with(&[&CLAIM, &["20 ann asked claim A 300", "21 ann got A 1"], &DONE]), "completed", 1);
}

#[test]
fn what_was_never_answered_may_have_happened_or_not() {
    let killed = ["51 ann killing", "52 ann killed"];
    good(&with(&[&CLAIM, &DONE[..1], &killed]), "completed", 1);
    let taken = ["400 bob asked claim A 300", "401 bob got A 2", "402 bob asked done A 2", "403 bob ok"];
    good(&with(&[&CLAIM, &DONE[..1], &killed, &taken]), "completed", 2);
    // Given back by a program that could not say so any more.
    let lost = ["20 ann asked release A 1", "22 ann lost"];
    let soon = ["25 bob asked claim A 300", "26 bob got A 2", "27 bob asked done A 2", "28 bob ok"];
    good(&with(&[&CLAIM, &lost, &soon, &["30 ann asked release A 1", "31 ann refused"]]), "completed", 2);
    // Attempt 1 went to somebody who was killed before the answer.
    let unknown = ["5 eve asked claim - 300", "6 eve killing", "7 eve killed"];
    let next = ["306 bob asked claim A 300", "307 bob got A 2", "308 bob asked done A 2", "309 bob ok"];
    good(&with(&[&unknown, &next]), "completed", 2);
    bad(&next, "completed", 2, "attempt 1 was given to nobody", &[0, 1]);
    let too_soon = ["200 bob asked claim A 300", "201 bob got A 2", "208 bob asked done A 2", "209 bob ok"];
    bad(&with(&[&unknown, &too_soon]), "completed", 2, "before the lease", &[0, 3, 4]);
}

#[test]
fn one_claim_without_an_answer_does_not_account_for_two_attempts() {
    let text = "1 eve asked claim - 1\n2 eve lost\n";
    let ending = |id: &str| (id.to_owned(), Ending { status: "claimed".into(), attempt: Some(1) });
    let judge = |endings: BTreeMap<String, Ending>| History::parse(text).unwrap().judge(&endings);
    assert!(judge(BTreeMap::from([ending("A")])).is_ok());
    assert!(judge(BTreeMap::from([ending("A"), ending("B")])).unwrap_err().contains("too few"));
}

#[test]
fn two_holders_are_noticed() {
    let second = ["11 bob asked claim - 300", "14 bob got A 1"];
    bad(&with(&[&CLAIM, &second, &DONE]), "completed", 1, "attempt 1 was given to two", &[0, 1, 2, 3]);
    let taken = ["100 bob asked claim A 300", "101 bob got A 2", "120 bob asked done A 2", "121 bob ok"];
    bad(&with(&[&CLAIM, &taken]), "completed", 2, "before the lease of the one before had run out", &[0, 2]);
}

#[test]
fn a_takeover_before_the_end_of_a_prolonged_lease_is_noticed() {
    let beat = ["200 ann asked heartbeat A 1 300", "202 ann ok"];
    let taken = |time: u64| {
        [
            format!("{time} bob asked claim A 300"),
            format!("{} bob got A 2", time + 1),
            format!("{} bob asked done A 2", time + 2),
            format!("{} bob ok", time + 3),
        ]
    };
    let (early, right) = (taken(400), taken(498));
    let early: Vec<&str> = early.iter().map(String::as_str).collect();
    let right: Vec<&str> = right.iter().map(String::as_str).collect();
    bad(&with(&[&CLAIM, &beat, &early]), "completed", 2, "before the lease", &[2, 3, 4, 5]);
    good(&with(&[&CLAIM, &beat, &right]), "completed", 2);
    // The heartbeat may not have been heard.
    good(&with(&[&CLAIM, &beat[..1], &["201 ann lost"], &early]), "completed", 2);
    // A word that was accepted after the task was given to another.
    let accepted = ["600 ann asked heartbeat A 1 300", "601 ann ok"];
    bad(&with(&[&CLAIM, &right, &accepted]), "completed", 2, "before the lease", &[2, 3, 6, 7]);
}

#[test]
fn a_claim_of_what_is_held_lets_the_lease_run_anew() {
    let again = ["200 ann asked claim A 300", "202 ann got A 1"];
    let early = ["400 bob asked claim A 300", "401 bob got A 2", "402 bob asked done A 2", "403 bob ok"];
    let right = ["500 bob asked claim A 300", "501 bob got A 2", "502 bob asked done A 2", "503 bob ok"];
    bad(&with(&[&CLAIM, &again, &early]), "completed", 2, "before the lease", &[2, 3, 4, 5]);
    good(&with(&[&CLAIM, &again, &right]), "completed", 2);
    // Nobody knows whether this one was heard: taken over early, or found to be taken late, both is right.
    let lost = ["200 ann asked claim A 300", "202 ann lost"];
    let refused = ["450 eve asked claim A 300", "451 eve refused"];
    good(&with(&[&CLAIM, &lost, &early]), "completed", 2);
    good(&with(&[&CLAIM, &lost, &refused, &right]), "completed", 2);
}

#[test]
fn a_second_end_is_noticed() {
    let again = ["60 ann asked fail A 1", "61 ann ok"];
    bad(&with(&[&CLAIM, &DONE, &again]), "completed", 1, "had ended", &[2, 3, 4, 5]);
    let beat = ["60 ann asked heartbeat A 1 300", "61 ann ok"];
    bad(&with(&[&CLAIM, &DONE, &beat]), "completed", 1, "had ended", &[2, 3, 4, 5]);
    let twice = ["20 ann asked release A 1", "21 ann ok", "22 ann asked release A 1", "23 ann ok"];
    bad(&with(&[&CLAIM, &twice]), "pending", 1, "had ended", &[2, 4]);
    let next = ["400 bob asked claim A 300", "401 bob got A 2", "402 bob asked done A 2", "403 bob ok"];
    bad(&with(&[&CLAIM, &DONE, &next]), "completed", 2, "after the task was finished", &[2, 3, 4, 5]);
}

#[test]
fn a_finish_by_an_attempt_that_is_over_is_noticed() {
    let taken = ["400 bob asked claim A 300", "401 bob got A 2"];
    let late = ["410 ann asked done A 1", "411 ann ok"];
    let why = "attempt 1 finished the task after attempt 2 had begun";
    bad(&with(&[&CLAIM, &taken, &late]), "completed", 2, why, &[2, 3, 4, 5]);
    let late = ["410 ann asked release A 1", "411 ann ok"];
    bad(&with(&[&CLAIM, &taken, &late]), "pending", 2, "was given back", &[2, 3, 4, 5]);
}

#[test]
fn an_attempt_that_goes_back_or_is_left_out_is_noticed() {
    let first = ["10 ann asked claim A 300", "12 ann got A 2", "20 ann asked release A 2", "21 ann ok"];
    let second = ["30 bob asked claim A 300", "31 bob got A 1", "32 bob asked release A 1", "33 bob ok"];
    bad(&with(&[&first, &second]), "pending", 2, "attempt 2 was given away before", &[2 - 1, 6, 7]);
    bad(&first, "pending", 2, "attempt 1 was given to nobody", &[0]);
    bad(&with(&[&CLAIM, &DONE]), "completed", 0, "the file ends with attempt 0", &[1]);
}

#[test]
fn a_holder_that_is_turned_away_is_noticed() {
    let refused = ["20 ann asked heartbeat A 1 300", "21 ann refused"];
    bad(&with(&[&CLAIM, &refused, &DONE]), "completed", 1, "although it was the holder's", &[2, 3]);
    let taken = ["400 bob asked claim A 300", "401 bob got A 2", "402 bob asked done A 2", "403 bob ok"];
    bad(&with(&[&CLAIM, &refused, &taken]), "completed", 2, "although it was the holder's", &[2, 3]);
}

#[test]
fn a_claim_that_is_refused_although_the_task_is_free_is_noticed() {
    let early = ["3 bob asked claim A 300", "4 bob refused"];
    let why = "although the task was free";
    bad(&with(&[&early, &CLAIM, &DONE]), "completed", 1, why, &[0, 1]);
    let released = ["20 ann asked release A 1", "30 ann ok"];
    let next = ["80 bob asked claim - 300", "81 bob got A 2", "82 bob asked done A 2", "83 bob ok"];
    let told = ["40 eve asked claim - 300", "41 eve nothing"];
    bad(&with(&[&CLAIM, &released, &told, &next]), "completed", 2, why, &[2, 3, 4, 5, 6, 7]);
    // While the release was under way, either answer is right.
    let told = ["25 eve asked claim - 300", "41 eve nothing"];
    good(&with(&[&CLAIM, &released, &told, &next]), "completed", 2);
    let next = ["380 bob asked claim - 300", "381 bob got A 2", "382 bob asked done A 2", "383 bob ok"];
    let told = ["330 eve asked claim A 300", "331 eve refused"];
    bad(&with(&[&CLAIM, &told, &next]), "completed", 2, why, &[0, 1, 2, 3, 4]);
}

#[test]
fn an_end_that_nobody_was_told_of_is_noticed() {
    let why = "the file ends with completed";
    bad(&CLAIM, "completed", 1, why, &[]);
    // Refused, but it happened: the holder that had taken over is at attempt 2.
    let taken = ["400 bob asked claim A 300", "401 bob got A 2"];
    let refused = ["410 ann asked done A 1", "411 ann refused"];
    bad(&with(&[&CLAIM, &taken, &refused]), "completed", 2, why, &[]);
    bad(&with(&[&CLAIM, &DONE]), "failed", 1, "the file ends with failed", &[2, 3]);
    bad(&with(&[&CLAIM, &DONE]), "claimed", 1, "the file ends with claimed", &[2, 3]);
    bad(&with(&[&CLAIM, &DONE]), "completed", 2, "after the task was finished", &[2, 3]);
}

#[test]
fn work_in_an_attempt_that_was_never_claimed_is_noticed() {
    let work = ["20 bob started A 1", "21 bob ended A 1"];
    bad(&with(&[&CLAIM, &work, &DONE]), "completed", 1, "that bob never claimed", &[2]);
    let work = ["20 ann started A 2"];
    bad(&with(&[&CLAIM, &work, &DONE]), "completed", 1, "that ann never claimed", &[2]);
}

const RUN: [&str; 2] = ["10 ann asked run A", "20 ann started A 1"];
const NEXT: [&str; 4] = ["90 bob asked run A", "120 bob started A 2", "130 bob ended A 2", "140 bob got A 2"];

#[test]
fn a_claim_without_a_lease_ends_with_its_processes() {
    good(&with(&[&RUN, &["30 ann ended A 1", "40 ann got A 1"]]), "completed", 1);
    // The supervisor was killed, and its task ran on to its end.
    let killed = ["50 ann killing", "100 ann ended A 1", "110 ann killed"];
    let shown = good(&with(&[&RUN, &killed, &NEXT]), "completed", 2);
    assert_eq!((shown.takeovers, shown.claims, shown.finished), (1, 2, 1));
    // Both were killed.
    good(&with(&[&RUN, &["50 ann killing", "60 ann killed"], &NEXT]), "completed", 2);
    // Killed before the task could say anything.
    good(&with(&[&RUN[..1], &["15 ann killing", "16 ann killed"], &NEXT]), "completed", 2);
}

#[test]
fn a_takeover_from_the_living_is_noticed() {
    bad(&with(&[&RUN, &NEXT]), "completed", 2, "while the holder of the one before lives", &[0, 1, 2, 3]);
    // Two processes of one task at once: the first had lost its supervisor, but not its life.
    let killed = ["50 ann killing", "125 ann ended A 1", "126 ann killed"];
    bad(&with(&[&RUN, &killed, &NEXT]), "completed", 2, "still lived", &[3, 5, 6]);
    let killed = ["50 ann killing", "60 ann ended A 1"];
    good(&with(&[&RUN, &killed, &NEXT]), "completed", 2);
    bad(&with(&[&RUN, &killed[..1], &NEXT]), "completed", 2, "while the holder", &[]);
}

#[test]
fn what_is_no_history_is_refused() {
    for lines in [
        "x ann asked claim A 1",
        "1",
        "1 ann asked claim A",
        "1 ann asked dance A 1",
        "1 ann got A 1",
        "1 ann ok",
        "1 ann asked claim A 1\n2 ann asked claim A 1",
        "1 ann asked claim A 1\n2 ann got B 1",
        "1 ann asked claim A 1\n2 ann got A one",
        "1 ann ended A 1",
        "1 ann killed",
    ] {
        assert!(History::parse(lines).is_err(), "{lines}");
    }
}

#[test]
fn the_endings_are_read_from_the_data() {
    let queue = json!({"tasks": [{"id": "A", "status": "completed", "attempt": 3}, {"id": "B", "status": "pending"}]});
    let ending = |status: &str, attempt| Ending { status: status.into(), attempt };
    let expected =
        [("A".to_owned(), ending("completed", Some(3))), ("B".to_owned(), ending("pending", None))];
    assert_eq!(endings(&queue), Ok(BTreeMap::from(expected)));
    assert!(endings(&json!({"tasks": [{"id": "A"}]})).is_err());
    assert!(endings(&json!([])).is_err());
}
