//! Target `event-log`: after any damage to the end of a log, one append makes it a list again, with every whole record in its order.

use super::log_damage::{Damage, damaged};
use super::log_judge::{After, Record, Written, judge, stamped_ranges};
use super::reference::without_mark;
use super::{Case, Choices, Tally, simpler};
use atomic_io::{EventLog, Events};
use serde::{Deserialize, Serialize};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A log that several programs wrote to, and what happened to it then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DamagedLog {
    writes: Vec<Write>,
    damage: Vec<Damage>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Write {
    /// Events appended by our log in one call, by the text in each.
    Ours(Vec<String>),
    /// Appended by another program: one item, or a comment.
    Foreign(String),
}

/// Memory is faster than a disk, and what a power cut leaves is made by hand here.
const MEMORY: &str = "/dev/shm";

pub(crate) struct LogBench {
    folder: TempDir,
}

impl Case for DamagedLog {
    type Bench = LogBench;

    fn bench() -> io::Result<LogBench> {
        let in_memory = tempfile::Builder::new().prefix("mooring-fuzz-").tempdir_in(MEMORY);
        Ok(LogBench { folder: in_memory.or_else(|_| tempfile::tempdir())? })
    }

    fn generate(choices: &mut Choices<'_>) -> Self {
        let damage = (0..1 + choices.below(3)).map(|_| Damage::generate(choices)).collect();
        let writes = (0..1 + choices.below(5)).map(|n| Write::generate(choices, n)).collect();
        DamagedLog { writes, damage }
    }

    fn check(&self, bench: &mut LogBench, tally: &mut Tally) -> Result<(), String> {
        bench.clear().map_err(|error| error.to_string())?;
        let Some(written) = bench.write(&self.writes)? else {
            tally.count("with no sound beginning");
            return Ok(());
        };
        let damaged = damaged(&written, &self.damage);
        bench.damage(&damaged).map_err(|error| error.to_string())?;
        let log = bench.log();
        let read = log.read();
        let appended = log.append(&event("new", "after the damage"));
        let content = fs::read(bench.path()).map_err(|error| error.to_string())?;
        let after = After { damaged: &damaged, content: &content, recovered: bench.recovered()? };
        let told = |what: String| {
            format!("{what}; the log was {:?} and became {:?}", shown(&damaged), shown(&content))
        };
        if let Err(error) = appended {
            let kept = after.is_refused(&written, &error.to_string()).map_err(told)?;
            tally.count(kept);
            return Ok(());
        }
        let repair = judge(&written, &after, &event_value("new", "after the damage")).map_err(told)?;
        tally.count(repair);
        if written.beyond_healing(&damaged).is_some() {
            return Ok(());
        }
        let read = read.map_err(|error| error.to_string());
        read_without_lock(&written, &after, read, tally).map_err(told)?;
        bench.second_append(&content).map_err(told)
    }

    fn simpler(&self) -> Vec<Self> {
        let mut found: Vec<Self> =
            simpler::lists(&self.writes).into_iter().map(|writes| Self { writes, ..self.clone() }).collect();
        found.extend(simpler::lists(&self.damage).into_iter().map(|damage| Self { damage, ..self.clone() }));
        for (i, write) in self.writes.iter().enumerate() {
            let writes = match write {
                Write::Ours(events) => {
                    let fewer = simpler::lists(events).into_iter().filter(|events| !events.is_empty());
                    let blank = vec![String::new(); events.len()];
                    fewer.chain((blank != *events).then_some(blank)).map(Write::Ours).collect()
                }
                Write::Foreign(_) => Vec::new(),
            };
            found.extend(writes.into_iter().map(|write| {
                let mut simpler = self.clone();
                simpler.writes[i] = write;
                simpler
            }));
        }
        for (i, damage) in self.damage.iter().enumerate() {
            found.extend(damage.simpler().into_iter().map(|damage| {
                let mut simpler = self.clone();
                simpler.damage[i] = damage;
                simpler
            }));
        }
        found
    }
}

/// Without the lock, before anything was mended, that is read which the append then leaves.
fn read_without_lock(
    written: &Written,
    after: &After<'_>,
    read: Result<Events, String>,
    tally: &mut Tally,
) -> Result<(), String> {
    let records = match read {
        Ok(events) => events.records,
        Err(error) if written.has_stamp_before(after.damaged) => {
            return Err(format!("it could not be read without a lock: {error}"));
        }
        Err(_) => {
            tally.count("not read without a lock");
            return Ok(());
        }
    };
    let content = std::str::from_utf8(after.content).map_err(|error| error.to_string())?;
    let mut left: Vec<Value> =
        serde_yaml::from_str(without_mark(content)).map_err(|error| error.to_string())?;
    left.pop();
    if records == left {
        Ok(())
    } else {
        Err(format!("without a lock {records:?} was read, and {left:?} was left"))
    }
}

const NOTES: &[&str] = &[
    "done",
    "",
    "a\nb\n",
    "#@1 00000007 0badcafe\n- id: fake\n",
    "2026-11-23",
    "- x",
    "# c",
    "é\u{85}\u{2028}",
    "\"'",
    "\t",
    "yes",
];

/// Items of other programs; `ID` is theirs.
const ITEMS: &[&str] = &[
    "- id: ID\n",
    "- id: ID\n  note: by hand\n",
    "- {id: ID}\n",
    "- {id: ID,\n   note: [a, b]}\n",
    "- id: ID\n  note: |\n    one\n\n    two\n",
    "- id: ID\n  note: \"one\n    two\"\n",
    "- id: ID\n  note: \"one\ntwo: x\n- three\"\n",
    "- id: ID\n  note: |\n    #@1 00000007 0badcafe\n    - id: fake\n",
    "- id: ID\n  list:\n  - a\n  - b\n",
    "- id: ID # why\n  # more\n  note: x\n",
    "- id: ID\r\n  note: x\r\n",
    "- 'id': ID\n  note: 'it''s'\n",
];

const COMMENTS: &[&str] = &["# by hand\n", "\n", "# - id: no\n", "#\n", "\n\n"];

impl Write {
    fn generate(choices: &mut Choices<'_>, n: usize) -> Self {
        match choices.below(8) {
            0..=3 => Write::Ours(vec![note(choices)]),
            4 => Write::Ours((0..2 + choices.below(6)).map(|_| note(choices)).collect()),
            5..=6 => {
                let item = choices.of(ITEMS).replace("ID", &format!("foreign-{n}"));
                // As editors of other systems begin a file.
                let mark = if n == 0 && choices.one_in(8) { "\u{feff}" } else { "" };
                Write::Foreign(format!("{mark}{item}"))
            }
            _ => Write::Foreign(choices.of(COMMENTS).to_owned()),
        }
    }
}

fn note(choices: &mut Choices<'_>) -> String {
    if choices.one_in(6) { "long ".repeat(1 + choices.below(300)) } else { choices.of(NOTES).to_owned() }
}

fn event(id: &str, note: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("id", id.to_owned()), ("note", note.to_owned())])
}

fn event_value(id: &str, note: &str) -> Value {
    Value::Mapping([("id".into(), id.into()), ("note".into(), note.into())].into_iter().collect())
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl LogBench {
    fn path(&self) -> PathBuf {
        self.folder.path().join("events.yaml")
    }

    fn log(&self) -> EventLog {
        EventLog::at(self.path())
    }

    fn recovered_folder(&self) -> PathBuf {
        self.folder.path().join(".mooring").join("recovered")
    }

    fn clear(&self) -> io::Result<()> {
        remove_if_there(&self.path())?;
        remove_if_there(&self.folder.path().join("events.yaml.backup"))?;
        match fs::read_dir(self.recovered_folder()) {
            Ok(files) => files.into_iter().try_for_each(|file| fs::remove_file(file?.path())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes the log; `None` if what another program began it with is no list.
    fn write(&self, writes: &[Write]) -> Result<Option<Written>, String> {
        let mut written = Written::default();
        for (n, write) in writes.iter().enumerate() {
            match write {
                Write::Ours(notes) => {
                    let named: Vec<_> =
                        notes.iter().enumerate().map(|(k, note)| (format!("ours-{n}-{k}"), note)).collect();
                    let events: Vec<_> = named.iter().map(|(id, note)| event(id, note)).collect();
                    self.log()
                        .append_all(&events)
                        .map_err(|error| format!("an append to a sound log failed: {error}"))?;
                    let bytes = fs::read(self.path()).map_err(|error| error.to_string())?;
                    let new = bytes.strip_prefix(written.bytes.as_slice());
                    let new = new.ok_or("an append to a sound log changed what stood in it")?;
                    let ranges = stamped_ranges(new, written.bytes.len(), events.len())?;
                    let is_first = !written.records.iter().any(|record| record.is_ours);
                    // The first append makes a new file, which is on disk as a whole before it bears the name.
                    written.certain =
                        if is_first { bytes.len() } else { ranges.last().map_or(0, |range| range.start) };
                    let values = named.iter().map(|(id, note)| event_value(id, note));
                    let records = ranges.into_iter().zip(values).map(|(range, value)| Record {
                        range,
                        value,
                        is_ours: true,
                    });
                    written.records.extend(records);
                    written.bytes = bytes;
                }
                Write::Foreign(text) => {
                    let append = OpenOptions::new().create(true).append(true).open(self.path());
                    append
                        .and_then(|mut file| {
                            file.write_all(text.as_bytes()).and_then(|()| file.set_modified(long_ago()))
                        })
                        .map_err(|error| error.to_string())?;
                    let range = written.bytes.len()..written.bytes.len() + text.len();
                    let items = serde_yaml::from_str::<Option<Vec<Value>>>(without_mark(text));
                    let Ok(items) = items else { return Ok(None) };
                    let records = items.unwrap_or_default().into_iter();
                    written.records.extend(records.map(|value| Record {
                        range: range.clone(),
                        value,
                        is_ours: false,
                    }));
                    written.bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        if self.recovered()?.is_empty() {
            Ok(Some(written))
        } else {
            Err("something of a sound log was put aside".to_owned())
        }
    }

    /// Puts the damaged log into place, as if it had stood there for a while.
    fn damage(&self, damaged: &[u8]) -> io::Result<()> {
        remove_if_there(&self.path())?;
        let mut file = File::create_new(self.path())?;
        file.write_all(damaged)?;
        file.set_modified(long_ago())
    }

    fn recovered(&self) -> Result<Vec<Vec<u8>>, String> {
        let files = match fs::read_dir(self.recovered_folder()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(|error| error.to_string())?,
        };
        let contents = files.map(|file| fs::read(file?.path()));
        contents.collect::<io::Result<_>>().map_err(|error| error.to_string())
    }

    /// A mended log is sound: the next append adds its record and nothing else.
    fn second_append(&self, content: &[u8]) -> Result<(), String> {
        let before = self.recovered()?.len();
        self.log()
            .append(&event("second", ""))
            .map_err(|error| format!("the second append failed: {error}"))?;
        let now = fs::read(self.path()).map_err(|error| error.to_string())?;
        let added = now.strip_prefix(content).ok_or("the second append changed what stood there")?;
        stamped_ranges(added, 0, 1)?;
        if self.recovered()?.len() == before {
            Ok(())
        } else {
            Err("the second append mended again".to_owned())
        }
    }
}

/// Who has just written to a log is waited for. Nobody writes to these.
fn long_ago() -> SystemTime {
    SystemTime::now() - Duration::from_secs(3600)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
