//! One server a test: requests in, status, headers and JSON out.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use oriel_model::ManualClock;
use oriel_server::{Fixed, Options, Server};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const API_KEY: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
pub(crate) const APP_KEY: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const PASSWORD: &str = "correct horse";
/// An hour and a bit after the captured requests' times.
pub(crate) const NOW_S: i64 = 1_700_003_700;

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) clock: Arc<ManualClock>,
    _dir: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| {
            panic!("{}: not JSON ({e}): {}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The value of a cookie that this answer sets.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let all = self.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
        let mut values = all.filter_map(|c| c.strip_prefix(name)?.strip_prefix('=')?.split(';').next());
        values.next().unwrap_or_default().to_owned()
    }

    pub(crate) fn errors(&self) -> String {
        self.json()["errors"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect()
    }
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW_S * 1000));
        let options = Options {
            webhook_allow_private: true,
            smtp_url: None,
            data: dir.path().to_owned(),
            hostname: "test-host".into(),
            memory_bytes: 256 << 20,
            metrics_retention_ms: 400 * 86_400_000,
            events_retention_ms: 30 * 86_400_000,
            logs_retention_ms: 30 * 86_400_000,
            spans_retention_ms: 30 * 86_400_000,
            base_url: "http://127.0.0.1:8080".into(),
            statsd_addr: Some("127.0.0.1:8125".into()),
            statsd_socket: None,
            agent: false,
        };
        let fixed = Fixed {
            api_key: Some(API_KEY.into()),
            app_key: Some(APP_KEY.into()),
            admin_password: Some(PASSWORD.into()),
        };
        let server = Server::open(options, &fixed, clock.clone()).await.unwrap();
        Self { server, clock, _dir: dir }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.server.router().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// With both keys.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &KEYS, Body::empty()).await
    }

    pub(crate) async fn change(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, &KEYS, body.to_string()).await
    }

    /// One gauge by the v2 intake.
    pub(crate) async fn gauge(&self, metric: &str, host: &str, tags: &[&str], points: &[(i64, f64)]) {
        let points: Vec<Value> =
            points.iter().map(|(t, v)| serde_json::json!({"timestamp": t, "value": v})).collect();
        let body = serde_json::json!({"series": [{"metric": metric, "type": 3, "points": points, "tags": tags,
            "resources": [{"type": "host", "name": host}]}]});
        let answer = self.change("POST", "/api/v2/series", body).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (202, serde_json::json!({"errors": []})));
    }

    /// `[[seconds, value]]` of each series by `/api/v1/query`.
    pub(crate) async fn query(&self, query: &str) -> Vec<(String, Vec<(i64, f64)>)> {
        let encoded: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
        let path = format!("/api/v1/query?from={}&to={}&query={encoded}", NOW_S - 3700, NOW_S + 60);
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.body));
        let json = answer.json();
        let point = |p: &Value| (p[0].as_f64().unwrap() as i64 / 1000, p[1].as_f64().unwrap());
        let series = json["series"].as_array().unwrap().iter();
        series
            .map(|s| {
                let points = s["pointlist"].as_array().unwrap().iter().map(point).collect();
                (s["scope"].as_str().unwrap().to_owned(), points)
            })
            .collect()
    }

    /// A login's cookie header and CSRF token.
    pub(crate) async fn login(&self) -> (String, String) {
        let body = serde_json::json!({"user": "admin", "password": PASSWORD}).to_string();
        let answer = self.send("POST", "/api/ui/login", &[], body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let csrf = answer.cookie("oriel_csrf");
        (format!("oriel_session={}; oriel_csrf={csrf}", answer.cookie("oriel_session")), csrf)
    }
}

pub(crate) const KEYS: [(&str, &str); 2] = [("DD-API-KEY", API_KEY), ("DD-APPLICATION-KEY", APP_KEY)];
