//! Logging in by password or by a one-time link, and out.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::assets;
use crate::auth::{Person, check_csrf, cookie};
use crate::extract::{Payload, Query, read_json};
use crate::listen::Peer;
use crate::ui::me::is_first_run;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
struct Form {
    user: String,
    password: String,
}

/// `POST /api/ui/login`.
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Payload,
) -> Answer {
    refuse_other_sites(&headers)?;
    let form: Form = read_json(&body)?;
    let address = peer.map_or_else(String::new, |Extension(Peer(p))| p.ip().to_string());
    let who = [format!("address {address}"), format!("user {}", form.user)];
    let who: Vec<&str> = who.iter().map(String::as_str).collect();
    let now = app.now_ms();
    if let Some(seconds) = app.attempts.wait_s(&who, now) {
        return Err(Failure::busy(format!("too many wrong logins; try again in {seconds} s"), seconds));
    }
    let Some(user) = app.state.authenticate(&form.user, &form.password).await? else {
        app.attempts.failed(&who, now);
        tracing::warn!(user = %form.user, %address, "a login failed");
        return Err(Failure::new(StatusCode::UNAUTHORIZED, "user or password is wrong"));
    };
    app.attempts.succeeded(&who);
    let session = app.state.start_session(user.id).await?;
    let mut response = ok(&json!({ "user": { "name": user.name }, "org": { "name": user.org_name } }));
    cookie::set(response.headers_mut(), &session, app.is_tls());
    Ok(response)
}

/// A form of another site must not log a browser in as somebody else.
fn refuse_other_sites(headers: &HeaderMap) -> Answer<()> {
    match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        Some("cross-site") => Err(Failure::forbidden("a login comes from this site's own page only")),
        _ => Ok(()),
    }
}

/// `POST /api/ui/logout`.
pub(crate) async fn logout(State(app): State<Arc<App>>, person: Person, headers: HeaderMap) -> Answer {
    check_csrf(&headers, &person.session)?;
    if let Some(token) = cookie::session_token(&headers) {
        app.state.end_session(token).await?;
    }
    let mut response = ok(&json!({}));
    cookie::clear(response.headers_mut());
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Link {
    token: Option<String>,
}

/// `GET /login`: with a token the one-time link, without the page.
pub(crate) async fn link(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(link): Query<Link>,
) -> Answer {
    let Some(token) = link.token else { return Ok(assets::index()) };
    match app.state.redeem_login_link(&token).await? {
        Some(session) => {
            let org = app.state.session(&session.token).await?.map(|s| s.user.org);
            let first = match org {
                Some(org) => is_first_run(&app, org).await?,
                None => false,
            };
            let mut response = see(if first { "/setup" } else { "/" });
            cookie::set(response.headers_mut(), &session, app.is_tls());
            Ok(response)
        }
        None => {
            // Opened twice in the same browser: the first time did it.
            let known = match cookie::session_token(&headers) {
                Some(token) => app.state.session(token).await?.is_some(),
                None => false,
            };
            Ok(see(if known { "/" } else { "/login?expired=1" }))
        }
    }
}

fn see(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static(place))]).into_response()
}
