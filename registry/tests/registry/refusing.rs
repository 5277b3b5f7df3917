//! A file that is no registry: exit code 6 with the line, from every verb that touches what is wrong, and nothing is changed.

use crate::sample::Sample;
use std::process::Command;

fn check(text: &str, args: &[&str], code: i32, said: &str) {
    let sample = Sample::of(text);
    let output = Command::new(env!("CARGO_BIN_EXE_registry"))
        .args(args)
        .args(["-f", "r.yaml"])
        .current_dir(sample.path(""))
        .env_remove("BB5_TASK_ID")
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text:?} {args:?}: {error}");
    assert!(error.contains(said), "{text:?} {args:?}: {error}");
    assert_eq!(sample.text(), text, "{args:?}");
    assert!(!sample.path("events.yaml").exists(), "{args:?}");
}

const LOG: &[&str] = &["log", "--task", "T", "--skill", "a"];
const RECORD: &[&str] = &["record", "--task", "T", "--skill", "a", "--outcome", "success"];
const RECORD_PLAIN: &[&str] = &["record", "--task", "T"];

#[test]
fn every_verb_refuses_what_is_no_registry() {
    let verbs: &[&[&str]] = &[
        &["list"],
        &["get", "a"],
        &["metrics"],
        &["metrics", "a", "--set", "reuse_rate=1"],
        &["match", "text"],
        &["top"],
        LOG,
        RECORD,
        RECORD_PLAIN,
        &["outcome", "--task", "T"],
        &["recalculate"],
        &["check", "--fix"],
    ];
    let schema = "metrics_schema: {components: [{name: success_rate, weight: 1}]}\n";
    for verb in verbs {
        check("a: 1\nskills: [\n", verb, 6, "r.yaml:2:");
        check(&format!("{schema}skill: {{}}\n"), verb, 6, "r.yaml: line 1: there is no mapping `skills`");
        check(&format!("{schema}skills: all\n"), verb, 6, "r.yaml: line 2: `skills` is a single value");
    }
}

#[test]
fn a_scalar_where_a_mapping_belongs_is_refused_with_its_line() {
    let skill = "skills:\n  a: {}\n";
    check("skills:\n  a: text\n", LOG, 6, "line 2: the skill `a` is a single value");
    check("skills:\n  a:\n    usage: often\n", LOG, 6, "line 3: `usage` of the skill `a` is a single value");
    check(
        "skills:\n  a:\n    usage: {usage_count: many}\n",
        RECORD,
        6,
        "line 3: `usage_count` of the skill `a`",
    );
    check(&format!("{skill}usage_history: none\n"), LOG, 6, "line 3: `usage_history` is a single value");
    check(&format!("{skill}usage_history:\n- one\n"), RECORD, 6, "line 4: entry 1 of `usage_history`");
    check(&format!("{skill}task_outcomes:\n- one\n"), RECORD_PLAIN, 6, "line 4: entry 1 of `task_outcomes`");
    check(&format!("{skill}metadata: none\n"), LOG, 6, "line 3: `metadata` is a single value");
    check(&format!("{skill}metrics_schema: none\n"), &["recalculate"], 6, "line 3: `metrics_schema`");
    check(&format!("{skill}analysis: none\n"), &["metrics"], 6, "line 3: `analysis`");
    check(
        &format!("{skill}selection_framework: none\n"),
        &["match", "a"],
        6,
        "line 3: `selection_framework`",
    );
}

#[test]
fn what_cannot_be_edited_is_refused_with_its_line() {
    check("base: &base {}\nskills:\n  a: {}\n", LOG, 6, "line 1, column 7");
}

#[test]
fn what_is_not_there_and_what_makes_no_sense_have_codes_of_their_own() {
    let skill = "skills:\n  a: {}\n";
    check(skill, &["log", "--task", "T", "--skill", "b"], 7, "there is no skill b");
    check(skill, &["record", "--task", "T", "--skill", "b"], 7, "there is no skill b");
    check(skill, &["get", "b"], 7, "there is no skill b");
    check(skill, &["record"], 2, "BB5_TASK_ID");
    check(skill, &["record", "--task", "T", "--quality-rating", "6"], 2, "from 1 to 5");
    check(skill, &["metrics", "a", "--set", "speed=1"], 2, "`speed`");
    check(skill, &["metrics", "a", "--set", "speed"], 2, "NAME=VALUE");
}
