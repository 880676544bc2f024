//! Answers queries over points given as JSON, for oracles in other languages: `tests/oracle/query_oracle.py` compares pandas and
//! NumPy with what this prints.
//!
//! In, on stdin: `{"range_s": [a, b], "series": [{"name": "m{host:a}", "kind": "gauge", "interval_s": 10, "points": [[t, v], …]}],
//! "queries": ["…"]}`. A distribution's points are `[t, [v, v, …]]`. Out: `{"text": {"step_s", "times_s", "series": {scope: [v|null]},
//! "bands": {scope: [[lower], [upper]]}, "error"}}`.

#![allow(clippy::panic, clippy::expect_used, reason = "a test's tool ends on wrong input")]
#![allow(dead_code, unreachable_pub, reason = "the reader is shared with the tests")]

#[path = "../tests/main/memory.rs"]
mod memory;

use memory::{Memory, Piece, Stored, definition};
use oriel_model::{Kind, Sketch, TimeRange};
use oriel_query::{Engine, Outcome, Request};
use oriel_store::MetricReader;
use serde_json::{Map, Value, json};
use std::io::Read;
use std::sync::Arc;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("stdin is readable");
    let input: Value = serde_json::from_str(&text).expect("stdin is JSON");
    let list = |key: &str| input[key].as_array().unwrap_or_else(|| panic!("{key} is a list")).clone();
    let reader: Arc<dyn MetricReader> =
        Arc::new(Memory { series: list("series").iter().map(stored).collect(), ..Memory::default() });
    let range = list("range_s");
    let range = TimeRange::new(ms(&range[0]), ms(&range[1]));
    let mut request = Request::new(range, range.end);
    for query in list("queries") {
        request =
            request.query(query.as_str().expect("a query is a text"), query.as_str().unwrap_or_default());
    }
    let outcomes = Engine::new(2).run(&reader, &request).expect("a sound request");
    let answers: Map<String, Value> = outcomes.iter().map(|o| (o.text.clone(), answer(o))).collect();
    println!("{}", Value::Object(answers));
}

fn ms(seconds: &Value) -> i64 {
    (seconds.as_f64().expect("seconds are a number") * 1000.0) as i64
}

fn stored(value: &Value) -> Stored {
    let kind: Kind = serde_json::from_value(value["kind"].clone()).expect("a kind");
    let points = value["points"].as_array().expect("points are a list");
    let def = definition(value["name"].as_str().expect("a name"));
    if kind == Kind::Distribution {
        let sketches = points.iter().map(|point| {
            let mut sketch = Sketch::default();
            let values = point[1].as_array().expect("a distribution has lists of values");
            values.iter().filter_map(Value::as_f64).for_each(|v| sketch.insert(v, 1));
            (ms(&point[0]), sketch)
        });
        return Stored { def, pieces: Vec::new(), sketches: sketches.collect() };
    }
    let points = points.iter().map(|p| (ms(&p[0]), p[1].as_f64().expect("a value"))).collect();
    let interval_s = value["interval_s"].as_u64().unwrap_or(10) as u32;
    Stored { def, pieces: vec![Piece { kind, interval_s, reset: false, points }], sketches: Vec::new() }
}

fn answer(outcome: &Outcome) -> Value {
    let frame = match &outcome.result {
        Ok(frame) => frame,
        Err(error) => return json!({"error": error.to_string()}),
    };
    let row = |values: &[f64]| -> Vec<Value> {
        values.iter().map(|v| if v.is_nan() { Value::Null } else { json!(v) }).collect()
    };
    let series: Map<String, Value> =
        frame.series.iter().map(|s| (s.scope.clone(), Value::from(row(&s.values)))).collect();
    let bands: Map<String, Value> = frame
        .series
        .iter()
        .filter_map(|s| {
            Some((s.scope.clone(), json!([row(&s.band.as_ref()?.lower), row(&s.band.as_ref()?.upper)])))
        })
        .collect();
    let times: Vec<f64> = frame.times.iter().map(|t| *t as f64 / 1000.0).collect();
    json!({"step_s": frame.step_ms / 1000, "times_s": times, "series": series, "bands": bands})
}
