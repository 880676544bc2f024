//! How fast the text exposition is decoded alone: `decode_speed BODY.prom [ROUNDS]`, in 40 posts as the bench sends them.
//!
//! Says lines a second with every series known to the store's cache, which is what counts, and with none known.

use oriel_model::{
    Limits, MetricBatchBuilder, OrgId, RawHasher, RawKey, SeriesDef, SeriesKey, SeriesRef, SeriesResolver,
    TimeRange, Unresolved,
};
use oriel_wire::prometheus;
use std::collections::HashMap;
use std::time::Instant;

/// Knows every series that a first decoding saw.
struct Known {
    inner: Unresolved,
    by_raw: HashMap<RawKey, SeriesRef>,
}

impl SeriesResolver for Known {
    fn hasher(&self) -> &RawHasher {
        self.inner.hasher()
    }

    fn lookup(&self, raw: RawKey) -> Option<SeriesRef> {
        self.by_raw.get(&raw).copied()
    }

    fn identify(&self, def: &SeriesDef) -> SeriesKey {
        self.inner.identify(def)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let body = std::fs::read(args.next().ok_or("decode_speed BODY.prom [ROUNDS]")?)?;
    let rounds: usize = args.next().map_or(Ok(5), |n| n.parse())?;
    let posts = posts(&body, 40);
    let unknown = Unresolved::default();
    let mut known = Known { inner: unknown.clone(), by_raw: HashMap::new() };
    for _ in 0..rounds {
        measure("no series known", &posts, &unknown, |_| {});
    }
    measure("learning", &posts, &unknown, |batch| {
        for s in &batch.series {
            known.by_raw.insert(s.raw, SeriesRef { key: s.key, slot: 0 });
        }
    });
    for _ in 0..rounds {
        measure("every series known", &posts, &known, |_| {});
    }
    Ok(())
}

fn measure(
    what: &str,
    posts: &[&[u8]],
    resolver: &dyn SeriesResolver,
    mut then: impl FnMut(oriel_model::MetricBatch),
) {
    let limits = Limits::default();
    let begun = Instant::now();
    let mut rows = 0;
    for post in posts {
        let mut builder =
            MetricBatchBuilder::new(OrgId(1), resolver, &limits, TimeRange::all(), ("prometheus", ""))
                .allow_non_finite();
        if let Err(e) = prometheus::text(post, 0, &mut builder) {
            println!("{e}");
        }
        let (batch, rejections) = builder.finish();
        rows += batch.rows();
        if !rejections.is_empty() {
            println!("{}", rejections.summary());
        }
        then(batch);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{what}: {rows} lines in {seconds:.3} s: {:.2} million a second", rows as f64 / seconds / 1e6);
}

/// About equal parts, cut at line ends.
fn posts(body: &[u8], parts: usize) -> Vec<&[u8]> {
    let size = body.len().div_ceil(parts).max(1);
    let mut out = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let from = size.min(rest.len()) - 1;
        let end = memchr::memchr(b'\n', &rest[from..]).map_or(rest.len(), |i| from + i + 1);
        out.push(&rest[..end]);
        rest = &rest[end..];
    }
    out
}
