//! The file that tells of the slots, in both of its forms, while PyYAML reads it all the time.

use super::{SAY, Site, task};
use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use crate::scenarios::killed::everything::{Kills, kill_all};
use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "slots-told",
    proves: "the slots' file tells at any time what runs where, what a killed dispatcher left in it comes free, and all else in it stands",
    clients: &[Client::Dispatch, Client::Reader],
    faults: &[Fault::Kill("all at once"), Fault::Kill("the dispatcher")],
    upholds: &[Invariant::ReadersSeeWhole, Invariant::UnknownIsKept],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(180),
    run,
};

const READER: &str = include_str!("../../../clients/read_slots.py");

const SHORT: &str = "\
# Where tasks run.
owner: 'the night shift'   # ask them first
slots:
  # The fast one.
  first:
    id: first
    room: R-first   # not ours
    status: idle  # idle | active
    profile: general
    current_task: null   # by the dispatcher
    started_at: null
    heartbeat_at: null
    pid: null
  second:
    id: second
    room: R-second
    status: idle
    profile: compute
    max_duration: 10m
    current_task: null
    started_at: null
    heartbeat_at: null
    pid: null
  third:
    room: R-third
    status: paused   # is being mended
    current_task: null
    pid: null
metrics:
  tasks_dispatched: 0   # since the beginning
  tasks_completed: 0
  tasks_failed: 0
  uptime: [1, 2]
# The end.
";

const LONG: &str = "\
# Where tasks run.
owner: 'the night shift'   # ask them first
execution_slots:
  # The fast one.
  first:
    room: \"R-first\"   # not ours
    status: \"idle\"  # idle | active
    profile: \"general\"
    current_task:
      task_id: null   # by the dispatcher
      task_type: null
      started_at: null
      heartbeat: null
      pid: null
  second:
    room: \"R-second\"
    status: \"idle\"
    profile: \"cpu_bound\"
    resource_profile: {max_duration: \"10m\"}
    current_task:
      task_id: null
      task_type: null
      started_at: null
      heartbeat: null
      pid: null
  third:
    room: \"R-third\"
    status: \"paused\"   # is being mended
    current_task:
      task_id: null
      pid: null
metrics:
  tasks:
    total_submitted: 0   # since the beginning
    total_completed: 0
    total_failed: 0
  uptime: [1, 2]
# The end.
";

/// The values that may differ at the end: what is told of slots and counted. Everything else stands.
const TOLD: [&str; 14] = [
    "status",
    "current_task",
    "task_id",
    "task_type",
    "started_at",
    "heartbeat_at",
    "heartbeat",
    "pid",
    "tasks_dispatched",
    "tasks_completed",
    "tasks_failed",
    "total_submitted",
    "total_completed",
    "total_failed",
];

/// Waits until the file says that the task runs in the slot in which it runs, and gives up when that does not come.
const SEES_ITSELF: &str = r#"n=0
until sed -n "/^  $QUEUE_SLOT:/,/^  [a-z]/p" state.yaml | grep -Eq ": \"?$QUEUE_TASK_ID\"?( |\$)"; do
    n=$((n + 1)); [ $n -lt 1000 ] || exit 4; sleep 0.01
done
echo $QUEUE_SLOT >> used
"#;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut told = Vec::new();
    for (form, text) in [("short", SHORT), ("long", LONG)] {
        stage.step(form);
        told.push(in_form(stage, form, text).explain(format_args!("in the {form} form"))?);
    }
    Ok(told.join("; ").into())
}

fn in_form(stage: &Stage, form: &str, text: &str) -> Result<String, Failure> {
    let tasks = worked_off(stage, form, text).explain("a queue that is worked off")?;
    kept_by_the_living(stage, form, text).explain("a dispatcher that is killed while its task lives on")?;
    let (kills, told) =
        freed_by_the_next(stage, form, text).explain("dispatchers that are killed with all they started")?;
    Ok(format!(
        "{form} form: {tasks} tasks saw themselves in it, all was killed {kills} times, PyYAML read it: {told}"
    ))
}

/// The file, and PyYAML reading it.
struct Told<'a> {
    site: Site<'a>,
    before: String,
    reader: Running,
}

impl<'a> Told<'a> {
    fn prepare(stage: &'a Stage, name: &str, text: &str, tasks: &[String]) -> Result<Self, Failure> {
        let site = Site::prepare(stage, name, tasks)?;
        fs::write(site.path("state.yaml"), text)?;
        let mut reader = stage.python("read_slots.py", READER)?;
        reader.arg(site.path("state.yaml")).args(["enough", "reading"].map(|name| site.path(name)));
        let mut reader = stage.start(&mut reader, &format!("reader-{name}"))?;
        site.until(&mut reader, || Ok(site.path("reading").exists())).explain("waiting for PyYAML")?;
        Ok(Self { site, before: text.into(), reader })
    }

    fn dispatch(&self) -> Result<Running, Failure> {
        self.site.start(&["dispatch", "--state", "state.yaml"])
    }

    /// That all slots are free in the end, that nothing else differs, and that PyYAML saw nothing wrong at any time; what it saw.
    fn judge(self) -> Result<String, Failure> {
        self.site.make("enough")?;
        let seen = self.reader.finish()?.expect(0).explain("what PyYAML read")?.stdout;
        let after = fs::read_to_string(self.site.path("state.yaml"))?;
        if let Some(line) = after.lines().find(|line| line.contains("active") && !line.contains("| active")) {
            return Err(fail(format!("nothing runs, and the file says `{}`", line.trim())));
        }
        same_but_for_what_is_told(&self.before, &after).map_err(fail)?;
        Ok(seen.trim().to_owned())
    }

    /// The slots in which tasks have seen themselves.
    fn used(&self) -> Result<BTreeSet<String>, Failure> {
        let used = fs::read_to_string(self.site.path("used")).explain("the slots that tasks ran in")?;
        Ok(used.lines().map(str::to_owned).collect())
    }
}

/// Nobody is killed: one task in a slot at a time, and everything is counted.
fn worked_off(stage: &Stage, form: &str, text: &str) -> Result<u64, Failure> {
    let number = stage.rounds(8, 60);
    let script = format!(
        "exec 9>> $QUEUE_SLOT; flock -n 9 || say overlap; say start; {SEES_ITSELF} sleep 0.02; say end"
    );
    let mut tasks: Vec<String> =
        (1..=number).map(|n| task(&format!("T-{n}"), "type: docs", &script)).collect();
    tasks.push("- {id: FAILS, status: pending, run: 'false'}\n".into());
    let told = Told::prepare(stage, &format!("{form}-worked-off"), text, &tasks)?;
    told.dispatch()?.finish()?.expect(8)?;
    let journal = told.site.journal()?;
    let ended = journal.lines().filter(|line| line.starts_with("end ")).count() as u64;
    if ended != number || journal.contains("overlap") {
        return Err(fail(format!(
            "{ended} of {number} tasks saw themselves in the file, one at a time: {journal}"
        )));
    }
    if told.used()? != BTreeSet::from(["first".into(), "second".into()]) {
        return Err(fail(format!("tasks ran in {:?}", told.used()?)));
    }
    let after = fs::read_to_string(told.site.path("state.yaml"))?;
    for (keys, expected) in [
        (["tasks_dispatched: ", "total_submitted: "], number + 1),
        (["tasks_completed: ", "total_completed: "], number),
        (["tasks_failed: ", "total_failed: "], 1),
    ] {
        let counted =
            after.lines().find_map(|line| keys.iter().find_map(|key| line.trim().strip_prefix(key)));
        let counted = counted.and_then(|counted| counted.split(' ').next()?.parse().ok());
        if counted != Some(expected) {
            return Err(fail(format!("{} counts {counted:?}, expected {expected}", keys.join(", "))));
        }
    }
    told.judge()?;
    Ok(number)
}

/// The slot of a task that outlives its dispatcher is its own until it has ended.
fn kept_by_the_living(stage: &Stage, form: &str, text: &str) -> Result<(), Failure> {
    let stays =
        format!("say start; {SEES_ITSELF} mv used held; until [ -e end ]; do sleep 0.02; done; say end");
    let told = Told::prepare(stage, &format!("{form}-kept"), text, &[task("STAYS", "", &stays)])?;
    let mut dispatcher = told.dispatch()?;
    told.site.until(&mut dispatcher, || Ok(told.site.path("held").exists()))?;
    dispatcher.kill()?;
    let script = format!("{SAY}say start; {SEES_ITSELF} say end");
    for id in ["X-1", "X-2", "X-3"] {
        told.site.queue(&["add", "a task", "--id", id, "--run", &script])?.expect(0)?;
    }
    let mut dispatcher = told.dispatch()?;
    told.site.until_said(&mut dispatcher, "end X-3 1")?;
    let held = fs::read_to_string(told.site.path("held"))?;
    if told.used()?.contains(held.trim()) {
        return Err(fail(format!("STAYS runs in {}, and others ran there too", held.trim())));
    }
    told.site.make("end")?;
    dispatcher.finish()?.expect(0)?;
    told.site.all_completed(1)?;
    told.judge().map(drop)
}

/// How often all was killed, and what PyYAML saw of it.
fn freed_by_the_next(stage: &Stage, form: &str, text: &str) -> Result<(u64, String), Failure> {
    let mut random = stage.random();
    let wanted = stage.rounds(2, 20);
    let script = format!("say start; {SEES_ITSELF} sleep 0.1; say end");
    let tasks: Vec<String> = (1..=wanted * 4).map(|n| task(&format!("T-{n}"), "", &script)).collect();
    let told = Told::prepare(stage, &format!("{form}-killed"), text, &tasks)?;
    let mut kills = Kills::default();
    for _ in 0..wanted {
        stage.check_time()?;
        stage.step(&format!("{form}: killed all {} times", kills.times));
        let mut dispatcher = told.dispatch()?;
        thread::sleep(Duration::from_millis(random.between(30, 300)));
        if !dispatcher.is_running()? {
            break;
        }
        let is_reader = |words: &[String]| words.iter().any(|word| word.ends_with("read_slots.py"));
        kill_all(stage, &mut kills, &mut random, is_reader);
        dispatcher.finish()?;
    }
    told.dispatch()?.finish()?.expect(0)?;
    told.site.all_completed(usize::try_from(wanted)? + 1)?;
    Ok((kills.times, told.judge()?))
}

/// Line by line, with the values of what is told left out.
fn same_but_for_what_is_told(before: &str, after: &str) -> Result<(), String> {
    let plain = |text: &str| text.lines().map(without_told).collect::<Vec<_>>();
    let (before, after) = (plain(before), plain(after));
    match before.iter().zip(&after).find(|(before, after)| before != after) {
        Some((before, after)) => Err(format!("the line `{before}` has become `{after}`")),
        None if before.len() == after.len() => Ok(()),
        None => Err(format!("{} lines have become {}", before.len(), after.len())),
    }
}

fn without_told(line: &str) -> String {
    let (text, comment) = line.split_once(" #").map_or((line, ""), |(text, comment)| (text, comment));
    match text.split_once(':') {
        Some((key, value)) if TOLD.contains(&key.trim()) && !value.trim().is_empty() => {
            format!("{key}: _ #{comment}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONG, SHORT, same_but_for_what_is_told};

    #[test]
    fn a_lost_comment_or_key_is_noticed_and_another_slot_state_is_not() {
        for text in [SHORT, LONG] {
            let busy = text.replace("task_id: null", "task_id: T-1").replace("pid: null", "pid: 7");
            assert_eq!(same_but_for_what_is_told(text, &busy), Ok(()));
            for (from, to) in [
                ("   # ask them first", ""),
                ("  # idle | active", ""),
                ("R-second", "R-third"),
                ("# The end.\n", ""),
                ("uptime: [1, 2]", "uptime: [1]"),
            ] {
                assert!(same_but_for_what_is_told(text, &text.replace(from, to)).is_err(), "{from}");
            }
        }
    }
}
