//! Distributions: values (`/api/v1/distribution_points`) and the agent's sketches (`/api/beta/sketches`).

use super::{Intake, take_metrics};
use crate::answer::{Answer, accepted_v1, accepted_v2};
use crate::app::App;
use crate::body::Posted;
use axum::extract::State;
use oriel_model::MetricBatchBuilder;
use oriel_wire::datadog;
use std::sync::Arc;

pub(crate) async fn points(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let intake =
        Intake { source: "distribution_points", non_finite: false, decode: datadog::distribution_points };
    let (refused, _) = take_metrics(&app, posted, intake).await?;
    Ok(accepted_v1(&refused))
}

pub(crate) async fn sketches(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let intake = Intake {
        source: "sketches",
        non_finite: false,
        decode: |body: &[u8], _: i64, builder: &mut MetricBatchBuilder<'_>| datadog::sketches(body, builder),
    };
    let (refused, _) = take_metrics(&app, posted, intake).await?;
    Ok(accepted_v2(&refused))
}
