//! Records give back every bit, fit their frame, and never panic on bytes that are none.

use super::*;
use oriel_model::{
    BatchSeries, Event, EventBatch, Kind, Mapping, MetricBatch, MetricId, OrgId, SeriesDef, SeriesId,
    SeriesKey, Sketch, SketchPoint, Tags,
};
use proptest::prelude::*;
use std::sync::Arc;

/// A batch of the series' (kind, interval, times, values), each with the key and the definition of its number.
fn batch(runs: &[(Kind, u32, Vec<i64>, Vec<f64>)]) -> (MetricBatch, Vec<Option<Arc<SeriesDef>>>) {
    let mut batch =
        MetricBatch { org: OrgId(3), series: vec![], ts: vec![], values: vec![], sketches: vec![] };
    let mut defs = vec![];
    for (n, (kind, interval_s, times, values)) in runs.iter().enumerate() {
        batch.series.push(BatchSeries {
            reset: false,
            key: SeriesKey { metric: MetricId(n as u64 / 4), series: SeriesId(n as u64 * 77) },
            raw: 0,
            slot: u32::MAX,
            kind: *kind,
            interval_s: *interval_s,
            def: None,
            first: batch.ts.len() as u32,
            len: times.len() as u32,
        });
        batch.ts.extend(times);
        batch.values.extend(values);
        defs.push((n % 3 != 1).then(|| def(n)));
    }
    (batch, defs)
}

fn def(n: usize) -> Arc<SeriesDef> {
    let tags = (0..n % 5).map(|t| format!("key{t}:value {n}"));
    Arc::new(SeriesDef { metric: format!("m.{n}").into(), host: "h-1".into(), tags: Tags::canonical(tags) })
}

/// What a record says, in a form that compares bit for bit.
type Said = (SeriesKey, Kind, u32, Vec<(i64, u64)>, Option<Arc<SeriesDef>>);

fn said(batch: &MetricBatch, defs: &[Option<Arc<SeriesDef>>]) -> Vec<Said> {
    let one = |(s, def): (&BatchSeries, &Option<Arc<SeriesDef>>)| {
        let (t, v) = batch.samples(s);
        let samples = t.iter().zip(v).map(|(&t, v)| (t, v.to_bits())).collect();
        (s.key, s.kind, s.interval_s, samples, def.clone())
    };
    batch.series.iter().zip(defs).map(one).collect()
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-1000i64..1000).prop_map(|n| n as f64),
        3 => any::<f64>(),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop_oneof![
            Just(-0.0), Just(f64::NAN), Just(f64::from_bits(0x7ff0_0000_0000_0002)), Just(1e300), Just(9.1e15)
        ],
    ]
}

fn run() -> impl Strategy<Value = (Kind, u32, Vec<i64>, Vec<f64>)> {
    let kinds = prop_oneof![Just(Kind::Gauge), Just(Kind::Rate), Just(Kind::Cumulative)];
    let times = prop_oneof![
        prop::collection::vec(any::<i64>(), 1..20),
        (0i64..3, 1usize..20).prop_map(|(t, n)| (0..n as i64).map(|i| t + i * 15_000).collect()),
    ];
    (kinds, 0u32..100, times, any::<bool>()).prop_flat_map(|(kind, interval, times, constant)| {
        let values = prop::collection::vec(value(), times.len()).prop_map(move |mut v| {
            if constant {
                let first = v[0];
                v.fill(first);
            }
            v
        });
        (Just(kind), Just(interval), Just(times), values)
    })
}

proptest! {
    #[test]
    fn store_13_a_record_gives_back_every_bit(runs in prop::collection::vec(run(), 1..30)) {
        let (batch, defs) = batch(&runs);
        let records = encode_metrics(&batch, &defs);
        prop_assert_eq!(records.len(), 1);
        let back = decode_metrics(&records[0]).unwrap();
        prop_assert_eq!(back.batch.org, batch.org);
        prop_assert_eq!(said(&back.batch, &back.defs), said(&batch, &defs));
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode_metrics(&bytes);
        let _ = decode_events(&bytes);
    }

    #[test]
    fn a_damaged_record_never_panics(
        runs in prop::collection::vec(run(), 1..10),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let (mut batch, defs) = batch(&runs);
        let mut sketch = Sketch::default();
        sketch.insert(3.0, 2);
        batch.sketches.push(SketchPoint { series: 0, time_ms: 5, sketch });
        let mut record = encode_metrics(&batch, &defs).remove(0);
        for (at, byte) in hits {
            let at = at.index(record.len());
            record[at] = byte;
        }
        let _ = decode_metrics(&record);
        record.truncate(cut.index(record.len()));
        let _ = decode_metrics(&record);
    }
}

#[test]
fn sketches_come_back_with_their_mapping() {
    let (mut batch, defs) =
        batch(&[(Kind::Distribution, 10, vec![], vec![]), (Kind::Gauge, 0, vec![1], vec![2.0])]);
    for mapping in [Mapping::AGENT, Mapping { gamma: 1.02, offset: 0.0 }] {
        let mut sketch = Sketch::new(mapping);
        for i in -5i32..60 {
            sketch.insert(f64::from(i) * 1.7, 1 + u64::from(i.unsigned_abs()));
        }
        batch.sketches.push(SketchPoint { series: 0, time_ms: 1000, sketch });
    }
    let back = decode_metrics(&encode_metrics(&batch, &defs)[0]).unwrap();
    let of = |batch: &MetricBatch| -> Vec<(SeriesKey, i64, Sketch)> {
        let key = |p: &SketchPoint| batch.series[p.series as usize].key;
        batch.sketches.iter().map(|p| (key(p), p.time_ms, p.sketch.clone())).collect()
    };
    assert_eq!(of(&back.batch), of(&batch));
}

#[test]
fn store_22_a_large_batch_becomes_records_that_fit_and_define_their_own_series() {
    let times: Vec<i64> = (0..300_000i64).map(|i| i * i).collect();
    let values: Vec<f64> = times.iter().map(|&t| (t as f64).sqrt().sin()).collect();
    let runs = vec![(Kind::Gauge, 15, times, values); 3];
    let (batch, defs) = batch(&runs);
    let records = encode_metrics(&batch, &defs);
    assert!(records.len() > 2, "{} records", records.len());
    let mut samples: Vec<(SeriesKey, i64, u64)> = vec![];
    for record in &records {
        assert!(record.len() <= RECORD_BYTES_MAX, "{} bytes", record.len());
        let back = decode_metrics(record).unwrap();
        let mut defined: Vec<SeriesKey> = vec![];
        for (key, _, _, run, def) in said(&back.batch, &back.defs) {
            let asked = batch.series.iter().zip(&defs).any(|(s, d)| s.key == key && d.is_some());
            assert_eq!(def.is_some(), asked && !defined.contains(&key));
            defined.push(key);
            samples.extend(run.iter().map(|&(t, v)| (key, t, v)));
        }
    }
    let of = |(key, _, _, run, _): Said| run.into_iter().map(move |(t, v)| (key, t, v));
    let expected: Vec<_> = said(&batch, &defs).into_iter().flat_map(of).collect();
    assert_eq!(samples, expected);
}

#[test]
fn a_scrape_costs_little_over_a_byte_a_sample() {
    let times: Vec<i64> = (0..72).map(|i| 1_763_600_015_001 + i * 15_000 + i % 4).collect();
    let runs: Vec<_> = (0..507)
        .map(|n| {
            let values = (0..72).map(|i| if n % 3 == 0 { f64::from(i * n) } else { 7.25 }).collect();
            (Kind::Gauge, 0, times.clone(), values)
        })
        .collect();
    let (batch, _) = batch(&runs);
    let bytes = encode_metrics(&batch, &vec![None; 507])[0].len();
    assert!(bytes < 507 * 72 * 5 / 4, "{bytes} bytes");
}

#[test]
fn events_come_back() {
    let event =
        Event { id: 9, time_ms: 5, title: "deploy".into(), text: "x".repeat(60_000), ..Event::default() };
    let batch = EventBatch { org: OrgId(1), events: vec![event; 100], checks: vec![] };
    let records = encode_events(&batch);
    assert!(records.len() > 1 && records.iter().all(|r| r.len() <= RECORD_BYTES_MAX));
    let back: Vec<Event> = records.iter().flat_map(|r| decode_events(r).unwrap().events).collect();
    assert_eq!(back, batch.events);
}
