//! The raw cache keeps its bound, keeps what is in use, and never answers with another series.

use super::*;
use proptest::prelude::*;

fn series(n: u64) -> SeriesRef {
    SeriesRef { key: SeriesKey { metric: MetricId(n), series: SeriesId(n * 3) }, slot: n as u32 }
}

fn raw(n: u64) -> RawKey {
    xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes())
}

#[test]
fn store_4_an_entry_takes_at_most_40_bytes() {
    assert_eq!(ENTRY_BYTES, 36);
    let cache = RawCache::new(1 << 20);
    for n in 0..100_000 {
        cache.put(raw(n), series(n));
    }
    assert!(cache.bytes() <= 1 << 20, "{} bytes", cache.bytes());
    let young: usize = cache.shards.iter().map(|s| s.read().old.len).sum();
    let bytes: usize = cache.shards.iter().map(|s| s.read().old.entries.len() * ENTRY_BYTES).sum();
    assert!(bytes <= young * 41, "{bytes} bytes for {young} entries");
}

#[test]
fn store_4_what_is_in_use_survives_eviction() {
    let cache = RawCache::new(64 << 10);
    cache.put(raw(7), series(7));
    for n in 1000..200_000 {
        cache.put(raw(n), series(n));
        assert_eq!(cache.get(raw(7)), Some(series(7)), "after {n}");
    }
    assert_eq!(cache.get(raw(1000)), None);
}

proptest! {
    #[test]
    fn store_4_never_another_series(ops in prop::collection::vec((0u64..500, any::<bool>()), 1..2000)) {
        let cache = RawCache::new(16 << 10);
        for (n, put) in ops {
            if put {
                cache.put(raw(n), series(n));
                prop_assert_eq!(cache.get(raw(n)), Some(series(n)));
            } else if let Some(found) = cache.get(raw(n)) {
                prop_assert_eq!(found, series(n));
            }
        }
    }
}
