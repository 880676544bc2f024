//! Bands know nothing of what comes later, and days are those of the zone.

use crate::memory::{Memory, Piece, Stored, definition};
use oriel_model::{Band, Kind, TimeRange};
use oriel_query::{Engine, Request};
use oriel_store::MetricReader;
use proptest::prelude::*;
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;

fn gauge(every_s: u32, points: Vec<(i64, f64)>) -> Arc<dyn MetricReader> {
    let piece = Piece { kind: Kind::Gauge, interval_s: every_s, reset: false, points };
    let stored = Stored { def: definition("load{host:a}"), pieces: vec![piece], sketches: Vec::new() };
    Arc::new(Memory { series: vec![stored], ..Memory::default() })
}

fn band(reader: &Arc<dyn MetricReader>, request: Request) -> (Vec<f64>, Band) {
    let frame = Engine::new(1).run(reader, &request).expect("runs").remove(0).result.expect("answers");
    let series = frame.series.into_iter().next().expect("one series");
    (series.values, series.band.expect("a band"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever comes after a bucket, its band stays as it was: a replay tells what the monitor saw.
    #[test]
    fn later_values_change_no_band(
        noise in prop::collection::vec(-1.0..1.0f64, 14 * 60),
        later in prop::collection::vec(-1e3..1e3f64, 60),
        cut in 1usize..59,
        agile in any::<bool>(),
        step_s in prop_oneof![Just(20i64), Just(60), Just(120)],
    ) {
        let value = |i: usize| 50.0 + 10.0 * ((i % 60) as f64 / 60.0 * std::f64::consts::TAU).sin() + noise[i];
        let points = |changed: bool| -> Vec<(i64, f64)> {
            let first = 13 * 60 + cut;
            (0..14 * 60)
                .map(|i| (i as i64 * 60_000, if changed && i >= first { later[i - 13 * 60] } else { value(i) }))
                .collect()
        };
        let algorithm = if agile { "agile" } else { "robust" };
        let request = Request {
            step_ms: Some(step_s * 1000),
            ..Request::new(TimeRange::new(13 * HOUR_MS, 14 * HOUR_MS), 14 * HOUR_MS)
        };
        let request = request.query("a", format!("anomalies(avg:load{{*}}, '{algorithm}', 3, seasonality='hourly')"));
        let (_, before) = band(&gauge(60, points(false)), request.clone());
        let (_, after) = band(&gauge(60, points(true)), request);
        let same = cut * 60 / step_s as usize;
        prop_assert!(before.lower.iter().all(|v| v.is_finite()));
        prop_assert_eq!(&before.lower[..same], &after.lower[..same]);
        prop_assert_eq!(&before.upper[..same], &after.upper[..same]);
    }
}

/// Work begins at nine by the clock on the wall. Clocks in Berlin went back on 2026-10-25 at 01:00 UTC.
#[test]
fn days_are_those_of_the_zone() {
    let (every_ms, change_ms) = (300_000, 1_792_890_000_000);
    let local = |at: i64| at + if at < change_ms { 2 * HOUR_MS } else { HOUR_MS };
    let value = |at: i64| {
        let hour = local(at).rem_euclid(24 * HOUR_MS) / HOUR_MS;
        (if (9..17).contains(&hour) { 100.0 } else { 20.0 }) + (at / every_ms * 7_919 % 11) as f64 / 11.0
    };
    let from = change_ms - 8 * 24 * HOUR_MS;
    let points = (0..10 * 288).map(|i| from + i * every_ms).map(|at| (at, value(at))).collect();
    let reader = gauge(300, points);
    let outside = |zone: &str| {
        let range = TimeRange::new(change_ms + 23 * HOUR_MS, change_ms + 36 * HOUR_MS);
        let request = Request { step_ms: Some(every_ms), ..Request::new(range, range.end) };
        let query = format!("anomalies(avg:load{{*}}, 'robust', 5, seasonality='daily', timezone='{zone}')");
        let (values, band) = band(&reader, request.query("a", query));
        values.iter().enumerate().filter(|(i, v)| band.is_outside(*i, **v) == Some(true)).count()
    };
    assert_eq!(outside("Europe/Berlin"), 0);
    // An hour late in the morning, by UTC.
    assert_eq!(outside("UTC"), 12);
}
