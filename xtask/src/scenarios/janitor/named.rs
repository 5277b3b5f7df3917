//! Who has a lock and who waits for it, in Python and in bash, and who was left one without knowing.

use super::about;
use crate::engine::{Client, Explain, Failure, Running, Scenario, Stage, Tool, Verdict, fail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-names",
    proves: "holders and waiters are named rightly in whatever language they are written, and a leaked lock with the process that has it",
    clients: &[Client::Janitor, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[5],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const PYTHON: &str = include_str!("../../../clients/lock_once.py");
/// Takes a lock, says so, and holds it.
pub(in crate::scenarios) const HOLD: &str = r#"exec 200> "$1"; flock 200; echo $$ > "$2"; while [ ! -e "$3" ]; do read -rt 0.05 <> <(:); done; exit 0"#;
/// Starts something in its background while it has the lock, and ends.
const LEAK: &str = r#"exec 200> "$1"; flock 200; sleep 1000 & echo $! > "$2""#;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut by_python = python(stage, "python.yaml.lock", "python")?;
    let python_pid = announced(stage, &mut by_python, "python")?;
    let waiting_python = python(stage, "python.yaml.lock", "second")?;
    let mut waiting_bash = stage.bash("waiting.sh", HOLD)?;
    waiting_bash.args(["python.yaml.lock", "third", "release"]);
    let waiting_bash = stage.start(&mut waiting_bash, "waiting-bash")?;
    let mut bash = stage.bash("hold.sh", HOLD)?;
    let mut by_bash = stage.start(bash.args(["bash.yaml.lock", "bash", "release"]), "bash")?;
    let bash_pid = announced(stage, &mut by_bash, "bash")?;
    stage.finish(stage.bash("leak.sh", LEAK)?.args(["leaked.yaml.lock", "sleeper"]), "leak")?.expect(0)?;
    let sleeper = number_in(stage, "sleeper")?;

    stage.step("all are named");
    // The list in which both are is the one that is judged: the kernel tells its list in parts, and where many come and go in between,
    // one may be left out.
    let mut listed = Value::Null;
    stage.until(|| {
        listed = list(stage)?;
        let waiters = &about(&listed, "python.yaml.lock")?["awaited_by"];
        Ok(waiters.as_array().is_some_and(|waiters| waiters.len() == 2))
    })?;
    one_holder(&listed, "python.yaml.lock", python_pid, "lock_once.py")?;
    one_holder(&listed, "bash.yaml.lock", bash_pid, "hold.sh")?;
    waits(&listed, waiting_python.pid(), "lock_once.py")?;
    waits_by_command(&listed, &format!("of process {} (bash ", waiting_bash.pid()))?;
    leaked(stage, &listed, sleeper)?;

    let sleeper = i32::try_from(sleeper).ok().and_then(Pid::from_raw);
    sleeper.map_or(Ok(()), |pid| kill_process(pid, Signal::KILL))?;
    fs::write(stage.data().join("release"), "")?;
    for process in [by_python, waiting_python, waiting_bash, by_bash] {
        process.finish()?.expect(0)?;
    }
    Ok("holders and waiters in Python and bash, and a leak to `sleep`, fd 200".to_owned().into())
}

fn python(stage: &Stage, lock: &str, name: &str) -> Result<Running, Failure> {
    let mut command = stage.python("lock_once.py", PYTHON)?;
    stage.start(command.args(["hold", lock, name, "release"]), name)
}

fn announced(stage: &Stage, by: &mut Running, file: &str) -> Result<u64, Failure> {
    stage.until(|| match fs::read_to_string(stage.data().join(file)) {
        Ok(text) if !text.is_empty() => Ok(true),
        _ if by.is_running()? => Ok(false),
        _ => Err(fail(format!("it ended without making {file}"))),
    })?;
    number_in(stage, file)
}

fn number_in(stage: &Stage, file: &str) -> Result<u64, Failure> {
    fs::read_to_string(stage.data().join(file)).explain(file)?.trim().parse::<u64>().explain(file)
}

fn list(stage: &Stage) -> Result<Value, Failure> {
    let listed = stage.finish(stage.program("lock-janitor")?.args(["ls", "--json"]), "ls")?.expect(0)?;
    // The outputs of all runs are kept one behind the other.
    let last = listed.stdout.rfind("\n{").map_or(0, |at| at + 1);
    let listed: Value = serde_json::from_str(&listed.stdout[last..]).explain(listed.said())?;
    Ok(listed["locks"].clone())
}

fn one_holder(list: &Value, lock: &str, pid: u64, command: &str) -> Result<(), Failure> {
    let found = about(list, lock)?;
    let holders = found["held_by"].as_array().map_or(&[][..], Vec::as_slice);
    let is_it = |holder: &&Value| {
        holder["pid"] == pid && holder["command"].as_str().is_some_and(|found| found.contains(command))
    };
    if holders.len() != 1 || holders.iter().filter(is_it).count() != 1 || !found["leaked_to"].is_null() {
        return Err(fail(format!("{lock} is held by {pid} ({command}), but: {found}")));
    }
    Ok(())
}

fn waits(list: &Value, pid: u32, command: &str) -> Result<(), Failure> {
    let waiters = &about(list, "python.yaml.lock")?["awaited_by"];
    let is_it = |waiter: &Value| {
        waiter["pid"] == pid && waiter["command"].as_str().is_some_and(|found| found.contains(command))
    };
    match waiters.as_array().is_some_and(|waiters| waiters.iter().any(is_it)) {
        true => Ok(()),
        false => Err(fail(format!("{pid} ({command}) waits, but: {waiters}"))),
    }
}

/// In bash it is a `flock` command that waits; its script is named too.
fn waits_by_command(list: &Value, part: &str) -> Result<(), Failure> {
    let waiters = &about(list, "python.yaml.lock")?["awaited_by"];
    match waiters.to_string().contains(part) {
        true => Ok(()),
        false => Err(fail(format!("a script waits, `{part}`, but: {waiters}"))),
    }
}

fn leaked(stage: &Stage, listed: &Value, sleeper: u64) -> Result<(), Failure> {
    let leak = &about(listed, "leaked.yaml.lock")?["leaked_to"];
    if leak["pid"] != sleeper || leak["fd"] != 200 || leak["command"] != "sleep 1000" {
        return Err(fail(format!("the lock was leaked to {sleeper} (sleep 1000), fd 200, but: {leak}")));
    }
    let mut sweep = stage.program("lock-janitor")?;
    let swept = stage.finish(sweep.args(["sweep", "--quiet"]), "sweep")?.expect(0)?;
    let line = format!("leaked       leaked.yaml.lock: leaked to PID {sleeper} (sleep 1000), fd 200: ");
    let told = swept.stdout.lines().find(|found| found.starts_with(&line));
    match told {
        Some(told) if told.contains("`200>&-`") && told.contains("flock -o") => Ok(()),
        _ => Err(fail(format!("a sweep does not tell of the leak, or not what to do: {}", swept.said()))),
    }
}
