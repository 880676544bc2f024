//! The first page: lines to copy for each client, and whether its data has come.

use crate::answer::{Answer, ok};
use crate::app::App;
use crate::auth::Reader;
use axum::extract::State;
use oriel_state::KeyKind;
use serde_json::{Value, json};
use std::sync::Arc;

/// What stands for a key in the lines; a key is shown only once, when it is made.
const KEY: &str = "YOUR_API_KEY";

/// `GET /api/ui/setup`.
pub(crate) async fn setup(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let keys = app.state.keys(reader.org).await?;
    let hint = keys.iter().find(|k| k.kind == KeyKind::Api).map_or(String::new(), |k| format!("…{}", k.hint));
    let options = &app.options;
    Ok(ok(&json!({
        "base_url": options.base_url,
        "statsd_addr": options.statsd_addr.as_deref().unwrap_or("off"),
        "statsd_socket": options.statsd_socket,
        "api_key_hint": hint,
        "clients": clients(&app),
    })))
}

fn clients(app: &App) -> Vec<Value> {
    let base = &app.options.base_url;
    let mut clients = vec![client(
        app,
        (
            "agent",
            "This host, and others",
            &format!("/dashboard/system?tpl_var_host={}", app.options.hostname),
        ),
        &[("on another machine", format!("oriel agent --server {base} --api-key {KEY}"))],
    )];
    clients.extend(statsd(app));
    clients.push(client(
        app,
        ("datadogpy", "Python: datadog", &explore("first.metric")),
        &[("install", "pip install datadog".to_owned()), ("send", python(base))],
    ));
    clients.push(client(
        app,
        ("datadog-agent", "Datadog agent", "/hosts"),
        &[("datadog.yaml", format!("dd_url: {base}\napi_key: {KEY}"))],
    ));
    clients.push(client(
        app,
        ("prometheus", "Prometheus remote write", &explore("up")),
        &[("prometheus.yml", prometheus(base))],
    ));
    clients.push(client(app, ("curl", "curl", &explore("first.metric")), &[("send", curl(base))]));
    clients
}

fn statsd(app: &App) -> Option<Value> {
    let (host, port) = app.options.statsd_addr.as_deref()?.rsplit_once(':')?;
    let shell = format!("printf 'first.metric:42|g|#env:test' > /dev/udp/{host}/{port}");
    let python = format!(
        "from datadog import DogStatsd\nDogStatsd(host=\"{host}\", port={port}).gauge(\"first.metric\", 42)"
    );
    let mut lines = vec![("bash", shell), ("Python", python)];
    if let Some(socket) = &app.options.statsd_socket {
        lines.push(("any client", format!("DD_DOGSTATSD_URL=unix://{}", socket.display())));
    }
    Some(client(app, ("dogstatsd", "DogStatsD", &explore("first.metric")), &lines))
}

fn client(app: &App, (id, title, see): (&str, &str, &str), lines: &[(&str, String)]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(label, text)| json!({ "label": label, "text": text })).collect();
    json!({ "id": id, "title": title, "lines": lines, "seen_ms": app.seen.last_ms(id), "see": see })
}

fn explore(metric: &str) -> String {
    format!("/metrics/explore?q=avg:{metric}%7B*%7D")
}

fn python(base: &str) -> String {
    format!(
        "import time, datadog\ndatadog.initialize(api_host=\"{base}\", api_key=\"{KEY}\")\n\
         datadog.api.Metric.send(metric=\"first.metric\", points=[(time.time(), 42)], tags=[\"env:test\"])"
    )
}

fn prometheus(base: &str) -> String {
    format!("remote_write:\n  - url: {base}/api/v1/write\n    authorization: {{credentials: \"{KEY}\"}}")
}

fn curl(base: &str) -> String {
    format!(
        "curl -X POST {base}/api/v2/series -H 'DD-API-KEY: {KEY}' -H 'Content-Type: application/json' \\\n  \
         -d '{{\"series\":[{{\"metric\":\"first.metric\",\"type\":3,\"points\":[{{\"timestamp\":'$(date +%s)',\"value\":42}}],\"tags\":[\"env:test\"]}}]}}'"
    )
}
