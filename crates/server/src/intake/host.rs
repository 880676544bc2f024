//! What agents say of their hosts: `/intake/` (metadata, host tags, events, agent checks) and `/api/v1/metadata` (inventories).

use super::{note_client, unreadable};
use crate::answer::{Answer, Failure, accepted_v1, json};
use crate::app::App;
use crate::body::Posted;
use crate::sink::{Origin, store_submission};
use axum::extract::State;
use axum::http::StatusCode;
use oriel_state::HostUpdate;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `/intake/` and `/intake`.
pub(crate) async fn intake(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let _permit = posted.permit(&app).await?;
    note_client(&app, &posted);
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let now_ms = app.now_ms();
    let (submission, mut refused) = oriel_wire::datadog::intake(&body, now_ms).map_err(unreadable)?;
    // An event without a time was given this moment's; such a body may be sent again and mean another event (STORE 12).
    let own_times = submission.events.iter().all(|e| e.time_ms != now_ms);
    let origin =
        Origin { org: posted.sender.org, source: "intake", digest: own_times.then(|| posted.digest()) };
    app.refused.add("intake", &refused);
    refused.merge(store_submission(&app, origin, submission).await?);
    Ok(accepted_v1(&refused))
}

/// `/api/v1/metadata`: kept with the host under the names it came with.
pub(crate) async fn metadata(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    note_client(&app, &posted);
    let body = posted.decoded(app.limits.decompressed_bytes)?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|e| Failure::invalid(format!("the body is not JSON: {e}")))?;
    let Some(fields) = body.as_object() else {
        return Err(Failure::invalid("the body is not a JSON object with \"hostname\""));
    };
    let host = fields.get("hostname").and_then(Value::as_str).unwrap_or_default();
    if !host.is_empty() && host.len() <= app.limits.host_bytes {
        let ours = ["hostname", "timestamp", "uuid"];
        let inventories: Map<String, Value> = fields
            .iter()
            .filter(|(k, _)| !ours.contains(&k.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let update = HostUpdate { meta: Some(Value::Object(inventories)), ..HostUpdate::default() };
        app.state.update_host(posted.sender.org, host, update).await?;
    }
    Ok(json(StatusCode::ACCEPTED, &json!({})))
}
