//! Which rules apply to a task, and what is to be done with it.

use super::facts::{Facts, is_doubtful, matches};
use super::rules::{Action, Commits, Rules, Share, Trigger, When};
use super::{Reason, actions};
use crate::dialect::ADDED;
use crate::status::Status;
use crate::task::{Task, read_each};
use atomic_io::{Document, Node};
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// One action to be done.
pub(super) struct Decision<'a> {
    pub(super) task: &'a Task,
    pub(super) action: Action,
    pub(super) reasons: Vec<Reason>,
}

/// What the rules have to say of the queue as it is now.
pub(super) fn decide<'a>(
    document: &Document,
    tasks: &'a [Task],
    now: Timestamp,
    rules: &Rules,
    triggers: &[Trigger],
    facts: &Facts<'_>,
) -> Vec<Decision<'a>> {
    let look = Look {
        now,
        facts,
        statuses: tasks.iter().map(|task| (task.id.as_str(), &task.status)).collect(),
        failing: failing_by_tag(tasks),
    };
    let items = read_each(document).into_iter().flatten().map(|(item, _)| item);
    let mut decisions = Vec::new();
    for (task, item) in tasks.iter().zip(items) {
        let is_excepted = task.tags.iter().any(|tag| rules.except(tag));
        if is_excepted || !is_looked_at(&task.status) {
            continue;
        }
        let more = More::of(item);
        let mut asked: Vec<(Action, Reason)> = Vec::new();
        for rule in rules.rules.iter().filter(|rule| triggers.contains(&rule.trigger)) {
            if !rule.is_for.is_for(task) {
                continue;
            }
            if let Some(text) = look.applies(&rule.when, task, &more) {
                // Whoever works on a task must find it as it is, and nothing is to end by a doubt: what speaks against it can be looked at.
                let is_spared = task.status.is_in_hand() || look.is_in_doubt(&rule.when, &more);
                let is_milder = is_spared && rule.action == Action::Invalidate;
                let action = if is_milder { Action::Flag } else { rule.action };
                asked.push((action, Reason { trigger: rule.trigger, rule: rule.name.clone(), text }));
            }
        }
        decisions.extend(chosen(task, item, asked));
    }
    decisions
}

fn is_looked_at(status: &Status) -> bool {
    matches!(status, Status::Pending | Status::Blocked | Status::Failed) || status.is_in_hand()
}

/// What is to be done of what is asked for. A task that is to be invalidated needs nothing else.
fn chosen<'a>(task: &'a Task, item: Node<'_>, asked: Vec<(Action, Reason)>) -> Vec<Decision<'a>> {
    let mut by_action: Vec<Decision<'a>> = Vec::new();
    for (action, reason) in asked {
        match by_action.iter_mut().find(|decision| decision.action == action) {
            Some(decision) => decision.reasons.push(reason),
            None => by_action.push(Decision { task, action, reasons: vec![reason] }),
        }
    }
    if let Some(place) = by_action.iter().position(|decision| decision.action == Action::Invalidate) {
        return vec![by_action.swap_remove(place)];
    }
    by_action.retain(|decision| actions::is_to_do(decision.action, task, item));
    by_action
}

/// How many tasks that fail bear each tag. The tags that are given here say nothing of what a task is about.
fn failing_by_tag(tasks: &[Task]) -> HashMap<String, u64> {
    let mut failing: HashMap<String, u64> = HashMap::new();
    for task in tasks.iter().filter(|task| is_failing(task)) {
        let tags: HashSet<String> = task.tags.iter().map(|tag| tag.to_ascii_lowercase()).collect();
        for tag in tags.into_iter().filter(|tag| !actions::is_own_tag(tag)) {
            *failing.entry(tag).or_default() += 1;
        }
    }
    failing
}

fn is_failing(task: &Task) -> bool {
    task.status == Status::Failed || (is_looked_at(&task.status) && task.failure_count > 0)
}

/// What rules ask of a task besides.
struct More<'a> {
    files: Vec<Cow<'a, str>>,
    success_rate: Option<f64>,
    added: Option<Timestamp>,
}

impl<'a> More<'a> {
    fn of(item: Node<'a>) -> Self {
        let files = item.field("files_referenced");
        let files = files.into_iter().flat_map(|files| {
            let one = files.str();
            one.into_iter().chain(files.items().filter_map(|file| file.str()))
        });
        Self {
            files: files.collect(),
            success_rate: item.field("success_rate").and_then(|rate| share(&rate.str()?)),
            added: ADDED.iter().find_map(|key| time(&item.field(key)?.str()?)),
        }
    }
}

/// `0.7`, `70` and `70%` are the same.
fn share(text: &str) -> Option<f64> {
    let text = text.trim();
    let percent = text.strip_suffix('%');
    let number: f64 = percent.unwrap_or(text).trim().parse().ok()?;
    let number = if percent.is_some() || number > 1.0 { number / 100.0 } else { number };
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// A time without a zone is taken for UTC, as in all that is written here.
fn time(text: &str) -> Option<Timestamp> {
    let in_utc = |time: civil::DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let local = || text.parse::<civil::DateTime>().ok().and_then(in_utc);
    let date = || text.parse::<civil::Date>().ok().and_then(|date| in_utc(date.at(0, 0, 0, 0)));
    text.parse().ok().or_else(local).or_else(date)
}

/// What is known while rules are gone through.
struct Look<'a> {
    now: Timestamp,
    facts: &'a Facts<'a>,
    statuses: HashMap<&'a str, &'a Status>,
    /// By the tag in lower case.
    failing: HashMap<String, u64>,
}

impl Look<'_> {
    /// What is so, for people, if it is. Nothing in it depends on when exactly it is asked: a dry run and the run after it say the same.
    fn applies(&self, when: &When, task: &Task, more: &More<'_>) -> Option<String> {
        match when {
            When::FilesChanged { patterns, commits } => {
                let changes = self.facts.changes?;
                let is_broken = *commits == Commits::Breaking;
                let changed = changes.files.iter().filter(|file| {
                    (file.is_breaking || !is_broken)
                        && patterns.iter().any(|pattern| matches(pattern, &file.path))
                        && more.files.iter().any(|reference| file.is_meant_by(reference))
                });
                let names = listed(changed.map(|file| file.path.as_str()))?;
                let by = if is_broken { ", by a commit that is marked as breaking" } else { "" };
                Some(format!("{names} changed since {}{by}", changes.since))
            }
            When::ReferencedFileGone => {
                if self.is_in_doubt(when, more) {
                    let names = listed(self.gone(more))?;
                    return Some(format!("no file is found for {names}"));
                }
                let gone = listed(self.gone(more).filter(|file| !is_doubtful(file)))?;
                Some(format!("{gone} is gone"))
            }
            When::BlockersCompleted(share) => self.blockers(task, *share),
            When::SuccessRateBelow(limit) => {
                let rate = more.success_rate.filter(|rate| rate < limit)?;
                Some(format!("its success rate {rate} is below {limit}"))
            }
            When::PendingDaysOver(days) => {
                let since = more.added.filter(|_| task.status == Status::Pending)?;
                let limit = SignedDuration::try_from_secs_f64(days * 86_400.0).unwrap_or(SignedDuration::MAX);
                let is_over = self.now.duration_since(since) > limit;
                is_over.then(|| format!("pending for more than {}", counted(*days, "day")))
            }
            When::FailingTasksShareTag(number) => {
                let tags = task.tags.iter().filter(|_| is_failing(task));
                let failing = |tag: &String| self.failing.get(&tag.to_ascii_lowercase()).copied();
                let mut shared = tags.filter_map(|tag| Some((tag, failing(tag)?)));
                let (tag, tasks) = shared.find(|(_, tasks)| tasks >= number)?;
                Some(format!("{tasks} failing tasks share the tag {tag}"))
            }
            When::FailuresOver(number) => (task.failure_count > *number)
                .then(|| format!("it failed {} times, more than {number}", task.failure_count)),
        }
    }

    /// The references of a task that lead nowhere.
    fn gone<'m>(&self, more: &'m More<'_>) -> impl Iterator<Item = &'m str> {
        let files = more.files.iter().map(|file| &**file);
        files.filter(|file| self.facts.none_is_there(file))
    }

    /// Whether all that speaks for it may have been misread.
    fn is_in_doubt(&self, when: &When, more: &More<'_>) -> bool {
        *when == When::ReferencedFileGone && self.gone(more).all(is_doubtful)
    }

    fn blockers(&self, task: &Task, share: Share) -> Option<String> {
        let all = task.blocked_by.len();
        let is_completed = |id: &&String| self.statuses.get(id.as_str()) == Some(&&Status::Completed);
        let completed = task.blocked_by.iter().filter(is_completed).count();
        match share {
            _ if all == 0 => None,
            Share::All => (completed == all).then(|| "all that it waited for is completed".into()),
            Share::Some => (completed > 0 && completed < all).then(|| {
                let is = if completed == 1 { "is" } else { "are" };
                format!("{completed} of the {all} tasks that it waits for {is} completed")
            }),
        }
    }
}

/// The first of the names, and how many more there are; `None` if there is none.
fn listed<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    let first = names.next()?;
    Some(match names.count() {
        0 => first.to_owned(),
        more => format!("{first} (and {more} more)"),
    })
}

fn counted(number: f64, what: &str) -> String {
    let plural = if (number - 1.0).abs() < f64::EPSILON { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read_as_people_write_them() {
        let noon = "2026-02-01T12:00:00Z".parse::<Timestamp>().unwrap();
        for text in
            ["2026-02-01T12:00:00Z", "2026-02-01T19:00:00+07:00", "2026-02-01 12:00:00", "2026-02-01T12:00"]
        {
            assert_eq!(time(text), Some(noon), "{text}");
        }
        assert_eq!(time("2026-02-01"), "2026-02-01T00:00:00Z".parse().ok());
        assert_eq!(time("soon"), None);
        assert_eq!(
            [share("0.7"), share("70"), share("70 %"), share("1")],
            [Some(0.7), Some(0.7), Some(0.7), Some(1.0)]
        );
        assert_eq!([share("-1"), share("well"), share("nan")], [None, None, None]);
    }
}
