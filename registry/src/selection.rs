//! Which skills fit a task.
//!
//! The rule: each trigger of a skill that is found in the description of the task counts 20 percent, up to 100. Found is a trigger whose
//! words stand there one behind the other as whole words, whatever their case; what is no letter and no digit separates words. So
//! `Quick-fix` has the trigger `quick fix`, and `testing` has not the trigger `test`. `+` and `#` right behind a word of a trigger must stand
//! there too, for `C++` is neither `C#` nor `C`. A trigger counts once, however often it stands there or in
//! the skill's list. The best comes first; of equals, the one that is first in the file.

use crate::RegistryError;
use crate::section::{items, map, number, part, text};
use crate::skill::{Skill, skills};
use atomic_io::Document;
use serde::Serialize;

/// What one trigger counts, in percent.
const EACH_TRIGGER: u32 = 20;

/// A skill that fits a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Match {
    /// The skill.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How well it fits, in percent.
    pub score: u32,
    /// The triggers that were found.
    pub triggers: Vec<String>,
    /// From which score on it should be chosen: the skill's own threshold, else that of the registry.
    pub confidence_threshold: Option<f64>,
    /// Whether its score is as high as that. Without a threshold it is.
    pub is_confident: bool,
}

/// A rule that names skills to be looked at for certain tasks, from `selection_framework`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TriggerRule {
    /// Its id.
    pub rule_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// When it applies, in words.
    pub condition: Option<String>,
    /// It applies to descriptions with one of these words.
    pub keywords: Vec<String>,
    /// If there are any, one of these must stand there too.
    pub domain_keywords: Vec<String>,
    /// More words of the first kind.
    pub indicators: Vec<String>,
    /// The skills to be looked at.
    pub required_skills: Vec<String>,
    /// What is to be done.
    pub action: Option<String>,
    /// How urgent that is: `critical`, `high`, `medium` or `low`.
    pub priority: Option<String>,
}

impl TriggerRule {
    /// Whether it applies to a task with this description: by the same reading of words as for [`matches`](matches()).
    pub fn applies_to(&self, description: &str) -> bool {
        let words = words(description);
        let any = |triggers: &[String]| triggers.iter().any(|trigger| stands_in(trigger, &words));
        (any(&self.keywords) || any(&self.indicators))
            && (self.domain_keywords.is_empty() || any(&self.domain_keywords))
    }
}

/// The skills that fit a task with this description, the best first, by the rule above. Those without any trigger found are left
/// out.
///
/// # Errors
///
/// Those of [`skills`] and [`confidence_threshold`].
pub fn matches(document: &Document, description: &str) -> Result<Vec<Match>, RegistryError> {
    let threshold = confidence_threshold(document)?;
    let words = words(description);
    let mut found: Vec<Match> =
        skills(document)?.into_iter().filter_map(|skill| fit(skill, &words, threshold)).collect();
    // A stable sort: equals stay in the order of the file.
    found.sort_by_key(|fit| std::cmp::Reverse(fit.score));
    Ok(found)
}

/// The rules for choosing skills by themselves, in the order of the file.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `selection_framework` is no mapping or its rules no list of mappings.
pub fn auto_trigger_rules(document: &Document) -> Result<Vec<TriggerRule>, RegistryError> {
    let Some(framework) = map(document.root(), "selection_framework", "")? else { return Ok(Vec::new()) };
    items(framework, "auto_trigger_rules")?
        .into_iter()
        .map(|rule| {
            let list = |key: &str| part(rule, key, " of a rule");
            Ok(TriggerRule {
                rule_id: text(rule, "rule_id"),
                name: text(rule, "name"),
                condition: text(rule, "condition"),
                keywords: list("keywords")?,
                domain_keywords: list("domain_keywords")?,
                indicators: list("indicators")?,
                required_skills: list("required_skills")?,
                action: text(rule, "action"),
                priority: text(rule, "priority"),
            })
        })
        .collect()
}

/// How sure one should be before choosing a skill that says nothing of it, in percent.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `selection_framework` is no mapping.
pub fn confidence_threshold(document: &Document) -> Result<Option<f64>, RegistryError> {
    let framework = map(document.root(), "selection_framework", "")?;
    Ok(framework.and_then(|framework| number(framework, "confidence_threshold")))
}

fn fit(skill: Skill, description: &[Word], threshold: Option<f64>) -> Option<Match> {
    let mut triggers: Vec<String> = Vec::new();
    for trigger in skill.selection.triggers {
        if stands_in(&trigger, description) && !triggers.iter().any(|other| same_trigger(other, &trigger)) {
            triggers.push(trigger);
        }
    }
    let score =
        u32::try_from(triggers.len()).map_or(100, |count| count.saturating_mul(EACH_TRIGGER).min(100));
    let confidence_threshold = skill.selection.confidence_threshold.or(threshold);
    let is_confident = confidence_threshold.is_none_or(|threshold| f64::from(score) >= threshold);
    (score > 0).then_some(Match {
        id: skill.id,
        name: skill.name,
        score,
        triggers,
        confidence_threshold,
        is_confident,
    })
}

/// Whether two triggers are one: the same words in any case. Those without a word are told apart by what they are made of.
pub(crate) fn same_trigger(one: &str, other: &str) -> bool {
    let (words_of_one, words_of_other) = (words(one), words(other));
    words_of_one == words_of_other && (!words_of_one.is_empty() || one.trim() == other.trim())
}

/// A word, and the signs right behind it that may be part of a name.
#[derive(PartialEq)]
struct Word {
    letters: String,
    signs: String,
}

impl Word {
    /// Whether a trigger means this word: who says `c` in a trigger may mean any, who says `C++` means no other.
    fn is_meant_by(&self, trigger: &Word) -> bool {
        self.letters == trigger.letters && (trigger.signs.is_empty() || trigger.signs == self.signs)
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(char::is_alphanumeric) {
        let end = |text: &str, is_part: fn(char) -> bool| text.find(|c| !is_part(c)).unwrap_or(text.len());
        let (letters, behind) = rest[begin..].split_at(end(&rest[begin..], char::is_alphanumeric));
        let (signs, behind) = behind.split_at(end(behind, |c| matches!(c, '+' | '#')));
        words.push(Word { letters: letters.to_lowercase(), signs: signs.into() });
        rest = behind;
    }
    words
}

fn stands_in(trigger: &str, description: &[Word]) -> bool {
    let trigger = words(trigger);
    let fits = |some: &[Word]| some.iter().zip(&trigger).all(|(word, of_it)| word.is_meant_by(of_it));
    !trigger.is_empty() && description.windows(trigger.len()).any(fits)
}
