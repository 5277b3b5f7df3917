//! One queue, command by command; what each was to change is judged when all are through.

use super::names::{Names, ids, items};
use crate::engine::{Dates, Explain, Failure, Stage, fail};
use crate::judges::queue_fields::{Meant, same_but_for, task};
use crate::judges::queue_text::only;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Claiming, starting and ending may change these; those that are not said any more go.
const CLAIM: &[&str] = &[
    "status",
    "claimed_by",
    "claimed_at",
    "attempt",
    "lease_until",
    "started_at",
    "heartbeat_at",
    "retry_at",
    "supervisor",
];
const START: &[&str] = &["status", "started_at"];
const HEARTBEAT: &[&str] = &["heartbeat_at", "lease_until"];
const DONE: &[&str] = &["status", "lease_until", "completed_at", "completed_by"];
const FAIL: &[&str] = &["status", "lease_until", "failure_count", "last_error"];
const RETRY: &[&str] = &[
    "status",
    "claimed_by",
    "claimed_at",
    "started_at",
    "heartbeat_at",
    "retry_at",
    "completed_at",
    "completed_by",
];

const AGENT: &str = "ann";
const TITLE: &str = "Another title: #1, \"quoted\"";
const REASON: &str = "no: such # file";
const NOTE: &str = "half way # 1: it's \"fine\"";

/// What a field of a task must hold after a command.
enum Holds {
    Value(Value),
    /// This word, in the case of the file.
    Word(&'static str),
    /// Words at its end, or in its last item.
    End(String),
    /// A list of these, with the remarks behind them; no field at all is an empty one.
    Items(Vec<Value>),
}

struct Step {
    told: String,
    meant: Meant,
    holds: Vec<(String, &'static str, Holds)>,
}

/// A queue on its way.
pub(super) struct Work<'a> {
    stage: &'a Stage,
    folder: &'a Path,
    names: &'a Names,
    /// How it was at the beginning.
    data: &'a Value,
    steps: Vec<Step>,
    /// The task that is claimed and finished, the one that fails, and the one that is edited.
    chosen: [String; 3],
}

impl<'a> Work<'a> {
    pub(super) fn new(
        stage: &'a Stage,
        folder: &'a Path,
        names: &'a Names,
        data: &'a Value,
    ) -> Result<Self, Failure> {
        fs::create_dir(stage.folder().join("steps")).or_else(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })?;
        let work = Self { stage, folder, names, data, steps: Vec::new(), chosen: Default::default() };
        work.keep_version()?;
        Ok(work)
    }

    /// All tasks in their order, with the words of the file; and which of them are used in what follows.
    pub(super) fn list(&mut self) -> Result<(), Failure> {
        let listed = self.json(&["list"])?;
        let found: Vec<(String, String)> = listed["tasks"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|task| (word(&task["id"]), word(&task["status"])))
            .collect();
        let tasks = self.data[self.names.list].as_array().into_iter().flatten();
        let there: Vec<(String, String)> =
            tasks.map(|task| (word(&task[self.names.id]), word(&task["status"]))).collect();
        let same = |((id, status), (other, said)): (&(String, String), &(String, String))| {
            id == other && status.eq_ignore_ascii_case(said)
        };
        if found.len() != there.len() || !found.iter().zip(&there).all(same) {
            return Err(fail(format!("listed as {found:?}, and PyYAML finds {there:?}")));
        }
        let ready = self.json(&["ready"])?;
        let ready: Vec<String> =
            ready["ready"].as_array().into_iter().flatten().map(|task| word(&task["id"])).collect();
        if let Some(id) = ready.iter().find(|id| !self.is_ready(id)) {
            return Err(fail(format!("{id} is said to be ready, and is not pending or waits for a task")));
        }
        let pending =
            there.iter().filter(|(id, status)| status.eq_ignore_ascii_case("pending") && !ready.contains(id));
        let mut ready = ready.iter();
        let mut next = |otherwise: &str| ready.next().cloned().unwrap_or_else(|| otherwise.to_owned());
        let (finished, failed) = (next("NEW-1"), next("NEW-3"));
        let edited = pending.map(|(id, _)| id.clone()).next().or_else(|| ready.next().cloned());
        self.chosen = [finished, failed, edited.unwrap_or_else(|| "NEW-2".into())];
        Ok(())
    }

    pub(super) fn add(&mut self) -> Result<(), Failure> {
        for (id, after) in [("NEW-1", None), ("NEW-2", Some("NEW-1")), ("NEW-3", None)] {
            let title = format!("A new one: {id}");
            let mut words = vec!["add", &title, "--id", id, "--priority", "High", "--type", "docs"];
            words.extend(after.iter().flat_map(|after| ["--after", *after]));
            let holds = vec![
                ("title", Holds::Value(json!(title))),
                ("status", Holds::Word("pending")),
                ("priority", Holds::Word("high")),
                (self.names.blockers, Holds::Items(after.iter().map(|id| json!(id)).collect())),
            ];
            self.command(&words, id, &[], holds)?;
            if let Some(step) = self.steps.last_mut() {
                step.meant.fields.clear();
                step.meant.added.push(id.into());
            }
        }
        Ok(())
    }

    pub(super) fn claim_to_done(&mut self) -> Result<(), Failure> {
        let id = &self.chosen[0].clone();
        let attempt = self.claim(id)?;
        let proof = ["--attempt", &attempt];
        self.command(
            &[&["start", id], &proof[..]].concat(),
            id,
            START,
            vec![("status", Holds::Word("in_progress"))],
        )?;
        self.command(&[&["heartbeat", id], &proof[..]].concat(), id, HEARTBEAT, Vec::new())?;
        let noted = vec![("notes", Holds::End(format!("{AGENT}: {NOTE}")))];
        self.command(&[&["note", id, NOTE], &proof[..]].concat(), id, &["notes"], noted)?;
        let ended = vec![("status", Holds::Word("completed")), ("completed_by", Holds::Value(json!(AGENT)))];
        self.command(&[&["done", id], &proof[..]].concat(), id, DONE, ended)
    }

    pub(super) fn edit(&mut self) -> Result<(), Failure> {
        let id = &self.chosen[2].clone();
        let title = format!("title={TITLE}");
        let edited = vec![
            ("title", Holds::Value(json!(TITLE))),
            ("priority", Holds::Word("low")),
            ("estimated_minutes", Holds::Value(json!(45))),
        ];
        let fields = &["title", "priority", "estimated_minutes"];
        self.command(&["edit", id, &title, "priority=Low", "estimated_minutes=45"], id, fields, edited)
    }

    pub(super) fn depend(&mut self) -> Result<(), Failure> {
        let id = &self.chosen[2].clone();
        let before = task(self.data, self.names.list, self.names.id, id).cloned().unwrap_or_default();
        let (key, blocker) = (self.names.blockers_of(&before), "NEW-3");
        // The one that was added waits for the first of the added ones.
        let own = if id == "NEW-2" { vec![json!("NEW-1")] } else { items(&before[key]) };
        let more = [own.clone(), vec![json!(blocker)]].concat();
        self.command(&["dep", "add", id, blocker], id, &[key], vec![(key, Holds::Items(more))])?;
        self.command(&["dep", "rm", id, blocker], id, &[key], vec![(key, Holds::Items(own))])
    }

    pub(super) fn fail_and_retry(&mut self) -> Result<(), Failure> {
        let id = &self.chosen[1].clone();
        let attempt = self.claim(id)?;
        let failed = vec![("status", Holds::Word("failed")), ("last_error", Holds::Value(json!(REASON)))];
        self.command(&["fail", id, "--attempt", &attempt, "--reason", REASON], id, FAIL, failed)?;
        self.command(&["retry", id], id, RETRY, vec![("status", Holds::Word("pending"))])
    }

    /// The number of the claim.
    fn claim(&mut self, id: &str) -> Result<String, Failure> {
        let claimed = vec![("status", Holds::Word("claimed")), ("claimed_by", Holds::Value(json!(AGENT)))];
        let said = self.said(&["claim", id], id, CLAIM, claimed)?;
        let claim: Value = serde_json::from_str(&said).explain("it did not print one JSON object")?;
        let attempt =
            claim["attempt"].as_u64().ok_or_else(|| fail(format!("it did not print a claim: {said}")))?;
        Ok(attempt.to_string())
    }

    fn command(
        &mut self,
        words: &[&str],
        id: &str,
        fields: &[&'static str],
        holds: Vec<(&'static str, Holds)>,
    ) -> Result<(), Failure> {
        self.said(words, id, fields, holds).map(drop)
    }

    /// Runs a command, which must succeed, and keeps what it has made of the queue.
    fn said(
        &mut self,
        words: &[&str],
        id: &str,
        fields: &[&'static str],
        holds: Vec<(&'static str, Holds)>,
    ) -> Result<String, Failure> {
        let told = words.join(" ");
        let said = self.run(words).explain(format_args!("queue {told}"))?;
        let meant = Meant {
            list: self.names.list,
            id: self.names.id,
            fields: BTreeMap::from([(id.to_owned(), fields.to_vec())]),
            added: Vec::new(),
        };
        let holds = holds.into_iter().map(|(field, holds)| (id.to_owned(), field, holds)).collect();
        self.steps.push(Step { told, meant, holds });
        self.keep_version()?;
        Ok(said)
    }

    fn json(&self, words: &[&str]) -> Result<Value, Failure> {
        let said = self.run(words).explain(words.join(" "))?;
        serde_json::from_str(&said).explain(format_args!("queue {} did not print JSON", words.join(" ")))
    }

    fn run(&self, words: &[&str]) -> Result<String, Failure> {
        let mut queue = self.stage.program("queue")?;
        // By the environment: as an option it would tell `list` whose tasks to show.
        queue.current_dir(self.folder).env("QUEUE_AGENT", AGENT).args(["-f", "q.yaml", "--json"]).args(words);
        let name = format!("{}-{}-{}", self.place(), self.steps.len(), words[0]);
        Ok(self.stage.finish(&mut queue, &name)?.expect(0)?.stdout)
    }

    /// Whether it may be claimed, by data.
    fn is_ready(&self, id: &str) -> bool {
        let Names { list, id: key, .. } = self.names;
        let find = |id: &str| task(self.data, list, key, id);
        let has = |task: &Value, status: &str| word(&task["status"]).eq_ignore_ascii_case(status);
        find(id).is_some_and(|task| {
            let blockers = ids(&task[self.names.blockers_of(task)]);
            has(task, "pending")
                && blockers.iter().all(|id| find(id).is_some_and(|task| has(task, "completed")))
        })
    }

    fn place(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn version(&self, number: usize) -> PathBuf {
        self.stage.folder().join("steps").join(format!("{}-{number}.yaml", self.place()))
    }

    fn keep_version(&self) -> Result<(), Failure> {
        fs::copy(self.folder.join("q.yaml"), self.version(self.steps.len())).map(drop).explain("a version")
    }

    /// That every step changed what it was meant to, and nothing else.
    pub(super) fn judge(&self) -> Result<usize, Failure> {
        let versions: Vec<PathBuf> = (0..=self.steps.len()).map(|number| self.version(number)).collect();
        let readings = self.stage.pyyaml_all(&versions, Dates::Tagged)?;
        let texts = versions.iter().map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
        let data = readings.into_iter().collect::<Result<Vec<_>, _>>().map_err(fail)?;
        for (number, step) in self.steps.iter().enumerate() {
            let told = format!("queue {}, from {}", step.told, versions[number].display());
            only(&texts[number], &texts[number + 1], &step.meant).map_err(fail).explain(&told)?;
            let after = &data[number + 1];
            same_but_for(&data[number], after, &step.meant).map_err(fail).explain(&told)?;
            for (id, field, holds) in &step.holds {
                let found = task(after, self.names.list, self.names.id, id)
                    .map_or(&Value::Null, |task| &task[*field]);
                if !holds.is_in(field, found, self.names) {
                    return Err(fail(format!("{told}: {field} of {id} is {found}")));
                }
            }
        }
        Ok(self.steps.len())
    }
}

impl Holds {
    fn is_in(&self, field: &str, found: &Value, names: &Names) -> bool {
        match self {
            Self::Value(value) => found == value,
            Self::Word(word) => *found == json!(names.spoken(field, word)),
            Self::End(words) => {
                let text = found.as_array().and_then(|items| items.last()).unwrap_or(found);
                text.as_str().is_some_and(|text| text.trim_end().ends_with(words))
            }
            Self::Items(expected) => items(found) == *expected,
        }
    }
}

/// A value as a word: ids and states may be numbers.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
