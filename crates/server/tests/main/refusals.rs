//! What cannot be read is refused in the API's own form on every route: a table of all of them, kept as a golden file that
//! people read, and a storm of nonsense that may be refused and never be a mistake of the server.

use crate::rig::{KEYS, Rig};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;
use tower::ServiceExt;

const ROUTER: &str = include_str!("../../src/router.rs");
const INTEGRATIONS: &str = include_str!("../../src/api/integrations.rs");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/main/refusals.txt");

/// What stands for a part of a path: nothing has this id or name.
const NOBODY: &str = "987654321";

/// Every parameter that some route reads as more than text. The others take any text, and look for it.
const PARAMETERS: [&str; 36] = [
    "active",
    "apply_correction",
    "at_ms",
    "count",
    "current_only",
    "end",
    "end_ms",
    "force",
    "from",
    "from_ms",
    "from_ts",
    "group",
    "id_offset",
    "include_facets",
    "include_muted_hosts_data",
    "limit",
    "offset",
    "page",
    "page[limit]",
    "page[number]",
    "page[offset]",
    "page[size]",
    "page_number",
    "page_size",
    "per_page",
    "span",
    "start",
    "start_ms",
    "status",
    "target",
    "to",
    "to_ms",
    "to_ts",
    "timeframe",
    "with_configured_alert_ids",
    "with_downtimes",
];

/// The paths under `/api` that the server's code names, whatever is added to it.
fn routes() -> Vec<String> {
    let constants = regex::Regex::new(r#"const ([A-Z]+): &str = "(/api/[^"]+)";"#).unwrap();
    let constants: BTreeMap<&str, &str> = constants
        .captures_iter(INTEGRATIONS)
        .map(|c| (c.get(1).unwrap().as_str(), c.get(2).unwrap().as_str()))
        .collect();
    let direct = regex::Regex::new(r#"\.route\(\s*"(/api/[^"]+)""#).unwrap();
    let named = regex::Regex::new(r#"\.route\(\s*([A-Z]+)\b"#).unwrap();
    let composed = regex::Regex::new(r#"\.route\(\s*&format!\("\{([A-Z]+)\}(/[^"]+)"\)"#).unwrap();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for source in [ROUTER, INTEGRATIONS] {
        found.extend(direct.captures_iter(source).map(|c| c[1].to_owned()));
    }
    found.extend(named.captures_iter(INTEGRATIONS).map(|c| constants[&c[1]].to_owned()));
    found.extend(
        composed
            .captures_iter(INTEGRATIONS)
            .map(|c| format!("{}{}", constants[&c[1]], c[2].replace("{{", "{").replace("}}", "}"))),
    );
    let calls = |source: &str| source.matches(".route(").count();
    let others = ROUTER.matches(".route(\"/").count() - ROUTER.matches(".route(\"/api/").count();
    assert_eq!(
        found.len() + others,
        calls(ROUTER) + calls(INTEGRATIONS),
        "a route is written in another way"
    );
    found.into_iter().collect()
}

/// The path with something in each of its parts.
fn filled(route: &str, with: &str) -> String {
    let part = regex::Regex::new(r"\{[^}]+\}").unwrap();
    part.replace_all(route, with).into_owned()
}

struct Told {
    status: u16,
    allow: Vec<String>,
    errors: Vec<String>,
}

/// Sends, and holds the answer to its form: under `/api` a failure is JSON with words, and never a mistake of the server.
async fn ask(rig: &Rig, method: &str, path: &str, body: impl Into<Body>) -> Told {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in KEYS {
        request = request.header(name, value);
    }
    let request = request.body(body.into()).unwrap();
    let response = rig.server.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let header = |name: &str| parts.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    let status = parts.status.as_u16();
    let allow = header("allow").split(',').filter(|m| !m.is_empty()).map(str::to_owned).collect();
    if status < 400 {
        return Told { status, allow, errors: Vec::new() };
    }
    let bytes =
        tokio::time::timeout(Duration::from_secs(30), to_bytes(body, 1 << 20)).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&bytes).into_owned();
    let known = status < 500 || parts.status == StatusCode::NOT_IMPLEMENTED;
    assert!(known, "{method} {path}: {status} {said}");
    assert_eq!(header("content-type"), "application/json", "{method} {path}: {said}");
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    let errors: Vec<String> = match &json["errors"] {
        Value::Array(list) => list.iter().map(|e| e.as_str().unwrap().to_owned()).collect(),
        // Who can't be deleted, by id, beside what can.
        Value::Object(by_id) if status == 409 => by_id.values().map(Value::to_string).collect(),
        other => panic!("{method} {path}: {status} has errors {other}"),
    };
    assert!(
        errors.iter().all(|e| !e.is_empty()) && !errors.is_empty(),
        "{method} {path}: {status} says nothing"
    );
    Told { status, allow, errors }
}

async fn methods(rig: &Rig, route: &str) -> Vec<String> {
    let told = ask(rig, "TRACE", &filled(route, NOBODY), Body::empty()).await;
    if told.status == 501 {
        return vec!["GET".to_owned()];
    }
    assert_eq!(told.status, 405, "TRACE {route}");
    assert!(
        told.errors[0].contains("does not take TRACE") && !told.allow.is_empty(),
        "{route}: {:?}",
        told.errors
    );
    told.allow.into_iter().filter(|m| m != "HEAD").collect()
}

fn line(table: &mut String, what: &str, told: &Told) {
    let words = told.errors.join(" | ");
    writeln!(table, "{what:<76} {} {words}", told.status).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_in_words() {
    let rig = Rig::new().await;
    let mut table = "What each route under /api answers to what it can't read: a wrong method, a body that is cut off, one of another\nform, and each parameter that it refuses to take \"x\" for.\n".to_owned();
    for route in routes() {
        let path = filled(&route, NOBODY);
        let methods = methods(&rig, &route).await;
        writeln!(table, "\n{route}  takes {}", methods.join(", ")).unwrap();
        for method in &methods {
            if method == "GET" {
                for parameter in PARAMETERS {
                    let asked = format!("{path}?{}=x", parameter.replace('[', "%5B").replace(']', "%5D"));
                    let told = ask(&rig, "GET", &asked, Body::empty()).await;
                    let words = told.errors.join(" ");
                    if words.contains(&format!("{parameter}:")) {
                        assert_eq!(told.status, 400);
                        line(&mut table, &format!("  GET ?{parameter}=x"), &told);
                    }
                }
                let told = ask(&rig, "GET", &path, Body::empty()).await;
                if told.status >= 400 {
                    line(&mut table, "  GET", &told);
                }
            } else {
                for body in ["{\"data\": [", "\"text\""] {
                    let told = ask(&rig, method, &path, body).await;
                    line(&mut table, &format!("  {method} {body}"), &told);
                }
            }
        }
    }
    let told = ask(&rig, "GET", "/api/v1/nowhere", Body::empty()).await;
    assert_eq!(told.status, 404);
    line(&mut table, "\nGET /api/v1/nowhere", &told);
    let table: String = table.lines().map(|l| format!("{}\n", l.trim_end())).collect();
    if std::env::var_os("ORIEL_GOLDEN_FILL").is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    for (was, is) in golden.lines().zip(table.lines()) {
        assert_eq!(was, is, "see {GOLDEN}; ORIEL_GOLDEN_FILL=1 writes it");
    }
    assert_eq!(golden.lines().count(), table.lines().count());
}

/// Words that fields and parameters have, so that nonsense gets past the first look.
const WORDS: [&str; 74] = [
    "query",
    "name",
    "type",
    "message",
    "tags",
    "options",
    "thresholds",
    "critical",
    "warning",
    "critical_recovery",
    "scope",
    "monitor_id",
    "monitor_ids",
    "monitor_tags",
    "monitor_identifier",
    "schedule",
    "recurrences",
    "recurrence",
    "rrule",
    "duration",
    "start",
    "end",
    "timezone",
    "data",
    "attributes",
    "id",
    "ids",
    "from",
    "to",
    "from_ms",
    "to_ms",
    "at_ms",
    "page",
    "per_page",
    "page_size",
    "limit",
    "offset",
    "sort",
    "group",
    "groups",
    "status",
    "target",
    "timeframe",
    "numerator",
    "denominator",
    "sli_specification",
    "time_slice",
    "config",
    "request",
    "assertions",
    "locations",
    "url",
    "payload",
    "custom_headers",
    "encode_as",
    "value",
    "is_secret",
    "settings",
    "kind",
    "monitor",
    "transition",
    "resolve",
    "action",
    "queries",
    "formulas",
    "signal",
    "slo_id",
    "category",
    "from_ts",
    "to_ts",
    "filter",
    "restricted_roles",
    "priority",
    "force",
];
const TYPES: [&str; 16] = [
    "metric alert",
    "query alert",
    "composite",
    "slo alert",
    "log alert",
    "service check",
    "metric",
    "monitor",
    "time_slice",
    "api",
    "http",
    "weeks",
    "metrics",
    "logs",
    "mute",
    "avg(last_5m):avg:a{*} by {h} > 5",
];

struct Nonsense(rand::rngs::StdRng);

impl Nonsense {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.0.random_range(0..of.len())]
    }

    fn number(&mut self) -> String {
        let all = [
            "0",
            "-1",
            "1",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "1e308",
            "-1e308",
            "0.1",
            "1700000000",
            "1700000000000",
            "9007199254740993",
        ];
        self.one(&all).to_owned()
    }

    fn text(&mut self) -> String {
        match self.0.random_range(0..12) {
            0 => String::new(),
            1 => "\u{0}".to_owned(),
            2 => "ü\u{202e}\u{0}\n\"\\".to_owned(),
            3 => "x".repeat(10_240),
            4 => "(".repeat(2_000),
            5 => "../../etc/passwd".to_owned(),
            6 => self.number(),
            7 => "{{#is_alert}}{{value}} @".repeat(50),
            8 => "2026-13-45T99:99:99Z".to_owned(),
            _ => self.one(&TYPES).to_owned(),
        }
    }

    fn json(&mut self, depth: usize) -> String {
        match self.0.random_range(0..if depth == 0 { 6 } else { 12 }) {
            0 => "null".to_owned(),
            1 => "true".to_owned(),
            2 | 3 => self.number(),
            4 | 5 => Value::String(self.text()).to_string(),
            6 => {
                let items: Vec<String> =
                    (0..self.0.random_range(0..4)).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", items.join(","))
            }
            7 if self.0.random_range(0..8) == 0 => {
                let tags: Vec<String> = (0..10_000).map(|n| format!("\"tag:{n}\"")).collect();
                format!("[{}]", tags.join(","))
            }
            7 if self.0.random_range(0..8) == 0 => format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)),
            _ => {
                // A name may come twice.
                let fields: Vec<String> = (0..self.0.random_range(0..8))
                    .map(|_| format!("\"{}\":{}", self.one(&WORDS), self.json(depth - 1)))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }

    fn encoded(&mut self) -> String {
        let text = if self.0.random_bool(0.5) { self.number() } else { self.text() };
        text.bytes().take(2_000).map(|b| format!("%{b:02X}")).collect()
    }

    fn parameters(&mut self) -> String {
        let pairs: Vec<String> = (0..self.0.random_range(0..5))
            .map(|_| {
                let name = if self.0.random_bool(0.5) { self.one(&WORDS) } else { self.one(&PARAMETERS) };
                format!("{}={}", name.replace('[', "%5B").replace(']', "%5D"), self.encoded())
            })
            .collect();
        pairs.join("&")
    }
}

/// `ORIEL_SEED` repeats a run, `ORIEL_RUNS` makes it longer.
#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_and_never_breaks_the_server() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let first = number("ORIEL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let rig = Rig::new().await;
    let routes = routes();
    let mut taken = Vec::new();
    for route in &routes {
        taken.push(methods(&rig, route).await);
    }
    for seed in first..first + number("ORIEL_RUNS").unwrap_or(2) {
        println!("ORIEL_SEED={seed}");
        let mut nonsense = Nonsense(rand::rngs::StdRng::seed_from_u64(seed));
        for (route, methods) in routes.iter().zip(&taken) {
            // It waits for rows to come.
            if route.ends_with("/tail") {
                continue;
            }
            for method in methods {
                let id = if nonsense.0.random_bool(0.3) { nonsense.encoded() } else { NOBODY.to_owned() };
                let id = if id.is_empty() { NOBODY.to_owned() } else { id };
                let path = format!("{}?{}", filled(route, &id), nonsense.parameters());
                let body = if method == "GET" { String::new() } else { nonsense.json(5) };
                ask(&rig, method, &path, body).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_too_large_and_too_deep_are_refused() {
    let rig = Rig::new().await;
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(5 << 20));
    let told = ask(&rig, "POST", "/api/v1/monitor", large).await;
    assert_eq!(
        (told.status, told.errors[0].as_str()),
        (413, "the body is over 4194304 bytes; send less at once")
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let told = ask(&rig, "POST", "/api/v1/monitor", deep).await;
    assert_eq!(
        (told.status, told.errors[0].as_str()),
        (400, "the body is not JSON: recursion limit exceeded at line 1 column 128")
    );
    for route in ["/api/v1/slo", "/api/v2/downtime", "/api/ui/monitors/preview"] {
        let told = ask(&rig, "POST", route, "\u{feff}{").await;
        assert_eq!(told.status, 400, "{route}: {:?}", told.errors);
    }
    let gzip = Request::builder().method("POST").uri("/api/v1/monitor").header("content-encoding", "zip");
    let gzip = KEYS.iter().fold(gzip, |r, (name, value)| r.header(*name, *value));
    let answer = rig.server.router().oneshot(gzip.body(Body::from("{}")).unwrap()).await.unwrap();
    assert!(answer.status().is_client_error());
}
