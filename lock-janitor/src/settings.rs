//! What is in force: the configuration file, and what the command line says otherwise.

use crate::cli::{Run, Where};
use crate::config::{Config, ConfigMetrics, ConfigOwners, ConfigRoot};
use crate::exit::Failure;
use globset::{Glob, GlobSet, GlobSetBuilder};
use lock_janitor::{Deletion, Owners, Root, Rules};
use std::path::PathBuf;
use std::time::Duration;

/// Every setting, with its default where nobody said anything.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) roots: Vec<Root>,
    pub(crate) rules: Rules,
    pub(crate) sweep_interval: Duration,
    pub(crate) metrics: Option<ConfigMetrics>,
}

impl Settings {
    /// Often enough for metrics. A sweep over ten thousand files takes 0.1 s of a processor: 0.2 % of it.
    const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

    /// Without a file and without folders, the folder one is in.
    ///
    /// # Errors
    ///
    /// The file cannot be read (exit code 1, or 7 if it is missing), or is invalid (6).
    pub(crate) fn of(args: &Where) -> Result<Self, Failure> {
        let mut settings = match &args.config {
            Some(path) => Self::of_config(Config::read(path)?)?,
            None => Self::default(),
        };
        if !args.folders.is_empty() {
            settings.roots = args.folders.iter().map(Root::at).collect();
        }
        let rules = &mut settings.rules;
        rules.min_idle = args.min_idle.map_or(rules.min_idle, |time| time.0);
        rules.grace = args.grace.map_or(rules.grace, |grace| grace.0);
        rules.long_hold = args.long_hold.map_or(rules.long_hold, |time| time.0);
        if !args.name.is_empty() {
            rules.names = set(args.name.iter().map(|name| &name.0))?;
        }
        if args.no_delete {
            rules.deletion = Deletion::ReportOnly;
        }
        Ok(settings)
    }

    /// The same for the service.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub(crate) fn of_run(args: &Run) -> Result<Self, Failure> {
        let mut settings = Self::of(&args.place)?;
        settings.sweep_interval = args.sweep_interval.map_or(settings.sweep_interval, |time| time.0);
        settings.metrics = args.metrics.map(ConfigMetrics::at).or(settings.metrics);
        Ok(settings)
    }

    pub(crate) fn of_config(config: Config) -> Result<Self, Failure> {
        let rules = Rules::default();
        let deletion = match config.delete {
            Some(false) => Deletion::ReportOnly,
            Some(true) | None => Deletion::Retire,
        };
        let owners = match config.owners {
            Some(ConfigOwners::Everybody) => Owners::Everybody,
            Some(ConfigOwners::Us) | None => Owners::Us,
        };
        Ok(Self {
            roots: config.roots.into_iter().map(root).collect(),
            rules: Rules {
                min_idle: config.min_idle.map_or(rules.min_idle, |time| time.0),
                grace: config.grace.map_or(rules.grace, |grace| grace.0),
                long_hold: config.long_hold.map_or(rules.long_hold, |time| time.0),
                names: set(config.names.iter().map(|name| &name.0))?,
                deletion,
                owners,
            },
            sweep_interval: config.sweep_interval.map_or(Self::SWEEP_INTERVAL, |time| time.0),
            metrics: config.metrics,
        })
    }

    /// What is allowed and may be a mistake all the same.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.rules.min_idle.is_zero() && self.rules.deletion == Deletion::Retire {
            warnings.push(
                "min_idle is 0: a lock file is retired as soon as nobody has it open, so programs make it anew all the time"
                    .into(),
            );
        }
        for root in &self.roots {
            let folder = root.folder.display();
            match root.folder.metadata() {
                Ok(found) if found.is_dir() => {}
                Ok(_) => warnings.push(format!("{folder} is no folder, so nothing is found there")),
                Err(error) => warnings.push(format!("{folder} cannot be looked at: {error}")),
            }
        }
        let places: Vec<PathBuf> =
            self.roots.iter().filter_map(|root| root.folder.canonicalize().ok()).collect();
        for (place, inner) in places
            .iter()
            .enumerate()
            .flat_map(|(n, place)| places.iter().skip(n + 1).map(move |other| (place, other)))
        {
            if place.starts_with(inner) || inner.starts_with(place) {
                warnings.push(format!(
                    "{} and {} lie in each other: what is in both is looked at twice",
                    place.display(),
                    inner.display()
                ));
            }
        }
        warnings
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roots: vec![Root::at(".")],
            rules: Rules::default(),
            sweep_interval: Self::SWEEP_INTERVAL,
            metrics: None,
        }
    }
}

fn root(written: ConfigRoot) -> Root {
    Root {
        include: written.include.0,
        exclude: written.exclude.0,
        depth: written.depth,
        ..Root::at(written.folder)
    }
}

/// Each pattern was read before; together they can only be too large.
fn set<'a>(names: impl Iterator<Item = &'a Glob>) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for name in names {
        set.add(name.clone());
    }
    set.build().map_err(|error| Failure::because("the names cannot be looked for", error))
}
