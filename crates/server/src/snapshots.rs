//! `GET /snapshot/{name}.png`: the chart of a notice, for programs that can't log in (chats, mail programs). The address holds 128
//! random bits; whoever has it may see that one picture.

use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::extract::Path;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use oriel_model::OrgId;
use oriel_monitor::content::Content;
use std::sync::Arc;
use subtle::ConstantTimeEq;

pub(crate) async fn chart(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let missing = || Failure::not_found("there is no such picture");
    let mut parts = name.strip_suffix(".png").unwrap_or(&name).splitn(3, '-');
    let (Some(org), Some(key), Some(token)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(missing());
    };
    let org = OrgId(org.parse().map_err(|_| missing())?);
    let stored = app.state.notice(org, key).await.map_err(|_| missing())?;
    let content = stored.content.and_then(|text| serde_json::from_str::<Content>(&text).ok());
    let content = content.ok_or_else(missing)?;
    let is_right = !content.token.is_empty() && bool::from(content.token.as_bytes().ct_eq(token.as_bytes()));
    if !is_right || !content.has_chart {
        return Err(missing());
    }
    let png = app.notifier.chart(org, key).await?.ok_or_else(missing)?;
    // What was told never changes.
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, png).into_response())
}
