//! The pages, embedded in the binary. Files under `assets/` bear a hash in their name and are cached for good; every other
//! page of the application is `index.html`, which is never cached.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../ui/dist"]
struct Dist;

/// What a browser sees when the binary was built without the pages.
const WITHOUT_PAGES: &str = "<!doctype html><meta charset=\"utf-8\"><title>Oriel</title>\
<h1>The pages are not in this binary</h1>\
<p>The API answers, and data is taken. To have the pages, run <code>make build</code> in the source tree: \
it builds <code>ui/dist</code> first and puts it into the binary.</p>";

/// Paths that the application draws itself.
const PAGES: [&str; 13] = [
    "/login",
    "/setup",
    "/dashboards",
    "/dashboard",
    "/metrics",
    "/hosts",
    "/settings",
    "/logs",
    "/events",
    "/apm",
    "/monitors",
    "/slos",
    "/synthetics",
];

/// The page or file under a path, if there is one.
pub(crate) fn find(path: &str) -> Option<Response> {
    let name = path.trim_start_matches('/');
    if let Some(file) = Dist::get(name) {
        return Some(serve(name, file));
    }
    let is_page = path == "/"
        || PAGES.iter().any(|p| path.strip_prefix(p).is_some_and(|r| r.is_empty() || r.starts_with('/')));
    is_page.then(index)
}

/// The application's one page.
pub(crate) fn index() -> Response {
    match Dist::get("index.html") {
        Some(file) => serve("index.html", file),
        None => (StatusCode::OK, Html(WITHOUT_PAGES)).into_response(),
    }
}

fn serve(name: &str, file: rust_embed::EmbeddedFile) -> Response {
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
