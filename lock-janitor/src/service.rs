//! `lock-janitor run`: sweeping now and then until told to stop.
//!
//! One thread sleeps, sweeps and answers to signals; others only leave notes at the desk, answer a scraper, or serve a bridge. A sweep
//! judges what the last walk through the folders found. It walks anew when something came or went, when not all folders can be
//! watched, and every so often in any case.

mod telling;
mod waits;

use crate::cli::Run;
use crate::config::ConfigMetrics;
use crate::desk::{Call, Desk, Tree};
use crate::exit::{Exit, Failure, with_causes};
use crate::metrics::{Endpoint, Metrics};
use crate::service_manager::ServiceManager;
use crate::settings::Settings;
use crate::sole::Sole;
use crate::watch::{Coverage, Watches};
use lock_janitor::{Found, Janitor, Root, scan};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use telling::Telling;
use waits::Waits;

/// How many sweeps may rely on one walk: notices of changes get lost in ways that nobody is told of.
const SWEEPS_A_WALK: u32 = 10;
/// Between two looks who waits.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// What comes brings the next sweep forward, but sweeps do not follow each other closer than this,
const LEAST_PAUSE: Duration = Duration::from_secs(1);
/// and there is so many times more rest than work, whatever the interval between sweeps allows beyond that.
const REST: u32 = 10;
/// For times that the clock cannot tell: about thirty years.
const FAR_OFF: Duration = Duration::from_secs(1 << 30);
/// Until when bridges are served after all was told to end: five seconds is what an end may take.
const LAST_BRIDGES: Duration = Duration::from_secs(4);

/// Runs the service to its end.
pub(crate) fn run(args: &Run, as_json: bool) -> Result<(String, Exit), Failure> {
    let settings = Settings::of_run(args)?;
    // Before anything is touched: from here on no signal ends this process in the middle of something.
    let desk = Desk::open().map_err(|error| Failure::because("cannot listen for signals", error))?;
    Service::begin(args, as_json, desk, settings)?.serve();
    Ok((String::new(), Exit::Done))
}

struct Service<'a> {
    args: &'a Run,
    settings: Settings,
    desk: Arc<Desk>,
    manager: ServiceManager,
    sole: Sole,
    janitor: Janitor,
    watches: Watches,
    waits: Waits,
    metrics: Arc<Mutex<Metrics>>,
    endpoint: Option<Endpoint>,
    telling: Telling,
    /// What the last walk found, as long as nothing is known to have changed.
    found: Option<Found>,
    sweeps_since_walk: u32,
    swept_at: Instant,
    sweep_took: Duration,
    looked_at: Instant,
}

impl<'a> Service<'a> {
    fn begin(args: &'a Run, as_json: bool, desk: Arc<Desk>, settings: Settings) -> Result<Self, Failure> {
        if settings.roots.iter().all(|root| !root.folder.exists()) {
            let folders: Vec<_> =
                settings.roots.iter().map(|root| root.folder.display().to_string()).collect();
            return Err(Failure::new(Exit::NotFound, format!("{} does not exist", folders.join(", "))));
        }
        let manager = ServiceManager::of_environment()
            .map_err(|error| Failure::because("cannot use the socket named in NOTIFY_SOCKET", error))?;
        let sole = Sole::claim(&settings.roots, &stop(&desk, &manager))?;
        let most = settings.metrics.map_or(0, |metrics| metrics.locks);
        let metrics = Arc::new(Mutex::new(Metrics::new(most)));
        let endpoint = settings.metrics.map(|wanted| open(wanted, &metrics)).transpose()?;
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        let now = Instant::now();
        let service = Self {
            args,
            watches: Watches::new(&desk, settings.rules.names.clone()),
            settings,
            desk,
            manager,
            sole,
            janitor: Janitor::new(),
            waits: Waits::default(),
            metrics,
            endpoint,
            telling: Telling::new(as_json),
            found: None,
            sweeps_since_walk: 0,
            swept_at: now,
            sweep_took: Duration::ZERO,
            looked_at: now,
        };
        service.put_right();
        service.telling.started(&service.settings.roots, service.endpoint.as_ref().map(Endpoint::address));
        service.manager.ready("started");
        Ok(service)
    }

    /// What a janitor that was killed had left.
    fn put_right(&self) {
        let stop = stop(&self.desk, &self.manager);
        let put_right = self.janitor.put_right(&self.settings.roots, &self.settings.rules, &stop);
        self.metrics().note_leftovers(&put_right.leftovers);
        for leftover in &put_right.leftovers {
            self.telling.leftover(leftover);
        }
        for trouble in &put_right.troubles {
            tracing::warn!("{}", with_causes(trouble));
        }
    }

    fn serve(mut self) {
        self.sweep();
        let desk = Arc::clone(&self.desk);
        loop {
            match desk.wait(|tree| self.wakes_at(tree)) {
                Call::Stop => return self.end(),
                Call::Reload => {
                    self.reload();
                    self.sweep();
                }
                Call::LostTrack => self.telling.lost_track(),
                Call::Time => {
                    self.manager.alive();
                    self.look_who_waits();
                    if self.sweeps_at(&desk.tree()) <= Instant::now() {
                        self.sweep();
                    }
                }
            }
        }
    }

    fn wakes_at(&self, tree: &Tree) -> Instant {
        let mut at = self.sweeps_at(tree);
        if self.endpoint.is_some() {
            at = at.min(self.looked_at + LOOK_INTERVAL);
        }
        match self.manager.patience() {
            Some(patience) => at.min(Instant::now() + patience),
            None => at,
        }
    }

    fn sweeps_at(&self, tree: &Tree) -> Instant {
        let interval = self.settings.sweep_interval;
        let at = self.swept_at.checked_add(interval).unwrap_or(self.swept_at + FAR_OFF);
        let soonest = self.swept_at + LEAST_PAUSE.max(REST * self.sweep_took).min(interval);
        if tree.has_new_folder {
            return soonest;
        }
        let ripe = |came: Instant| came.checked_add(self.settings.rules.min_idle);
        match tree.lock_came.and_then(ripe) {
            Some(ripe) => at.min(ripe.max(soonest)),
            None => at,
        }
    }

    fn sweep(&mut self) {
        let started = Instant::now();
        let tree = self.desk.take_tree();
        self.metrics().overflows += tree.overflows;
        let walks = tree.has_changed || self.found.is_none() || self.sweeps_since_walk >= SWEEPS_A_WALK;
        if walks {
            self.walk();
        }
        self.sweeps_since_walk += 1;
        let Some(found) = &self.found else { return };
        let stop = stop(&self.desk, &self.manager);
        let sweep = self.janitor.sweep(found, &self.settings.rules, &stop);
        if self.endpoint.is_some() {
            self.waits.locate(sweep.judged.iter().map(|judged| &*judged.lock.path));
        }
        let status = {
            let mut metrics = self.metrics();
            metrics.note_sweep(&sweep);
            metrics.status()
        };
        // Counted first: whoever has heard of it finds it on the page.
        self.telling.swept(&sweep, walks.then_some(found));
        self.manager.status(&status);
        if self.watches.missed().is_some() {
            self.found = None;
        }
        self.swept_at = Instant::now();
        self.sweep_took = started.elapsed();
    }

    /// Walks through all folders, and watches those that it came through.
    fn walk(&mut self) {
        let roots = self.claimed();
        let found = scan(&roots, &self.settings.rules, &stop(&self.desk, &self.manager));
        if self.watches.cover(&found.folders) == Coverage::Grown {
            // What came into a folder before it was watched was not told.
            self.desk.note_tree(|tree| (tree.has_changed, tree.has_new_folder) = (true, true));
        }
        self.telling.watching(self.watches.missed());
        {
            let mut metrics = self.metrics();
            metrics.note_walk(&found);
            metrics.now.watched_folders = self.watches.count();
            metrics.now.is_fully_watched = self.watches.missed().is_none();
        }
        self.found = Some(found);
        self.sweeps_since_walk = 0;
    }

    /// The roots but for those that another janitor has taken, which came while this one ran.
    fn claimed(&mut self) -> Vec<Root> {
        let mut roots = self.settings.roots.clone();
        roots.retain(|root| match self.sole.claim_too(root, &stop(&self.desk, &self.manager)) {
            Ok(()) => true,
            Err(failure) => {
                tracing::error!("{}", with_causes(&failure));
                self.metrics.lock().unwrap_or_else(PoisonError::into_inner).errors += 1;
                false
            }
        });
        roots
    }

    fn look_who_waits(&mut self) {
        if self.endpoint.is_none() || self.looked_at.elapsed() < LOOK_INTERVAL {
            return;
        }
        self.looked_at = Instant::now();
        let over = self.waits.look();
        let mut metrics = self.metrics();
        for (path, waited) in over {
            metrics.locks.note_seen(&path, waited);
        }
    }

    fn reload(&mut self) {
        self.manager.reloading();
        let outcome = self.read_anew();
        let status = {
            let mut metrics = self.metrics();
            *if outcome.is_ok() { &mut metrics.reloads } else { &mut metrics.failed_reloads } += 1;
            metrics.status()
        };
        self.telling.reloaded(outcome.as_ref().copied());
        self.manager.ready(&status);
    }

    /// All of the new settings are in force afterwards, or in an error none.
    fn read_anew(&mut self) -> Result<(), Failure> {
        if self.args.place.config.is_none() {
            return Err(Failure::new(Exit::Usage, "there is no configuration file to read: see --config"));
        }
        let settings = Settings::of_run(self.args)?;
        let listen = |settings: &Settings| settings.metrics.map(|metrics| metrics.listen);
        let endpoint = match settings.metrics {
            Some(wanted) if listen(&settings) != listen(&self.settings) => Some(open(wanted, &self.metrics)?),
            _ => None,
        };
        self.sole.change_to(&settings.roots, &stop(&self.desk, &self.manager))?;
        if listen(&settings) != listen(&self.settings) {
            self.endpoint = endpoint;
        }
        self.metrics().locks.limit(settings.metrics.map_or(0, |metrics| metrics.locks));
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        self.settings = settings;
        self.watches = Watches::new(&self.desk, self.settings.rules.names.clone());
        self.found = None;
        Ok(())
    }

    fn end(self) {
        self.manager.stopping();
        let left = self.janitor.finish(LAST_BRIDGES.saturating_sub(self.desk.stopping_for()));
        self.telling.ended(left);
    }

    /// Counts are whole at any time, so a thread that died with them did no harm.
    fn metrics(&self) -> MutexGuard<'_, Metrics> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether all work is to be broken off. It is asked so often that it also says that we are alive.
fn stop(desk: &Desk, manager: &ServiceManager) -> impl Fn() -> bool + Sync {
    move || {
        manager.alive();
        desk.is_to_stop()
    }
}

fn open(wanted: ConfigMetrics, metrics: &Arc<Mutex<Metrics>>) -> Result<Endpoint, Failure> {
    let metrics = Arc::clone(metrics);
    let page = move || metrics.lock().unwrap_or_else(PoisonError::into_inner).page();
    let address = wanted.listen.0;
    Endpoint::open(address, page).map_err(|error| {
        Failure::because(format!("cannot tell metrics at {address}; choose another address"), error)
    })
}
