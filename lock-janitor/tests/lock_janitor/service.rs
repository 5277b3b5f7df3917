use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than any event takes to come, on a machine that is busy with other things.
const LONG: Duration = Duration::from_secs(120);

/// A janitor that runs as a service, and what it says.
pub(crate) struct Service {
    pub(crate) child: Child,
    events: Receiver<Value>,
}

impl Service {
    pub(crate) fn command(folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lock-janitor"));
        command.args(["run", "--json"]).args(words).current_dir(folder);
        command.env_remove("NOTIFY_SOCKET").stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// One that is expected to end by itself; with what it said on standard error.
    pub(crate) fn ended(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new("timeout");
        command.args(["100", env!("CARGO_BIN_EXE_lock-janitor"), "run"]).args(words).current_dir(folder);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    pub(crate) fn start(folder: &Path, words: &[&str]) -> Self {
        Self::of(&mut Self::command(folder, words))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, events) = mpsc::channel();
        thread::spawn(move || {
            for line in lines {
                let event = serde_json::from_str(&line.unwrap()).unwrap();
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self { child, events }
    }

    /// The next event of this name for which `is` holds; a service that ends before is a failure.
    pub(crate) fn event(&self, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.events.recv_timeout(LONG).unwrap_or_else(|error| panic!("no `{name}`: {error}"));
            if event["event"] == name && is(&event) {
                return event;
            }
        }
    }

    fn metrics_address(&self) -> String {
        self.event("started", |_| true)["metrics"].as_str().unwrap().to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn end(mut self) {
        self.signal(Signal::TERM);
        self.event("stopped", |_| true);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("root")).unwrap();
    folder
}

fn ask(address: &str, request: &str) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    answer
}

fn page(address: &str) -> String {
    let answer = ask(address, "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
    body.to_owned()
}

/// The value of the sample that begins like this.
fn sample(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).parse().unwrap()
}

#[test]
fn an_interval_may_be_longer_than_the_clock_goes() {
    let folder = folder();
    let words = ["root", "--sweep-interval", "9223372036854775807s", "--min-idle", "9223372036854775807s"];
    let service = Service::start(folder.path(), &words);
    service.event("sweep", |_| true);
    // What comes wakes it, and it reckons again.
    fs::create_dir(folder.path().join("root/new")).unwrap();
    fs::write(folder.path().join("root/new/q.yaml.lock"), "").unwrap();
    service.event("sweep", |swept| swept["locks"] == 1);
    service.end();
}

#[test]
fn what_was_left_is_told_by_the_words_that_a_sweep_has_for_it() {
    let folder = folder();
    let at = |name: &str| folder.path().join("root").join(name);
    fs::write(at(".a.yaml.lock.retired.1"), "").unwrap();
    fs::write(at(".b.yaml.new"), "b: 1\n").unwrap();
    let service = Service::start(folder.path(), &["root", "--min-idle", "0", "--grace", "2ms"]);
    for (what, path) in [("restored", "root/.a.yaml.lock.retired.1"), ("put_aside", "root/.b.yaml.new")] {
        let left = service.event("leftover", |_| true);
        assert_eq!((&left["what"], &left["path"]), (&what.into(), &path.into()), "{left}");
        assert_eq!(left["to"].is_string(), what == "put_aside", "{left}");
    }
    service.end();
}

#[test]
fn a_broken_configuration_keeps_the_old_settings_and_says_so() {
    let folder = folder();
    let config = folder.path().join("c.yaml");
    fs::write(&config, "roots: [root]\nmetrics: {listen: '127.0.0.1:0'}\n").unwrap();
    let service = Service::start(folder.path(), &["--config", "c.yaml"]);
    let address = service.metrics_address();
    for broken in ["roots: [", "roots: [root]\ngrace: 0\n", "roots: [root]\nmetrics: {listen: '0.0.0.0:0'}\n"]
    {
        fs::write(&config, broken).unwrap();
        service.signal(Signal::HUP);
        let told = service.event("reload", |_| true);
        assert_eq!(told["done"], false, "{told}");
        assert!(told["message"].as_str().unwrap().contains("c.yaml"), "{told}");
        page(&address);
    }
    let text = page(&address);
    assert_eq!(sample(&text, "lock_janitor_reloads_total{result=\"refused\"}"), 3.0);

    // A root that somebody else has is refused as well, and what it has it keeps.
    fs::create_dir(folder.path().join("other")).unwrap();
    let other = Service::start(folder.path(), &["other"]);
    other.event("sweep", |_| true);
    fs::write(&config, "roots: [other]\n").unwrap();
    service.signal(Signal::HUP);
    assert!(service.event("reload", |_| true)["message"].as_str().unwrap().contains("another janitor"));
    assert_eq!(Service::ended(folder.path(), &["root"]).0, Some(4));
    other.end();

    // Then it is free, and taken; the old root is given back, and so is the address.
    service.signal(Signal::HUP);
    assert_eq!(service.event("reload", |_| true)["done"], true);
    service.event("sweep", |_| true);
    assert!(TcpStream::connect(&address).is_err());
    let next = Service::start(folder.path(), &["root"]);
    next.event("sweep", |_| true);
    next.end();
    service.end();
}

#[test]
fn the_service_manager_is_told() {
    let folder = folder();
    let at_path = folder.path().join("manager");
    let abstract_name = format!("lock-janitor-test-{}", std::process::id());
    let places = [
        (UnixDatagram::bind(&at_path).unwrap(), at_path.to_str().unwrap().to_owned()),
        (
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&abstract_name).unwrap()).unwrap(),
            format!("@{abstract_name}"),
        ),
    ];
    for (socket, name) in places {
        let mut command = Service::command(folder.path(), &["root", "--sweep-interval", "1h"]);
        command.env("NOTIFY_SOCKET", name).env("WATCHDOG_USEC", "40000");
        let service = Service::of(&mut command);
        let told = || {
            let mut message = [0; 1000];
            let length = socket.recv(&mut message).unwrap();
            String::from_utf8_lossy(&message[..length]).into_owned()
        };
        socket.set_read_timeout(Some(LONG)).unwrap();
        // On a busy machine the start takes longer than the watchdog's patience.
        let first = std::iter::repeat_with(told).find(|message| message != "WATCHDOG=1").unwrap();
        assert!(first.starts_with("READY=1\nSTATUS="), "{first}");
        let alive =
            |count| (0..).map(|_| told()).filter(|message| message == "WATCHDOG=1").take(count).count();
        assert_eq!(alive(3), 3);
        service.signal(Signal::HUP);
        while !told().starts_with("RELOADING=1\nMONOTONIC_USEC=") {}
        while !told().starts_with("READY=1\n") {}
        service.end();
        while !told().starts_with("STOPPING=1\n") {}
    }
}

#[test]
fn metrics_are_told_to_whoever_asks_properly_and_nobody_disturbs_that() {
    let folder = folder();
    let service = Service::start(folder.path(), &["root", "--metrics", "127.0.0.1:0"]);
    let address = service.metrics_address();
    service.event("sweep", |_| true);
    // One that says nothing and one that goes away at once, before all others.
    let silent = TcpStream::connect(&address).unwrap();
    drop(TcpStream::connect(&address).unwrap());
    assert!(sample(&page(&address), "lock_janitor_sweep_duration_seconds_count") >= 1.0);
    drop(silent);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\n\r\n", "405"),
        ("HEAD /metrics HTTP/1.0\r\n\r\n", "200"),
        ("GET /metrics?x=y HTTP/1.1\r\n\r\n", "200"),
        ("\r\n\r\n", "400"),
        ("\u{fffd}\0\r\n\r\n", "400"),
    ] {
        let answer = ask(&address, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {answer}");
    }
    let endless = "x".repeat(100_000);
    if let Ok(mut client) = TcpStream::connect(&address) {
        // It may have been hung up on before all of it was said.
        let _ = client.write_all(endless.as_bytes());
    }
    page(&address);
    service.end();
}

#[test]
fn an_address_in_use_is_told() {
    let folder = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = Service::ended(folder.path(), &["root", "--metrics", &address]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&address), "{said}");
}

/// Whether this process may make itself a user namespace, in which it may set limits for itself.
fn has_user_namespaces() -> bool {
    Command::new("unshare").args(["-Ur", "true"]).status().is_ok_and(|status| status.success())
}

#[test]
fn what_comes_into_being_while_it_runs_is_found_in_folders_that_were_not_there_too() {
    let folder = folder();
    // Only what is told brings another sweep.
    let words = ["root", "--sweep-interval", "1h", "--min-idle", "0", "--no-delete"];
    let service = Service::start(folder.path(), &words);
    service.event("sweep", |sweep| sweep["locks"] == 0);
    let make = |path: &str| {
        let path = folder.path().join("root").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    };
    make("new/deep/deeper/a.yaml.lock");
    service.event("sweep", |sweep| sweep["locks"] == 1);
    // The same folder once more, made anew; and one that is moved in.
    fs::remove_dir_all(folder.path().join("root/new")).unwrap();
    make("new/deep/deeper/a.yaml.lock");
    make("new/deep/deeper/b.yaml.lock");
    service.event("sweep", |sweep| sweep["locks"] == 2);
    fs::create_dir_all(folder.path().join("outside/sub")).unwrap();
    fs::write(folder.path().join("outside/sub/c.yaml.lock"), "").unwrap();
    fs::rename(folder.path().join("outside"), folder.path().join("root/inside")).unwrap();
    service.event("sweep", |sweep| sweep["locks"] == 3);
    make("inside/sub/d.yaml.lock");
    service.event("sweep", |sweep| sweep["locks"] == 4);
    // Nothing below `.git` is looked at, nothing that is left out.
    make(".git/x.yaml.lock");
    make("inside/e.yaml.lock");
    service.event("sweep", |sweep| sweep["locks"] == 5);
    service.end();
}

#[test]
fn folders_are_not_walked_through_again_while_nothing_changes() {
    let folder = folder();
    fs::write(folder.path().join("root/a.yaml.lock"), "").unwrap();
    let service = Service::start(folder.path(), &["root", "--sweep-interval", "20ms", "--no-delete"]);
    service.event("watching", |_| true);
    // The first two are for what came before the folders were watched, and in between.
    service.event("sweep", |sweep| sweep["walked"] == false);
    let walks = (0..30).filter(|_| service.event("sweep", |_| true)["walked"] == true).count();
    assert!((1..=5).contains(&walks), "{walks} walks in 30 sweeps");
    service.end();
}

#[test]
fn where_not_all_folders_can_be_watched_they_are_walked_through() {
    if !has_user_namespaces() {
        return;
    }
    let folder = folder();
    for name in ["a", "b", "c", "d", "e"] {
        fs::create_dir(folder.path().join("root").join(name)).unwrap();
    }
    let limited = "echo 3 > /proc/sys/user/max_inotify_watches && exec \"$0\" run --json root --no-delete --sweep-interval 50ms";
    let mut command = Command::new("unshare");
    command.args(["-Ur", "sh", "-c", limited, env!("CARGO_BIN_EXE_lock-janitor")]);
    let service = Service::of(command.current_dir(folder.path()).stdout(Stdio::piped()));
    let told = service.event("watching", |_| true);
    assert_eq!(told["all"], false);
    assert!(told["missed"].as_str().unwrap().contains("max_user_watches"), "{told}");
    service.event("sweep", |sweep| sweep["locks"] == 0);
    fs::write(folder.path().join("root/e/a.yaml.lock"), "").unwrap();
    service.event("sweep", |sweep| sweep["locks"] == 1);
    // More than rely on one walk where all is watched.
    assert!((0..15).all(|_| service.event("sweep", |_| true)["walked"] == true));
    service.end();
}

#[test]
fn an_idle_lock_file_is_retired_and_one_in_use_is_not() {
    let folder = folder();
    let lock = |name: &str| folder.path().join("root").join(name);
    for name in ["idle.yaml.lock", "held.yaml.lock", "open.yaml.lock", "Cargo.lock"] {
        fs::write(lock(name), "").unwrap();
    }
    let held = lock_core::LockFile::at(lock("held.yaml.lock")).exclusive(lock_core::Wait::Never).unwrap();
    let open = fs::File::open(lock("open.yaml.lock")).unwrap();
    let words = ["root", "--sweep-interval", "100ms", "--min-idle", "0", "--grace", "2ms"];
    let service = Service::start(folder.path(), &words);
    let swept = service.event("sweep", |sweep| sweep["retired"] == 1);
    assert_eq!(swept["kept"]["held"], 1, "{swept}");
    assert_eq!(swept["kept"]["open"], 1, "{swept}");
    assert!(!lock("idle.yaml.lock").exists() && lock("Cargo.lock").exists());
    drop((held, open));
    while lock("held.yaml.lock").exists() || lock("open.yaml.lock").exists() {
        service.event("sweep", |_| true);
    }
    service.end();
    let left: Vec<_> =
        fs::read_dir(folder.path().join("root")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn sigterm_ends_the_grace_of_what_a_killed_janitor_left() {
    let folder = folder();
    let at = |name: &str| folder.path().join("root").join(name);
    fs::write(at("q.yaml.lock"), "").unwrap();
    fs::write(at(".q.yaml.lock.retired.1"), "").unwrap();
    let inode = std::os::unix::fs::MetadataExt::ino(&fs::metadata(at(".q.yaml.lock.retired.1")).unwrap());
    let mut service = Service::start(folder.path(), &["root", "--grace", "30s"]);
    let is_leased = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        locks.lines().any(|line| line.contains(" LEASE ") && line.contains(&format!(":{inode} ")))
    };
    while !is_leased() {
        assert_eq!(service.child.try_wait().unwrap(), None);
        thread::yield_now();
    }
    service.signal(Signal::TERM);
    service.event("stopped", |_| true);
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
    // A whole grace would have ended with its removal.
    assert!(at(".q.yaml.lock.retired.1").exists() && at("q.yaml.lock").exists());
}
