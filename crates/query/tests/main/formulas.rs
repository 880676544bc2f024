//! Formulas over metrics and rows together: one grid, groups that meet by their values, totals for scalar answers.

use crate::memory::{Memory, Piece, Stored, definition};
use crate::memory_rows::MemoryRows;
use oriel_model::{Core, Field, Frame, Kind, Row, Signal, TimeRange};
use oriel_query::rows::{
    AggregateRequest, Aggregated, Aggregation, Compute, GroupBy, RowAggregator, aggregate,
};
use oriel_query::{Engine, Named, NamedRows, Outcome, Request, Result, RowQuery, search};
use oriel_store::{Cancel, MetricReader};
use std::sync::Arc;
use std::time::Instant;

impl RowAggregator for MemoryRows {
    fn aggregate(
        &self,
        _: Signal,
        request: &AggregateRequest,
        (cancel, _): (&Cancel, Option<Instant>),
    ) -> Result<Aggregated> {
        aggregate(self, request, cancel)
    }
}

/// Requests of two services, 100 a minute for one and 50 for the other.
fn metrics() -> Arc<dyn MetricReader> {
    let mut memory = Memory::default();
    for (service, per_minute) in [("web", 100.0), ("db", 50.0)] {
        let points = (0..10).map(|i| (i * 60_000, per_minute)).collect();
        let piece = Piece { kind: Kind::Count, interval_s: 60, reset: false, points };
        let def = definition(&format!("hits{{service:{service}}}"));
        memory.series.push(Stored { def, pieces: vec![piece], sketches: Vec::new() });
    }
    Arc::new(memory)
}

/// In minute `i` the web logs `i` errors, each of `i` seconds; the database one in the first minute.
fn logs() -> MemoryRows {
    let row = |minute: i64, service: &str| {
        let mut row = Row::new(minute * 60_000_000_000 + 5_000_000_000);
        row.set_text(Core::Service, service);
        row.set_text(Core::Status, "error");
        row.duration_ns = minute * 1_000_000_000;
        row
    };
    let mut rows: Vec<Row> = (0..10).flat_map(|i| (0..i).map(move |_| row(i, "web"))).collect();
    rows.push(row(0, "db"));
    MemoryRows::new(Signal::Spans, rows)
}

fn errors(by: &[&str], compute: Compute) -> NamedRows {
    let query = RowQuery {
        signal: Signal::Spans,
        filter: search::parse(Signal::Spans, "status:error").expect("a search"),
        search: "status:error".into(),
        compute,
        group_by: by.iter().map(|name| GroupBy::new(Field::parse(Signal::Spans, name))).collect(),
        interval_ms: None,
    };
    NamedRows { name: "errors".into(), query }
}

fn run(request: &Request) -> Vec<Outcome> {
    Engine::new(1).run_with_rows(&metrics(), Some(&logs()), request).expect("a run")
}

fn frame(request: &Request) -> Frame {
    run(request).remove(0).result.expect("an answer")
}

fn request(step_ms: i64) -> Request {
    Request { step_ms: Some(step_ms), ..Request::new(TimeRange::new(0, 600_000), 600_000) }
}

#[test]
fn a_ratio_of_logs_and_metrics_by_service() {
    let mut asked = request(300_000).query("hits", "sum:hits{*} by {service}.as_count()");
    asked.row_queries.push(errors(&["service"], Compute::count()));
    asked.formulas.push(Named::new("share", "errors * 100 / hits"));
    let found = frame(&asked);
    assert_eq!(found.times, [0, 300_000]);
    let shown: Vec<(String, Vec<f64>)> =
        found.series.into_iter().map(|s| (s.group[0].1.clone(), s.values)).collect();
    assert_eq!(shown, [("web".into(), vec![2.0, 7.0]), ("db".into(), vec![0.4, 0.0])]);
}

#[test]
fn without_formulas_row_queries_come_after_metric_queries() {
    let mut asked = request(300_000).query("hits", "sum:hits{*}.as_count()");
    asked.row_queries.push(errors(&[], Compute::count()));
    let found = run(&asked);
    assert_eq!(found.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["hits", "errors"]);
    let rows = found[1].result.as_ref().expect("rows");
    assert_eq!(rows.series[0].values, [11.0, 35.0]);
    assert_eq!(rows.series[0].scope, "status:error");
    assert_eq!(rows.series[0].expression, "spans(\"status:error\").rollup(count)");
}

#[test]
fn totals_are_of_the_whole_range() {
    let p50 = Compute { aggregation: Aggregation::Percentile(0.5), field: Some(Field::Core(Core::Duration)) };
    let mut asked = request(300_000);
    asked.row_totals = true;
    asked.row_queries.push(errors(&[], p50));
    asked.formulas.push(Named::new("seconds", "errors / 1000000000"));
    assert_eq!(frame(&asked).series[0].values, [7.0, 7.0]);
}

#[test]
fn an_interval_of_its_own_and_functions() {
    let mut asked = Request::new(TimeRange::new(0, 600_000), 600_000);
    let mut rows = errors(&["service"], Compute::count());
    rows.query.interval_ms = Some(120_000);
    asked.row_queries.push(rows);
    asked.formulas.push(Named::new("more", "cumsum(errors)"));
    let found = frame(&asked);
    assert_eq!(found.step_ms, 120_000);
    assert_eq!(found.series[0].values, [1.0, 6.0, 15.0, 28.0, 45.0]);
}

#[test]
fn without_rows_a_row_query_says_so_and_an_unknown_name_lists_the_known() {
    let mut asked = request(60_000);
    asked.row_queries.push(errors(&[], Compute::count()));
    let outcome = Engine::new(1).run(&metrics(), &asked).expect("a run").remove(0);
    assert!(outcome.result.expect_err("no rows").to_string().contains("spans"));
    asked.formulas.push(Named::new("x", "nope"));
    let error = run(&asked).remove(0).result.expect_err("no such name");
    assert_eq!(error.expected(), ["errors"]);
}
