//! The two cookies of a login: the session (HttpOnly) and the CSRF token (readable by the page).

use axum::http::{HeaderMap, HeaderValue, header};
use oriel_state::StartedSession;

pub(crate) const SESSION: &str = "oriel_session";
pub(crate) const CSRF: &str = "oriel_csrf";

/// The session's token, if a cookie bears one.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == SESSION && !value.is_empty())
        .map(|(_, value)| value)
}

/// Puts both cookies on an answer.
pub(crate) fn set(headers: &mut HeaderMap, session: &StartedSession, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let life = session.life_s;
    let texts = [
        format!("{SESSION}={}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}", session.token),
        format!("{CSRF}={}; Path=/; Max-Age={life}; SameSite=Lax{secure}", session.csrf),
    ];
    append(headers, &texts);
}

/// Takes both cookies back.
pub(crate) fn clear(headers: &mut HeaderMap) {
    let texts = [
        format!("{SESSION}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
        format!("{CSRF}=; Path=/; Max-Age=0; SameSite=Lax"),
    ];
    append(headers, &texts);
}

fn append(headers: &mut HeaderMap, texts: &[String]) {
    for text in texts {
        // Tokens are hexadecimal, so the text is always a header's.
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}
