//! Commands that ask a running server over HTTP: `oriel query` and `oriel compact`.

use crate::Outcome;
use crate::cli::{ClientFlags, Format, QueryFlags, Signal};
use crate::file::SettingsFile;
use crate::measure::time_s;
use crate::{rows, shape};
use oriel_model::{Clock, SystemClock};
use serde_json::Value;
use std::time::Duration;

/// Compaction of a month of imports takes minutes; a query has its own, shorter bound on the server.
const PATIENCE: Duration = Duration::from_secs(3600);

pub(crate) async fn query(flags: QueryFlags, file: &SettingsFile) -> Outcome {
    let now_s = SystemClock.now_ms() / 1000;
    let (from, to) = (time_s(&flags.from, now_s)?, time_s(&flags.to, now_s)?);
    let app_key = flags.app_key.or(file.get("app-key"));
    let app_key = app_key.ok_or("--app-key is missing; make one under Settings of the server's pages")?;
    let (url, api_key) = server(flags.client, file)?;
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let with_keys = |request: reqwest::RequestBuilder| {
        request.header("DD-API-KEY", &api_key).header("DD-APPLICATION-KEY", &app_key)
    };
    let range_ms = (from * 1000, to * 1000);
    let about_rows = match flags.signal {
        Signal::Metrics => {
            rows::is_sql(&flags.query).then(|| rows::sql_request(&flags.query, range_ms, flags.format))
        }
        signal => Some(rows::search_request(signal.as_str(), &flags.query, range_ms)),
    };
    if let Some((path, body)) = about_rows {
        let request = with_keys(client.post(format!("{url}{path}"))).json(&body);
        if flags.format == Format::Arrow && flags.signal == Signal::Metrics {
            return crate::show_bytes(&bytes(&url, request).await?);
        }
        return crate::show(&rows::show(&answer(&url, request).await?, flags.format)?);
    }
    let arguments = [("query", flags.query.as_str()), ("from", &from.to_string()), ("to", &to.to_string())];
    let answer = answer(&url, with_keys(client.get(format!("{url}/api/v1/query")).query(&arguments))).await?;
    crate::show(&match flags.format {
        Format::Json => serde_json::to_string_pretty(&answer)? + "\n",
        Format::Table => shape::table(&answer),
        Format::Csv => shape::csv(&answer),
        Format::Arrow => {
            return Err("--format arrow is for SQL; write the query as SELECT … FROM metrics".into());
        }
    })
}

pub(crate) async fn compact(flags: ClientFlags, file: &SettingsFile) -> Outcome {
    let (url, api_key) = server(flags, file)?;
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let request = client.post(format!("{url}/api/v1/oriel/compact")).header("DD-API-KEY", api_key);
    let report = answer(&url, request).await?;
    let n = |key: &str| report.get(key).and_then(Value::as_u64).unwrap_or(0);
    println!(
        "{} files of {} bytes became {} of {}; {} samples",
        n("files_before"),
        n("bytes_before"),
        n("files_after"),
        n("bytes_after"),
        n("samples")
    );
    Ok(())
}

fn server(flags: ClientFlags, file: &SettingsFile) -> Outcome<(String, String)> {
    let url = flags.server.or(file.get("server")).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let key = flags.api_key.or(file.get("api-key"));
    let key = key.ok_or("--api-key is missing; make one under Settings of the server's pages")?;
    Ok((url.trim_end_matches('/').to_owned(), key))
}

/// The JSON of a good answer.
async fn answer(url: &str, request: reqwest::RequestBuilder) -> Outcome<Value> {
    Ok(serde_json::from_slice(&bytes(url, request).await?).unwrap_or_default())
}

/// The body of a good answer; the server's own words of a bad one.
async fn bytes(url: &str, request: reqwest::RequestBuilder) -> Outcome<Vec<u8>> {
    let response = request.send().await.map_err(|e| format!("{url} can't be reached: {}", innermost(&e)))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|e| format!("{url} broke off: {}", innermost(&e)))?;
    if status.is_success() {
        return Ok(body.to_vec());
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let errors: Vec<&str> =
        body["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Err(format!("{url} answered {status}: {}", errors.join("; ")).into())
}

/// The cause at the bottom is what a person can act on.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
