//! One program: run it, model it, cut it off everywhere, read what is left.

use crate::crash::cuts::{Cut, Effort};
use crate::crash::models::Model;
use crate::crash::programs::{LOG, Program, Run};
use crate::crash::readers::{Facts, put};
use crate::crash::recorder::{History, record};
use crate::crash::world::{Tree, World, difference};
use crate::engine::{Explain, Failure, Stage, fail};
use crate::judges::crash_state::Violation;
use crate::judges::trace;
use atomic_io::EventLog;
use serde::Serialize;
use serde_yaml::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const PYTHON_PEER: &str = include_str!("../../clients/replace.py");

/// What was found of one program.
#[derive(Debug, Serialize)]
pub(crate) struct Trial {
    pub(crate) program: &'static str,
    pub(crate) expected: crate::crash::programs::Expected,
    pub(crate) operations: usize,
    /// Different states, under all models together.
    pub(crate) distinct: usize,
    pub(crate) tallies: Vec<Tally>,
}

/// What was found under one model.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) model: &'static str,
    pub(crate) states: u64,
    pub(crate) torn: u64,
    pub(crate) lost: u64,
    pub(crate) other: u64,
    /// Combinations that were not tried.
    pub(crate) left_out: u64,
    /// The first state that is wrong, in full.
    pub(crate) first: Option<String>,
}

impl Tally {
    pub(crate) fn bad(&self) -> u64 {
        self.torn + self.lost + self.other
    }
}

impl Trial {
    pub(crate) fn bad(&self) -> u64 {
        self.tallies.iter().map(Tally::bad).sum()
    }
}

/// Where a trial works.
pub(crate) struct Bench<'a> {
    pub(crate) stage: &'a Stage,
    /// The interpreter itself, not a wrapper that starts other programs.
    pub(crate) python: PathBuf,
    /// A folder for the states; in memory where possible, for they are written and synced by the thousand.
    pub(crate) states: PathBuf,
    /// Where wrong states are kept.
    pub(crate) evidence: PathBuf,
    pub(crate) effort: Effort,
}

impl Bench<'_> {
    pub(crate) fn trial(&self, program: &Program) -> Result<Trial, Failure> {
        let folder = self.stage.data().join(file_name(program.name));
        fs::create_dir(&folder).explain(folder.display())?;
        (program.prepare)(&folder)?;
        let before = World::read(&folder).explain(folder.display())?.tree();
        let old_records = records(&folder)?.len();
        let history = self.traced(&folder, &(program.run)(), program.name)?;
        let after = World::read(&folder).explain(folder.display())?.tree();
        let facts = Facts { program, before, after, records: records(&folder)?, old_records };
        self.cut_off(&facts, &history)
    }

    /// Runs a program in `folder` under strace; what it did there.
    pub(crate) fn traced(&self, folder: &Path, run: &Run, name: &str) -> Result<History, Failure> {
        let folder = fs::canonicalize(folder).explain(folder.display())?;
        let initial = World::read(&folder).explain(folder.display())?;
        let log = self.stage.folder().join(format!("{}.strace", file_name(name)));
        let mut strace = self.stage.command("strace");
        strace.current_dir(&folder).args(["-f", "-y", "-xx", "-s", "10000000"]);
        strace.args(["-e", "trace=%file,%desc,sync", "-o"]).arg(&log);
        self.words(&mut strace, run)?;
        self.stage.finish(&mut strace, &file_name(name))?.expect(0)?;
        let calls = trace::parse(&fs::read_to_string(&log).explain(log.display())?);
        let history = record(&calls, &folder, initial, umask()?);
        let history = history.map_err(|why| fail(format!("{name}: {}, {why}", log.display())))?;
        let real = World::read(&folder).explain(folder.display())?.tree();
        let model = history.worlds().pop().unwrap_or_default().tree();
        match difference(&model, &real) {
            Some(what) => Err(fail(format!("{name}: the model does not end as the real folder did: {what}"))),
            None => Ok(history),
        }
    }

    fn words(&self, command: &mut Command, run: &Run) -> Result<(), Failure> {
        match run {
            Run::Client(words) => command.arg(self.stage.client_path()).arg("client").args(words),
            Run::Queue(words) => command.arg(self.stage.program_path("queue")?).args(*words),
            Run::Python(how) => {
                let script = self.stage.script("replace.py", PYTHON_PEER)?;
                let content = crate::crash::programs::new_text();
                // Without its cache, which it would write beside modules, and its site, which is slow to trace.
                command
                    .arg(&self.python)
                    .args(["-I", "-S", "-B"])
                    .arg(script)
                    .args([*how, "doc.yaml", &content])
            }
        };
        Ok(())
    }

    fn cut_off(&self, facts: &Facts<'_>, history: &History) -> Result<Trial, Failure> {
        let mut judged: HashMap<(Tree, usize), Result<(), Violation>> = HashMap::new();
        let mut tallies = Vec::new();
        let name = facts.program.name;
        for model in Model::ALL {
            let cuts = model.cuts(history, self.effort, &mut self.stage.random());
            let mut tally = Tally { model: model.name(), left_out: cuts.left_out, ..Tally::default() };
            for (number, cut) in cuts.all.iter().enumerate() {
                if number % 64 == 0 {
                    self.stage.check_time()?;
                    self.stage.step(&format!(
                        "{name}, {}: state {number} of {}",
                        model.name(),
                        cuts.all.len()
                    ));
                }
                let key = (cut.tree.clone(), cut.said);
                let verdict = match judged.get(&key) {
                    Some(verdict) => verdict.clone(),
                    None => {
                        put(&cut.tree, &self.states)?;
                        let verdict = facts.judge(&cut.tree, &self.states, cut.said);
                        judged.insert(key, verdict.clone());
                        verdict
                    }
                };
                self.count(&mut tally, cut, verdict, name)?;
            }
            tallies.push(tally);
        }
        let operations = history.operations.len();
        let expected = facts.program.expected;
        Ok(Trial { program: name, expected, operations, distinct: judged.len(), tallies })
    }

    fn count(
        &self,
        tally: &mut Tally,
        cut: &Cut,
        verdict: Result<(), Violation>,
        program: &str,
    ) -> Result<(), Failure> {
        tally.states += 1;
        let Err(violation) = verdict else { return Ok(()) };
        let (counter, what) = match violation {
            Violation::Torn(what) => (&mut tally.torn, format!("torn: {what}")),
            Violation::Lost(what) => (&mut tally.lost, format!("lost: {what}")),
            Violation::Other(what) => (&mut tally.other, what),
        };
        *counter += 1;
        if tally.first.is_none() {
            let kept = self.evidence.join(file_name(program)).join(file_name(tally.model));
            put(&cut.tree, &kept)?;
            let story = format!(
                "{program}, {}: {what}\n{}\nsaid by then: {}\nkept in {}",
                tally.model,
                cut.told,
                cut.said,
                kept.display()
            );
            fs::write(kept.with_extension("txt"), format!("{story}\n"))?;
            tally.first = Some(story);
        }
        Ok(())
    }
}

fn records(folder: &Path) -> Result<Vec<Value>, Failure> {
    let path = folder.join(LOG);
    if path.exists() { Ok(EventLog::at(path).read()?.records) } else { Ok(Vec::new()) }
}

/// What new files of the programs that we start will not get.
fn umask() -> Result<u32, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    let digits = line.ok_or_else(|| fail("/proc/self/status names no umask"))?;
    Ok(u32::from_str_radix(digits.trim(), 8)?)
}

fn file_name(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(keep).collect::<String>().replace("--", "-")
}
