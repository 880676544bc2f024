//! SQL over a real store: what it answers, what it refuses, and that a condition means the same whoever tests it.

use arrow_cast::display::array_value_to_string;
use oriel_model::{Core, Field, Row, Signal, Value};
use oriel_query::{Error, SqlAnswer, SqlEngine, SqlLimits};
use oriel_store::{Cancel, NsRange};
use oriel_testkit::{NOW_MS, ORG, TempStore, append, append_rows, row_cases};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::time::Duration;

const NOW_NS: i64 = NOW_MS * 1_000_000;

fn limits() -> SqlLimits {
    SqlLimits {
        range: NsRange { start: NOW_NS - 86_400_000_000_000, end: NOW_NS + 1 },
        rows_max: 10_000,
        deadline: Duration::from_secs(30),
        cancel: Cancel::default(),
    }
}

fn log(seconds_ago: i64, service: &str, status: &str, message: &str) -> Row {
    let mut row = Row::new(NOW_NS - seconds_ago * 1_000_000_000);
    row.set_text(Core::Service, service);
    row.set_text(Core::Status, status);
    row.set_text(Core::Message, message);
    row
}

async fn opened(signal: Signal, rows: &[Row]) -> (TempStore, SqlEngine) {
    let store = TempStore::new().await;
    append_rows(store.store(), signal, rows, 0).await.expect("rows go in");
    let engine = SqlEngine::new(store.store().clone()).expect("threads");
    (store, engine)
}

async fn run(engine: &SqlEngine, sql: &str) -> Result<SqlAnswer, Error> {
    engine.run(ORG, sql, limits()).await
}

/// Rows as texts, cells with a bar between them.
async fn rows_of(engine: &SqlEngine, sql: &str) -> Vec<String> {
    let answer = run(engine, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    let mut out = Vec::new();
    for batch in &answer.batches {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|c| array_value_to_string(c, row).expect("a cell"));
            out.push(cells.collect::<Vec<_>>().join("|"));
        }
    }
    out
}

fn few() -> Vec<Row> {
    let mut rows = vec![
        log(30, "web", "error", "connection refused"),
        log(20, "web", "info", "GET /users 200"),
        log(10, "db", "error", "deadlock"),
    ];
    rows[0].set_attribute(Field::attr("http.status_code"), Value::Int(503));
    rows[1].set_attribute(Field::attr("http.status_code"), Value::Int(200));
    rows[1].set_attribute(Field::attr("user"), Value::Text("bob".into()));
    rows[2].set_attribute(Field::attr("user"), Value::Int(7));
    rows[2].add_tag("team:blue");
    rows[0].trace_id = 0xab;
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_core_fields_and_what_the_text_names() {
    let (_store, engine) = opened(Signal::Logs, &few()).await;
    let counted = "select service, count(*) from logs group by service order by service";
    assert_eq!(rows_of(&engine, counted).await, ["db|1", "web|2"]);
    let named = r#"select "@http.status_code", "@user", team from logs order by timestamp"#;
    assert_eq!(rows_of(&engine, named).await, ["503.0||", "200.0|bob|", "|7|blue"]);
    let sum = r#"select max("@http.status_code") - min("@http.status_code") as apart from logs"#;
    assert_eq!(rows_of(&engine, sum).await, ["303.0"]);
    let all = run(&engine, "select * from logs order by timestamp desc limit 1").await.expect("an answer");
    let names: Vec<&str> = all.schema.fields().iter().map(|f| f.name().as_str()).collect();
    let core = [
        "timestamp",
        "status",
        "service",
        "host",
        "source",
        "env",
        "version",
        "message",
        "trace_id",
        "span_id",
    ];
    assert_eq!(names[..10], core);
    assert_eq!(names[10..], ["weight", "attributes"]);
    let map = array_value_to_string(all.batches[0].column(11), 0).expect("a cell");
    assert_eq!(map, r#"{"@user":7,"team":"blue"}"#);
    assert_eq!(all.schema.field(0).data_type().to_string(), r#"Timestamp(ns, "UTC")"#);
    let id = "select trace_id from logs where trace_id is not null";
    assert_eq!(rows_of(&engine, id).await, ["000000000000000000000000000000ab"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_choose_where_rows_are_looked_for() {
    let (_store, engine) = opened(Signal::Logs, &few()).await;
    let since = format!(
        "select count(*) from logs where timestamp >= to_timestamp_nanos({})",
        NOW_NS - 20_000_000_000
    );
    assert_eq!(rows_of(&engine, &since).await, ["2"]);
    let mut narrow = limits();
    narrow.range.start = NOW_NS - 15_000_000_000;
    let answer = engine.run(ORG, "select message from logs", narrow).await.expect("an answer");
    assert_eq!(answer.batches.iter().map(|b| b.num_rows()).sum::<usize>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_samples_of_one_metric() {
    let (store, engine) = opened(Signal::Logs, &few()).await;
    append(
        store.store(),
        &[(1, NOW_MS - 20_000, 1.5), (1, NOW_MS - 10_000, 2.5), (2, NOW_MS - 10_000, 9.0)],
        0,
    )
    .await
    .expect("samples go in");
    let all = "select metric, host, tags, value from metrics where metric = 'load' order by value";
    assert_eq!(rows_of(&engine, all).await, ["load|h|[n:1]|1.5", "load|h|[n:1]|2.5", "load|h|[n:2]|9.0"]);
    let both = "select m.value, l.service from metrics m join logs l on date_trunc('minute', l.timestamp) = \
                date_trunc('minute', m.time) where m.metric = 'load' and m.value > 2 and l.service = 'db'";
    assert_eq!(rows_of(&engine, both).await.len(), 2);
    let error = run(&engine, "select * from metrics").await.expect_err("no metric");
    assert!(error.to_string().contains("metric = '…'"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reading_is_allowed() {
    let (_store, engine) = opened(Signal::Logs, &few()).await;
    for (sql, name) in [
        ("insert into logs values (1)", "INSERT"),
        ("drop table logs", "DROP"),
        ("copy logs to 'x.csv'", "COPY"),
        ("set datafusion.execution.batch_size = 1", "SET"),
        ("create table t as select 1", "CREATE"),
        ("create external table t stored as csv location '/etc/passwd'", "CREATE"),
        ("select 1; drop table logs", "2 statements"),
        ("", "0 statements"),
        ("select * from nothing", "nothing"),
        ("select nope from logs", "nope"),
        ("select * frm logs", "frm"),
    ] {
        let error = run(&engine, sql).await.expect_err(sql).to_string();
        assert!(error.contains(name), "{sql}: {error}");
    }
    assert!(run(&engine, "select * from '/etc/passwd'").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_end_at_their_limits() {
    let rows: Vec<Row> = (0..20_000).map(|i| log(i % 1_000, "web", "info", "x")).collect();
    let (_store, engine) = opened(Signal::Logs, &rows).await;
    let few = SqlLimits { rows_max: 100, ..limits() };
    let answer = engine.run(ORG, "select message from logs", few).await.expect("an answer");
    assert!(answer.truncated);
    assert_eq!(answer.batches.iter().map(|b| b.num_rows()).sum::<usize>(), 100);
    let endless = "select count(*) from generate_series(1, 100000000000) a";
    let short = SqlLimits { deadline: Duration::from_millis(200), ..limits() };
    assert!(engine.run(ORG, endless, short).await.is_err());
    let wide =
        "select a.message from logs a, logs b, logs c order by a.timestamp || b.message || c.timestamp";
    let error = engine.run(ORG, wide, SqlLimits { deadline: Duration::from_secs(20), ..limits() }).await;
    assert!(error.is_err());
}

/// A condition is tested by the store's filter when it stands alone, and by the engine inside of a function.
#[tokio::test(flavor = "multi_thread")]
async fn store_30_a_condition_means_the_same_whoever_tests_it() {
    let mut runner = TestRunner::deterministic();
    let mut drawn = || row_cases::rows(200).new_tree(&mut runner).expect("rows").current();
    let rows = std::iter::repeat_with(&mut drawn).find(|rows| rows.len() > 150).expect("rows");
    let (store, engine) = opened(Signal::Logs, &rows).await;
    let fresh = tell_apart(&engine, rows.len()).await;
    store.store().seal().await.expect("sealed");
    store.store().compact().await.expect("compacted");
    assert_eq!(fresh, tell_apart(&engine, rows.len()).await);
    assert!(fresh.len() > 15, "only {fresh:?} tell rows apart");
}

/// Conditions that some rows meet and others do not, with how many do.
async fn tell_apart(engine: &SqlEngine, rows: usize) -> Vec<(&'static str, String)> {
    let mut telling = Vec::new();
    for condition in [
        "service = 'web'",
        "service <> 'web'",
        "service in ('web', 'db')",
        "service not in ('web', 'db')",
        "service is null",
        "not (service = 'web')",
        "service > 'info'",
        "service between 'db' and 'info'",
        "service like 'w%'",
        "service like '_rr%'",
        "message like '%refused%' and status is not null",
        "message ~ '^GET .*500'",
        "service = 'web' or \"@user.id\" is not null",
        "service = 'web' or length(message) > 10",
        "\"@http.status_code\" = '404'",
        "\"@http.status_code\" <> '404'",
        "\"@ok\" is null",
        "\"@mixed\" like '4%'",
        "\"@mixed\" in ('404', 'true', '-1')",
        "team = 'web'",
        "trace_id = '0000000000000000000000000000002a'",
        "trace_id <> '0000000000000000000000000000002a'",
        "span_id like '0000%'",
        "not (trace_id is null)",
        "timestamp > to_timestamp_nanos(1789999950000000000) and service is not null",
        "timestamp = to_timestamp_nanos(1789999999299999999)",
    ] {
        let pushed = rows_of(engine, &format!("select count(*) from logs where {condition}")).await;
        let kept =
            rows_of(engine, &format!("select count(*) from logs where coalesce({condition}, false)")).await;
        assert_eq!(pushed, kept, "{condition}");
        if pushed[0] != "0" && pushed[0] != rows.to_string() {
            telling.push((condition, pushed[0].clone()));
        }
    }
    telling
}
