//! Prometheus: text (`/api/v1/import/prometheus`) and remote write 1 (`/api/v1/write`). What senders declare of their metrics is
//! remembered, because remote write says it in requests of its own.

use super::{Intake, take_metrics};
use crate::answer::{Answer, accepted_v1};
use crate::app::App;
use crate::body::Posted;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use oriel_model::{MetricBatchBuilder, OrgId};
use oriel_state::{MetricMetadata, unit_by_name};
use oriel_wire::prometheus;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Metrics whose declared type is remembered; a large Prometheus has some ten thousand.
const DECLARED_MAX: usize = 200_000;

/// Declared types by org and metric family.
#[derive(Default)]
pub(crate) struct Declared(RwLock<HashMap<(OrgId, String), &'static str>>);

impl Declared {
    fn get(&self, org: OrgId, metric: &str) -> Option<&'static str> {
        let table = self.0.read();
        if table.is_empty() { None } else { table.get(&(org, metric.to_owned())).copied() }
    }

    fn note(&self, org: OrgId, told: &[prometheus::MetricMetadata]) {
        let mut table = self.0.write();
        for one in told.iter().filter(|m| !m.kind.is_empty()) {
            if table.len() >= DECLARED_MAX {
                return;
            }
            table.insert((org, one.metric.clone()), one.kind);
        }
    }
}

/// `POST /api/v1/import/prometheus`.
pub(crate) async fn text(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let org = posted.sender.org;
    let intake = Intake { source: "prometheus_text", non_finite: true, decode: prometheus::text };
    let (refused, told) = take_metrics(&app, posted, intake).await?;
    remember(&app, org, &told).await?;
    Ok(accepted_v1(&refused))
}

/// `POST /api/v1/write`. The format's answer is empty: 204.
pub(crate) async fn remote_write(State(app): State<Arc<App>>, mut posted: Posted) -> Answer {
    let org = posted.sender.org;
    // Snappy is the format's own; some senders leave the header out.
    posted.headers.entry("content-encoding").or_insert(axum::http::HeaderValue::from_static("snappy"));
    let declared = Arc::clone(&app);
    let intake = Intake {
        source: "prometheus_write",
        non_finite: true,
        decode: move |body: &[u8], _: i64, builder: &mut MetricBatchBuilder<'_>| {
            prometheus::remote_write(body, &|name| declared.declared.get(org, name), builder)
        },
    };
    let (_, told) = take_metrics(&app, posted, intake).await?;
    remember(&app, org, &told).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn remember(app: &App, org: OrgId, told: &[prometheus::MetricMetadata]) -> Answer<()> {
    if told.is_empty() {
        return Ok(());
    }
    app.declared.note(org, told);
    let described: Vec<(String, MetricMetadata)> =
        told.iter().filter(|m| !m.help.is_empty()).map(described).collect();
    app.state.describe_metrics(org, &described).await?;
    Ok(())
}

fn described(told: &prometheus::MetricMetadata) -> (String, MetricMetadata) {
    // OpenMetrics names units in the plural.
    let unit = unit_by_name(&told.unit).map(|u| u.name.to_owned());
    let metadata = MetricMetadata { description: Some(told.help.clone()), unit, ..MetricMetadata::default() };
    (told.metric.clone(), metadata)
}
