//! How SLOs stand: what they need is gathered from the state, and the sums are made on a thread that may block.

use super::{Kept, corrections};
use crate::answer::Answer;
use crate::app::App;
use crate::monitoring::StoreSource;
use crate::query::turn;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_monitor::slo::{
    Correction, Evidence, Facts, Histories, History, MemoKey, Report, Slo, evidence, report,
};
use oriel_monitor::status::Transition;
use oriel_state::Document;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Transitions of one monitor that an SLO looks at.
const TRANSITIONS_MAX: usize = 100_000;

/// What an SLO needs beside what is stored.
pub(crate) struct Known {
    pub(crate) corrections: Vec<Correction>,
    pub(crate) histories: Histories,
    /// Changes with every change of a correction.
    stamp: TimeMs,
}

impl Known {
    pub(crate) async fn load(app: &App, org: OrgId, kept: &Kept, range: TimeRange) -> Answer<Self> {
        let documents: Vec<Document> = corrections::of_slo(app, org, &kept.document.id).await?;
        let corrections = documents.iter().filter_map(|d| Correction::read(&d.body).ok()).collect();
        let stamp =
            documents.iter().fold(kept.document.modified_ms, |n, d| n.wrapping_mul(31) ^ d.modified_ms);
        let histories = histories(app, org, kept.slo.monitors(), range).await?;
        Ok(Self { corrections, histories, stamp })
    }
}

/// Histories of monitors over a range.
pub(crate) async fn histories(app: &App, org: OrgId, ids: &[i64], range: TimeRange) -> Answer<Histories> {
    let mut found = Histories::new();
    for id in ids {
        // A monitor that was deleted is no part of the SLO any more.
        let Ok(monitor) = app.state.monitor(org, *id).await else { continue };
        let mut bodies = app.state.monitor_transitions_before(org, *id, range.start).await?;
        let mut inside = app.state.monitor_transitions((org, *id), range, None, TRANSITIONS_MAX).await?;
        inside.reverse();
        bodies.extend(inside);
        let mut transitions: Vec<Transition> =
            bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
        transitions.sort_by_key(|t| t.at_ms);
        found.insert(*id, History { since_ms: monitor.created_ms, transitions, groups: Vec::new() });
    }
    Ok(found)
}

/// Runs something over a source in its turn.
async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&StoreSource) -> oriel_monitor::Result<T> + Send + 'static,
) -> Answer<T> {
    let turn = turn(app).await?;
    let source = StoreSource::new(Arc::clone(&app.store), Arc::clone(&app.state), Handle::current());
    let task = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work(&source)
    });
    Ok(task.await??)
}

/// The longest window of an SLO up to now.
fn longest(slo: &Slo, now: TimeMs) -> TimeRange {
    let span = slo.objectives.iter().map(|o| o.span_ms).max().unwrap_or(0).max(86_400_000);
    TimeRange::new(now - span - 60_000, now)
}

/// How an SLO stands now; worked out at most once a minute.
pub(crate) async fn of(app: &Arc<App>, org: OrgId, kept: &Kept) -> Answer<Arc<Report>> {
    let now = app.now_ms();
    let known = Known::load(app, org, kept, longest(&kept.slo, now)).await?;
    let key = MemoKey { org, slo: kept.slo.id.clone(), modified_ms: known.stamp };
    if let Some(report) = app.slo_memo.get(&key, now) {
        return Ok(report);
    }
    let slo = kept.slo.clone();
    let made = blocking(app, move |source| {
        let facts = Facts { corrections: &known.corrections, histories: &known.histories };
        report(source, org, &slo, &facts, now)
    });
    let made = Arc::new(made.await?);
    app.slo_memo.put(key, now, Arc::clone(&made));
    Ok(made)
}

/// What happened in a range of whole minutes.
pub(crate) async fn over(
    app: &Arc<App>,
    org: OrgId,
    kept: &Kept,
    range: TimeRange,
    corrected: bool,
) -> Answer<Evidence> {
    let mut known = Known::load(app, org, kept, range).await?;
    if !corrected {
        known.corrections.clear();
    }
    let slo = kept.slo.clone();
    blocking(app, move |source| {
        let facts = Facts { corrections: &known.corrections, histories: &known.histories };
        evidence(source, org, &slo, &facts, range)
    })
    .await
}
