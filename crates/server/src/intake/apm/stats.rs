//! Statistics that tracers and agents computed: counted instead of the spans.

use super::note_dropped;
use crate::answer::{Answer, ok};
use crate::app::App;
use crate::body::Posted;
use crate::intake::{note_client, unreadable};
use axum::extract::State;
use oriel_pipeline::apm::{StatsRow, obfuscate_sql};
use oriel_wire::apm::{ClientStats, StatsGroup, agent_stats, client_stats};
use std::sync::Arc;

const SOURCE: &str = "apm_stats";

/// `/v0.6/stats`.
pub(crate) async fn client(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    take(&app, posted, |body| client_stats(body).map(|one| vec![one])).await
}

/// `/api/v0.2/stats`.
pub(crate) async fn agent(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    take(&app, posted, agent_stats).await
}

async fn take(
    app: &Arc<App>,
    posted: Posted,
    decode: fn(&[u8]) -> oriel_wire::Result<Vec<ClientStats>>,
) -> Answer {
    let _permit = posted.permit(app).await?;
    note_client(app, &posted);
    note_dropped(app, &posted);
    let worker = Arc::clone(app);
    let count = move || -> Answer<usize> {
        let body = posted.decoded(worker.limits.decompressed_bytes)?;
        let all = decode(&body).map_err(unreadable)?;
        // Buckets bear their own times, so a body that comes again says the same.
        if !worker.apm.seen.lock().is_new(posted.digest().0) {
            return Ok(0);
        }
        let now = worker.now_ms();
        Ok(worker.apm.concentrate(posted.sender.org, |concentrator| {
            let rows = all.iter().flat_map(rows);
            rows.map(|(row, resource)| {
                let row = StatsRow { resource: resource.as_deref().unwrap_or(row.resource), ..row };
                concentrator.observe_stats(&row, now);
            })
            .count()
        }))
    };
    let counted = tokio::task::spawn_blocking(count).await??;
    app.figures.rows(SOURCE, counted);
    Ok(ok(&serde_json::json!({})))
}

/// The groups of one process, each with its resource without literals where it had some.
fn rows(stats: &ClientStats) -> impl Iterator<Item = (StatsRow<'_>, Option<String>)> {
    stats.buckets.iter().flat_map(move |bucket| {
        let start_ms = bucket.start_ns.div_euclid(1_000_000);
        bucket.groups.iter().map(move |group| {
            let is_sql = matches!(group.kind.as_str(), "sql" | "cassandra");
            (row(stats, start_ms, group), if is_sql { obfuscate_sql(&group.resource) } else { None })
        })
    })
}

fn row<'a>(stats: &'a ClientStats, start_ms: i64, group: &'a StatsGroup) -> StatsRow<'a> {
    StatsRow {
        start_ms,
        service: &group.service,
        operation: &group.name,
        env: &stats.env,
        version: &stats.version,
        resource: &group.resource,
        kind: &group.kind,
        span_kind: &group.span_kind,
        http_status: group.http_status,
        synthetics: group.synthetics,
        hits: group.hits,
        errors: group.errors,
        duration_ns: group.duration_ns,
        ok: &group.ok,
        error: &group.error,
    }
}
