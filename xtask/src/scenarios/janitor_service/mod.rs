//! The janitor as a service, over longer times and larger trees than its own tests have.

pub(super) mod crowd;
pub(super) mod ending;
pub(super) mod measured;

use crate::engine::{Explain, Failure, Running, Stage, Whom, fail};
use crate::judges::exposition::{Samples, judge};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

/// One `lock-janitor run` over the data folder.
struct Service<'a> {
    stage: &'a Stage,
    running: Running,
    out: PathBuf,
    /// How many of its events were looked at.
    read: usize,
    address: String,
}

impl<'a> Service<'a> {
    /// Starts it with this configuration, beside which `roots` and an address for metrics are filled in.
    fn start(stage: &'a Stage, name: &str, settings: &str) -> Result<Self, Failure> {
        let config = stage.folder().join(format!("{name}.yaml"));
        write_config(&config, settings)?;
        let mut command = stage.program("lock-janitor")?;
        command.args(["run", "--json", "--config"]).arg(&config).env_remove("NOTIFY_SOCKET");
        let running = stage.start(&mut command, name)?;
        let out = stage.folder().join("logs").join(format!("{name}.out"));
        let mut service = Self { stage, running, out, read: 0, address: String::new() };
        let started = service.event("started", |_| true)?;
        service.address = started["metrics"].as_str().unwrap_or_default().to_owned();
        Ok(service)
    }

    /// The next event of this name for which `is` holds, waiting for it.
    fn event(&mut self, name: &str, is: impl Fn(&Value) -> bool) -> Result<Value, Failure> {
        let stage = self.stage;
        let mut found = None;
        stage
            .until(|| {
                let text = fs::read_to_string(&self.out).explain(self.out.display())?;
                let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
                for line in whole.lines().skip(self.read) {
                    self.read += 1;
                    let event: Value = serde_json::from_str(line).explain(line)?;
                    if event["event"] == name && is(&event) {
                        found = Some(event);
                        return Ok(true);
                    }
                }
                match self.running.is_running()? {
                    true => Ok(false),
                    false => Err(fail("the janitor has ended")),
                }
            })
            .explain(format_args!("waiting for `{name}`"))?;
        found.ok_or_else(|| fail("no event"))
    }

    fn signal(&mut self, signal: Signal) -> Result<(), Failure> {
        self.running.signal(Whom::Itself, signal)
    }

    fn reload(&mut self, name: &str, settings: &str) -> Result<(), Failure> {
        write_config(&self.stage.folder().join(format!("{name}.yaml")), settings)?;
        self.signal(Signal::HUP)?;
        let told = self.event("reload", |_| true)?;
        if told["done"] == true { Ok(()) } else { Err(fail(told.to_string())) }
    }

    /// Its metrics, which must be such as Prometheus reads.
    fn metrics(&self) -> Result<Samples, Failure> {
        let mut client = TcpStream::connect(&self.address).explain(&self.address)?;
        client.set_read_timeout(Some(Duration::from_secs(60)))?;
        client.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        client.read_to_string(&mut answer)?;
        let (head, page) =
            answer.split_once("\r\n\r\n").ok_or_else(|| fail("no answer from the endpoint"))?;
        if !head.starts_with("HTTP/1.1 200 ") || !head.contains("text/plain; version=0.0.4") {
            return Err(fail(head));
        }
        judge(page).map_err(fail)
    }

    fn sample(&self, name: &str) -> Result<f64, Failure> {
        let samples = self.metrics()?;
        samples.get(name).copied().ok_or_else(|| fail(format!("there is no {name} among the metrics")))
    }

    /// SIGTERM, and a clean end.
    fn end(mut self) -> Result<(), Failure> {
        self.signal(Signal::TERM)?;
        self.running.finish()?.expect(0).map(drop)
    }

    /// What `/proc` says of it in one of its files.
    fn proc(&self, name: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{name}", self.running.pid());
        fs::read_to_string(&path).explain(path)
    }

    /// Processor time that it has used, in ticks of a hundredth of a second.
    fn cpu_ticks(&self) -> Result<u64, Failure> {
        let stat = self.proc("stat")?;
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let field = |n: usize| after.split_whitespace().nth(n).and_then(|text| text.parse::<u64>().ok());
        // proc_pid_stat(5): utime and stime are the fields 14 and 15, the state behind the bracket is the third.
        field(11).zip(field(12)).map(|(user, system)| user + system).ok_or_else(|| fail(stat.clone()))
    }

    /// What of it is in memory, in kB.
    fn resident_kb(&self) -> Result<u64, Failure> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| fail("no VmRSS"))
    }

    /// How many watches the kernel keeps for it.
    fn watches(&self) -> Result<usize, Failure> {
        let mut count = 0;
        for entry in fs::read_dir(format!("/proc/{}/fdinfo", self.running.pid()))? {
            // A descriptor may be closed meanwhile.
            let info = fs::read_to_string(entry?.path()).unwrap_or_default();
            count += info.lines().filter(|line| line.starts_with("inotify wd:")).count();
        }
        Ok(count)
    }
}

fn write_config(path: &std::path::Path, settings: &str) -> Result<(), Failure> {
    let text = format!("roots: [data]\nmetrics: {{listen: '127.0.0.1:0'}}\n{settings}");
    fs::write(path, text).explain(path.display())
}
