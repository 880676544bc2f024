//! `/api/v1/series` and `/api/v2/series`, the latter as JSON or protobuf by its content type.

use super::{Intake, take_metrics};
use crate::answer::{Answer, accepted_v1, accepted_v2};
use crate::app::App;
use crate::body::Posted;
use axum::extract::State;
use axum::http::header;
use oriel_model::MetricBatchBuilder;
use oriel_wire::datadog;
use std::sync::Arc;

pub(crate) async fn v1(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let intake = Intake { source: "series_v1", non_finite: false, decode: datadog::series_v1 };
    let (refused, _) = take_metrics(&app, posted, intake).await?;
    Ok(accepted_v1(&refused))
}

pub(crate) async fn v2(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let protobuf =
        posted.header(header::CONTENT_TYPE).is_some_and(|t| t.starts_with("application/x-protobuf"));
    let refused = if protobuf {
        let intake = Intake {
            source: "series_v2_protobuf",
            non_finite: false,
            decode: |body: &[u8], _: i64, builder: &mut MetricBatchBuilder<'_>| {
                datadog::series_v2_protobuf(body, builder)
            },
        };
        take_metrics(&app, posted, intake).await?.0
    } else {
        let intake = Intake { source: "series_v2", non_finite: false, decode: datadog::series_v2_json };
        take_metrics(&app, posted, intake).await?.0
    };
    Ok(accepted_v2(&refused))
}
