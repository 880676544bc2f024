//! The request of an HTTP test.

use super::{Probe, Reader, TEXT_BYTES_MAX, flag};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct HttpProbe {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub basic_auth: Option<(String, String)>,
    pub follow_redirects: bool,
    pub accept_untrusted: bool,
    pub proxy: Option<Proxy>,
    /// Certificate and key that the client shows, as PEM.
    pub identity: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Proxy {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// Fields that would change what is sent, and that nobody here understands.
const UNSUPPORTED: [&str; 3] = ["files", "form", "dnsServer"];
const METHODS: [&str; 9] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"];
/// What `bodyType` says a body is, by its header.
const BODY_TYPES: [(&str, &str); 6] = [
    ("text/plain", "text/plain"),
    ("application/json", "application/json"),
    ("text/xml", "text/xml"),
    ("text/html", "text/html"),
    ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
    ("graphql", "application/json"),
];

impl Reader {
    pub(super) fn http(&mut self, request: &Value, options: &Value) -> Option<Probe> {
        let url = request["url"].as_str().unwrap_or_default().trim().to_owned();
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            self.error("config.request.url is missing; it starts with http:// or https://");
        }
        for field in UNSUPPORTED.iter().filter(|field| !is_empty(&request[**field])) {
            self.error(format!("config.request.{field} is not supported"));
        }
        self.http_version(request, options);
        let method = request["method"].as_str().unwrap_or("GET").to_uppercase();
        if !METHODS.contains(&method.as_str()) {
            self.error(format!("config.request.method {method:?} is not one of {}", METHODS.join(", ")));
        }
        let basic_auth = self.basic_auth(&request["basicAuth"]);
        let mut headers = self.headers("config.request.headers", &request["headers"]);
        let body = request["body"].as_str().unwrap_or_default().to_owned();
        if let Some(kind) = self.body_type(&request["bodyType"])
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            && !body.is_empty()
        {
            headers.push(("content-type".to_owned(), kind));
        }
        if body.len() + headers.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>() > TEXT_BYTES_MAX {
            self.error(format!("headers and body have more than {TEXT_BYTES_MAX} bytes"));
        }
        Some(Probe::Http(HttpProbe {
            method,
            url: with_query(url, &request["query"]),
            headers,
            body,
            basic_auth,
            follow_redirects: flag("follow_redirects", request, options).unwrap_or(true),
            accept_untrusted: flag("allow_insecure", request, options).unwrap_or(false),
            proxy: self.proxy(&request["proxy"]),
            identity: self.identity(&request["certificate"]),
        }))
    }

    fn http_version(&mut self, request: &Value, options: &Value) {
        for given in [&request["httpVersion"], &options["httpVersion"]] {
            if !(given.is_null() || given == "any" || given == "http1") {
                self.error(format!("httpVersion {given} is not supported; http1 and any are"));
            }
        }
    }

    fn headers(&mut self, field: &str, given: &Value) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for (name, value) in given.as_object().into_iter().flatten() {
            match value.as_str() {
                Some(value) => headers.push((name.clone(), value.to_owned())),
                None => self.error(format!("{field}.{name} is not a text")),
            }
        }
        headers
    }

    fn body_type(&mut self, given: &Value) -> Option<String> {
        let word = given.as_str()?;
        let found = BODY_TYPES.iter().find(|(known, _)| *known == word).map(|(_, kind)| (*kind).to_owned());
        if found.is_none() {
            let known = BODY_TYPES.map(|(known, _)| known).join(", ");
            self.error(format!("config.request.bodyType {word:?} is not supported; {known} are"));
        }
        found
    }

    fn proxy(&mut self, given: &Value) -> Option<Proxy> {
        if is_empty(given) {
            return None;
        }
        let url = given["url"].as_str().unwrap_or_default().trim().to_owned();
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            self.error("config.request.proxy.url starts with http:// or https://");
        }
        let headers = self.headers("config.request.proxy.headers", &given["headers"]);
        Some(Proxy { url, headers })
    }

    /// Exports leave out what is secret, so that one must be filled in again.
    fn identity(&mut self, given: &Value) -> Option<String> {
        if is_empty(given) {
            return None;
        }
        let part = |name: &str| given[name]["content"].as_str().filter(|t| t.contains("-----BEGIN"));
        match (part("cert"), part("key")) {
            (Some(certificate), Some(key)) => Some(format!("{certificate}\n{key}\n")),
            (certificate, _) => {
                let missing = if certificate.is_none() { "cert" } else { "key" };
                self.error(format!(
                    "config.request.certificate.{missing}.content is missing; it is a PEM text"
                ));
                None
            }
        }
    }

    fn basic_auth(&mut self, given: &Value) -> Option<(String, String)> {
        if given.is_null() {
            return None;
        }
        match given["type"].as_str() {
            None | Some("web") => {
                let text = |field: &str| given[field].as_str().unwrap_or_default().to_owned();
                Some((text("username"), text("password")))
            }
            Some(other) => {
                self.error(format!("config.request.basicAuth.type {other:?} is not supported; web is"));
                None
            }
        }
    }
}

fn is_empty(given: &Value) -> bool {
    match given {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The parameters of `query`, behind those that the URL has.
fn with_query(mut url: String, query: &Value) -> String {
    for (name, value) in query.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&escaped(name));
        url.push('=');
        url.push_str(&escaped(&value));
    }
    url
}

fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
