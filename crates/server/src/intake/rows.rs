//! What every intake of wide rows does between its decoder and the store: note the client, decode off the I/O threads where
//! it takes long, tell repeats, store.

use super::apm::traces::store_spans;
use super::{note_client, unreadable};
use crate::answer::Answer;
use crate::app::App;
use crate::body::{INLINE_BYTES, Posted};
use crate::sink::{Origin, store_rows};
use oriel_model::{Rejections, RowBatch, RowBatchBuilder, Signal};
use oriel_store::RequestDigest;
use std::sync::Arc;

/// What an intake of rows is called, and how it reads bodies.
pub(crate) struct RowIntake<D> {
    /// A stable word for figures.
    pub(crate) source: &'static str,
    pub(crate) signal: Signal,
    /// What changes the meaning of equal bodies, such as the query's parameters.
    pub(crate) options: String,
    pub(crate) decode: D,
}

/// Decodes and stores; what was refused.
pub(crate) async fn take_rows<D>(app: &Arc<App>, posted: Posted, intake: RowIntake<D>) -> Answer<Rejections>
where
    D: FnOnce(&[u8], &mut RowBatchBuilder) -> oriel_wire::Result<()> + Send + 'static,
{
    let _permit = posted.permit(app).await?;
    note_client(app, &posted);
    let (org, source) = (posted.sender.org, intake.source);
    let (batch, refused, digest) = if posted.raw.len() <= INLINE_BYTES {
        build(app, &posted, intake)?
    } else {
        let worker = Arc::clone(app);
        tokio::task::spawn_blocking(move || build(&worker, &posted, intake)).await??
    };
    let origin = Origin { org, source, digest };
    match batch.signal {
        // They are counted into trace metrics too.
        Signal::Spans => store_spans(app, origin, batch, refused).await,
        _ => Ok(store_rows(app, origin, batch, refused).await?.0),
    }
}

fn build<D>(
    app: &App,
    posted: &Posted,
    intake: RowIntake<D>,
) -> Answer<(RowBatch, Rejections, Option<RequestDigest>)>
where
    D: FnOnce(&[u8], &mut RowBatchBuilder) -> oriel_wire::Result<()>,
{
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let accepted = app.store.accepted(intake.signal);
    let mut builder = RowBatchBuilder::new(posted.sender.org, intake.signal, &app.limits, accepted);
    (intake.decode)(&body, &mut builder).map_err(unreadable)?;
    // A body with a row that was given the present time may be sent again and mean new rows (STORE 12).
    let digest = builder.bears_own_times().then(|| salted(posted.digest(), &intake.options));
    let (batch, refused) = builder.finish();
    Ok((batch, refused, digest))
}

fn salted(digest: RequestDigest, options: &str) -> RequestDigest {
    if options.is_empty() {
        return digest;
    }
    RequestDigest(digest.0 ^ xxhash_rust::xxh3::xxh3_128(options.as_bytes()))
}
