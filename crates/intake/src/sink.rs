//! Where submissions go.

use oriel_model::{ErrorBody, Submission};
use std::future::Future;
use std::pin::Pin;

/// Takes submissions. A successful return means durable: stored by the server, or in the agent's disk buffer. A retry after an
/// error is safe when every point bears its own time, which an aggregator's flush does.
pub trait Sink: Send + Sync + 'static {
    fn submit(
        &self,
        submission: Submission,
    ) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>>;
}
