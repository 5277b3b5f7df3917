//! A holder: it claims tasks with the real `queue`, works on them, and ends its claims in every way there is, also too late.
//!
//! It writes down what it asks and what it is told; so does the task of a supervised claim. Whoever kills it waits for the lock on
//! its file `alive`, which all processes that it starts inherit.

mod pen;

pub(crate) use pen::Pen;

use crate::engine::{Explain, Failure, Random, fail};
use clap::Args;
use rustix::fs::{FlockOperation, flock};
use rustix::io::{FdFlags, fcntl_setfd};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

#[derive(Args, Debug)]
pub(crate) struct Claims {
    /// The program `queue`
    program: PathBuf,
    /// The queue, whose tasks are called T-1, T-2 and so on to the last
    file: PathBuf,
    /// Where everybody writes down what happens
    history: PathBuf,
    /// In whose name: one for each life
    who: String,
    /// Locked as long as a process of this life is left
    alive: PathBuf,
    /// Once this file exists, tasks are finished and nothing else
    closing: PathBuf,
    /// How long a lease runs
    lease_ms: u64,
    /// The number of the last task
    last: u64,
    seed: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Task {
    history: PathBuf,
    who: String,
    time_ms: u64,
}

/// The task of a supervised claim: it says for itself that it runs.
pub(crate) fn work(args: &Task) -> Result<ExitCode, Failure> {
    let told = |name: &str| std::env::var(name).explain(name);
    let place = format!("{} {}", told("QUEUE_TASK_ID")?, told("QUEUE_ATTEMPT")?);
    let pen = Pen::new(&args.history, &args.who);
    pen.write(&format!("started {place}"))?;
    thread::sleep(Duration::from_millis(args.time_ms));
    pen.write(&format!("ended {place}"))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn claim_until_closed(args: Claims) -> Result<ExitCode, Failure> {
    let _alive = alive(&args.alive)?;
    let pen = Pen::new(&args.history, &args.who);
    let mut holder = Holder { random: Random::new(args.seed), seen: 1, pen, args };
    loop {
        let closing = holder.args.closing.exists();
        if !holder.turn(closing)? && closing {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn alive(path: &Path) -> Result<File, Failure> {
    let file = File::options().create(true).append(true).open(path).explain(path.display())?;
    flock(&file, FlockOperation::NonBlockingLockShared).explain(path.display())?;
    fcntl_setfd(&file, FdFlags::empty())?;
    Ok(file)
}

struct Holder {
    args: Claims,
    pen: Pen,
    random: Random,
    /// The number of the task that was claimed last: those around it are the ones that others want too.
    seen: u64,
}

/// A claim that was granted.
struct Held {
    id: String,
    attempt: u64,
}

enum Answer {
    Yes(String),
    Refused,
    Nothing,
    Lost,
}

impl Holder {
    /// One claim and what comes of it; whether there was one to be had.
    fn turn(&mut self, closing: bool) -> Result<bool, Failure> {
        let by_name = !closing && self.chance(40);
        let id = by_name.then(|| format!("T-{}", self.args.last.min(self.seen + self.random.between(0, 4))));
        if !closing && self.chance(15) {
            self.run(id.as_deref())?;
            return Ok(true);
        }
        let Some(held) = self.claim(id.as_deref())? else {
            if !closing {
                self.sleep(2, 20);
            }
            return Ok(false);
        };
        if closing {
            self.say("done", &held)?;
            return Ok(true);
        }
        self.hold(&held)?;
        Ok(true)
    }

    fn claim(&mut self, id: Option<&str>) -> Result<Option<Held>, Failure> {
        let lease = format!("--lease={}ms", self.args.lease_ms);
        let question = format!("claim {} {}", id.unwrap_or("-"), self.args.lease_ms);
        let words = ["--json", "claim", id.unwrap_or("--next"), &lease].map(String::from);
        self.pen.write(&format!("asked {question}"))?;
        match self.ask(words)? {
            Answer::Yes(output) => self.granted(&output).map(Some),
            other => self.not_granted(&other).map(|()| None),
        }
    }

    /// A claim that lasts as long as its processes: `queue run` stays, with a task that writes for itself.
    fn run(&mut self, id: Option<&str>) -> Result<(), Failure> {
        self.pen.write(&format!("asked run {}", id.unwrap_or("-")))?;
        let mut queue = self.queue();
        queue.args(["--json", "run"]).args(id).arg("--").arg(std::env::current_exe()?);
        queue.args(["client", "work"]).arg(&self.args.history).arg(&self.args.who);
        queue.arg(self.random.between(0, self.args.lease_ms / 3).to_string());
        match self.answer(&mut queue, None)? {
            Answer::Yes(output) => self.granted(&output).map(drop),
            other => self.not_granted(&other),
        }
    }

    fn granted(&mut self, output: &str) -> Result<Held, Failure> {
        let claim: Value = serde_json::from_str(output).explain("queue did not print one JSON object")?;
        let (Some(id), Some(attempt)) = (claim["id"].as_str(), claim["attempt"].as_u64()) else {
            return Err(fail(format!("queue did not print a claim: {output}")));
        };
        self.pen.write(&format!("got {id} {attempt}"))?;
        self.seen = id.trim_start_matches("T-").parse().unwrap_or(self.seen);
        Ok(Held { id: id.into(), attempt })
    }

    fn not_granted(&self, answer: &Answer) -> Result<(), Failure> {
        self.pen.write(match answer {
            Answer::Yes(_) => "ok",
            Answer::Refused => "refused",
            Answer::Nothing => "nothing",
            Answer::Lost => "lost",
        })
    }

    /// Works on a task, mostly within the lease, and ends the claim in one way or another, or not at all.
    fn hold(&mut self, held: &Held) -> Result<(), Failure> {
        if self.chance(50) {
            self.say("start", held)?;
        }
        self.pen.write(&format!("started {} {}", held.id, held.attempt))?;
        let lease = self.args.lease_ms;
        for _ in 0..self.random.between(0, 3) {
            self.sleep(0, lease / 3);
            self.say("heartbeat", held)?;
        }
        let patience = if self.chance(10) { lease * 3 / 2 } else { lease / 2 };
        self.sleep(0, patience);
        self.pen.write(&format!("ended {} {}", held.id, held.attempt))?;
        let end = match self.random.between(0, 100) {
            0..15 => Some("done"),
            15..20 => Some("fail"),
            20..80 => Some("release"),
            80..90 => {
                // Whoever claims what they hold gets the same claim.
                self.claim(Some(&held.id))?;
                Some("release")
            }
            _ => None,
        };
        if let Some(end) = end {
            self.say(end, held)?;
        }
        if self.chance(20) {
            // Somebody who has not understood that it is over.
            let late = ["heartbeat", "done", "fail", "release"];
            let late = self.random.pick(&late).copied().unwrap_or("done");
            self.say(late, held)?;
        }
        Ok(())
    }

    /// Says something about a task with the number of its claim.
    fn say(&mut self, verb: &str, held: &Held) -> Result<(), Failure> {
        let (id, attempt) = (&held.id, held.attempt);
        let mut words = vec![verb.to_owned(), id.clone(), format!("--attempt={attempt}")];
        let mut question = format!("{verb} {id} {attempt}");
        if verb == "heartbeat" {
            let lease = self.args.lease_ms - self.random.between(0, self.args.lease_ms / 3);
            question.push_str(&format!(" {lease}"));
            words.push(format!("--lease={lease}ms"));
        }
        self.pen.write(&format!("asked {question}"))?;
        let answer = self.ask(words)?;
        self.not_granted(&answer)
    }

    /// Asks `queue`, which is now and then killed before it can answer.
    fn ask(&mut self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Answer, Failure> {
        let killed = !self.args.closing.exists() && self.chance(8);
        let killed_after = killed.then(|| Duration::from_micros(self.random.between(500, 12_000)));
        let mut queue = self.queue();
        self.answer(queue.args(words), killed_after)
    }

    fn queue(&self) -> Command {
        let mut queue = Command::new(&self.args.program);
        queue.arg("-f").arg(&self.args.file).args(["--agent", &self.args.who]);
        // Who has the lock may be suspended, and so may be who is to wake it.
        queue.args(["--lock-timeout", "60s"]);
        queue
    }

    fn answer(&self, queue: &mut Command, killed_after: Option<Duration>) -> Result<Answer, Failure> {
        let mut running = queue.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        if let Some(time) = killed_after {
            thread::sleep(time);
            running.kill()?;
        }
        let ended = running.wait_with_output()?;
        match (ended.status.code(), ended.status.signal()) {
            (Some(0), _) => Ok(Answer::Yes(String::from_utf8_lossy(&ended.stdout).into_owned())),
            (Some(3), _) => Ok(Answer::Nothing),
            (Some(4), _) => Ok(Answer::Refused),
            (None, Some(9)) => Ok(Answer::Lost),
            _ => Err(fail(format!("queue ended with {}", ended.status))),
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random.between(0, 100) < percent
    }

    fn sleep(&mut self, from_ms: u64, to_ms: u64) {
        thread::sleep(Duration::from_millis(self.random.between(from_ms, to_ms)));
    }
}
