//! The store's own gauges and running totals, which Oriel stores like any others.

use super::core::Core;
use crate::parts::{Content, Dataset};
use oriel_model::{OrgId, Signal};
use std::sync::atomic::{AtomicU64, Ordering};

type Figure = (&'static str, Vec<String>, f64);

pub(super) fn figures(core: &Core) -> Vec<Figure> {
    let mut out = Vec::with_capacity(64);
    log(core, &mut out);
    heads(core, &mut out);
    files(core, &mut out);
    totals(core, &mut out);
    for pool in core.budget.pools() {
        let tags = vec![format!("pool:{}", pool.name)];
        out.push(("oriel.store.memory.used_bytes", tags.clone(), pool.used() as f64));
        out.push(("oriel.store.memory.limit_bytes", tags, pool.limit as f64));
    }
    out.push(("oriel.store.series.active", Vec::new(), core.registry.active(OrgId(1)) as f64));
    out.push(("oriel.store.digests", Vec::new(), core.digests.len() as f64));
    out
}

fn log(core: &Core, out: &mut Vec<Figure>) {
    let (records, commits) = core.wal.counts();
    out.push(("oriel.store.wal.unsealed_bytes", Vec::new(), core.wal.bytes() as f64));
    out.push(("oriel.store.wal.disk_bytes", Vec::new(), core.wal.disk_bytes() as f64));
    out.push(("oriel.store.wal.records", Vec::new(), records as f64));
    out.push(("oriel.store.wal.commits", Vec::new(), commits as f64));
    out.push(("oriel.store.reserve_bytes", Vec::new(), core.catalog.reserve_bytes() as f64));
}

fn heads(core: &Core, out: &mut Vec<Figure>) {
    let view = core.view.load();
    for dataset in Dataset::ALL {
        let tags = vec![format!("dataset:{}", dataset.as_str())];
        out.push(("oriel.store.head.bytes", tags, view.head_bytes_of(dataset) as f64));
    }
    let samples: u64 = view.metric_heads.iter().map(|h| h.samples()).sum();
    out.push(("oriel.store.head.samples", Vec::new(), samples as f64));
    for signal in Signal::WIDE {
        let dataset = Dataset::of(signal);
        let rows: u64 = view.row_heads.iter().filter(|h| h.dataset == dataset).map(|h| h.rows()).sum();
        out.push(("oriel.store.head.rows", vec![format!("dataset:{}", dataset.as_str())], rows as f64));
    }
}

fn files(core: &Core, out: &mut Vec<Figure>) {
    let view = core.view.load();
    for content in Content::ALL {
        let of = || view.files.iter().filter(|f| f.meta.content == content);
        let tags = vec![format!("content:{}", content.as_str())];
        out.push(("oriel.store.files", tags.clone(), of().count() as f64));
        out.push(("oriel.store.files.bytes", tags.clone(), of().map(|f| f.meta.bytes).sum::<u64>() as f64));
        out.push(("oriel.store.files.rows", tags, of().map(|f| f.meta.samples).sum::<u64>() as f64));
    }
}

fn totals(core: &Core, out: &mut Vec<Figure>) {
    let totals = &core.totals;
    let mut add = |name: &'static str, total: &AtomicU64| {
        out.push((name, Vec::new(), total.load(Ordering::Relaxed) as f64));
    };
    add("oriel.store.appended.samples", &totals.samples);
    add("oriel.store.appended.sketches", &totals.sketches);
    add("oriel.store.appended.events", &totals.events);
    add("oriel.store.appended.logs", &totals.logs);
    add("oriel.store.appended.spans", &totals.spans);
    add("oriel.store.requests", &totals.requests);
    add("oriel.store.requests.repeated", &totals.repeated);
    add("oriel.store.requests.busy", &totals.busy);
    add("oriel.store.seals", &totals.seals);
    add("oriel.store.seals.failed", &totals.seal_failures);
    add("oriel.store.compactions", &totals.compactions);
    add("oriel.store.expired.files", &totals.expired_files);
    add("oriel.store.quarantined.records", &totals.quarantined);
}
