//! Many holders claim, prolong, finish, give back and abandon tasks; they are killed, and suspended beyond their leases.
//!
//! Holders, tasks and the killer write down what they ask, hear and do. Whether that can be is decided from these lines alone, and
//! what the file says at the end must be what was said last.

use crate::client::Pen;
use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Random, Running, Scenario, Stage, Tool, Verdict, Whom, fail,
};
use crate::judges::history::{History, Shown, endings};
use crate::judges::leftovers;
use crate::scenarios::queue_work::no_lock_is_held;
use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "claim-history",
    proves: "a task has one holder at a time, only the holder ends a claim, and nobody gets a task before the claim on it is over",
    clients: &[Client::Queue],
    faults: &[Fault::Kill("holders and their queue"), Fault::Suspend("holders, beyond their leases")],
    upholds: &[Invariant::OneHoldOneRead, Invariant::OneHolder],
    processes: &[5, 16],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(180),
    run,
};

const LEASE: Duration = Duration::from_millis(300);

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    Company::new(stage)?.play().map(Verdict::from)
}

struct Company<'a> {
    stage: &'a Stage,
    tasks: u64,
    random: Random,
    folder: PathBuf,
    history: PathBuf,
    closing: PathBuf,
    holders: Vec<Holder>,
    kills: u64,
    suspensions: u64,
}

/// One holder, over all its lives.
struct Holder {
    name: String,
    life: u64,
    running: Running,
    /// Suspended: who of it, and until when.
    suspended: Option<(Whom, Instant)>,
}

impl Holder {
    fn who(&self) -> String {
        format!("{}.{}", self.name, self.life)
    }
}

impl<'a> Company<'a> {
    fn new(stage: &'a Stage) -> Result<Self, Failure> {
        let folder = stage.data();
        let tasks = stage.rounds(40, 300);
        fs::write(folder.join("q.yaml"), queue_of(tasks))?;
        let mut company = Self {
            stage,
            tasks,
            random: stage.random(),
            folder,
            history: stage.folder().join("history"),
            closing: stage.folder().join("closing"),
            holders: Vec::new(),
            kills: 0,
            suspensions: 0,
        };
        for n in 0..stage.processes() {
            let name = format!("holder-{n}");
            let running = company.start(&format!("{name}.1"))?;
            company.holders.push(Holder { name, life: 1, running, suspended: None });
        }
        Ok(company)
    }

    fn start(&mut self, who: &str) -> Result<Running, Failure> {
        let mut client = self.stage.client(&["claims"]);
        client.arg(self.stage.program_path("queue")?).arg("q.yaml").arg(&self.history).arg(who);
        client.arg(self.alive(who)).arg(&self.closing).arg(LEASE.as_millis().to_string());
        client.arg(self.tasks.to_string()).arg(self.random.next().to_string()).process_group(0);
        self.stage.start(&mut client, who)
    }

    fn alive(&self, who: &str) -> PathBuf {
        self.history.with_extension(format!("{who}.alive"))
    }

    fn play(mut self) -> Result<String, Failure> {
        let (kills, suspensions) = (self.stage.rounds(12, 120), self.stage.rounds(10, 100));
        while self.kills < kills || self.suspensions < suspensions {
            self.stage.check_time()?;
            self.stage.step(&format!("{} kills, {} suspensions", self.kills, self.suspensions));
            thread::sleep(Duration::from_micros(self.random.between(5_000, 60_000)));
            self.resume(|until| until <= Instant::now())?;
            let victim = usize::try_from(self.random.between(0, self.holders.len() as u64))?;
            if self.kills < kills && self.random.between(0, 2) == 0 {
                self.kill(victim)?;
            } else if self.suspensions < suspensions {
                self.suspend(victim)?;
            }
        }
        self.resume(|_| true)?;
        self.finish()?;
        self.judge()
    }

    /// SIGKILL: mostly of all that belongs to it, sometimes of the holder alone while its `queue` goes on. The task of a supervised claim
    /// lives on either way.
    fn kill(&mut self, victim: usize) -> Result<(), Failure> {
        let whom = if self.random.between(0, 4) == 0 { Whom::Itself } else { Whom::Group };
        let Some(holder) = self.holders.get_mut(victim) else { return Ok(()) };
        if !holder.running.is_running()? {
            let ended = self.holders.swap_remove(victim).running.finish()?;
            return Err(fail(format!("{} gave up: {}", ended.name, ended.said())));
        }
        let who = holder.who();
        let pen = Pen::new(&self.history, &who);
        pen.write("killing")?;
        if let Some((suspended, _)) = holder.suspended.take().filter(|_| whom == Whom::Itself) {
            // What was suspended with it would stay so for ever.
            holder.running.signal(suspended, Signal::CONT)?;
        }
        holder.running.signal(whom, Signal::KILL)?;
        self.wait_for_the_end_of(&who)?;
        pen.write("killed")?;
        let Some(holder) = self.holders.get_mut(victim) else { return Ok(()) };
        holder.life += 1;
        let who = holder.who();
        let running = self.start(&who)?;
        if let Some(holder) = self.holders.get_mut(victim) {
            holder.running = running;
        }
        self.kills += 1;
        Ok(())
    }

    /// Until no process of this life is left, also none that its `queue` has started. Those that are suspended go on meanwhile: they
    /// may hold the lock that this one waits for.
    fn wait_for_the_end_of(&mut self, who: &str) -> Result<(), Failure> {
        let alive = self.alive(who);
        // It may have been killed before it could take the lock.
        if !alive.exists() {
            return Ok(());
        }
        let alive = File::open(&alive).explain(alive.display())?;
        while flock(&alive, FlockOperation::NonBlockingLockExclusive).is_err() {
            self.stage.check_time()?;
            self.resume(|until| until <= Instant::now())?;
            thread::sleep(Duration::from_millis(3));
        }
        Ok(())
    }

    /// SIGSTOP: mostly of a holder at work, beyond its lease; sometimes at any time and with its `queue`, which may hold the lock
    /// that all wait for.
    fn suspend(&mut self, victim: usize) -> Result<(), Failure> {
        let (whom, beyond) = match self.random.between(0, 5) {
            0 => (Whom::Group, Duration::from_millis(self.random.between(20, 150))),
            _ => (Whom::Itself, LEASE + Duration::from_millis(self.random.between(50, 250))),
        };
        let Some(who) = self.holders.get(victim).map(Holder::who) else { return Ok(()) };
        if whom == Whom::Itself && !self.is_at_work(&who)? {
            return Ok(());
        }
        let Some(holder) = self.holders.get_mut(victim) else { return Ok(()) };
        if holder.suspended.is_none() {
            holder.running.signal(whom, Signal::STOP)?;
            holder.suspended = Some((whom, Instant::now() + beyond));
            self.suspensions += 1;
        }
        Ok(())
    }

    /// Whether its last word was that it works on a task with a lease.
    fn is_at_work(&self, who: &str) -> Result<bool, Failure> {
        let history = fs::read_to_string(&self.history).explain(self.history.display())?;
        let mut said = history.lines().rev().filter_map(|line| {
            let (writer, said) = line.split_once(' ')?.1.split_once(' ')?;
            (writer == who).then_some(said)
        });
        let works = said.next().is_some_and(|said| said.starts_with("started"));
        Ok(works && said.next().is_some_and(|said| !said.starts_with("asked run")))
    }

    fn resume(&mut self, is_due: impl Fn(Instant) -> bool) -> Result<(), Failure> {
        for holder in &mut self.holders {
            if let Some((whom, _)) = holder.suspended.take_if(|(_, until)| is_due(*until)) {
                holder.running.signal(whom, Signal::CONT)?;
            }
        }
        Ok(())
    }

    /// Lets all come to their end, waits until what they abandoned has lapsed, and has that finished too.
    fn finish(&mut self) -> Result<(), Failure> {
        fs::write(&self.closing, "")?;
        for holder in self.holders.drain(..) {
            holder.running.finish()?.expect(0)?;
        }
        thread::sleep(LEASE + Duration::from_millis(50));
        self.start("last.1")?.finish()?.expect(0).map(drop)
    }

    fn judge(&self) -> Result<String, Failure> {
        let history = fs::read_to_string(&self.history).explain(self.history.display())?;
        let file = self.folder.join("q.yaml");
        let endings = endings(&self.stage.pyyaml(&file)?).map_err(fail)?;
        let open = endings.iter().find(|(_, end)| !matches!(end.status.as_str(), "completed" | "failed"));
        if let Some((id, ending)) = open {
            return Err(fail(format!("{id} is {} though all has come to its end", ending.status)));
        }
        let judged = History::parse(&history).and_then(|history| history.judge(&endings));
        let shown = judged.map_err(fail).explain(self.history.display())?;
        leftovers::none(&self.folder).map_err(fail)?;
        no_lock_is_held(&self.folder)?;
        let Shown { claims, takeovers, refused, unanswered, .. } = shown;
        if takeovers == 0 || refused == 0 || unanswered == 0 {
            return Err(fail(format!("too little was tried: {shown:?}")));
        }
        let lost = history.lines().filter(|line| line.ends_with(" lost")).count();
        Ok(format!(
            "{} holders and {lost} of their queues killed, {} suspended: {claims} claims, {takeovers} taken over, {refused} too late",
            self.kills, self.suspensions
        ))
    }
}

fn queue_of(tasks: u64) -> String {
    let mut text = String::from("# One after the other.\ntasks:\n");
    for n in 1..=tasks {
        text.push_str(&format!(
            "  # Number {n}.\n  - id: T-{n}\n    title: \"Task {n}\"\n    status: pending   # free\n"
        ));
    }
    text
}
