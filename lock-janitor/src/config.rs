//! The configuration file: what may stand in it, and what it means.

use crate::exit::{Exit, Failure};
use crate::time;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What may stand in the file. Every key but `roots` may be missing; one that is unknown is an error, because a setting that is misspelt
/// would otherwise be one that is not in force.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) roots: Vec<ConfigRoot>,
    #[serde(default)]
    pub(crate) names: Vec<Name>,
    pub(crate) min_idle: Option<Time>,
    pub(crate) grace: Option<Grace>,
    pub(crate) sweep_interval: Option<Interval>,
    pub(crate) delete: Option<bool>,
    pub(crate) owners: Option<ConfigOwners>,
    pub(crate) long_hold: Option<Time>,
    pub(crate) metrics: Option<ConfigMetrics>,
}

/// Whose lock files are retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConfigOwners {
    Us,
    Everybody,
}

/// A folder to look after: its path alone, or with what is left out.
#[derive(Debug)]
pub(crate) struct ConfigRoot {
    pub(crate) folder: PathBuf,
    pub(crate) include: Patterns,
    pub(crate) exclude: Patterns,
    pub(crate) depth: Option<usize>,
}

/// Where metrics are told, and of how many locks one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigMetrics {
    pub(crate) listen: Loopback,
    #[serde(default = "ConfigMetrics::default_locks")]
    pub(crate) locks: usize,
}

impl ConfigMetrics {
    /// Some ten lines each: a page of half a megabyte at most.
    const fn default_locks() -> usize {
        256
    }

    pub(crate) fn at(listen: Loopback) -> Self {
        Self { listen, locks: Self::default_locks() }
    }
}

impl Config {
    /// Reads the file at `path`. Folders in it are relative to its own.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| {
            let exit = if error.kind() == ErrorKind::NotFound { Exit::NotFound } else { Exit::Failure };
            Failure::because(format!("cannot read the configuration {}", path.display()), error)
                .with_exit(exit)
        })?;
        let mut config: Self = serde_yaml::from_str(&text).map_err(|error| invalid(path, &error))?;
        if config.roots.is_empty() {
            let message = format!("{}: `roots` names no folder to look after", path.display());
            return Err(Failure::new(Exit::Invalid, message));
        }
        let base = path.parent().unwrap_or(Path::new("."));
        for root in &mut config.roots {
            root.folder = base.join(&root.folder);
        }
        Ok(config)
    }
}

fn invalid(path: &Path, error: &serde_yaml::Error) -> Failure {
    let failure = Failure::new(Exit::Invalid, format!("{}: {error}", path.display()));
    match error.location() {
        Some(place) => failure.at(place.line(), place.column()),
        None => failure,
    }
}

/// A length of time with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

/// How long a lock file that was renamed aside is watched before it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grace(pub(crate) Duration);

impl Grace {
    /// On a quiet machine two programs with one lock were seen with no grace at all, and none from 200 µs on; a factor of five lies between. On a
    /// busy one they were seen with 2 ms: so few are for tests.
    const LEAST: Duration = Duration::from_millis(1);
    /// Whoever opens the file at that moment waits for so long, and the kernel breaks a lease after 45 s at the latest
    /// (`/proc/sys/fs/lease-break-time`).
    const MOST: Duration = Duration::from_secs(30);

    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let time = time::read(text)?;
        if (Self::LEAST..=Self::MOST).contains(&time) {
            return Ok(Self(time));
        }
        Err(format!(
            "a grace of {text} is not possible: it is from 1ms (less was seen to break exclusion) to 30s"
        ))
    }
}

/// How often everything is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

impl Interval {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match time::read(text)? {
            time if time < Duration::from_millis(10) => {
                Err(format!("a sweep interval of {text} would be a busy loop: at least 10ms"))
            }
            time => Ok(Self(time)),
        }
    }
}

/// An address that only this machine can reach: who may connect may read the paths of all locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loopback(pub(crate) SocketAddr);

impl Loopback {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let Ok(address) = text.parse::<SocketAddr>() else {
            return Err(format!("`{text}` is no address with a port, such as 127.0.0.1:9188 or [::1]:9188"));
        };
        if !address.ip().to_canonical().is_loopback() {
            return Err(format!(
                "{text} can be reached from other machines; metrics are told on loopback only (127.0.0.1:{0}, [::1]:{0})",
                address.port()
            ));
        }
        Ok(Self(address))
    }
}

/// The name of a lock file that scripts use, or a pattern for such names.
#[derive(Clone, Debug)]
pub(crate) struct Name(pub(crate) Glob);

impl Name {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('/') {
            return Err(format!("`{text}` is no file name: a name or a pattern without folders is meant"));
        }
        let glob = Glob::new(text).map_err(|error| format!("`{text}` is no pattern: {}", error.kind()))?;
        let matcher = glob.compile_matcher();
        // A name that fits everything, or a document, would make candidates of data.
        if let Some(data) = DATA.iter().find(|name| matcher.is_match(name)) {
            return Err(format!("`{text}` also fits `{data}`, which is no lock file: say it more closely"));
        }
        let lower = text.to_ascii_lowercase();
        let says_lock = ["lock", "lck"].iter().any(|word| lower.contains(word));
        if text.contains(['*', '?', '[', '{']) && !says_lock {
            return Err(format!(
                "`{text}` may fit files that are no locks: a pattern has `lock` or `lck` in it, other names are given whole"
            ));
        }
        Ok(Self(glob))
    }
}

/// Empty files of such names may be somebody's.
const DATA: [&str; 7] =
    ["queue.yaml", "data", "Cargo.toml", "state.json", "config.yml", "package-lock.json", "block.txt"];

/// Patterns for paths below a root. One without a slash is meant at any depth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns(pub(crate) GlobSet);

impl Patterns {
    fn read(texts: &[String]) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for text in texts {
            let no = |error: &globset::Error| format!("`{text}` is no pattern: {}", error.kind());
            let anywhere = format!("**/{text}");
            let pattern = if text.contains('/') { text.trim_start_matches("./") } else { &anywhere };
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            set.add(glob.map_err(|error| no(&error))?);
        }
        set.build().map(Self).map_err(|error| error.to_string())
    }
}

/// Values that are written as texts.
macro_rules! read_from_text {
    ($($kind:ty),*) => {$(
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from_text(from, Self::read)
            }
        }
    )*};
}

impl Time {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        time::read(text).map(Self)
    }
}

read_from_text!(Time, Grace, Interval, Loopback, Name);

/// Reads a text with `read`, or a number that is taken as one: `min_idle: 0` needs no quotes. The reading is done inside, where an error
/// is given its line.
fn from_text<'de, D: Deserializer<'de>, T>(
    from: D,
    read: fn(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct Visit<T>(fn(&str) -> Result<T, String>);
    impl<T> Visitor<'_> for Visit<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            self.0(text).map_err(E::custom)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }
    }
    from.deserialize_any(Visit(read))
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::read(&Vec::<String>::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ConfigRoot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            folder: PathBuf,
            #[serde(default)]
            include: Patterns,
            #[serde(default)]
            exclude: Patterns,
            depth: Option<usize>,
        }
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a folder, or a mapping with `folder`, `include`, `exclude` and `depth`")
            }

            fn visit_str<E>(self, folder: &str) -> Result<Whole, E> {
                let none = Patterns::default;
                Ok(Whole { folder: folder.into(), include: none(), exclude: none(), depth: None })
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Whole, M::Error> {
                Whole::deserialize(MapAccessDeserializer::new(map))
            }
        }
        let Whole { folder, include, exclude, depth } = from.deserialize_any(Visit)?;
        if folder.as_os_str().is_empty() {
            return Err(D::Error::custom("a root without a path"));
        }
        Ok(Self { folder, include, exclude, depth })
    }
}
