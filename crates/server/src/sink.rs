//! From decoded rows to the store: the last steps of the road of a write, shared by the HTTP intakes and by what collects in
//! this process. On return everything is durable and queryable, and hosts have been noted.

use crate::answer::{Answer, Failure};
use crate::api::tags;
use crate::app::App;
use crate::own;
use crate::processing;
use oriel_intake::Sink;
use oriel_model::{
    Core, ErrorBody, EventBatch, HostMetadata, MetricBatch, MetricBatchBuilder, OrgId, Rejections, RowBatch,
    Signal, Submission, TimeMs, normalise_tag,
};
use oriel_state::{DEFAULT_ORG, HostUpdate};
use oriel_store::RequestDigest;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

/// Where rows came from, and whether a repeat can be told.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) org: OrgId,
    /// A stable word: `v2_series`, `dogstatsd`, `agent` …
    pub(crate) source: &'static str,
    /// Given only when every row bore its own time.
    pub(crate) digest: Option<RequestDigest>,
}

/// Stores a batch; gives what was refused on the whole way.
pub(crate) async fn store_metrics(
    app: &App,
    origin: Origin,
    batch: MetricBatch,
    mut refused: Rejections,
) -> Answer<Rejections> {
    // What the server says of itself makes no host: the agent on its machine does.
    let hosts = if origin.source == own::SOURCE { Vec::new() } else { hosts_of(&batch, app.now_ms()) };
    let rows = batch.rows();
    if !batch.is_empty() {
        let begin = Instant::now();
        let appended = app.store.append(batch, origin.digest).await?;
        app.figures.append(begin.elapsed());
        refused.merge(appended.rejections);
    }
    app.figures.rows(origin.source, rows);
    app.refused.add(origin.source, &refused);
    if !hosts.is_empty() {
        app.state.touch_hosts(origin.org, &hosts).await?;
    }
    Ok(refused)
}

/// Stores events and service checks; whether they had been stored before.
pub(crate) async fn store_events(
    app: &App,
    origin: Origin,
    mut batch: EventBatch,
    mut refused: Rejections,
) -> Answer<(Rejections, bool)> {
    for event in batch.events.iter_mut().filter(|e| e.id == 0) {
        event.id = app.store.event_id();
    }
    processing::scrub_events(app, &mut batch);
    let accepted = app.store.accepted(Signal::Events);
    keep_accepted(&mut batch, accepted, &mut refused);
    let now = app.now_ms();
    let mut hosts: HashMap<String, TimeMs> = HashMap::new();
    let named = batch
        .events
        .iter()
        .map(|e| (&e.host, e.time_ms))
        .chain(batch.checks.iter().map(|c| (&c.host, c.time_ms)));
    for (host, time_ms) in named.filter(|(h, _)| !h.is_empty()) {
        let last = hosts.entry(host.clone()).or_insert(time_ms);
        *last = (*last).max(time_ms).min(now);
    }
    let rows = batch.events.len() + batch.checks.len();
    let mut repeated = false;
    if rows > 0 {
        let begin = Instant::now();
        let appended = app.store.append_events(batch, origin.digest).await?;
        app.figures.append(begin.elapsed());
        repeated = appended.repeated;
        refused.merge(appended.rejections);
    }
    app.figures.rows(origin.source, rows);
    app.refused.add(origin.source, &refused);
    if !hosts.is_empty() {
        let hosts: Vec<(String, TimeMs)> = hosts.into_iter().collect();
        app.state.touch_hosts(origin.org, &hosts).await?;
    }
    Ok((refused, repeated))
}

/// Stores logs, spans or events; what was refused on the whole way, and whether the request had been stored before.
pub(crate) async fn store_rows(
    app: &App,
    origin: Origin,
    batch: RowBatch,
    mut refused: Rejections,
) -> Answer<(Rejections, bool)> {
    let (batch, counting) = processing::process(app, batch).await.split();
    let hosts = hosts_of_rows(&batch, app.now_ms());
    let rows = batch.len();
    let mut repeated = false;
    if rows > 0 {
        let begin = Instant::now();
        let deployed = app.deployments.new_in(&batch);
        let appended = match app.store.append_rows(batch, origin.digest).await {
            Ok(appended) => appended,
            Err(e) => {
                deployed.undo(app);
                return Err(e.into());
            }
        };
        deployed.tell(app).await;
        app.figures.append(begin.elapsed());
        repeated = appended.repeated;
        if !repeated {
            counting.done(app);
        }
        refused.merge(appended.rejections);
    }
    app.figures.rows(origin.source, rows);
    app.refused.add(origin.source, &refused);
    if !hosts.is_empty() {
        app.state.touch_hosts(origin.org, &hosts).await?;
    }
    Ok((refused, repeated))
}

/// The hosts of a batch of rows, each with the time of its newest row.
fn hosts_of_rows(batch: &RowBatch, now: TimeMs) -> Vec<(String, TimeMs)> {
    let words = &batch.words[Core::Host as usize];
    let mut newest: Vec<Option<i64>> = vec![None; words.values.len()];
    for (&word, &time_ns) in words.rows.iter().zip(&batch.time_ns) {
        if let Some(last) = newest.get_mut(word as usize) {
            *last = Some(last.map_or(time_ns, |t| t.max(time_ns)));
        }
    }
    let named = words.values.iter().zip(newest).filter(|(host, _)| !host.is_empty());
    named
        .filter_map(|(host, time_ns)| Some((host.to_string(), time_ns?.div_euclid(1_000_000).min(now))))
        .collect()
}

/// Refuses rows outside of what the store takes.
fn keep_accepted(batch: &mut EventBatch, accepted: oriel_model::TimeRange, refused: &mut Rejections) {
    let mut keep = |time_ms: TimeMs, name: &str| {
        if accepted.contains(time_ms) {
            return true;
        }
        let late = time_ms < accepted.start;
        let reason =
            if late { oriel_model::Reason::OlderThanRetention } else { oriel_model::Reason::TooFarAhead };
        refused.add(reason, 1, || format!("{name} at {time_ms} ms"));
        false
    };
    batch.events.retain(|e| keep(e.time_ms, &e.title));
    batch.checks.retain(|c| keep(c.time_ms, &c.check));
}

/// Keeps what a host says of itself.
pub(crate) async fn store_host(app: &App, org: OrgId, host: HostMetadata) -> Answer<()> {
    if host.host.is_empty() || host.host.len() > app.limits.host_bytes {
        return Err(Failure::invalid("the host metadata names no host, or one that is too long"));
    }
    let update = HostUpdate {
        agent_version: Some(host.agent_version).filter(|v| !v.is_empty()),
        meta: Some(host.raw).filter(serde_json::Value::is_object),
        agent_checks: (!host.agent_checks.is_empty()).then_some(host.agent_checks),
    };
    app.state.update_host(org, &host.host, update).await?;
    for (source, tags) in host.host_tags {
        let tags = tags.iter().map(|t| normalise_tag(t).into_owned()).filter(|t| !t.is_empty()).collect();
        tags::set_tags(app, org, (&host.host, &source), tags).await?;
    }
    Ok(())
}

/// Stores everything of a submission: events first, because a repeat of them is told by its digest, then metrics, of which a
/// repeat changes nothing.
pub(crate) async fn store_submission(
    app: &App,
    origin: Origin,
    submission: Submission,
) -> Answer<Rejections> {
    let mut refused = Rejections::default();
    let Submission { series, sketches, checks, events, host_metadata } = submission;
    if !events.is_empty() || !checks.is_empty() {
        let batch = EventBatch { org: origin.org, events, checks };
        refused.merge(store_events(app, origin, batch, Rejections::default()).await?.0);
    }
    if !series.is_empty() || !sketches.is_empty() {
        let metrics = Submission { series, sketches, ..Submission::default() };
        let (batch, rejections) = build(app, origin.org, &metrics);
        let origin = Origin { digest: None, ..origin };
        refused.merge(store_metrics(app, origin, batch, rejections).await?);
    }
    for host in host_metadata {
        store_host(app, origin.org, host).await?;
    }
    Ok(refused)
}

fn build(app: &App, org: OrgId, submission: &Submission) -> (MetricBatch, Rejections) {
    let resolver = app.store.resolver(org);
    let accepted = app.store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(org, &*resolver, &app.limits, accepted, ("submission", ""));
    submission.build(&mut builder);
    builder.finish()
}

/// Tells a retry of a flush by its events: the aggregator stamped each with its time.
fn digest_of(source: &str, submission: &Submission) -> Option<RequestDigest> {
    if submission.events.is_empty() && submission.checks.is_empty() {
        return None;
    }
    let text = serde_json::to_vec(&(source, &submission.events, &submission.checks)).ok()?;
    Some(RequestDigest(xxhash_rust::xxh3::xxh3_128(&text)))
}

/// Hosts of series that are new here, each with the time of its newest sample. A known series says nothing new of its host.
fn hosts_of(batch: &MetricBatch, now: TimeMs) -> Vec<(String, TimeMs)> {
    let mut hosts: HashMap<&str, TimeMs> = HashMap::new();
    for series in &batch.series {
        let Some(def) = series.def.as_deref().filter(|d| !d.host.is_empty()) else { continue };
        let newest = batch.samples(series).0.iter().copied().max();
        // A series of sketches has no samples of its own; it came now.
        let newest = newest.unwrap_or(now).min(now);
        let last = hosts.entry(&def.host).or_insert(newest);
        *last = (*last).max(newest);
    }
    hosts.into_iter().map(|(host, ms)| (host.to_owned(), ms)).collect()
}

/// The store as a sink for what collects in this process; writes to the default organisation, as loopback listeners do.
pub struct StoreSink {
    app: Arc<App>,
    source: &'static str,
}

impl StoreSink {
    pub(crate) fn new(app: Arc<App>, source: &'static str) -> Self {
        Self { app, source }
    }
}

impl Sink for StoreSink {
    fn submit(
        &self,
        submission: Submission,
    ) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        Box::pin(async move {
            let digest = digest_of(self.source, &submission);
            let origin = Origin { org: DEFAULT_ORG, source: self.source, digest };
            let has_rows = !submission.is_empty();
            store_submission(&self.app, origin, submission).await?;
            if has_rows {
                self.app.seen.note(self.source, self.app.now_ms());
            }
            Ok(())
        })
    }
}
