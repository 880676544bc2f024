//! The intakes: a decoder of `wire` and the store between two lines, one file a protocol. Bodies that take time leave the I/O
//! threads.

pub(crate) mod agent;
pub(crate) mod apm;
pub(crate) mod checks;
pub(crate) mod distributions;
pub(crate) mod events;
pub(crate) mod host;
pub(crate) mod logs;
pub(crate) mod otlp;
pub(crate) mod prometheus;
pub(crate) mod rows;
pub(crate) mod series;

use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::body::{INLINE_BYTES, Posted};
use crate::seen::client_of;
use crate::sink::{Origin, store_metrics};
use axum::http::header;
use oriel_model::{MetricBatch, MetricBatchBuilder, Rejections, Signal, TimeMs};
use oriel_store::RequestDigest;
use std::sync::Arc;

/// What an intake of metrics is called, and how it reads bodies.
pub(crate) struct Intake<D> {
    /// A stable word; also the decoder's name, since the raw keys of two decoders differ.
    pub(crate) source: &'static str,
    pub(crate) non_finite: bool,
    pub(crate) decode: D,
}

/// Decodes, stores, and gives what was refused. `T` is what a decoder gives besides rows.
pub(crate) async fn take_metrics<D, T>(
    app: &Arc<App>,
    posted: Posted,
    intake: Intake<D>,
) -> Answer<(Rejections, T)>
where
    D: FnOnce(&[u8], TimeMs, &mut MetricBatchBuilder<'_>) -> oriel_wire::Result<T> + Send + 'static,
    T: Send + 'static,
{
    let _permit = posted.permit(app).await?;
    note_client(app, &posted);
    let (org, source) = (posted.sender.org, intake.source);
    let built = if posted.raw.len() <= INLINE_BYTES {
        build(app, &posted, intake)?
    } else {
        let worker = Arc::clone(app);
        tokio::task::spawn_blocking(move || build(&worker, &posted, intake)).await??
    };
    let origin = Origin { org, source, digest: built.digest };
    Ok((store_metrics(app, origin, built.batch, built.refused).await?, built.extra))
}

/// What a body became.
struct Built<T> {
    batch: MetricBatch,
    refused: Rejections,
    /// Only when every row bore its own time: then a repeat may be dropped (STORE 12).
    digest: Option<RequestDigest>,
    extra: T,
}

fn build<D, T>(app: &App, posted: &Posted, intake: Intake<D>) -> Answer<Built<T>>
where
    D: FnOnce(&[u8], TimeMs, &mut MetricBatchBuilder<'_>) -> oriel_wire::Result<T>,
{
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let resolver = app.store.resolver(posted.sender.org);
    let accepted = app.store.accepted(Signal::Metrics);
    let names = (intake.source, "");
    let mut builder = MetricBatchBuilder::new(posted.sender.org, &*resolver, &app.limits, accepted, names);
    if intake.non_finite {
        builder = builder.allow_non_finite();
    }
    let extra = (intake.decode)(&body, app.now_ms(), &mut builder).map_err(unreadable)?;
    let digest = builder.bears_own_times().then(|| posted.digest());
    let (batch, refused) = builder.finish();
    Ok(Built { batch, refused, digest, extra })
}

pub(crate) fn unreadable(error: oriel_wire::Error) -> Failure {
    Failure::of_code(error.code(), error.to_string())
}

/// For the set-up page.
pub(crate) fn note_client(app: &App, posted: &Posted) {
    let agent = posted.header(header::USER_AGENT).unwrap_or_default();
    app.seen.note(client_of(agent, &posted.path), app.now_ms());
}
