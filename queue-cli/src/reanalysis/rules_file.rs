//! Reading rules. What is wrong is told with its line, and what is not known is wrong: a misspelt condition must not pass for none.

use super::rules::{Action, Commits, For, Rule, Rules, Share, Trigger, When};
use crate::status::Priority;
use atomic_io::{Document, Node, ParseError};
use glob::Pattern;

const SINCE: &str = "HEAD~1";

impl Rules {
    /// Reads rules from the text of a file.
    ///
    /// # Errors
    ///
    /// [`ParseError`] with the line of what is no YAML, or no rule.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let document = Document::parse(text)?;
        read(&document).map_err(|Wrong { line, what }| {
            let line_text = text.lines().nth(line - 1).unwrap_or_default();
            let column = line_text.chars().take_while(|character| character.is_whitespace()).count() + 1;
            ParseError { line, column, message: what, line_text: line_text.to_owned() }
        })
    }
}

/// What is wrong, on which line, from 1.
struct Wrong {
    line: usize,
    what: String,
}

/// What the full parser alone can read has no lines; the first one is near enough for a file that uses anchors.
fn wrong(node: Node<'_>, what: impl Into<String>) -> Wrong {
    Wrong { line: node.line().unwrap_or(1), what: what.into() }
}

fn read(document: &Document) -> Result<Rules, Wrong> {
    let root = document.root();
    if !root.is_map() {
        return Err(wrong(root, "this is not a mapping with a list `rules`"));
    }
    only(root, "a rules file", &["since", "except_tags", "rules"])?;
    let since = root.field("since").map_or(Ok(SINCE.into()), |node| text(node, "since"))?;
    if since.is_empty() || since.starts_with('-') {
        return Err(wrong(root.field("since").unwrap_or(root), "`since` is no revision"));
    }
    let except_tags = root.field("except_tags").map_or(Ok(Vec::new()), |node| texts(node, "except_tags"))?;
    let Some(list) = root.field("rules") else { return Err(wrong(root, "there is no list `rules`")) };
    if !list.is_list() {
        return Err(wrong(list, "`rules` is not a list"));
    }
    Ok(Rules { since, except_tags, rules: list.items().map(rule).collect::<Result<_, _>>()? })
}

fn rule(node: Node<'_>) -> Result<Rule, Wrong> {
    if !node.is_map() {
        return Err(wrong(node, "this rule is not a mapping"));
    }
    only(node, "a rule", &["name", "trigger", "when", "do"])?;
    let field = |key: &str| {
        let value = node.field(key).filter(|value| !value.is_null());
        value.ok_or_else(|| wrong(node, format!("this rule has no `{key}`")))
    };
    let name = text(field("name")?, "name")?;
    let trigger = one_of(field("trigger")?, "trigger", &Trigger::ALL.map(|one| (one.word(), one)))?;
    let action = one_of(field("do")?, "do", &Action::ALL.map(|one| (one.word(), one)))?;
    let conditions = field("when")?;
    Ok(Rule { name, trigger, action, when: when(conditions, trigger)?, is_for: is_for(conditions)? })
}

/// The keys under `when` that make a condition of the trigger; exactly one of them is there.
fn conditions(trigger: Trigger) -> &'static [&'static str] {
    match trigger {
        Trigger::StructuralChange => &["changed", "referenced_file"],
        Trigger::DependencyComplete => &["blockers"],
        Trigger::HealthDrop => &["success_rate_below"],
        Trigger::TimeBased => &["pending_days_over"],
        Trigger::FailurePattern => &["failing_tasks_share_a_tag", "failures_over"],
    }
}

const FILTERS: [&str; 3] = ["priority", "type", "tags"];

fn when(node: Node<'_>, trigger: Trigger) -> Result<When, Wrong> {
    if !node.is_map() {
        return Err(wrong(node, "`when` is not a mapping"));
    }
    let possible = conditions(trigger);
    let has_commits = trigger == Trigger::StructuralChange && node.field("changed").is_some();
    let more: &[&str] = if has_commits { &["commits"] } else { &[] };
    only(node, &format!("`when` of {}", trigger.word()), &[possible, more, &FILTERS[..]].concat())?;
    let mut found = possible.iter().filter_map(|key| Some((*key, node.field(key)?)));
    let (Some((key, value)), None) = (found.next(), found.next()) else {
        let what = format!("`when` of {} needs one of: {}", trigger.word(), possible.join(", "));
        return Err(wrong(node, what));
    };
    Ok(match key {
        "changed" => When::FilesChanged {
            patterns: patterns(value)?,
            commits: node.field("commits").map_or(Ok(Commits::Any), |value| {
                one_of(value, "commits", &[("any", Commits::Any), ("breaking", Commits::Breaking)])
            })?,
        },
        "referenced_file" => one_of(value, key, &[("gone", When::ReferencedFileGone)])?,
        "blockers" => {
            let shares = [("all_completed", Share::All), ("some_completed", Share::Some)];
            When::BlockersCompleted(one_of(value, key, &shares)?)
        }
        "success_rate_below" => {
            let rate = number(value, key)?;
            if rate > 1.0 {
                return Err(wrong(value, format!("`{key}` is a number from 0 to 1")));
            }
            When::SuccessRateBelow(rate)
        }
        "pending_days_over" => When::PendingDaysOver(number(value, key)?),
        "failing_tasks_share_a_tag" => When::FailingTasksShareTag(count(value, key)?),
        _ => When::FailuresOver(count(value, key)?),
    })
}

fn is_for(node: Node<'_>) -> Result<For, Wrong> {
    let words = |key| node.field(key).map(|node| texts(node, key)).transpose();
    let priority = |node: Node<'_>, word: &str| match Priority::from_word(word) {
        Priority::Unstated if word != "none" => {
            Err(wrong(node, format!("`{word}` is not one of CRITICAL, HIGH, MEDIUM, LOW, none")))
        }
        priority => Ok(priority),
    };
    let priorities = match (node.field("priority"), words("priority")?) {
        (Some(node), Some(words)) => {
            Some(words.iter().map(|word| priority(node, word)).collect::<Result<_, _>>()?)
        }
        _ => None,
    };
    Ok(For { priorities, kinds: words("type")?, tags: words("tags")? })
}

fn patterns(node: Node<'_>) -> Result<Vec<Pattern>, Wrong> {
    let patterns = texts(node, "changed")?;
    let read = |text: &String| {
        Pattern::new(text).map_err(|error| wrong(node, format!("`{text}` is no pattern: {}", error.msg)))
    };
    patterns.iter().map(read).collect()
}

/// Refuses keys that mean nothing here.
fn only(node: Node<'_>, what: &str, known: &[&str]) -> Result<(), Wrong> {
    match node.entries().find(|(key, _)| !known.contains(&&**key)) {
        Some((key, value)) => {
            Err(wrong(value, format!("{what} has no `{key}`; known are: {}", known.join(", "))))
        }
        None => Ok(()),
    }
}

fn text(node: Node<'_>, key: &str) -> Result<String, Wrong> {
    node.str().map(Into::into).ok_or_else(|| wrong(node, format!("`{key}` is not a text")))
}

/// A list of texts, or one.
fn texts(node: Node<'_>, key: &str) -> Result<Vec<String>, Wrong> {
    if node.is_list() {
        node.items().map(|item| text(item, key)).collect()
    } else {
        Ok(vec![text(node, key)?])
    }
}

fn one_of<T: Clone>(node: Node<'_>, key: &str, known: &[(&str, T)]) -> Result<T, Wrong> {
    let word = text(node, key)?;
    let found = known.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone());
    found.ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        wrong(node, format!("`{key}` is `{word}`, and can be: {}", known.join(", ")))
    })
}

fn number(node: Node<'_>, key: &str) -> Result<f64, Wrong> {
    let number = node.str().and_then(|text| text.parse::<f64>().ok());
    let number = number.filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| wrong(node, format!("`{key}` is not a number from 0 on")))
}

fn count(node: Node<'_>, key: &str) -> Result<u64, Wrong> {
    let count = node.str().and_then(|text| text.parse::<u64>().ok());
    count
        .filter(|count| *count > 0)
        .ok_or_else(|| wrong(node, format!("`{key}` is not a whole number from 1 on")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_rules() {
        let rules = Rules::built_in().unwrap();
        for trigger in Trigger::ALL {
            assert!(rules.rules.iter().any(|rule| rule.trigger == trigger), "{}", trigger.word());
        }
        for action in Action::ALL {
            assert!(rules.rules.iter().any(|rule| rule.action == action), "{}", action.word());
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let fine = "rules:\n- name: a\n  trigger: time_based\n  when: {pending_days_over: 7}\n  do: flag\n";
        assert_eq!(Rules::parse(fine).unwrap().rules.len(), 1);
        for (old, new, line, told) in [
            ("rules:", "rule:", 2, "has no `rule`"),
            ("time_based", "sometimes", 3, "structural_change"),
            ("pending_days_over: 7", "pending_days: 7", 4, "has no `pending_days`"),
            ("pending_days_over: 7", "pending_days_over: -1", 4, "a number from 0 on"),
            ("pending_days_over: 7", "pending_days_over: soon", 4, "a number from 0 on"),
            ("{pending_days_over: 7}", "{priority: HIGH}", 4, "needs one of: pending_days_over"),
            ("{pending_days_over: 7}", "{pending_days_over: 7, priority: P1}", 4, "`P1` is not one of"),
            ("do: flag", "do: delete", 5, "unblock, boost, flag, invalidate"),
            ("  do: flag\n", "", 2, "has no `do`"),
            ("  do: flag\n", "  do: flag\n  or: boost\n", 6, "has no `or`"),
            ("- name", "- 7\n- name", 2, "is not a mapping"),
            ("do: flag", "do: flag: 1", 5, ""),
            ("rules:", "since: --output=x\nrules:", 1, "no revision"),
        ] {
            let broken = fine.replace(old, new);
            let error = Rules::parse(&broken).unwrap_err();
            assert_eq!(error.line, line, "{broken}{error}");
            assert!(error.message.contains(told), "{error}");
        }
        for text in ["", "[]", "rules: 7\n", "# nothing\n"] {
            assert_eq!(Rules::parse(text).unwrap_err().line, 1, "{text}");
        }
    }
}
