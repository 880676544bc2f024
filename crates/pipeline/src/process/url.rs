//! What a URL is made of, as `url_details` shows it.

use serde_json::{Map, Value as Json, json};

/// Parameters kept of one query.
const PARAMETERS_MAX: usize = 100;
/// Longest URL that is read: servers refuse longer ones.
const BYTES_MAX: usize = 32 << 10;

/// Scheme, host, port, path, query and fragment of a whole URL, or of one that begins with its path.
pub(crate) fn details(text: &str, trim_slashes: bool) -> Option<Json> {
    let text = text.trim();
    if text.is_empty() || text.len() > BYTES_MAX {
        return None;
    }
    // A base for those that begin with their path, taken away again below.
    let is_relative = text.starts_with('/') && !text.starts_with("//");
    let url = if is_relative { url::Url::parse("http://h").ok()?.join(text) } else { url::Url::parse(text) };
    let url = url.ok().filter(|u| is_relative || u.has_host())?;
    let mut out = Map::new();
    if !is_relative {
        out.insert("scheme".to_owned(), json!(url.scheme()));
        out.insert("host".to_owned(), json!(url.host_str().unwrap_or_default()));
        if let Some(port) = url.port() {
            out.insert("port".to_owned(), json!(port));
        }
    }
    let path = match url.path().trim_end_matches('/') {
        "" => "/",
        trimmed if trim_slashes => trimmed,
        _ => url.path(),
    };
    out.insert("path".to_owned(), json!(path));
    if let Some(query) = url.query().filter(|q| !q.is_empty()) {
        out.insert("queryString".to_owned(), query_map(query));
    }
    if let Some(fragment) = url.fragment().filter(|f| !f.is_empty()) {
        out.insert("hash".to_owned(), json!(fragment));
    }
    Some(Json::Object(out))
}

/// `a=1&b=2` as an object; a name that comes again makes a list.
pub(crate) fn query_map(query: &str) -> Json {
    let mut out = Map::new();
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(PARAMETERS_MAX) {
        if key.is_empty() {
            continue;
        }
        let value = Json::String(value.into_owned());
        match out.get_mut(key.as_ref()) {
            None => drop(out.insert(key.into_owned(), value)),
            Some(Json::Array(list)) => list.push(value),
            Some(one) => *one = Json::Array(vec![one.take(), value]),
        }
    }
    Json::Object(out)
}
