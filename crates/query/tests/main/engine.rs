//! The engine around queries: errors stay with their query, deadlines and cancellation end a run, threads change no digit, and
//! answers carry what the APIs write.

use crate::memory::{Memory, Piece, Stored, definition};
use oriel_model::{Code, Kind, TimeRange};
use oriel_query::{Engine, Named, Reducer, Request, scalar};
use oriel_store::MetricReader;
use std::sync::Arc;
use std::time::Instant;

const HOUR_MS: i64 = 3_600_000;

/// `n` series of an hour, a sample each second.
fn reader(n: usize) -> Arc<dyn MetricReader> {
    let stored = |i: usize| Stored {
        def: definition(&format!(
            "load{{host:h{:03},env:{}}}",
            i,
            if i.is_multiple_of(2) { "prod" } else { "dev" }
        )),
        pieces: vec![Piece {
            kind: Kind::Gauge,
            interval_s: 1,
            reset: false,
            points: (0..3600)
                .map(|t| (t * 1000, ((t * 7919 + i as i64 * 104_729) % 1000) as f64 / 7.0))
                .collect(),
        }],
        sketches: Vec::new(),
    };
    Arc::new(Memory { series: (0..n).map(stored).collect(), ..Memory::default() })
}

fn hour() -> Request {
    Request::new(TimeRange::new(0, HOUR_MS), HOUR_MS)
}

#[test]
fn an_error_stays_with_its_query() {
    let request = hour().query("a", "avg:load{*}").query("b", "avg:load{").query("c", "max:load{env:prod}");
    let outcomes = Engine::new(1).run(&reader(4), &request).expect("runs");
    assert!(outcomes[0].result.is_ok() && outcomes[2].result.is_ok());
    let error = outcomes[1].result.as_ref().expect_err("b is broken");
    assert_eq!((error.code(), error.position()), (Code::Invalid, Some(9)));
    assert!(!error.expected().is_empty());
}

#[test]
fn threads_change_no_digit_between_runs() {
    let request = hour().query("a", "sum:load{*} by {env}.rollup(avg, 10)");
    let reader = reader(301);
    let engine = Engine::new(3);
    let run = || engine.run(&reader, &request).expect("runs").remove(0).result.expect("answers");
    let first = run();
    assert_eq!(first.series.len(), 2);
    for _ in 0..5 {
        assert_eq!(run(), first);
    }
    let alone = Engine::new(1).run(&reader, &request).expect("runs").remove(0).result.expect("answers");
    for (a, b) in alone.series.iter().zip(&first.series) {
        assert!(a.values.iter().zip(&b.values).all(|(x, y)| (x - y).abs() < 1e-9 * x.abs()));
    }
}

#[test]
fn store_35_deadlines_and_cancellation_end_a_run() {
    let late = Request { deadline: Some(Instant::now()), ..hour().query("a", "avg:load{*}") };
    let cancelled = hour().query("a", "avg:load{*}");
    cancelled.cancel.cancel();
    for request in [late, cancelled] {
        let outcomes = Engine::new(2).run(&reader(50), &request).expect("runs");
        let error = outcomes[0].result.as_ref().expect_err("it is over");
        assert_eq!(error.code(), Code::Timeout);
    }
}

#[test]
fn store_35_memory_is_reserved_before_the_scan() {
    let stored = Stored {
        def: definition("m{host:a}"),
        pieces: vec![Piece { kind: Kind::Gauge, interval_s: 10, reset: false, points: vec![(0, 1.0)] }],
        sketches: Vec::new(),
    };
    let reader: Arc<dyn MetricReader> =
        Arc::new(Memory { series: vec![stored], budget: 1000, ..Memory::default() });
    let outcomes = Engine::new(1).run(&reader, &hour().query("a", "avg:m{*}")).expect("runs");
    let error = outcomes[0].result.as_ref().expect_err("too little memory");
    assert!(error.to_string().contains("needs"), "{error}");
}

#[test]
fn unsound_requests_are_refused() {
    let engine = Engine::new(1);
    let empty = Request::new(TimeRange::new(5, 5), 10).query("a", "avg:load{*}");
    assert!(engine.run(&reader(1), &empty).is_err());
    let many = (0..101).fold(hour(), |r, i| r.query(format!("q{i}"), "avg:load{*}"));
    assert!(engine.run(&reader(1), &many).is_err());
    assert!(engine.run(&reader(1), &Request { step_ms: Some(10), ..hour() }).is_err());
}

#[test]
fn answers_carry_what_the_apis_write() {
    let request = hour().query("a", "max:load{env:prod} by {host}.rollup(max, 600)");
    let frame = Engine::new(1).run(&reader(3), &request).expect("runs").remove(0).result.expect("answers");
    assert_eq!((frame.step_ms, frame.times.len(), frame.times[1]), (600_000, 6, 600_000));
    let first = &frame.series[0];
    assert_eq!(first.name, "load");
    assert_eq!(first.aggregator, "max");
    assert_eq!(first.scope, "host:h000,env:prod");
    assert_eq!(first.expression, "max:load{host:h000,env:prod}.rollup(max, 600)");
    assert_eq!(first.group, [("host".to_owned(), "h000".to_owned())]);
    assert_eq!(first.kind, Kind::Gauge);
    assert_eq!(scalar(&frame, Reducer::Max).len(), 2);
}

#[test]
fn older_names_of_metrics_are_found() {
    let stored = Stored {
        def: definition("postgresql.table.count{host:a}"),
        pieces: vec![Piece { kind: Kind::Gauge, interval_s: 15, reset: false, points: vec![(0, 4.0)] }],
        sketches: Vec::new(),
    };
    let reader: Arc<dyn MetricReader> = Arc::new(Memory { series: vec![stored], ..Memory::default() });
    let request = hour().query("a", "anomalies(sum:postgresql.table_count{*}, 'basic', 5)");
    let frame = Engine::new(1).run(&reader, &request).expect("runs").remove(0).result.expect("answers");
    assert_eq!(frame.series[0].values[0], 4.0);
    assert!(frame.series[0].band.is_some());
}

#[test]
fn formulas_share_what_their_queries_read() {
    let request = Request {
        formulas: ["a", "b", "a / b", "a / c"].into_iter().map(|f| Named::new(f, f)).collect(),
        ..hour()
            .query("a", "sum:load{*} by {env}")
            .query("b", "max:load{*} by {env}")
            .query("c", "sum:none{*}")
    };
    let outcomes = Engine::new(1).run(&reader(6), &request).expect("runs");
    let frames: Vec<_> = outcomes.into_iter().map(|o| o.result.expect("answers")).collect();
    assert_eq!(frames[2].series[0].values[3], frames[0].series[0].values[3] / frames[1].series[0].values[3]);
    assert!(frames[3].series.is_empty());
    assert_eq!(frames[3].notes, ["no series of none match in this range"]);
}

/// A gauge with a hole: values at 0, 10 and 100 s.
fn holed() -> Arc<dyn MetricReader> {
    let points = [0, 10, 100].map(|s: i64| (s * 1000, s as f64)).to_vec();
    let pieces = vec![Piece { kind: Kind::Gauge, interval_s: 10, reset: false, points }];
    let stored = Stored { def: definition("load{host:a}"), pieces, sketches: Vec::new() };
    Arc::new(Memory { series: vec![stored], ..Memory::default() })
}

#[test]
fn an_answer_as_of_a_moment_knows_nothing_later() {
    let minute = Request { step_ms: Some(10_000), ..Request::new(TimeRange::new(0, 60_000), 60_000) };
    let values = |request: Request| {
        let outcomes = Engine::new(1).run(&holed(), &request.query("a", "avg:load{*}")).expect("runs");
        let frame = outcomes.into_iter().next().expect("one").result.expect("answers");
        frame.series[0].values.clone()
    };
    assert_eq!(
        values(minute.clone()),
        [0.0, 10.0, 20.0, 30.0, 40.0, 50.0],
        "drawn towards the value at 100 s"
    );
    let then = values(Request { as_of_ms: Some(100_000), ..minute.clone() });
    assert_eq!(then[..2], [0.0, 10.0]);
    assert!(then[2..].iter().all(|v| v.is_nan()), "{then:?}");
    let later = values(Request { as_of_ms: Some(100_001), ..minute.clone() });
    assert_eq!(later[5], 50.0);
    let open = values(Request { open_gaps: true, ..minute });
    assert_eq!(open[..2], [0.0, 10.0]);
    assert!(open[2..].iter().all(|v| v.is_nan()), "{open:?}");
}
