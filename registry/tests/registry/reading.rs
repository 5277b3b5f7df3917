use atomic_io::Wait;
use registry::{Registry, RegistryError, Skill};
use std::fs;

fn skills(text: &str) -> Result<Vec<Skill>, RegistryError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.yaml"), text).unwrap();
    Registry::at(folder.path().join("r.yaml"), Wait::Forever).skills()
}

fn example() -> Registry {
    Registry::at(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/skill-registry.yaml"), Wait::Forever)
}

#[test]
fn skills_come_in_the_order_of_the_file() {
    let ids: Vec<_> = example().skills().unwrap().into_iter().map(|skill| skill.id).collect();
    assert_eq!(
        ids,
        ["archivist", "mover", "two-reader-check", "quiet-hours", "label-printer", "catalogue-diff"]
    );
}

#[test]
fn a_skill_has_what_the_file_says_and_defaults_for_the_rest() {
    let archivist = example().get("archivist").unwrap();
    assert_eq!(archivist.agent.as_deref(), Some("Ines"));
    assert_eq!(archivist.version.as_deref(), Some("1.2"));
    assert_eq!(archivist.metrics.effectiveness_score, Some(81.5));
    assert_eq!((archivist.usage.usage_count, archivist.usage.failure_count), (25, 2));
    assert_eq!(archivist.selection.triggers.len(), 4);
    let quiet = example().get("quiet-hours").unwrap();
    assert_eq!((quiet.agent, quiet.metrics.success_rate, quiet.usage.usage_count), (None, None, 0));
}

#[test]
fn what_is_not_known_does_no_harm() {
    let found = skills(
        "1: one\nscale: {1: bad, 2: good, ~: none}\nskills:\n  a-1:\n    version: 1.0\n    created: 2026-02-07\n    extra: [1, {2: x}]\n    metrics: {success_rate: 90, new_metric: high}\n  7:\n    name: seven\nlast: true\n",
    )
    .unwrap();
    assert_eq!(found[0].version.as_deref(), Some("1.0"));
    assert_eq!(found[0].created.as_deref(), Some("2026-02-07"));
    assert_eq!(found[0].name, "a-1");
    assert_eq!(found[0].metrics.success_rate, Some(90.0));
    assert_eq!((found[1].id.as_str(), found[1].name.as_str()), ("7", "seven"));
}

#[test]
fn anchors_and_merge_keys_are_read_too() {
    let found = skills("base: &base {category: tool}\nskills:\n  a:\n    <<: *base\n    name: A\n").unwrap();
    assert_eq!(found[0].category.as_deref(), Some("tool"));
}

#[test]
fn what_is_no_registry_is_an_error_with_its_line() {
    let check = |text: &str, expected: &str| {
        let error = skills(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    };
    check("a: 1\n", "line 1: there is no mapping `skills`");
    check("", "line 1: there is no mapping `skills`");
    check("- a\n", "line 1: there is no mapping `skills`");
    check("# c\na: 1\nskills: none\n", "line 3: `skills` is a single value");
    check("skills:\n- a\n", "line 2: `skills` is a list");
    check("a: 1\nskills:\n", "line 2: `skills` is empty");
    check("skills:\n  a:\n    name: A\n  b: text\n", "line 4: the skill `b` is a single value");
    check(
        "skills:\n  a:\n    usage: {usage_count: many}\n",
        "line 3: `usage` of the skill `a` cannot be read: ",
    );
    check("skills:\n  a: {}\n  a: {}\n", "r.yaml:3:3: ");
    check("skills:\n  a: \"open\n", "r.yaml:");
}

#[test]
fn asking_for_one_skill_does_not_trip_over_another() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.yaml"), "skills:\n  a: {name: A}\n  b: text\n").unwrap();
    let registry = Registry::at(folder.path().join("r.yaml"), Wait::Forever);
    assert_eq!(registry.get("a").unwrap().name, "A");
    assert!(matches!(registry.get("b"), Err(RegistryError::Invalid { line: Some(3), .. })));
    assert!(matches!(registry.get("c"), Err(RegistryError::NoSuchSkill { .. })));
}
