//! `pipe`: content through a filter.

use crate::program::Program;

const TEXT: &str = "a: 1  # why\nb: 2\n";

#[test]
fn what_the_filter_prints_replaces_the_content() {
    let program = Program::with("q.yaml", TEXT);
    program.out(&["pipe", "q.yaml", "--", "sed", "s/2/3/"]);
    assert_eq!(program.read("q.yaml"), "a: 1  # why\nb: 3\n");
    assert_eq!(program.read("q.yaml.backup"), TEXT);
}

#[test]
fn a_filter_that_fails_or_prints_no_yaml_changes_nothing() {
    let program = Program::with("q.yaml", TEXT);
    let refused = |script: &str, code, said| {
        program.check_refused(&["pipe", "q.yaml", "--", "sh", "-c", script], code, said, "q.yaml");
    };
    refused("cat; exit 3", 8, "sh ended with exit code 3; nothing was changed");
    refused("cat; kill -9 $$", 8, "ended by signal 9");
    refused("echo 'a: ['", 6, "output of sh:1:4:");
    refused("printf 'a: \\377'", 6, "output of sh:1:4: the bytes here are not UTF-8");
    refused("true", 8, "printed nothing");
    refused("echo; echo '# why'", 8, "printed nothing");
    program.check_refused(
        &["pipe", "q.yaml", "--", "no-such-filter"],
        127,
        "cannot run no-such-filter",
        "q.yaml",
    );
    program.check_refused(&["pipe", "q.yaml", "--", "/"], 126, "cannot run /", "q.yaml");
    program.check_refused(&["pipe", "q.yaml"], 2, "<FILTER>", "q.yaml");
}

/// A pipe holds 64 KiB: who writes all before reading anything waits for ever.
#[test]
fn large_content_flows_both_ways() {
    let text: String = (0..40_000).map(|n| format!("key{n}: {n}\n")).collect();
    let program = Program::with("q.yaml", &text);
    program.out(&["pipe", "q.yaml", "--", "sed", "s/key7:/seven:/"]);
    assert_eq!(program.read("q.yaml"), text.replace("key7:", "seven:"));
    // And one that stops reading early is none of our business.
    program.out(&["pipe", "q.yaml", "--", "head", "-n", "1"]);
    assert_eq!(program.read("q.yaml"), "key0: 0\n");
}

#[test]
fn the_filter_runs_under_the_lock() {
    let program = Program::with("q.yaml", TEXT);
    let script = "flock -n q.yaml.lock true && echo free: 1; echo held: 1";
    program.out(&["pipe", "q.yaml", "--", "sh", "-c", script]);
    assert_eq!(program.read("q.yaml"), "held: 1\n");
}
