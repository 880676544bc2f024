//! One task an instance: run, hand over, sleep until the next run. Runs of one instance never overlap.
//!
//! A run that takes longer than its bound is given up and shown; whatever a run does stays on its own row.

use crate::board::{Board, RowKey};
use crate::check::{Check, Failure, Run};
use crate::outbox::Outbox;
use crate::sampler::{Defaults, Sampler};
use oriel_model::{CheckStatus, Clock, Event, ServiceCheck, TimeMs, normalise_tag};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A check that waits for its surroundings asks again after this.
const PENDING_AGAIN: Duration = Duration::from_secs(1);

/// What all instances share.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) board: Arc<Board>,
    pub(crate) outbox: Outbox,
    pub(crate) hostname: Arc<str>,
}

/// An instance that is to run.
pub(crate) struct Job {
    pub(crate) key: RowKey,
    pub(crate) interval: Duration,
    /// Before the first run: differences need a moment to be differences.
    pub(crate) delay: Duration,
    pub(crate) defaults: Defaults,
    pub(crate) check: Box<dyn Check>,
}

/// The longest a run may take: three intervals, and never less than a slow start of Python needs.
pub(crate) fn run_limit(interval: Duration) -> Duration {
    (interval * 3).max(Duration::from_secs(10))
}

/// A scheduled instance. Dropping it ends the task at its next await.
pub(crate) struct Scheduled {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Scheduled {
    pub(crate) fn start(job: Job, room: Room) -> Self {
        room.board.open(&job.key, job.interval.as_secs_f64());
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run_instance(job, room, stopped));
        Self { stop, task }
    }

    /// Ends the instance; a run that is under way is given up.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        // A cancelled or panicked task has nothing left to hand over.
        let _ = self.task.await;
    }
}

async fn run_instance(mut job: Job, room: Room, mut stopped: watch::Receiver<bool>) {
    let mut sampler = Sampler::default();
    let mut due = Instant::now() + job.delay;
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep_until(due) => {}
        }
        let run = tokio::select! {
            _ = stopped.changed() => return,
            run = bounded_run(&mut job) => run,
        };
        due = match &run.failure {
            Some(f) if f.pending => Instant::now() + PENDING_AGAIN,
            _ => next_due(due, job.interval, Instant::now()),
        };
        let next_ms = room.clock.now_ms() + due.saturating_duration_since(Instant::now()).as_millis() as i64;
        hand_over(&job, run, &mut sampler, &room, next_ms);
    }
}

/// The next moment on the instance's own grid; moments that passed during a long run are left out.
fn next_due(due: Instant, interval: Duration, now: Instant) -> Instant {
    let mut next = due + interval;
    if next <= now {
        let missed = (now - next).as_nanos() / interval.as_nanos().max(1);
        next += interval * u32::try_from(missed + 1).unwrap_or(u32::MAX);
    }
    next
}

async fn bounded_run(job: &mut Job) -> Run {
    // A check with a bound of its own says more precisely what went wrong: it gets the chance to.
    let limit = run_limit(job.interval) + Duration::from_secs(5);
    match tokio::time::timeout(limit, job.check.run()).await {
        Ok(run) => run,
        Err(_) => {
            Run::failed(Failure::new(format!("did not finish within {} s and was given up", limit.as_secs())))
        }
    }
}

fn hand_over(job: &Job, mut run: Run, sampler: &mut Sampler, room: &Room, next_ms: TimeMs) {
    let now_ms = room.clock.now_ms();
    let time_ms = job.defaults.stamp(now_ms);
    let metrics = run.samples.len() + run.buckets.len();
    if run.failure.as_ref().is_some_and(|f| f.pending) {
        room.board.waits(&job.key, &run, next_ms);
        return;
    }
    let mut submission = sampler.commit(&mut run, now_ms, &job.defaults);
    room.board.ran(&job.key, &run, (now_ms, next_ms), metrics as u64);
    submission.checks = signals(&mut run, time_ms, &job.defaults);
    submission.checks.push(check_status(&job.key.name, room, time_ms));
    submission.events = events(&mut run, time_ms, &job.defaults);
    room.outbox.send(submission);
}

fn or_default(host: String, defaults: &Defaults) -> String {
    if host.is_empty() { defaults.host.clone() } else { host }
}

/// The tags of a service check or an event in Datadog's form, with the defaults.
fn row_tags(tags: &[String], defaults: &Defaults) -> Vec<String> {
    let all = tags.iter().chain(&defaults.tags).map(|t| normalise_tag(t).into_owned());
    all.filter(|t| !t.is_empty()).collect()
}

fn signals(run: &mut Run, time_ms: TimeMs, defaults: &Defaults) -> Vec<ServiceCheck> {
    let signals = std::mem::take(&mut run.signals).into_iter();
    signals
        .map(|s| ServiceCheck {
            time_ms,
            check: s.check,
            host: or_default(s.host, defaults),
            status: s.status,
            message: s.message,
            tags: row_tags(&s.tags, defaults),
        })
        .collect()
}

fn events(run: &mut Run, now_ms: TimeMs, defaults: &Defaults) -> Vec<Event> {
    let mut events = std::mem::take(&mut run.events);
    for event in &mut events {
        event.host = or_default(std::mem::take(&mut event.host), defaults);
        event.tags = row_tags(&event.tags, defaults);
        if event.time_ms == 0 {
            event.time_ms = now_ms;
        }
    }
    events
}

/// The service check that the Datadog agent sends for every check it runs.
fn check_status(name: &str, room: &Room, time_ms: TimeMs) -> ServiceCheck {
    let (status, message) = room.board.worst(name);
    let message = if status == CheckStatus::Ok { String::new() } else { message };
    ServiceCheck {
        time_ms,
        check: "datadog.agent.check_status".to_owned(),
        host: room.hostname.to_string(),
        status,
        message,
        tags: vec![format!("check:{name}")],
    }
}

#[cfg(test)]
mod tests;
