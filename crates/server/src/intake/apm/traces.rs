//! Traces: decode, decide what is kept, store, count, answer with the sampling rates.

use super::{note_dropped, says_yes};
use crate::answer::Answer;
use crate::app::App;
use crate::body::{INLINE_BYTES, Posted};
use crate::intake::{note_client, unreadable};
use crate::processing;
use crate::sink::{Origin, store_rows};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use oriel_model::{Core, Rejections, RowBatch, RowBatchBuilder, Signal};
use oriel_pipeline::apm::{Observed, obfuscate_sql};
use oriel_store::RequestDigest;
use oriel_wire::apm::{self, Chunk, SpanOptions};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The environment of spans that name none, as the agent calls it.
const NO_ENV: &str = "none";
const SOURCE: &str = "apm_traces";

type Decode = fn(&[u8], SpanOptions<'_>, &mut RowBatchBuilder) -> oriel_wire::Result<Vec<Chunk>>;

/// `/v0.3`, `/v0.4`, `/v0.5` and `/v0.7/traces`.
pub(crate) async fn client(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let json = posted.header(header::CONTENT_TYPE).is_some_and(|t| t.contains("json"));
    let decode: Decode = match posted.path.as_str() {
        "/v0.5/traces" => apm::traces_v05,
        "/v0.7/traces" => apm::traces_v07,
        _ if json => apm::traces_json,
        _ => apm::traces_v04,
    };
    note_dropped(&app, &posted);
    let has_real_status = posted.text("datadog-send-real-http-status").is_some_and(|v| !v.is_empty());
    match take(&app, posted, decode, false).await {
        Ok(_) => Ok(rates(&app)),
        // Older tracers don't know 429; what they do on any other failure is try again or say so.
        Err(failure) if !has_real_status && failure.parts().0 == StatusCode::TOO_MANY_REQUESTS => {
            Err(failure.with_status(StatusCode::SERVICE_UNAVAILABLE))
        }
        Err(failure) => Err(failure),
    }
}

/// `/v1.0/traces`: not advertised. A tracer that was told to use it mostly puts a v0.4 body there.
pub(crate) async fn v1(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    take(&app, posted, apm::traces_v04, false).await?;
    Ok(rates(&app))
}

/// `/api/v0.2/traces`: an agent has counted and sampled already.
pub(crate) async fn agent(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let refused = take(&app, posted, apm::agent_payload, true).await?;
    Ok(crate::answer::accepted_v1(&refused))
}

fn rates(app: &App) -> Response {
    let headers =
        [("content-type", "application/json".to_owned()), ("datadog-agent-state", app.apm.info_hash.clone())];
    (StatusCode::OK, headers, app.apm.rates()).into_response()
}

/// What a body became.
struct Decoded {
    /// What is kept.
    batch: RowBatch,
    refused: Rejections,
    digest: Option<RequestDigest>,
    /// What all of it counts for.
    observed: Observed,
    dropped: u64,
}

async fn take(app: &Arc<App>, posted: Posted, decode: Decode, from_agent: bool) -> Answer<Rejections> {
    let _permit = posted.permit(app).await?;
    note_client(app, &posted);
    let (org, request) = (posted.sender.org, posted.digest());
    let decoded = if posted.raw.len() <= INLINE_BYTES {
        decode_body(app, &posted, decode, from_agent)?
    } else {
        let worker = Arc::clone(app);
        tokio::task::spawn_blocking(move || decode_body(&worker, &posted, decode, from_agent)).await??
    };
    let origin = Origin { org, source: SOURCE, digest: decoded.digest };
    let (refused, repeated) = store_rows(app, origin, decoded.batch, decoded.refused).await?;
    // A body of which nothing was kept is told from a repeat here alone.
    let is_new = decoded.digest.is_none() || app.apm.seen.lock().is_new(request.0);
    if !repeated && is_new {
        app.apm.tallies.dropped_traces.fetch_add(decoded.dropped, Ordering::Relaxed);
        let now = app.now_ms();
        app.apm.concentrate(org, |c| c.apply(decoded.observed, now));
    }
    Ok(refused)
}

fn decode_body(app: &App, posted: &Posted, decode: Decode, from_agent: bool) -> Answer<Decoded> {
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let accepted = app.store.accepted(Signal::Spans);
    let now = app.now_ms();
    let options = SpanOptions {
        now_ns: now.saturating_mul(1_000_000),
        default_host: posted.text("x-oriel-host").unwrap_or(&app.options.hostname),
        default_env: NO_ENV,
        language: posted.text("datadog-meta-lang").unwrap_or_default(),
        top_level_marked: says_yes(posted.text("datadog-client-computed-top-level")),
        obfuscate_sql,
    };
    let mut builder = RowBatchBuilder::new(posted.sender.org, Signal::Spans, &app.limits, accepted);
    let chunks = decode(&body, options, &mut builder).map_err(unreadable)?;
    let digest = builder.bears_own_times().then(|| posted.digest());
    let (batch, mut refused) = builder.finish();
    // Resources become tags of trace metrics: what is sensitive goes before they are counted.
    let batch = processing::scrub(app, batch);
    let counted_there = from_agent || says_yes(posted.text("datadog-client-computed-stats"));
    let observed = Observed::of(&batch, counted_there, apdex_s(), now);
    if !from_agent {
        for chunk in chunks.iter().filter(|c| c.priority.is_some()) {
            app.apm.sampled(batch.text(Core::Service, chunk.first), batch.text(Core::Env, chunk.first), now);
        }
    }
    let keep_all = from_agent || app.apm.keep_unsampled.load(Ordering::Relaxed);
    let unwanted: Vec<Chunk> =
        if keep_all { Vec::new() } else { chunks.into_iter().filter(is_unwanted).collect() };
    let dropped = unwanted.len() as u64;
    let batch = if unwanted.is_empty() { batch } else { without(app, &batch, &unwanted, &mut refused) };
    Ok(Decoded { batch, refused, digest, observed, dropped })
}

/// The tracer decided against it, and nothing went wrong in it.
fn is_unwanted(chunk: &Chunk) -> bool {
    chunk.priority.is_some_and(|p| p <= 0) && !chunk.has_error
}

/// The batch without some chunks.
fn without(app: &App, batch: &RowBatch, unwanted: &[Chunk], refused: &mut Rejections) -> RowBatch {
    let accepted = app.store.accepted(Signal::Spans);
    let mut builder = RowBatchBuilder::new(batch.org, Signal::Spans, &app.limits, accepted);
    let mut row = 0;
    for chunk in unwanted.iter().chain([&Chunk { first: batch.len(), ..Chunk::default() }]) {
        for kept in row..chunk.first {
            builder.push(&batch.row(kept));
        }
        row = chunk.first + chunk.rows;
    }
    let (batch, more) = builder.finish();
    refused.merge(more);
    batch
}

/// The default of the product people know.
fn apdex_s() -> f64 {
    oriel_pipeline::apm::ApmLimits::default().apdex_s
}

/// Spans of another protocol: stored, and counted once they are.
pub(crate) async fn store_spans(
    app: &App,
    origin: Origin,
    batch: RowBatch,
    refused: Rejections,
) -> Answer<Rejections> {
    let batch = processing::scrub(app, batch);
    let observed = Observed::of(&batch, false, apdex_s(), app.now_ms());
    let (refused, repeated) = store_rows(app, origin, batch, refused).await?;
    if !repeated {
        app.apm.concentrate(origin.org, |c| c.apply(observed, app.now_ms()));
    }
    Ok(refused)
}
