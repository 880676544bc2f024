//! Random series against an oracle that keeps every sample and looks at each bucket from all sides: kinds × modifiers × rollups ×
//! space aggregators, whatever pieces and aggregates the store offers and however many threads scan.

use crate::memory::{Memory, Piece, Stored, definition, stale};
use oriel_model::{Kind, TimeRange};
use oriel_query::{Engine, Request};
use oriel_store::MetricReader;
use proptest::prelude::*;
use std::sync::Arc;

/// One series as it is made: a value, a gap or a marker each 10 s, from 600 s before the range.
#[derive(Clone, Debug)]
enum Slot {
    Value(u16),
    Gap,
    Stale,
}

#[derive(Clone, Debug)]
struct Case {
    kind: Kind,
    series: Vec<Vec<Slot>>,
    step_s: i64,
    method: Option<&'static str>,
    modifier: &'static str,
    aggregator: &'static str,
    by_host: bool,
    cut: usize,
    aggregates: bool,
    threads: usize,
    range_s: (i64, i64),
}

const INTERVAL_S: i64 = 10;
const FIRST_S: i64 = -600;

fn slots() -> impl Strategy<Value = Vec<Slot>> {
    let slot =
        prop_oneof![8 => (0u16..1000).prop_map(Slot::Value), 2 => Just(Slot::Gap), 1 => Just(Slot::Stale)];
    proptest::collection::vec(slot, 60..260)
}

fn cases() -> impl Strategy<Value = Case> {
    let kinds = prop_oneof![Just(Kind::Gauge), Just(Kind::Count), Just(Kind::Rate), Just(Kind::Cumulative)];
    let methods = prop_oneof![
        Just(None),
        Just(Some("avg")),
        Just(Some("sum")),
        Just(Some("min")),
        Just(Some("max")),
        Just(Some("count"))
    ];
    let modifiers = prop_oneof![Just(""), Just(".as_count()"), Just(".as_rate()")];
    let aggregators =
        prop_oneof![Just("avg"), Just("sum"), Just("min"), Just("max"), Just("count"), Just("stddev")];
    let steps = prop_oneof![Just(10i64), Just(20), Just(30), Just(60), Just(120), Just(300), Just(600)];
    let what = (kinds, methods, modifiers, aggregators, steps);
    let how = (any::<bool>(), 1usize..100, any::<bool>(), 1usize..4, 0i64..300, 300i64..2000);
    (what, how, proptest::collection::vec(slots(), 1..5)).prop_map(
        |(
            (kind, method, modifier, aggregator, step_s),
            (by_host, cut, aggregates, threads, start, end),
            series,
        )| Case {
            kind,
            series,
            step_s,
            method,
            modifier,
            aggregator,
            by_host,
            cut,
            aggregates,
            threads,
            range_s: (start, end),
        },
    )
}

impl Case {
    /// Samples of a series, in seconds; a running total falls when a value is small.
    fn points(&self, index: usize) -> Vec<(i64, f64)> {
        let mut total = 0.0;
        let each =
            self.series[index].iter().enumerate().map(|(i, slot)| (FIRST_S + i as i64 * INTERVAL_S, slot));
        each.filter_map(|(t, slot)| match slot {
            Slot::Gap => None,
            Slot::Stale => Some((t, stale())),
            Slot::Value(v) if self.kind == Kind::Cumulative => {
                total = if *v < 50 { f64::from(*v) } else { total + f64::from(*v) };
                Some((t, total))
            }
            Slot::Value(v) => Some((t, f64::from(*v) / 4.0)),
        })
        .collect()
    }

    fn memory(&self) -> Memory {
        let stored = (0..self.series.len()).map(|i| Stored {
            def: definition(&format!("m{{host:h{i}}}")),
            pieces: vec![Piece {
                kind: self.kind,
                interval_s: INTERVAL_S as u32,
                reset: false,
                points: self.points(i).into_iter().map(|(t, v)| (t * 1000, v)).collect(),
            }],
            sketches: Vec::new(),
        });
        Memory { series: stored.collect(), cut: self.cut, aggregates: self.aggregates, ..Memory::default() }
    }

    fn text(&self) -> String {
        let by = if self.by_host { " by {host}" } else { "" };
        let method = self.method.unwrap_or_default();
        let comma = if method.is_empty() { "" } else { ", " };
        format!("{}:m{{*}}{by}{}.rollup({method}{comma}{})", self.aggregator, self.modifier, self.step_s)
    }

    fn converts(&self) -> bool {
        !self.modifier.is_empty() && self.kind != Kind::Gauge
    }

    /// What each sample gives, by the table.
    fn given(&self, index: usize) -> Vec<(i64, f64)> {
        let points: Vec<(i64, f64)> = self.points(index).into_iter().filter(|p| !p.1.is_nan()).collect();
        if !self.converts() {
            return points;
        }
        let per_sample_rate = self.modifier == ".as_rate()" && !matches!(self.method, None | Some("sum"));
        let interval = INTERVAL_S as f64;
        match self.kind {
            Kind::Cumulative => points
                .windows(2)
                .map(|w| {
                    let rise = if w[1].1 < w[0].1 { w[1].1 } else { w[1].1 - w[0].1 };
                    (w[1].0, if per_sample_rate { rise / (w[1].0 - w[0].0) as f64 } else { rise })
                })
                .collect(),
            Kind::Rate => {
                points.iter().map(|(t, v)| (*t, if per_sample_rate { *v } else { v * interval })).collect()
            }
            _ => points.iter().map(|(t, v)| (*t, if per_sample_rate { v / interval } else { *v })).collect(),
        }
    }

    /// The series' value in the bucket that starts at `at`, without interpolation.
    fn bucket(&self, given: &[(i64, f64)], at: i64) -> Option<f64> {
        let inside: Vec<f64> =
            given.iter().filter(|p| p.0 >= at && p.0 < at + self.step_s).map(|p| p.1).collect();
        if inside.is_empty() {
            return None;
        }
        let sum: f64 = inside.iter().sum();
        let default = if self.converts() { "sum" } else { "avg" };
        let method = self.method.unwrap_or(default);
        let per_bucket_rate = self.converts() && self.modifier == ".as_rate()" && method == "sum";
        Some(match method {
            "avg" => sum / inside.len() as f64,
            "min" => inside.iter().copied().fold(f64::INFINITY, f64::min),
            "max" => inside.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            "count" => inside.len() as f64,
            _ if per_bucket_rate => sum / self.step_s as f64,
            _ => sum,
        })
    }

    /// With a gauge's gaps of at most 300 s filled, unless a marker ends the line.
    fn value(&self, index: usize, at: i64) -> Option<f64> {
        let given = self.given(index);
        if let Some(value) = self.bucket(&given, at) {
            return Some(value);
        }
        if self.kind != Kind::Gauge {
            return None;
        }
        let reach = 300 / self.step_s;
        let before = (1..=reach).find_map(|k| self.bucket(&given, at - k * self.step_s).map(|v| (k, v)));
        let after = (1..=reach).find_map(|k| self.bucket(&given, at + k * self.step_s).map(|v| (k, v)));
        let ((back, a), (ahead, b)) = (before?, after?);
        let from = given.iter().map(|p| p.0).filter(|t| *t < at).max()?;
        let to = given.iter().map(|p| p.0).filter(|t| *t >= at).min()?;
        let marked = self.points(index).iter().any(|(t, v)| v.is_nan() && *t > from && *t < to);
        let near = back + ahead <= reach;
        (near && !marked).then(|| a + (b - a) * back as f64 / (back + ahead) as f64)
    }

    fn over_space(&self, values: &[f64]) -> f64 {
        let n = values.len() as f64;
        let sum: f64 = values.iter().sum();
        match self.aggregator {
            _ if values.is_empty() => f64::NAN,
            "avg" => sum / n,
            "sum" => sum,
            "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
            "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            "count" => n,
            _ => (values.iter().map(|v| (v - sum / n) * (v - sum / n)).sum::<f64>() / n).sqrt(),
        }
    }

    /// The answer: a column a group, those without a value left out.
    fn expected(&self) -> Vec<Vec<f64>> {
        let first = self.range_s.0.div_euclid(self.step_s) * self.step_s;
        let times: Vec<i64> = (first..self.range_s.1).step_by(self.step_s as usize).collect();
        let all: Vec<usize> = (0..self.series.len()).collect();
        let groups: Vec<&[usize]> = if self.by_host { all.chunks(1).collect() } else { vec![&all[..]] };
        let column = |group: &[usize]| -> Vec<f64> {
            let at = |t: &i64| {
                let values: Vec<f64> = group.iter().filter_map(|i| self.value(*i, *t)).collect();
                self.over_space(&values)
            };
            times.iter().map(at).collect()
        };
        let columns = groups.into_iter().map(column);
        columns.filter(|c: &Vec<f64>| c.iter().any(|v| !v.is_nan())).collect()
    }

    fn actual(&self) -> Vec<Vec<f64>> {
        let reader: Arc<dyn MetricReader> = Arc::new(self.memory());
        let range = TimeRange::new(self.range_s.0 * 1000, self.range_s.1 * 1000);
        let request = Request::new(range, 10_000_000).query("a", self.text());
        let mut outcomes = Engine::new(self.threads).run(&reader, &request).expect("a sound request");
        let frame = outcomes.remove(0).result.expect("a sound query");
        assert_eq!(frame.step_ms, self.step_s * 1000);
        frame.series.into_iter().map(|s| s.values).collect()
    }
}

fn close(a: f64, b: f64) -> bool {
    a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn store_17_rollups_equal_full_decoding(case in cases()) {
        let (expected, actual) = (case.expected(), case.actual());
        prop_assert_eq!(expected.len(), actual.len(), "{}", case.text());
        for (e, a) in expected.iter().zip(&actual) {
            prop_assert_eq!(e.len(), a.len());
            for (i, (e, a)) in e.iter().zip(a).enumerate() {
                prop_assert!(close(*e, *a), "{} bucket {}: expected {}, got {}", case.text(), i, e, a);
            }
        }
    }
}
