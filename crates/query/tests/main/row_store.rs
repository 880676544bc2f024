//! Questions about rows over a real store, fresh, sealed and compacted, against the same rows in plain vectors: one answer.

use crate::memory_rows::MemoryRows;
use oriel_model::{Core, Field, Filter, Row, Signal};
use oriel_query::rows::{
    AggregateRequest, Aggregation, Compute, FacetsRequest, Group, GroupBy, PatternGroup, RowGrid, Rows,
    RowsOf, aggregate, facets, patterns,
};
use oriel_query::search;
use oriel_store::{Cancel, NsRange};
use oriel_testkit::{ALL_TIME, NOW_MS, ORG, TempStore, append_rows, row_cases};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn rows() -> Vec<Row> {
    let mut runner = TestRunner::deterministic();
    let mut drawn = || row_cases::rows(400).new_tree(&mut runner).expect("rows").current();
    std::iter::repeat_with(&mut drawn).find(|rows| rows.len() > 300).expect("rows")
}

fn requests() -> Vec<AggregateRequest> {
    let fields = [
        Field::Core(Core::Service),
        Field::Core(Core::Duration),
        Field::Core(Core::TraceId),
        Field::attr("http.status_code"),
        Field::attr("mixed"),
        Field::tag("team"),
    ];
    let searches = ["", "status:error OR refused", "-@http.status_code:*", "@mixed:>100", "*:web -team:db"];
    let grid = RowGrid::lines(oriel_model::TimeRange::new(NOW_MS - 300_000, NOW_MS));
    let mut out = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        for (j, other) in fields.iter().enumerate() {
            let by = |field: &Field| GroupBy { limit: 1_000, ..GroupBy::new(field.clone()) };
            let compute = |aggregation| Compute { aggregation, field: Some(other.clone()) };
            let text = searches[(i + j) % searches.len()];
            out.push(AggregateRequest {
                range: NsRange { start: 0, end: NOW_MS * 1_000_000 },
                filter: search::parse(Signal::Logs, text).expect("a search"),
                group_by: if i == j { Vec::new() } else { vec![by(field), by(other)] },
                computes: [
                    Aggregation::Count,
                    Aggregation::Cardinality,
                    Aggregation::Sum,
                    Aggregation::Percentile(0.9),
                ]
                .map(compute)
                .into(),
                grid: (j % 2 == 0).then_some(grid),
            });
        }
    }
    out
}

/// Groups as texts, in the order of their names: sums are added in another order by other workers.
fn shown(mut groups: Vec<Group>) -> Vec<String> {
    groups.sort_by(|a, b| a.by.cmp(&b.by));
    let number = |x: &f64| format!("{x:.6e}");
    let line = |g: &Group| {
        let series: Vec<String> = g.series.iter().flatten().map(number).collect();
        format!("{:?} {:?} {series:?}", g.by, g.totals.iter().map(number).collect::<Vec<_>>())
    };
    groups.iter().map(line).collect()
}

fn compare(store: &impl Rows, memory: &MemoryRows, moment: &str) {
    let cancel = Cancel::default();
    for request in requests() {
        let found = aggregate(store, &request, &cancel).expect("an answer");
        let wanted = aggregate(memory, &request, &cancel).expect("an answer");
        assert_eq!(shown(found.groups), shown(wanted.groups), "{moment}: {request:?}");
    }
    let of = RowsOf { range: ALL_TIME, filter: Filter::All };
    let attributes = vec![Field::Core(Core::Status), Field::attr("mixed"), Field::tag("team")];
    // Core words alone: of files their index counts them.
    let words = [Core::Status, Core::Service, Core::Host, Core::Env, Core::Version].map(Field::Core).to_vec();
    let half = NsRange { start: NOW_MS * 1_000_000 - 150_000_000_000, end: i64::MAX };
    for (fields, range, text) in [
        (attributes, ALL_TIME, ""),
        (words.clone(), ALL_TIME, ""),
        (words.clone(), ALL_TIME, "service:web"),
        (words.clone(), ALL_TIME, "-status:error"),
        (words, half, ""),
    ] {
        let filter = search::parse(Signal::Logs, text).expect("a search");
        let asked = FacetsRequest { of: RowsOf { range, filter }, fields, search: String::new(), limit: 5 };
        let of_store = facets(store, &asked, &cancel).expect("facets").facets;
        let of_memory = facets(memory, &asked, &cancel).expect("facets").facets;
        assert_eq!(of_store.len(), of_memory.len());
        for (found, wanted) in of_store.iter().zip(&of_memory) {
            assert_eq!(
                (&found.field, &found.values, found.range),
                (&wanted.field, &wanted.values, wanted.range),
                "{moment}: {text}"
            );
        }
    }
    let mined = |rows: Vec<PatternGroup>| rows.into_iter().map(|p| (p.pattern, p.count)).collect::<Vec<_>>();
    let of_store = patterns(store, &of, &cancel).expect("patterns");
    let of_memory = patterns(memory, &of, &cancel).expect("patterns");
    assert_eq!((of_store.sampled, of_store.total), (of_memory.sampled, of_memory.total), "{moment}");
    assert_eq!(mined(of_store.patterns), mined(of_memory.patterns), "{moment}");
}

#[tokio::test(flavor = "multi_thread")]
async fn store_30_answers_are_the_same_before_and_after_compaction() {
    let rows = rows();
    let memory = MemoryRows::new(Signal::Logs, rows.clone());
    let store = TempStore::new().await;
    let (first, rest) = rows.split_at(rows.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    append_rows(store.store(), Signal::Logs, first, 0).await.expect("rows go in");
    store.store().seal().await.expect("sealed");
    append_rows(store.store(), Signal::Logs, second, 0).await.expect("rows go in");
    store.store().seal().await.expect("sealed");
    append_rows(store.store(), Signal::Logs, third, 0).await.expect("rows go in");
    compare(&*store.store().rows(ORG, Signal::Logs), &memory, "sealed and fresh");
    store.store().seal().await.expect("sealed");
    store.store().compact().await.expect("compacted");
    compare(&*store.store().rows(ORG, Signal::Logs), &memory, "compacted");
}
