//! The loop: what is due is measured side by side, what comes back is committed together.

use super::Inner;
use super::change::{Committed, MonitorChange};
use super::mute;
use super::table::Left;
use super::unit::{Changed, Done, Unit};
use crate::Error;
use crate::watch::{Stop, World};
use oriel_model::{OrgId, TimeMs};
use oriel_state::{EvaluationCommit, TRANSITIONS_KEPT_MS};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long the loop sleeps at most: changes of monitors are taken in after that.
const TICK: Duration = Duration::from_millis(250);
/// How long after its moment an evaluation starts: what is sent at whole ten seconds (DogStatsD's flush, agents) has come by then,
/// and its burst is over. A third of the lag that is allowed.
pub(crate) const SETTLE_MS: i64 = 1_500;
/// What came back waits for the rest of its round this long.
const GATHER: Duration = Duration::from_millis(500);
/// A read of the fast lane ends after this; the next try of its watch is in the slow one.
const FAST: Duration = Duration::from_secs(5);
const SLOW: Duration = Duration::from_secs(60);
/// Between two tries to write a round.
const AGAIN: Duration = Duration::from_secs(1);
const HOUR_MS: i64 = 3_600_000;

/// What a round has so far.
#[derive(Default)]
struct Round {
    done: Vec<Done>,
    since: Option<Instant>,
}

struct Loop {
    inner: Arc<Inner>,
    jobs: JoinSet<Done>,
    /// Of the fast lane, that run or wait.
    fast: usize,
    /// Due, and started when the others of their minute are done.
    second: Vec<(Arc<Unit>, TimeMs)>,
    round: Round,
    /// When somebody is due again, as far as it is known.
    next_ms: TimeMs,
    pruned_ms: TimeMs,
}

pub(super) async fn run(inner: Arc<Inner>, mut stop: watch::Receiver<bool>) {
    let mut this = Loop {
        inner,
        jobs: JoinSet::new(),
        fast: 0,
        second: Vec::new(),
        round: Round::default(),
        next_ms: 0,
        pruned_ms: 0,
    };
    while !*stop.borrow() {
        this.step(&mut stop).await;
    }
    while let Some(done) = this.jobs.join_next().await {
        this.take(done);
    }
    this.commit(&mut stop).await;
    this.inner.beat_now().await;
}

impl Loop {
    async fn step(&mut self, stop: &mut watch::Receiver<bool>) {
        self.inner.beat().await;
        self.inner.reload().await;
        self.start_due();
        let wait = self.inner.parts.clock.sleep((self.next_ms - self.inner.now_ms()).max(0)).min(TICK);
        tokio::select! {
            _ = stop.changed() => return,
            Some(done) = self.jobs.join_next(), if !self.jobs.is_empty() => {
                self.take(done);
                while let Some(done) = self.jobs.try_join_next() {
                    self.take(done);
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
        self.start_second();
        let waited = self.round.since.is_some_and(|since| since.elapsed() >= GATHER);
        if self.fast == 0 && self.second.is_empty() || waited {
            self.commit(stop).await;
        }
    }

    /// Starts every unit that is due. The table is gone over when the next one is, not at every step.
    fn start_due(&mut self) {
        let now_ms = self.inner.now_ms();
        if now_ms < self.next_ms && !self.inner.table.write().take_grown() {
            return;
        }
        let units: Vec<Arc<Unit>> = self.inner.table.read().units().cloned().collect();
        self.next_ms = now_ms + HOUR_MS;
        let settled_ms = now_ms - SETTLE_MS;
        for unit in units {
            let Some(at_ms) = unit.due(settled_ms) else {
                let after = unit.evaluation.lock().tried_ms.unwrap_or(settled_ms).max(settled_ms);
                self.wake_by(unit.cadence.after(after));
                continue;
            };
            self.wake_by(unit.cadence.after(at_ms));
            unit.busy.store(true, Ordering::Release);
            if unit.second {
                self.second.push((unit, at_ms));
            } else {
                self.start(unit, at_ms);
            }
        }
    }

    /// Looks again when the evaluation of a moment may start.
    fn wake_by(&mut self, at_ms: TimeMs) {
        self.next_ms = self.next_ms.min(at_ms.saturating_add(SETTLE_MS));
    }

    fn start_second(&mut self) {
        if self.fast == 0 {
            for (unit, at_ms) in std::mem::take(&mut self.second) {
                self.start(unit, at_ms);
            }
        }
    }

    fn start(&mut self, unit: Arc<Unit>, at_ms: TimeMs) {
        let slow = unit.is_slow();
        let lane = if slow { self.inner.slow.clone() } else { self.inner.fast.clone() };
        self.fast += usize::from(!slow);
        let inner = self.inner.clone();
        self.jobs.spawn(async move {
            let permit = lane.acquire_owned().await;
            let worker = unit.clone();
            let job = move || {
                let _permit = permit;
                let patience = if slow { SLOW } else { FAST };
                let stop = Stop { deadline: Some(Instant::now() + patience), ..Stop::default() };
                let world = World { source: &*inner.parts.source, known: &*inner, stop };
                Done { fast: !slow, ..worker.evaluate(&world, at_ms) }
            };
            tokio::task::spawn_blocking(job).await.unwrap_or_else(|e| {
                tracing::error!("an evaluation ended badly: {e}");
                let outcome =
                    Err(Error::Source("the evaluation ended badly; the server's log says where".to_owned()));
                Done { unit, at_ms, took: Duration::ZERO, fast: !slow, outcome }
            })
        });
    }

    fn take(&mut self, joined: Result<Done, tokio::task::JoinError>) {
        // Only a runtime that ends cancels these tasks.
        let Ok(done) = joined else { return };
        self.fast -= usize::from(done.fast);
        self.round.since.get_or_insert_with(Instant::now);
        self.round.done.push(done);
    }

    /// Writes what has come back, until it can be written.
    async fn commit(&mut self, stop: &mut watch::Receiver<bool>) {
        self.prune().await;
        let round = std::mem::take(&mut self.round);
        let commits = self.inner.commits(round.done).await;
        let writes = !commits.by_org.is_empty();
        for (org, mut commit) in commits.by_org {
            commit.rows.intake = self.inner.pulse.read().present();
            while let Err(e) = self.inner.parts.state.commit_evaluation(org, &commit.rows).await {
                tracing::error!(error = %e, "a round of evaluations was not written; it is tried again");
                self.inner.figures.error();
                if *stop.borrow() {
                    return;
                }
                tokio::time::sleep(AGAIN).await;
                self.inner.beat().await;
            }
            if !commit.told.is_empty() {
                self.inner.parts.followers.iter().for_each(|f| f.committed(org, &commit.told));
            }
        }
        if !writes && !commits.ended.is_empty() {
            self.inner.beat_now().await;
        }
        let now_ms = self.inner.now_ms();
        for ended in commits.ended {
            self.inner.figures.evaluated(&ended, now_ms);
            ended.finish(now_ms);
            // What was late may be due again.
            self.next_ms = self.next_ms.min(now_ms);
        }
    }

    async fn prune(&mut self) {
        let now_ms = self.inner.now_ms();
        if now_ms - self.pruned_ms < HOUR_MS {
            return;
        }
        self.pruned_ms = now_ms;
        match self.inner.parts.state.prune_transitions().await {
            Ok(0) => {}
            Ok(n) => tracing::info!(n, "old transitions of monitors were taken out"),
            Err(e) => tracing::warn!(error = %e, "old transitions of monitors were not taken out"),
        }
        self.inner.pulse.write().forget(now_ms - TRANSITIONS_KEPT_MS);
        if let Err(e) = self.inner.parts.state.prune_intake_runs().await {
            tracing::warn!(error = %e, "old runs of the intake were not taken out");
        }
    }
}

/// One unit's evaluation, to be noted once its round is durable.
pub(super) struct Ended {
    pub(super) unit: Arc<Unit>,
    pub(super) at_ms: TimeMs,
    pub(super) took: Duration,
    pub(super) evaluated: usize,
    pub(super) error: Option<String>,
}

impl Ended {
    /// How late it is. The first evaluation of a unit is about a minute that had begun before the unit was there: only the time
    /// that it took counts.
    pub(super) fn lag_ms(&self, tried_ms: Option<TimeMs>, now_ms: TimeMs) -> i64 {
        tried_ms.map_or_else(|| self.took.as_millis() as i64, |_| now_ms - self.at_ms)
    }

    fn finish(self, now_ms: TimeMs) {
        let mut evaluation = self.unit.evaluation.lock();
        let lag_ms = self.lag_ms(evaluation.tried_ms, now_ms);
        evaluation.tried_ms = Some(self.at_ms);
        evaluation.took = self.took;
        if self.error.is_none() {
            evaluation.last_ms = Some(self.at_ms);
            evaluation.lag_ms = lag_ms;
        }
        evaluation.error = self.error;
        drop(evaluation);
        self.unit.busy.store(false, Ordering::Release);
    }
}

/// What a round writes of one org.
#[derive(Default)]
pub(super) struct OrgCommit {
    rows: EvaluationCommit,
    told: Vec<Committed>,
}

struct Commits {
    by_org: BTreeMap<OrgId, OrgCommit>,
    ended: Vec<Ended>,
}

impl Inner {
    async fn commits(&self, done: Vec<Done>) -> Commits {
        let mut changes: BTreeMap<OrgId, Vec<MonitorChange>> = BTreeMap::new();
        let mut by_org: BTreeMap<OrgId, OrgCommit> = BTreeMap::new();
        let mut ended = Vec::with_capacity(done.len());
        for one in done {
            let (changed, error) = match one.outcome {
                Ok(changed) => (changed, None),
                Err(error) => (Changed::default(), Some(error.to_string())),
            };
            let org = one.unit.org;
            by_org.entry(org).or_default().rows.seen.extend(changed.seen);
            changes.entry(org).or_default().extend(changed.monitors);
            let (unit, at_ms, took) = (one.unit, one.at_ms, one.took);
            ended.push(Ended { unit, at_ms, took, evaluated: changed.evaluated, error });
        }
        for (org, left) in self.table.write().take_left() {
            let rows = &mut by_org.entry(org).or_default().rows;
            match left {
                Left::Groups(monitor) => rows.regrouped.push(monitor),
                Left::Seen(row) => rows.seen.push(row),
            }
        }
        self.resolve_waiting(&mut changes);
        for (org, changes) in changes {
            let commit = by_org.entry(org).or_default();
            self.write(org, changes, commit).await;
        }
        by_org.retain(|_, commit| !commit.rows.is_empty());
        Commits { by_org, ended }
    }

    /// Changes as rows, once it is known who is muted.
    async fn write(&self, org: OrgId, mut changes: Vec<MonitorChange>, commit: &mut OrgCommit) {
        let downtimes = self.mutes.of(self, org, changes.iter().any(MonitorChange::tells)).await;
        changes.extend(self.mutes.owed(self, org, &downtimes));
        for change in &changes {
            let muting = change.tells_at().map(|at_ms| mute::muting(&downtimes, change, at_ms));
            commit.told.extend(change.write(org, muting.as_ref(), &mut commit.rows));
        }
    }
}
