//! Who asks. Sending takes an API key; reading takes an application key beside it, or a login's cookie; changing takes the
//! same, and with a cookie the CSRF token. Keys win over a cookie, so that a stray cookie hurts nobody. Only this file and the
//! loopback listeners make an `OrgId` (STORE 27).

mod attempts;
pub(crate) mod cookie;

pub(crate) use attempts::Attempts;

use crate::answer::Failure;
use crate::app::App;
use crate::local::Loopback;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use oriel_model::OrgId;
use oriel_state::{DEFAULT_ORG, KeyKind, Session};
use std::borrow::Cow;
use std::sync::Arc;

/// Somebody with an API key: may send.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) org: OrgId,
    /// Tells keys apart in a request's digest.
    pub(crate) key_id: i64,
}

/// Somebody with both keys, or logged in: may read.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) org: OrgId,
    /// A user's name, or the application key's.
    pub(crate) name: String,
}

/// Who may change things: as [`Reader`], and a cookie came with its CSRF token.
#[derive(Clone, Debug)]
pub(crate) struct Editor {
    pub(crate) org: OrgId,
    pub(crate) name: String,
}

/// Somebody logged in; the pages' own calls answer 401 to others.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) session: Session,
}

impl Sender {
    /// No key has this id.
    const LOCAL: i64 = 0;

    /// Whether it came over a loopback listener.
    pub(crate) fn is_local(&self) -> bool {
        self.key_id == Self::LOCAL
    }
}

impl FromRequestParts<Arc<App>> for Sender {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        if parts.extensions.get::<Loopback>().is_some() {
            return Ok(Self { org: DEFAULT_ORG, key_id: Self::LOCAL });
        }
        let Some((place, key)) = api_key(parts) else {
            return Err(Failure::forbidden(
                "no API key; looked at the headers DD-API-KEY and Authorization and at ?api_key=",
            ));
        };
        match app.state.find_key(KeyKind::Api, &key) {
            Some(known) => Ok(Self { org: known.org, key_id: known.id }),
            None => Err(Failure::forbidden(format!("the API key in {place} is not known here"))),
        }
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let (caller, _) = caller(parts, app).await?;
        Ok(caller)
    }
}

impl FromRequestParts<Arc<App>> for Editor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let (caller, session) = caller(parts, app).await?;
        if let Some(session) = session {
            check_csrf(&parts.headers, &session)?;
        }
        Ok(Self { org: caller.org, name: caller.name })
    }
}

impl FromRequestParts<Arc<App>> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let session = match cookie::session_token(&parts.headers) {
            Some(token) => app.state.session(token).await?,
            None => None,
        };
        match session {
            Some(session) => Ok(Self { session }),
            None => Err(Failure::new(StatusCode::UNAUTHORIZED, "not logged in; log in at /login")),
        }
    }
}

/// The caller by keys or by cookie; with a cookie also its session.
async fn caller(parts: &Parts, app: &App) -> Result<(Reader, Option<Session>), Failure> {
    if app_key(parts).is_some() || api_key(parts).is_some() {
        let by_keys = by_keys(parts, app);
        // A page may carry an API key of another kind (a proxy's basic password); a good login still counts.
        if by_keys.is_ok() || cookie::session_token(&parts.headers).is_none() {
            return by_keys.map(|r| (r, None));
        }
        return match by_cookie(parts, app).await? {
            Some(found) => Ok(found),
            None => by_keys.map(|r| (r, None)),
        };
    }
    match by_cookie(parts, app).await? {
        Some(found) => Ok(found),
        None if parts.uri.path().starts_with("/api/ui/") => {
            Err(Failure::new(StatusCode::UNAUTHORIZED, "not logged in; log in at /login"))
        }
        None => Err(Failure::forbidden(
            "no keys; looked at the headers DD-API-KEY, DD-APPLICATION-KEY and Authorization, at ?api_key= and at the login's cookie",
        )),
    }
}

async fn by_cookie(parts: &Parts, app: &App) -> Result<Option<(Reader, Option<Session>)>, Failure> {
    let Some(token) = cookie::session_token(&parts.headers) else { return Ok(None) };
    let session = app.state.session(token).await?;
    Ok(session.map(|s| (Reader { org: s.user.org, name: s.user.name.clone() }, Some(s))))
}

fn by_keys(parts: &Parts, app: &App) -> Result<Reader, Failure> {
    let Some((place, key)) = api_key(parts) else {
        return Err(Failure::forbidden("an application key came without an API key; send DD-API-KEY too"));
    };
    let Some(api) = app.state.find_key(KeyKind::Api, &key) else {
        return Err(Failure::forbidden(format!("the API key in {place} is not known here")));
    };
    let Some((place, key)) = app_key(parts) else {
        return Err(Failure::forbidden(
            "no application key; looked at DD-APPLICATION-KEY and ?application_key=",
        ));
    };
    match app.state.find_key(KeyKind::App, &key) {
        Some(app_key) if app_key.org == api.org => Ok(Reader { org: api.org, name: app_key.name }),
        _ => Err(Failure::forbidden(format!("the application key in {place} is not known here"))),
    }
}

/// The token that a page sends back with each change.
pub(crate) fn check_csrf(headers: &HeaderMap, session: &Session) -> Result<(), Failure> {
    use subtle::ConstantTimeEq;
    let sent = headers.get("x-csrf-token").map_or(&[][..], |v| v.as_bytes());
    if bool::from(sent.ct_eq(session.csrf.as_bytes())) {
        return Ok(());
    }
    Err(Failure::forbidden(
        "a change by cookie needs X-CSRF-Token equal to the cookie oriel_csrf; reload the page",
    ))
}

/// The API key and where it was found.
fn api_key(parts: &Parts) -> Option<(&'static str, Cow<'_, str>)> {
    if let Some(key) = text(&parts.headers, "dd-api-key") {
        return Some(("the header DD-API-KEY", key.into()));
    }
    for name in ["api_key", "dd-api-key"] {
        if let Some(key) = parameter(parts, name) {
            return Some(("?api_key=", key));
        }
    }
    // Old log shippers put it there.
    if let Some(key) = parts.uri.path().strip_prefix("/v1/input/") {
        return Some(("the path", key.into()));
    }
    let authorization = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(("Authorization: Bearer", rest.trim().into()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
        let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        return Some(("the password of Authorization: Basic", password.to_owned().into()));
    }
    None
}

fn app_key(parts: &Parts) -> Option<(&'static str, Cow<'_, str>)> {
    if let Some(key) = text(&parts.headers, "dd-application-key") {
        return Some(("the header DD-APPLICATION-KEY", key.into()));
    }
    parameter(parts, "application_key").map(|key| ("?application_key=", key))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim).filter(|v| !v.is_empty())
}

/// A parameter of the query string. Keys are hexadecimal, so nothing is decoded.
fn parameter<'a>(parts: &'a Parts, name: &str) -> Option<Cow<'a, str>> {
    let pairs = parts.uri.query()?.split('&');
    let mut found = pairs.filter_map(|p| p.split_once('=')).filter(|(k, v)| *k == name && !v.is_empty());
    found.next().map(|(_, v)| v.into())
}
