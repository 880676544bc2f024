//! Heads against an ordered map: the higher LSN wins, chunks are cut at windows, every day with data has its series.

use super::*;
use crate::parts::{CHUNK_SAMPLES_MAX, window_ms, window_start};
use oriel_model::{Kind, MetricId, SeriesId, Tags};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ORG: OrgId = OrgId(1);

fn key(n: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(n % 2), series: SeriesId(n) }
}

fn def(n: u64) -> Arc<SeriesDef> {
    Arc::new(SeriesDef { metric: format!("m{n}").into(), host: "".into(), tags: Tags::empty() })
}

#[derive(Clone, Debug)]
struct Append {
    series: u64,
    kind: Kind,
    interval_s: u32,
    samples: Vec<(i64, u64)>,
}

fn batch(append: &Append) -> MetricBatch {
    let Append { series, kind, interval_s, samples } = append;
    MetricBatch {
        org: ORG,
        series: vec![BatchSeries {
            reset: false,
            key: key(*series),
            raw: 0,
            slot: u32::MAX,
            kind: *kind,
            interval_s: *interval_s,
            def: None,
            first: 0,
            len: samples.len() as u32,
        }],
        ts: samples.iter().map(|s| s.0).collect(),
        values: samples.iter().map(|s| f64::from_bits(s.1)).collect(),
        sketches: vec![],
    }
}

fn append() -> impl Strategy<Value = Append> {
    let kind = prop_oneof![5 => Just(Kind::Gauge), 1 => Just(Kind::Rate)];
    let interval = prop_oneof![5 => Just(15u32), 1 => Just(60), 1 => Just(0)];
    // Few distinct times, so that they collide; several hours, so that windows are cut.
    let time = (-20i64..2000).prop_map(|n| n * 7_000);
    let samples = prop_oneof![
        prop::collection::vec((time, any::<u64>()), 1..20),
        (0i64..200, 1usize..600).prop_map(|(start, n)| {
            (0..n as i64).map(|i| ((start + i) * 7_000, (i as f64).to_bits())).collect()
        }),
    ];
    (0u64..4, kind, interval, samples).prop_map(|(series, kind, interval_s, samples)| Append {
        series,
        kind,
        interval_s,
        samples,
    })
}

/// (value bits, kind, interval) by (series, time), by the one rule: the higher LSN wins, then the later arrival.
type Oracle = BTreeMap<(SeriesKey, i64), (Lsn, u64, Kind, u32)>;

fn expect(appends: &[(Lsn, Append)]) -> Oracle {
    let mut oracle = Oracle::new();
    for (lsn, a) in appends {
        for &(t, bits) in &a.samples {
            let new = (*lsn, bits, a.kind, a.interval_s);
            let place = oracle.entry((key(a.series), t)).or_insert(new);
            if *lsn >= place.0 {
                *place = new;
            }
        }
    }
    oracle
}

fn filled(appends: &[(Lsn, Append)]) -> MetricHead {
    let head = MetricHead::new(1);
    for (lsn, a) in appends {
        head.insert(&batch(a), &[Some(def(a.series))], *lsn).unwrap();
    }
    head
}

/// Each append once, under LSNs in another order than that of arrival.
fn appends() -> impl Strategy<Value = Vec<(Lsn, Append)>> {
    prop::collection::vec((append(), 0u64..6), 1..25).prop_map(|list| {
        let stamp =
            |(n, (append, back)): (usize, (Append, u64))| ((n as u64 * 4).saturating_sub(back * 4), append);
        list.into_iter().enumerate().map(stamp).collect()
    })
}

proptest! {
    #[test]
    fn store_11_higher_lsn_wins_in_a_head(appends in appends(), from in -200i64..2000, len in 0i64..2500) {
        let head = filled(&appends);
        let range = TimeRange::new(from * 7_000, (from + len) * 7_000);
        let oracle = expect(&appends);
        for n in 0..4 {
            let mut out = Samples::default();
            head.read(ORG, key(n), range, &mut out);
            let mut read = vec![];
            for (i, span) in out.spans.iter().enumerate() {
                let end = out.spans.get(i + 1).map_or(out.times.len(), |s| s.start);
                prop_assert!(span.start < end, "an empty span");
                for at in span.start..end {
                    read.push((out.times[at], out.values[at].to_bits(), span.kind, span.interval_s));
                }
            }
            let expected: Vec<_> = oracle
                .range((key(n), range.start)..(key(n), range.end.max(range.start)))
                .map(|((_, t), (_, bits, kind, interval))| (*t, *bits, *kind, *interval))
                .collect();
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn store_8_chunks_are_cut_at_windows_and_hold_everything_once(appends in appends()) {
        let head = filled(&appends);
        let chunks: Vec<_> = head.chunks().collect();
        prop_assert!(chunks.is_sorted_by_key(|c| (c.org, c.key, c.times[0])));
        let mut held = BTreeMap::new();
        for c in &chunks {
            prop_assert!(c.times.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(c.times.len() <= CHUNK_SAMPLES_MAX && c.times.len() == c.values.len());
            let window = |t: &i64| window_start(*t, window_ms(c.interval_s));
            prop_assert_eq!(window(&c.times[0]), window(c.times.last().unwrap()));
            for (t, v) in c.times.iter().zip(&c.values) {
                let twice = held.insert((c.key, *t), (v.to_bits(), c.kind, c.interval_s));
                prop_assert!(twice.is_none());
            }
        }
        let bare = |(_, bits, kind, interval): (Lsn, u64, Kind, u32)| (bits, kind, interval);
        let expected: BTreeMap<_, _> = expect(&appends).into_iter().map(|(k, v)| (k, bare(v))).collect();
        prop_assert_eq!(held, expected);
    }

    #[test]
    fn store_6_every_day_with_data_has_its_series(appends in appends()) {
        let head = filled(&appends);
        let rows: BTreeSet<_> = head.series_rows().into_iter().map(|r| (r.key, r.day, r.def)).map(|(k, d, _)| (k, d)).collect();
        let expected: BTreeSet<_> =
            expect(&appends).keys().map(|(k, t)| (*k, crate::parts::day_of(*t))).collect();
        prop_assert_eq!(rows, expected);
    }
}

#[test]
fn store_9_series_of_one_scrape_share_their_time_vector() {
    let head = MetricHead::new(1);
    for series in 0..4 {
        for minute in 0..3 {
            let samples = (0..4).map(|i| (minute * 60_000 + i * 15_003, 0)).collect();
            let a = Append { series, kind: Kind::Gauge, interval_s: 0, samples };
            head.insert(&batch(&a), &[Some(def(series))], minute as u64 + 1).unwrap();
        }
    }
    let chunks: Vec<_> = head.chunks().collect();
    assert_eq!(chunks.len(), 4);
    assert!(chunks.iter().all(|c| Arc::ptr_eq(&c.times, &chunks[0].times)));
    assert_eq!(head.interval_seen(ORG, key(0)), 15);
    assert!(head.series_rows().iter().all(|r| r.interval_s == 15), "as seen, where nobody said");
}

#[test]
fn an_insert_tells_of_new_days_once_and_of_changed_kinds() {
    let head = MetricHead::new(1);
    let day = crate::parts::DAY_MS;
    let insert = |kind, times: &[i64]| {
        let samples = times.iter().map(|&t| (t, 0)).collect();
        let a = Append { series: 1, kind, interval_s: 10, samples };
        let new = head.insert(&batch(&a), &[Some(def(1))], 1).unwrap();
        new.iter().map(|n| (n.day, n.series.kind)).collect::<Vec<_>>()
    };
    assert_eq!(insert(Kind::Gauge, &[1, 2, day]), [(0, Kind::Gauge), (1, Kind::Gauge)]);
    assert_eq!(insert(Kind::Gauge, &[3, day + 1]), []);
    assert_eq!(insert(Kind::Rate, &[day + 2]), [(1, Kind::Rate)]);
    assert_eq!(head.days(ORG), [0, 1]);
    assert_eq!(head.days(OrgId(2)), Vec::<i32>::new());
}

#[test]
fn sketches_of_one_time_merge_at_seal() {
    let head = MetricHead::new(1);
    let mut b = batch(&Append { series: 1, kind: Kind::Distribution, interval_s: 10, samples: vec![] });
    for (time_ms, value) in [(20_000, 1.0), (10_000, 2.0), (20_000, 3.0), (3_600_000, 4.0)] {
        let mut sketch = Sketch::default();
        sketch.insert(value, 1);
        b.sketches.push(oriel_model::SketchPoint { series: 0, time_ms, sketch });
    }
    head.insert(&b, &[Some(def(1))], 1).unwrap();
    let points: Vec<Vec<(i64, u64, f64)>> =
        head.sketch_chunks().map(|c| c.points.iter().map(|(t, s)| (*t, s.count, s.sum)).collect()).collect();
    assert_eq!(points, [vec![(10_000, 1, 2.0), (20_000, 2, 4.0)], vec![(3_600_000, 1, 4.0)]]);
    assert_eq!(head.series_rows().len(), 1);
}

#[test]
fn bytes_are_what_the_columns_hold() {
    let head = MetricHead::new(1);
    for series in 0..100 {
        let samples = (0..1000).map(|i| (i, 0)).collect();
        let a = Append { series, kind: Kind::Gauge, interval_s: 1, samples };
        head.insert(&batch(&a), &[Some(def(series))], 1).unwrap();
    }
    let held = head.bytes();
    assert!((100 * 1000 * 16..100 * (1000 * 16 + 1000)).contains(&held), "{held}");
}

#[test]
fn store_10_a_new_start_of_a_running_total_is_kept_at_its_first_sample() {
    let head = MetricHead::new(1);
    let def = || {
        let tags = oriel_model::Tags::empty();
        vec![Some(Arc::new(SeriesDef { metric: "m".into(), host: "".into(), tags }))]
    };
    let total = |samples: &[(i64, f64)], reset: bool| {
        let samples = samples.iter().map(|&(t, v)| (t, v.to_bits())).collect();
        let mut made = batch(&Append { series: 7, kind: Kind::Cumulative, interval_s: 15, samples });
        made.series[0].reset = reset;
        made
    };
    head.insert(&total(&[(15_000, 5.0), (30_000, 6.0)], false), &def(), 1).unwrap();
    head.insert(&total(&[(45_000, 9.0), (60_000, 10.0)], true), &def(), 2).unwrap();
    let spans = |range: TimeRange| {
        let mut out = Samples::default();
        head.read(ORG, key(7), range, &mut out);
        out.spans.iter().map(|s| (s.start, s.reset)).collect::<Vec<_>>()
    };
    assert_eq!(spans(TimeRange::all()), [(0, false), (2, true)]);
    assert_eq!(
        spans(TimeRange::new(46_000, 99_000)),
        [(0, false)],
        "the sample that began anew is not in range"
    );
    let chunks: Vec<_> = head.chunks().map(|c| (c.times[0], c.reset)).collect();
    assert_eq!(chunks, [(15_000, false), (45_000, true)]);
}
