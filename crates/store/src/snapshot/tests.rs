//! A small store without WAL and catalog, driven by random appends, seals and compactions, against one ordered map.

mod cases;
mod sketches;
mod speed;
mod world;

use crate::file::aggregates;
use crate::{Aggregates, Cancel, MetricReader, PieceHead, PieceSink, Want};
use oriel_model::{Kind, SeriesKey, TimeMs, TimeRange};
use proptest::prelude::*;
use std::collections::BTreeMap;
use world::{Append, Oracle, World, key};

/// Value bits, kind and interval of a sample, by (series, time).
type Samples = BTreeMap<(SeriesKey, TimeMs), (u64, Kind, u32)>;

/// Takes everything; aggregates where it may when `coarse`.
struct Collect<'a> {
    keys: &'a [SeriesKey],
    coarse: bool,
    samples: Samples,
    /// Pieces that came as aggregates only.
    folded: Vec<(PieceHead, Aggregates)>,
    /// Series and last time of the piece before.
    last: Option<(usize, TimeMs)>,
}

impl<'a> Collect<'a> {
    fn new(keys: &'a [SeriesKey], coarse: bool) -> Self {
        Self { keys, coarse, samples: Samples::new(), folded: vec![], last: None }
    }
}

impl PieceSink for Collect<'_> {
    fn piece(&mut self, head: &PieceHead, has_aggregates: bool) -> Want {
        assert!(head.first_ms <= head.last_ms && head.n > 0);
        if let Some((series, last)) = self.last {
            assert!((series, last) < (head.series, head.first_ms), "pieces overlap or go back");
        }
        self.last = Some((head.series, head.last_ms));
        if has_aggregates && self.coarse { Want::Aggregates } else { Want::Samples }
    }

    fn aggregates(&mut self, head: &PieceHead, aggregates: &Aggregates) {
        self.folded.push((*head, *aggregates));
    }

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        assert_eq!(times.len(), values.len());
        assert!(!times.is_empty() && times.windows(2).all(|w| w[0] < w[1]));
        assert!(head.first_ms <= times[0] && times[times.len() - 1] <= head.last_ms);
        for (t, v) in times.iter().zip(values) {
            let sample = (v.to_bits(), head.kind, head.interval_s);
            assert!(self.samples.insert((self.keys[head.series], *t), sample).is_none(), "given twice");
        }
    }
}

/// What a scan owes.
fn owed(oracle: &Oracle, keys: &[SeriesKey], range: TimeRange) -> Samples {
    let asked = oracle.iter().filter(|((k, t), _)| keys.contains(k) && range.contains(*t));
    asked.map(|(k, s)| (*k, *s)).collect()
}

fn scan<'a>(reader: &dyn MetricReader, keys: &'a [SeriesKey], range: TimeRange, coarse: bool) -> Collect<'a> {
    let mut sink = Collect::new(keys, coarse);
    reader.scan(keys, range, &Cancel::default(), &mut sink).unwrap();
    sink
}

/// Every answer of the world equals the oracle's.
fn check(world: &World, range: TimeRange) {
    let reader = world.snapshot();
    let keys: Vec<SeriesKey> = {
        let mut keys: Vec<_> = (0..world::SERIES).map(key).collect();
        keys.sort_unstable();
        keys
    };
    let owed = owed(&world.oracle, &keys, range);
    let fine = scan(&reader, &keys, range, false);
    assert_eq!(fine.samples, owed);

    let coarse = scan(&reader, &keys, range, true);
    let mut left = owed;
    for (head, given) in &coarse.folded {
        assert!(range.contains(head.first_ms) && range.contains(head.last_ms));
        let series = keys[head.series];
        let span: Vec<_> =
            left.range((series, head.first_ms)..=(series, head.last_ms)).map(|(k, s)| (*k, *s)).collect();
        assert_eq!(span.len(), head.n);
        assert!(
            span.iter().all(|(_, (_, kind, interval))| (*kind, *interval) == (head.kind, head.interval_s))
        );
        let values: Vec<f64> = span.iter().map(|(_, (bits, ..))| f64::from_bits(*bits)).collect();
        assert_eq!(Some(*given), aggregates::of(head.kind, &values));
        for (at, _) in span {
            left.remove(&at);
        }
    }
    assert_eq!(coarse.samples, left);
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Append>),
    Seal,
    Compact,
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (0i64..1000).prop_map(|n| n as f64),
        2 => -1e3..1e3f64,
        1 => Just(f64::from_bits(aggregates::STALE_BITS)),
        1 => Just(-0.0),
    ]
}

/// Late, repeated and overlapping runs over about five hours, mostly of regular 15 s.
fn append() -> impl Strategy<Value = Append> {
    let kind = prop_oneof![4 => Just(Kind::Gauge), 4 => Just(Kind::Cumulative), 1 => Just(Kind::Rate)];
    let interval = prop_oneof![6 => Just(15u32), 1 => Just(60), 1 => Just(0)];
    let run = prop_oneof![
        3 => (0i64..1200, prop::collection::vec(value(), 1..40))
            .prop_map(|(at, v)| v.into_iter().enumerate().map(|(i, v)| ((at + i as i64) * 15_000, v)).collect()),
        1 => prop::collection::vec(((0i64..1200).prop_map(|t| t * 15_000), value()), 1..10),
    ];
    (0..world::SERIES, kind, interval, run).prop_map(|(series, kind, interval_s, samples)| Append {
        series,
        kind,
        interval_s,
        samples,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(append(), 1..6).prop_map(Step::Append),
        2 => Just(Step::Seal),
        1 => Just(Step::Compact),
    ]
}

fn play(world: &mut World, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Append(appends) => world.append(appends),
            Step::Seal => world.seal(),
            Step::Compact => world.compact(),
        }
    }
}

/// Files are made in each, so fewer than usual unless somebody asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn store_11_and_17_any_mix_of_heads_and_files_answers_alike(
        steps in prop::collection::vec(step(), 1..14), from in -100i64..1300, len in 0i64..1500,
    ) {
        let mut world = World::new();
        play(&mut world, &steps);
        let range = TimeRange::new(from * 15_000, (from + len) * 15_000 + 1);
        check(&world, range);
        check(&world, TimeRange::all());
        world.seal();
        check(&world, range);
        world.compact();
        check(&world, range);
        check(&world, TimeRange::all());
    }
}
