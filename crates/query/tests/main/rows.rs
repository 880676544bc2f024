//! Questions about rows against plain loops over the same rows.

use crate::memory_rows::MemoryRows;
use oriel_model::{Core, Field, Filter, Row, Signal, TimeRange, Value};
use oriel_query::rows::{
    AggregateRequest, Aggregated, Aggregation, Compute, FacetKind, FacetsRequest, GroupBy, HistogramRequest,
    Part, PartKind, RowGrid, RowsOf, Selection, Sort, aggregate, compare, complete_search, facets, heatmap,
    histogram, patterns,
};
use oriel_store::{Cancel, NsRange};
use oriel_testkit::row_cases;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ALL: NsRange = NsRange { start: 0, end: i64::MAX };

fn of(filter: Filter) -> RowsOf {
    RowsOf { range: ALL, filter }
}

fn request(group_by: Vec<GroupBy>, computes: Vec<Compute>) -> AggregateRequest {
    AggregateRequest { range: ALL, filter: Filter::All, group_by, computes, grid: None }
}

fn compute(aggregation: Aggregation, field: &Field) -> Compute {
    Compute { aggregation, field: Some(field.clone()) }
}

fn run(rows: &MemoryRows, request: &AggregateRequest) -> Aggregated {
    aggregate(rows, request, &Cancel::default()).expect("an answer")
}

/// The text views of a row's field, each once.
fn texts(row: &Row, field: &Field) -> BTreeSet<String> {
    match row.value(field) {
        None | Some(Value::Null) => BTreeSet::new(),
        Some(Value::List(list)) => list.iter().filter_map(|v| v.text().map(|t| t.into_owned())).collect(),
        Some(value) => value.text().map(|t| t.into_owned()).into_iter().collect(),
    }
}

fn numbers(row: &Row, field: &Field) -> Vec<f64> {
    match row.value(field) {
        Some(Value::List(list)) => list.iter().filter_map(Value::number).collect(),
        Some(value) if !matches!(field, Field::Core(Core::TraceId | Core::SpanId | Core::ParentId)) => {
            value.number().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn expected(aggregation: Aggregation, rows: &[&Row], field: &Field) -> f64 {
    let mut values: Vec<(f64, f64)> =
        rows.iter().flat_map(|r| numbers(r, field).into_iter().map(|n| (n, f64::from(r.weight)))).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weight: f64 = values.iter().map(|v| v.1).sum();
    let sum: f64 = values.iter().map(|v| v.0 * v.1).sum();
    match aggregation {
        Aggregation::Count => {
            rows.iter().filter(|r| !texts(r, field).is_empty()).map(|r| f64::from(r.weight)).sum()
        }
        Aggregation::Cardinality => {
            rows.iter().flat_map(|r| texts(r, field)).collect::<BTreeSet<_>>().len() as f64
        }
        _ if values.is_empty() => f64::NAN,
        Aggregation::Sum => sum,
        Aggregation::Avg => sum / weight,
        Aggregation::Min => values[0].0,
        Aggregation::Max => values[values.len() - 1].0,
        Aggregation::Percentile(q) => {
            let mut seen = 0.0;
            let at = values.iter().position(|(_, w)| {
                seen += w;
                seen >= q * weight
            });
            at.map_or(f64::NAN, |i| values[i].0)
        }
    }
}

fn same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

const COMPUTES: [Aggregation; 7] = [
    Aggregation::Count,
    Aggregation::Cardinality,
    Aggregation::Sum,
    Aggregation::Avg,
    Aggregation::Min,
    Aggregation::Max,
    Aggregation::Percentile(0.75),
];

proptest! {
    #[test]
    fn computes_by_groups_are_what_a_plain_loop_says(
        mut rows in row_cases::rows(40),
        by in prop::collection::vec(row_cases::field(), 0..3),
        measured in row_cases::field(),
        weighted in any::<bool>(),
    ) {
        if weighted {
            rows.iter_mut().enumerate().for_each(|(i, row)| row.weight = 1.0 + (i % 3) as f32);
        }
        let memory = MemoryRows::new(Signal::Logs, rows.clone());
        let group_by: Vec<GroupBy> =
            by.iter().map(|f| GroupBy { limit: usize::MAX, ..GroupBy::new(f.clone()) }).collect();
        let found = run(&memory, &request(group_by, COMPUTES.map(|a| compute(a, &measured)).to_vec()));
        let mut groups: BTreeMap<Vec<String>, Vec<&Row>> = BTreeMap::new();
        if by.is_empty() {
            groups.insert(Vec::new(), Vec::new());
        }
        for row in &rows {
            let mut keys = vec![Vec::new()];
            for field in &by {
                let values = texts(row, field);
                keys = keys.iter().flat_map(|key: &Vec<String>| values.iter().map(move |v| {
                    key.iter().cloned().chain([v.clone()]).collect::<Vec<_>>()
                })).collect();
            }
            keys.into_iter().for_each(|key| groups.entry(key).or_default().push(row));
        }
        prop_assert_eq!(found.groups.len(), groups.len());
        for group in &found.groups {
            let of_group = &groups[&group.by];
            for (aggregation, value) in COMPUTES.iter().zip(&group.totals) {
                let wanted = expected(*aggregation, of_group, &measured);
                prop_assert!(same(*value, wanted), "{:?} of {} by {:?}: {} is not {}", aggregation, measured, group.by, value, wanted);
            }
        }
    }

    #[test]
    fn buckets_add_up_to_the_totals(rows in row_cases::rows(40), split in row_cases::field()) {
        let last = oriel_testkit::NOW_MS;
        let range = TimeRange::new(last - 60_000, last);
        let grid = RowGrid::stepped(range, 5_000).expect("a grid");
        let memory = MemoryRows::new(Signal::Logs, rows);
        let asked = AggregateRequest { grid: Some(grid), ..request(vec![GroupBy::new(split)], vec![Compute::count()]) };
        for group in run(&memory, &asked).groups {
            prop_assert_eq!(group.series[0].iter().sum::<f64>(), group.totals[0]);
        }
    }
}

fn log(service: &str, status: &str, message: &str, duration: i64) -> Row {
    let mut row = Row::new(0);
    row.set_text(Core::Service, service);
    row.set_text(Core::Status, status);
    row.set_text(Core::Message, message);
    row.duration_ns = duration;
    row
}

fn numbered(mut rows: Vec<Row>) -> MemoryRows {
    rows.iter_mut().enumerate().for_each(|(i, row)| row.time_ns = i as i64 * 1_000_000_000);
    MemoryRows::new(Signal::Spans, rows)
}

#[test]
fn the_second_field_is_limited_within_each_value_of_the_first() {
    let rows = [("a", "error", 5), ("a", "ok", 3), ("a", "warn", 4), ("b", "ok", 9), ("c", "error", 1)];
    let rows = rows.iter().flat_map(|(service, status, n)| vec![log(service, status, "", 1); *n]).collect();
    let by = |core, limit| GroupBy { limit, ..GroupBy::new(Field::Core(core)) };
    let asked = request(vec![by(Core::Service, 2), by(Core::Status, 2)], vec![Compute::count()]);
    let found = run(&numbered(rows), &asked);
    let shown: Vec<(String, f64)> = found.groups.iter().map(|g| (g.by.join("/"), g.totals[0])).collect();
    assert_eq!(shown, [("a/error".into(), 5.0), ("a/warn".into(), 4.0), ("b/ok".into(), 9.0)]);
    assert_eq!(found.total_groups, 5);
}

#[test]
fn groups_are_ranked_by_the_compute_that_was_asked() {
    let rows = vec![log("a", "ok", "", 1), log("a", "ok", "", 1), log("b", "ok", "", 50)];
    let mut by = GroupBy::new(Field::Core(Core::Service));
    by.sort = Sort { compute: 1, descending: true };
    let computes = vec![Compute::count(), compute(Aggregation::Max, &Field::Core(Core::Duration))];
    let found = run(&numbered(rows), &request(vec![by], computes));
    assert_eq!(found.groups[0].by, ["b"]);
}

#[test]
fn store_35_a_question_that_needs_more_than_the_pool_is_refused_with_what_it_needed() {
    let memory = numbered(vec![log("a", "ok", "", 1)]);
    memory.budget.store(1_000, std::sync::atomic::Ordering::Relaxed);
    let asked = request(vec![GroupBy::new(Field::Core(Core::Service))], vec![Compute::count()]);
    let error = aggregate(&memory, &asked, &Cancel::default()).expect_err("no room");
    assert!(error.to_string().contains("needs"), "{error}");
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(aggregate(&numbered(vec![log("a", "ok", "", 1)]), &asked, &cancel).is_err());
}

#[test]
fn many_groups_on_a_grid_are_found_in_two_scans() {
    let mut rows: Vec<Row> = (0..20_000).map(|i| log(&format!("s{}", i % 5_000), "ok", "", 1)).collect();
    rows.extend((0..50).map(|_| log("busy", "ok", "", 1)));
    let memory = numbered(rows);
    let grid = RowGrid::bars(TimeRange::new(0, 20_100_000));
    let asked = AggregateRequest {
        grid: Some(RowGrid { step_ms: grid.step_ms / 4, len: grid.len * 4, ..grid }),
        ..request(vec![GroupBy::new(Field::Core(Core::Service))], vec![Compute::count()])
    };
    let found = run(&memory, &asked);
    assert_eq!(found.total_groups, 5_001);
    assert_eq!(found.groups.len(), 10);
    assert_eq!((found.groups[0].by[0].as_str(), found.groups[0].totals[0]), ("busy", 50.0));
    assert_eq!(found.groups[0].series[0].iter().sum::<f64>(), 50.0);
}

#[test]
fn estimates_are_near_and_say_so() {
    let field = Field::Core(Core::Duration);
    let rows = numbered((1..=150_000).map(|i| log("a", "ok", "", i)).collect());
    let computes =
        vec![compute(Aggregation::Cardinality, &field), compute(Aggregation::Percentile(0.95), &field)];
    let found = run(&rows, &request(Vec::new(), computes));
    let near = |value: f64, wanted: f64, share: f64| (value - wanted).abs() <= share * wanted;
    assert!(near(found.groups[0].totals[0], 150_000.0, 0.05), "{:?}", found.groups[0]);
    assert_eq!(found.groups[0].totals[1], 142_500.0);
    assert_eq!(found.notes, ["counts of more than 16,384 distinct values are within about 2 %"]);
}

#[test]
fn a_histogram_splits_and_keeps_the_total() {
    let rows = numbered(vec![
        log("a", "ok", "", 1),
        log("a", "error", "", 1),
        log("b", "ok", "", 1),
        log("b", "", "", 1),
    ]);
    let grid = RowGrid::stepped(TimeRange::new(0, 4_000), 2_000).expect("a grid");
    let split = Some(Field::Core(Core::Status));
    let found = histogram(&rows, &HistogramRequest { of: of(Filter::All), grid, split }, &Cancel::default());
    let found = found.expect("a histogram");
    assert_eq!((found.total, found.times.as_slice(), found.step_ms), (4.0, [0, 2_000].as_slice(), 2_000));
    let shown: Vec<(&str, &[f64])> =
        found.series.iter().map(|s| (s.name.as_str(), s.values.as_slice())).collect();
    assert_eq!(shown, [("ok", [1.0, 1.0].as_slice()), ("N/A", &[0.0, 1.0]), ("error", &[1.0, 0.0])]);
}

#[test]
fn facets_count_values_and_name_the_other_fields() {
    let mut rows = vec![log("a", "ok", "", 1), log("a", "error", "", 1), log("b", "ok", "", 1)];
    rows[0].set_attribute(Field::attr("http.status_code"), Value::Int(200));
    rows[1].set_attribute(Field::attr("http.status_code"), Value::Int(503));
    let rows = numbered(rows);
    let ask =
        |fields, search: &str| FacetsRequest { of: of(Filter::All), fields, search: search.into(), limit: 1 };
    let found = facets(&rows, &ask(Vec::new(), ""), &Cancel::default()).expect("facets").facets;
    assert_eq!(found[0].values, [("a".to_owned(), 2.0)]);
    assert!(found[0].more);
    let named = found.last().expect("a name");
    assert_eq!((named.field.to_string(), named.kind), ("@http.status_code".into(), FacetKind::Number));
    let code =
        facets(&rows, &ask(vec![Field::attr("http.status_code")], "5"), &Cancel::default()).expect("facets");
    assert_eq!(code.facets[0].values, [("503".to_owned(), 1.0)]);
    assert_eq!(code.facets[0].range, Some((200.0, 503.0)));
}

#[test]
fn a_heat_map_has_every_span_once() {
    let rows = numbered(vec![
        log("a", "ok", "", 900),
        log("a", "error", "", 1_000_000),
        log("a", "ok", "", 5_000_000_000),
    ]);
    let grid = RowGrid::stepped(TimeRange::new(0, 3_000), 1_000).expect("a grid");
    let map = heatmap(&rows, &of(Filter::All), grid, &Cancel::default()).expect("a map");
    assert!(map.bounds_ns[0] <= 900 && *map.bounds_ns.last().expect("a bound") > 5_000_000_000);
    assert!(map.bounds_ns.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(map.counts.iter().map(|c| c.iter().sum::<f64>()).collect::<Vec<_>>(), [1.0, 1.0, 1.0]);
    assert_eq!(map.errors.iter().map(|c| c.iter().sum::<f64>()).collect::<Vec<_>>(), [0.0, 1.0, 0.0]);
    let row = map.counts[1].iter().position(|n| *n > 0.0).expect("a cell");
    assert!(map.bounds_ns[row] <= 1_000_000 && 1_000_000 < map.bounds_ns[row + 1]);
}

#[test]
fn what_is_different_about_the_slow_ones_comes_first() {
    let mut rows = Vec::new();
    for i in 0..200 {
        let slow = i % 10 == 0;
        let mut row =
            log(if i % 2 == 0 { "web" } else { "api" }, "ok", "", if slow { 9_000 } else { 100 + i });
        row.set_attribute(Field::attr("region"), Value::Text(if slow { "mars" } else { "earth" }.into()));
        row.set_attribute(Field::attr("request.id"), Value::Text(format!("id{i}").into()));
        rows.push(row);
    }
    let selection =
        Selection { range: ALL, duration_min_ns: Some(5_000), duration_max_ns: None, filter: Filter::All };
    let found =
        compare(&numbered(rows), &of(Filter::All), &selection, &Cancel::default()).expect("a comparison");
    assert_eq!((found.selected, found.rest), (20.0, 180.0));
    assert_eq!(found.fields[0].field, Field::attr("region"));
    assert!(found.fields[0].score > 0.99);
    let earth = found.fields[0].values.iter().find(|s| s.value == "earth").expect("a share");
    assert_eq!((earth.selected, earth.rest), (0.0, 1.0));
    let ids = found.fields.iter().find(|c| c.field == Field::attr("request.id"));
    assert!(ids.is_none_or(|c| c.score < 0.99), "{ids:?}");
}

#[test]
fn messages_that_differ_in_values_are_one_pattern() {
    let mut rows: Vec<Row> = (0..20)
        .map(|i| log("web", "error", &format!("GET /users/{i} from 10.0.0.{i}:80 took {i}.5ms id=0f8fad5b-d9cb-469f-a165-70867728950{:x}", i % 16), 0))
        .collect();
    rows.extend(
        ["alice", "bob", "carol"].map(|name| log("auth", "info", &format!("user {name} logged in again"), 0)),
    );
    rows.push(log("auth", "info", "nothing else", 0));
    let mut rows = numbered(rows);
    rows.signal = Signal::Logs;
    let found = patterns(&rows, &of(Filter::All), &Cancel::default()).expect("patterns");
    assert_eq!((found.sampled, found.total), (24, 24.0));
    let shown: Vec<(&str, f64)> = found.patterns.iter().map(|p| (p.pattern.as_str(), p.count)).collect();
    assert_eq!(shown[0], ("GET /users/<number> from <ip>:<number> took <number> id=<uuid>", 20.0));
    assert_eq!(shown[1], ("user <word> logged in again", 3.0));
    let Part::Value { kind: PartKind::Word, examples } = &found.patterns[1].parts[1] else {
        panic!("a placeholder")
    };
    assert_eq!(examples, &["carol", "bob", "alice"]);
    assert_eq!(found.patterns[0].status["error"], 20.0);
    assert_eq!(found.patterns[0].services, ["web"]);
}

#[test]
fn the_search_field_offers_names_and_values() {
    let mut row = log("web front", "error", "", 1);
    row.set_attribute(Field::attr("http.method"), Value::Text("GET".into()));
    let rows = numbered(vec![row]);
    let ask = |text: &str| complete_search(&rows, (text, text.len()), ALL, &Cancel::default());
    let inserts = |text: &str| ask(text).options.into_iter().map(|o| o.insert).collect::<Vec<_>>();
    assert_eq!(inserts("status:error serv"), ["service:"]);
    assert_eq!(ask("status:error serv").from, 13);
    assert_eq!(inserts("-@http.m"), ["@http.method:"]);
    assert_eq!(inserts("method"), ["@http.method:"]);
    assert_eq!(inserts("service:w"), ["\"web front\""]);
    assert_eq!(inserts("@http.method:(POST OR G"), ["GET"]);
    assert!(inserts("\"serv").is_empty());
}
