//! OTLP over HTTP, and what arrives over gRPC: `/v1/traces`, `/v1/logs` and `/v1/metrics`, answered in the request's own
//! encoding. What may succeed later is 429 or 503, never 500, which the SDKs do not send again.

use super::rows::{RowIntake, take_rows};
use super::{note_client, unreadable};
use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::body::Posted;
use crate::sink::{Origin, store_metrics, store_rows};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oriel_model::{MetricBatch, MetricBatchBuilder, OrgId, Rejections, RowBatch, RowBatchBuilder, Signal};
use oriel_state::{MetricMetadata, unit_by_name};
use oriel_store::RequestDigest;
use oriel_wire::otlp::{Changes, Defaults, Described, Encoding, Kind, Streams};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Running totals by org.
pub(crate) struct OtlpStreams {
    since_ns: i64,
    orgs: RwLock<HashMap<OrgId, Streams>>,
}

impl OtlpStreams {
    pub(crate) fn new(now_ms: i64) -> Self {
        Self { since_ns: now_ms.saturating_mul(1_000_000), orgs: RwLock::default() }
    }

    fn read<T>(&self, org: OrgId, with: impl FnOnce(&Streams) -> T) -> T {
        match self.orgs.read().get(&org) {
            Some(streams) => with(streams),
            None => with(&Streams::new(self.since_ns)),
        }
    }

    fn commit(&self, org: OrgId, changes: Changes) {
        self.orgs.write().entry(org).or_insert_with(|| Streams::new(self.since_ns)).commit(changes);
    }
}

pub(crate) async fn traces(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    posted: Result<Posted, Failure>,
) -> Response {
    export(app, (Kind::Traces, &headers), posted).await
}

pub(crate) async fn logs(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    posted: Result<Posted, Failure>,
) -> Response {
    export(app, (Kind::Logs, &headers), posted).await
}

pub(crate) async fn metrics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    posted: Result<Posted, Failure>,
) -> Response {
    export(app, (Kind::Metrics, &headers), posted).await
}

async fn export(
    app: Arc<App>,
    (kind, headers): (Kind, &HeaderMap),
    posted: Result<Posted, Failure>,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let Some(encoding) = Encoding::of_content_type(content_type) else {
        let what = "the content type is not known; send application/x-protobuf or application/json";
        return refused(Encoding::Json, Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what));
    };
    let taken = match posted {
        Ok(posted) => take(&app, posted, kind, encoding).await,
        Err(failure) => Err(failure),
    };
    match taken {
        Ok(refused) => {
            let body = oriel_wire::otlp::success(kind, encoding, &refused);
            (StatusCode::OK, [(header::CONTENT_TYPE, encoding.content_type())], body).into_response()
        }
        Err(failure) => refused(encoding, failure),
    }
}

fn refused(encoding: Encoding, failure: Failure) -> Response {
    let (status, message, retry_s) = failure.parts();
    let status = if status.as_u16() == 500 { StatusCode::SERVICE_UNAVAILABLE } else { status };
    let code = oriel_wire::otlp::grpc_code(status.as_u16());
    let body = oriel_wire::otlp::failure(encoding, code, &message);
    let mut response = (status, [(header::CONTENT_TYPE, encoding.content_type())], body).into_response();
    if let Some(seconds) = retry_s.or((status == StatusCode::SERVICE_UNAVAILABLE).then_some(2)) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn take(app: &Arc<App>, posted: Posted, kind: Kind, encoding: Encoding) -> Answer<Rejections> {
    let defaults = defaults(app, &posted);
    match kind {
        Kind::Traces => {
            let decode = move |body: &[u8], rows: &mut RowBatchBuilder| {
                oriel_wire::otlp::traces(body, encoding, &defaults, rows)
            };
            let options = String::new();
            take_rows(
                app,
                posted,
                RowIntake { source: "otlp_traces", signal: Signal::Spans, options, decode },
            )
            .await
        }
        Kind::Logs => {
            let decode = move |body: &[u8], rows: &mut RowBatchBuilder| {
                oriel_wire::otlp::logs(body, encoding, &defaults, rows)
            };
            let options = String::new();
            take_rows(app, posted, RowIntake { source: "otlp_logs", signal: Signal::Logs, options, decode })
                .await
        }
        Kind::Metrics => take_metrics(app, posted, (encoding, defaults)).await,
    }
}

/// What comes over a loopback listener is this machine's, or the machine's that an agent says it relays for.
fn defaults(app: &App, posted: &Posted) -> Defaults {
    let host = posted.local_host(app).to_owned();
    Defaults {
        now_ns: app.now_ms().saturating_mul(1_000_000),
        host,
        obfuscate_sql: Some(oriel_pipeline::apm::obfuscate_sql),
    }
}

/// What a request of metrics became.
struct Built {
    batch: MetricBatch,
    refused: Rejections,
    exemplars: (RowBatch, Rejections),
    told: Vec<Described>,
    changes: Changes,
    digest: RequestDigest,
}

async fn take_metrics(
    app: &Arc<App>,
    posted: Posted,
    (encoding, defaults): (Encoding, Defaults),
) -> Answer<Rejections> {
    let _permit = posted.permit(app).await?;
    note_client(app, &posted);
    let org = posted.sender.org;
    let worker = Arc::clone(app);
    let built = tokio::task::spawn_blocking(move || build(&worker, &posted, (encoding, defaults))).await??;
    let origin = Origin { org, source: "otlp_metrics", digest: Some(built.digest) };
    let mut refused = store_metrics(app, origin, built.batch, built.refused).await?;
    app.otlp.commit(org, built.changes);
    if !built.exemplars.0.is_empty() {
        // The same request, and another batch of it.
        let digest = Some(RequestDigest(!built.digest.0));
        let origin = Origin { source: "otlp_exemplars", digest, ..origin };
        refused.merge(store_rows(app, origin, built.exemplars.0, built.exemplars.1).await?.0);
    }
    let described: Vec<(String, MetricMetadata)> = built.told.iter().filter_map(described).collect();
    if !described.is_empty() {
        app.state.describe_metrics(org, &described).await?;
    }
    Ok(refused)
}

fn build(app: &App, posted: &Posted, (encoding, defaults): (Encoding, Defaults)) -> Answer<Built> {
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let org = posted.sender.org;
    let resolver = app.store.resolver(org);
    let accepted = app.store.accepted(Signal::Metrics);
    let names = ("otlp_metrics", defaults.host.as_str());
    let mut points = MetricBatchBuilder::new(org, &*resolver, &app.limits, accepted, names);
    let events = app.store.accepted(Signal::Events);
    let mut rows = RowBatchBuilder::new(org, Signal::Events, &app.limits, events);
    let (told, changes) = app.otlp.read(org, |streams| {
        oriel_wire::otlp::metrics(&body, encoding, (&defaults, streams), (&mut points, &mut rows))
            .map_err(unreadable)
    })?;
    let (batch, refused) = points.finish();
    Ok(Built { batch, refused, exemplars: rows.finish(), told, changes, digest: posted.digest() })
}

fn described(told: &Described) -> Option<(String, MetricMetadata)> {
    let metric = oriel_model::normalise_metric(&told.metric)?.into_owned();
    let metadata = MetricMetadata {
        description: Some(told.help.clone()).filter(|h| !h.is_empty()),
        unit: unit(&told.unit),
        ..MetricMetadata::default()
    };
    Some((metric, metadata))
}

/// The unit behind a UCUM code: `By` is byte, `{request}` request, `1` nothing.
fn unit(code: &str) -> Option<String> {
    let code = code.trim_matches(['{', '}']);
    let name = match code {
        "" | "1" => return None,
        "By" => "byte",
        "KiBy" => "kibibyte",
        "MiBy" => "mebibyte",
        "GiBy" => "gibibyte",
        "kBy" => "kilobyte",
        "MBy" => "megabyte",
        "GBy" => "gigabyte",
        "bit" => "bit",
        "ns" => "nanosecond",
        "us" => "microsecond",
        "ms" => "millisecond",
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "%" => "percent",
        "Hz" => "hertz",
        "Cel" => "degree celsius",
        other => other,
    };
    unit_by_name(name).map(|u| u.name.to_owned())
}
