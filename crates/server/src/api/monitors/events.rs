//! Transitions of monitors as events: what the events explorer lists, and what charts show as marks. Best effort: the transition
//! itself is durable already.

use crate::app::App;
use crate::processing;
use oriel_model::{AlertType, Event, EventBatch, OrgId};
use oriel_monitor::runtime::{Committed, Follower};
use oriel_monitor::status::Status;
use std::sync::Weak;
use tokio::runtime::Handle;

/// The source of these events.
pub(crate) const SOURCE: &str = "monitor";
/// Events of one round: a storm of more is told by its first ones, and by the monitors' own history.
const EVENTS_MAX: usize = 10_000;

/// See the module's head.
pub(crate) struct Events {
    app: Weak<App>,
    runtime: Handle,
}

impl Events {
    /// Inside a tokio runtime.
    pub(crate) fn new(app: Weak<App>) -> Self {
        Self { app, runtime: Handle::current() }
    }
}

impl Follower for Events {
    /// One task a round, which has one batch.
    fn committed(&self, org: OrgId, transitions: &[Committed]) {
        let changes = transitions.iter().filter(|c| c.recorded.transition.from != c.recorded.transition.to);
        let events: Vec<Event> = changes.take(EVENTS_MAX).map(event).collect();
        if events.is_empty() {
            return;
        }
        let app = self.app.clone();
        self.runtime.spawn(async move {
            let Some(app) = app.upgrade() else { return };
            store(&app, EventBatch { org, events, checks: Vec::new() }).await;
        });
    }
}

/// Past the road of what comes in: that notes the host of each event as one that sends, and these are of hosts that may be gone.
async fn store(app: &App, mut batch: EventBatch) {
    batch.events.iter_mut().for_each(|event| event.id = app.store.event_id());
    processing::scrub_events(app, &mut batch);
    let rows = batch.events.len();
    match app.store.append_events(batch, None).await {
        Ok(_) => app.figures.rows(SOURCE, rows),
        Err(e) => tracing::warn!(error = %e, "transitions of monitors made no events"),
    }
}

fn event(committed: &Committed) -> Event {
    let (rule, transition) = (&committed.rule, &committed.recorded.transition);
    let group =
        if &*transition.group == "*" { String::new() } else { format!(" on {{{}}}", transition.group) };
    let word = match transition.to {
        Status::Alert => "Triggered",
        Status::Warn => "Warn",
        Status::NoData => "No Data",
        Status::Ok => "Recovered",
        Status::Unknown | Status::Ignored | Status::Skipped => transition.to.as_str(),
    };
    let value = transition.value.map(|v| format!(" The value is {v}.")).unwrap_or_default();
    let muted =
        committed.recorded.muted.as_ref().map(|why| format!(" Nobody was told: {why}.")).unwrap_or_default();
    let mut tags: Vec<String> = committed.tags.iter().map(|(key, value)| format!("{key}:{value}")).collect();
    tags.extend(rule.tags.iter().cloned());
    tags.push(format!("monitor_id:{}", committed.monitor));
    tags.push(format!("monitor_status:{}", transition.to.as_str().to_lowercase().replace(' ', "_")));
    let host = committed.tags.iter().find(|(key, _)| key == "host").map(|(_, value)| value.clone());
    Event {
        time_ms: transition.at_ms,
        title: format!("[{word}{group}] {}", rule.name),
        text: format!(
            "{} became {} after {}: {}.{value}{muted}",
            rule.name,
            transition.to.as_str(),
            transition.from.as_str(),
            rule.query
        ),
        host: host.unwrap_or_default(),
        alert_type: match transition.to {
            Status::Alert => AlertType::Error,
            Status::Warn | Status::NoData | Status::Unknown => AlertType::Warning,
            Status::Ok => AlertType::Success,
            Status::Ignored | Status::Skipped => AlertType::Info,
        },
        source: SOURCE.to_owned(),
        aggregation_key: format!("monitor:{}", committed.monitor),
        tags,
        ..Event::default()
    }
}

#[cfg(test)]
mod tests;
