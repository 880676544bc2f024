//! What runs of synthetic tests found, read off the service checks that agents send.
//!
//! The runs of a day are kept in memory once somebody asks, and only news is read from then on.

use super::one;
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Payload, Query, read_json};
use axum::extract::State;
use oriel_model::{CheckStatus, OrgId, ServiceCheck, TimeMs, TimeRange};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The service check of tests.
const CHECK: &str = "synthetics.test";
const DAY_MS: i64 = 86_400_000;
/// A lone agent's buffer may be this late; what comes later is seen once everything is read anew.
const LATE_MS: i64 = 120_000;
const ANEW_MS: i64 = 600_000;
/// Results of one answer.
const RESULTS: usize = 150;
/// Runs of one test that are kept: one every 30 s for a day.
const RUNS_MAX: usize = 3_000;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TestRun {
    pub(crate) at_ms: TimeMs,
    pub(crate) passed: bool,
    pub(crate) took_ms: Option<f64>,
    pub(crate) error: Option<String>,
    pub(crate) location: String,
}

/// The runs of a day by test, the oldest first.
pub(crate) type Runs = BTreeMap<String, Vec<TestRun>>;

#[derive(Default)]
struct Known {
    read_ms: TimeMs,
    anew_ms: TimeMs,
    runs: Arc<Runs>,
}

/// See the module's head. One lock, held for look-ups only.
#[derive(Default)]
pub(crate) struct Results {
    known: Mutex<HashMap<OrgId, Known>>,
    pub(super) triggers: super::trigger::Triggers,
}

/// The runs of the last day.
pub(crate) async fn of_day(app: &Arc<App>, org: OrgId) -> Answer<Arc<Runs>> {
    let now = app.now_ms();
    let (read_ms, anew_ms, kept) = {
        let known = app.synthetic_results.known.lock();
        known.get(&org).map_or((0, 0, Arc::default()), |k| (k.read_ms, k.anew_ms, Arc::clone(&k.runs)))
    };
    let anew = now - anew_ms >= ANEW_MS || read_ms > now;
    let from = if anew { now - DAY_MS } else { read_ms - LATE_MS };
    let checks = read(app, org, TimeRange::new(from, now + 1)).await?;
    let runs = Arc::new(merged(if anew { Runs::new() } else { (*kept).clone() }, &checks, (from, now)));
    let known = Known { read_ms: now, anew_ms: if anew { now } else { anew_ms }, runs: Arc::clone(&runs) };
    app.synthetic_results.known.lock().insert(org, known);
    Ok(runs)
}

async fn read(app: &Arc<App>, org: OrgId, range: TimeRange) -> Answer<Vec<ServiceCheck>> {
    crate::query::read(app, move |app| app.store.check_runs(org, CHECK, range)).await
}

/// What was known before a moment, and what was read since.
fn merged(mut runs: Runs, checks: &[ServiceCheck], (from, now): (TimeMs, TimeMs)) -> Runs {
    for list in runs.values_mut() {
        list.retain(|run| run.at_ms < from && run.at_ms >= now - DAY_MS);
    }
    for check in checks {
        let Some(id) = tag(check, "test_id") else { continue };
        let list = runs.entry(id.to_owned()).or_default();
        list.push(run_of(check));
        if list.len() > RUNS_MAX {
            list.remove(0);
        }
    }
    runs.retain(|_, list| !list.is_empty());
    runs
}

fn tag<'a>(check: &'a ServiceCheck, key: &str) -> Option<&'a str> {
    check.tags.iter().find_map(|t| t.strip_prefix(key)?.strip_prefix(':'))
}

/// `passed in 12 ms`, `failed in 12 ms: why`.
fn run_of(check: &ServiceCheck) -> TestRun {
    let (head, why) = check.message.split_once(": ").unwrap_or((&check.message, ""));
    let took = head.split(" in ").nth(1).and_then(|t| t.strip_suffix(" ms")).and_then(|t| t.parse().ok());
    let passed = check.status == CheckStatus::Ok;
    let error = match (passed, took) {
        (true, _) => None,
        (false, Some(_)) => Some(why.to_owned()),
        (false, None) => Some(check.message.clone()),
    };
    TestRun {
        at_ms: check.time_ms,
        passed,
        took_ms: took,
        error,
        location: tag(check, "location").unwrap_or(&check.host).to_owned(),
    }
}

impl TestRun {
    fn id(&self) -> String {
        format!("{}-{}", self.at_ms, self.location)
    }

    fn shown(&self) -> Value {
        let mut result = json!({"passed": self.passed, "timings": {"total": self.took_ms.unwrap_or(0.0)}});
        if let Some(error) = &self.error {
            result["failure"] = json!({"code": code(error), "message": error});
        }
        json!({
            "result_id": self.id(),
            "check_time": self.at_ms as f64,
            "probe_dc": self.location,
            "status": u8::from(!self.passed),
            "result": result,
        })
    }
}

/// Datadog's word for a failure.
fn code(error: &str) -> &'static str {
    let has = |part: &str| error.contains(part);
    match () {
        () if has("too many redirects") => "TOO_MANY_REDIRECTS",
        () if has("expected") || has("the status is") => "INCORRECT_ASSERTION",
        () if has("refused") => "CONNREFUSED",
        () if has("timed out") || has("no answer within") => "TIMEOUT",
        () if has("certificate") || has("handshake") => "SSL",
        () if has("dns") || has("name or service") || has("failed to lookup") => "DNS",
        () => "UNKNOWN",
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    from_ts: Option<i64>,
    #[serde(default)]
    to_ts: Option<i64>,
}

/// `GET /api/v1/synthetics/tests/{id}/results`: the newest first.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    one(&app, reader.org, &id).await?;
    let runs = of_day(&app, reader.org).await?;
    let all = runs.get(&id).map_or(&[][..], Vec::as_slice);
    let (from, to) = (asked.from_ts.unwrap_or(i64::MIN), asked.to_ts.unwrap_or(i64::MAX));
    let wanted = all.iter().rev().filter(|r| r.at_ms >= from && r.at_ms <= to).take(RESULTS);
    let results: Vec<Value> = wanted.map(TestRun::shown).collect();
    let last = all.last().map_or(0, |r| r.at_ms);
    Ok(ok(&json!({ "last_timestamp_fetched": last, "results": results })))
}

/// `GET /api/v1/synthetics/tests/{id}/results/{result}`.
pub(crate) async fn detail(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((id, result)): Path<(String, String)>,
) -> Answer {
    let kept = one(&app, reader.org, &id).await?;
    let runs = of_day(&app, reader.org).await?;
    let found = runs.get(&id).and_then(|list| list.iter().find(|r| r.id() == result));
    let found =
        found.ok_or_else(|| Failure::not_found(format!("result {result} of test {id} does not exist")))?;
    let mut shown = found.shown();
    shown["check"] = json!({"config": kept.document.body["config"]});
    shown["check_version"] = json!(1);
    shown["result"]["eventType"] = json!("finished");
    if let Some(fields) = shown["result"].as_object_mut() {
        fields.remove("passed");
    }
    Ok(ok(&shown))
}

/// Percent of runs that passed; NaN without one.
pub(crate) fn uptime(runs: &[TestRun]) -> f64 {
    let passed = runs.iter().filter(|r| r.passed).count();
    if runs.is_empty() { f64::NAN } else { passed as f64 / runs.len() as f64 * 100.0 }
}

#[derive(Deserialize)]
pub(crate) struct Uptimes {
    public_ids: Vec<String>,
    from_ts: i64,
    to_ts: i64,
}

/// `POST /api/v1/synthetics/tests/uptimes`: over at most a day up to now, for which runs are at hand; longer ranges are read.
pub(crate) async fn uptimes(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let asked: Uptimes = read_json(&body)?;
    let range = TimeRange::new(asked.from_ts.saturating_mul(1_000), asked.to_ts.saturating_mul(1_000));
    if range.is_empty() || range.len_ms() > 31 * DAY_MS {
        return Err(Failure::invalid("from_ts and to_ts are seconds since the epoch, at most 31 days apart"));
    }
    let checks = read(&app, reader.org, range).await?;
    let answers: Vec<Value> = asked
        .public_ids
        .iter()
        .map(|id| {
            let runs: Vec<TestRun> =
                checks.iter().filter(|c| tag(c, "test_id") == Some(id)).map(run_of).collect();
            let history: Vec<Value> =
                runs.iter().map(|r| json!([r.at_ms as f64 / 1e3, f64::from(u8::from(!r.passed))])).collect();
            let mut overall =
                json!({"errors": null, "group": "*", "history": history, "span_precision": 2.0});
            if !runs.is_empty() {
                overall["uptime"] = json!(uptime(&runs));
            }
            json!({"public_id": id, "from_ts": asked.from_ts, "to_ts": asked.to_ts, "overall": overall})
        })
        .collect();
    Ok(ok(&answers))
}

#[cfg(test)]
mod tests;
