use crate::sample::Sample;

const SKILLS: &str = "\
selection_framework: {confidence_threshold: 40}
skills:
  one: {selection: {triggers: [Shelf, room, move]}}
  two: {selection: {triggers: ['what changed', compare, SHELF], confidence_threshold: 20}}
  many: {selection: {triggers: [a, b, c, d, e, f, g]}}
  none: {name: without triggers}
  odd: {selection: {triggers: ['???', '', shelf, Shelf]}}
";

fn scores(text: &str) -> Vec<(String, u32, bool)> {
    let found = Sample::of(SKILLS).registry.matches(text).unwrap();
    found.into_iter().map(|found| (found.id, found.score, found.is_confident)).collect()
}

fn check(text: &str, expected: &[(&str, u32, bool)]) {
    let expected: Vec<_> =
        expected.iter().map(|(id, score, sure)| ((*id).to_owned(), *score, *sure)).collect();
    assert_eq!(scores(text), expected, "{text}");
}

#[test]
fn each_trigger_found_counts_twenty_percent_and_all_at_most_a_hundred() {
    check("move the shelf", &[("one", 40, true), ("two", 20, true), ("odd", 20, false)]);
    check("a b c", &[("many", 60, true)]);
    check("a b c d e f", &[("many", 100, true)]);
    check("nothing of that", &[]);
    check("", &[]);
}

#[test]
fn of_equals_the_first_in_the_file_comes_first() {
    check("shelf", &[("one", 20, false), ("two", 20, true), ("odd", 20, false)]);
}

#[test]
fn only_whole_words_and_whole_phrases_count_in_any_case() {
    check("shelfware, rooms, moved", &[]);
    check("WHAT-Changed?", &[("two", 20, true)]);
    check("what has changed", &[]);
    check("shelf shelf SHELF", &[("one", 20, false), ("two", 20, true), ("odd", 20, false)]);
}

#[test]
fn signs_behind_a_word_of_a_trigger_must_stand_there_too() {
    let sample = Sample::of(
        "skills:\n  cpp: {selection: {triggers: [C++]}}\n  sharp: {selection: {triggers: ['c# code']}}\n  c: {selection: {triggers: [c]}}\n",
    );
    let found = |text: &str| -> Vec<String> {
        sample.registry.matches(text).unwrap().into_iter().map(|found| found.id).collect()
    };
    assert_eq!(found("take vitamin c"), ["c"]);
    assert_eq!(found("Is (c++) for this?"), ["cpp", "c"]);
    assert_eq!(found("C++20, please"), ["cpp", "c"]);
    assert_eq!(found("some C#-Code"), ["sharp", "c"]);
    assert_eq!(found("c code"), ["c"]);
    assert_eq!(found("C ++"), ["c"]);
}

#[test]
fn a_rule_applies_where_a_keyword_and_if_there_are_any_a_domain_keyword_stands() {
    let rules = Sample::example().registry.auto_trigger_rules().unwrap();
    let applying = |text: &str| -> Vec<String> {
        rules.iter().filter(|rule| rule.applies_to(text)).filter_map(|rule| rule.rule_id.clone()).collect()
    };
    assert_eq!(applying("lend a book"), ["R-1"]);
    assert_eq!(applying("print a label"), Vec::<String>::new());
    assert_eq!(applying("print every label, then carry them"), ["R-1", "R-2"]);
    assert_eq!(Sample::example().registry.confidence_threshold().unwrap(), Some(70.0));
}
