//! What each metric of an org costs: series from the definitions, samples and bytes from rows of files and columns of heads.
//!
//! A file never changes, so its share by metric is summed once and kept with its handle.

use super::MetricUsage;
use super::core::Core;
use crate::Result;
use crate::file::read_series;
use crate::parts::Content;
use crate::view::{OpenFile, View};
use hashbrown::HashMap;
use oriel_model::{MetricId, OrgId, SeriesDef, SeriesKey, TimeMs, TimeRange};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// One metric's part of one file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    samples: u64,
    bytes: u64,
    first_ms: TimeMs,
    last_ms: TimeMs,
}

/// A file's bytes by org and metric: each row's payload, and its part of what all rows share.
pub(crate) type Shares = HashMap<(OrgId, MetricId), Share>;

/// Sums a sample file. Row columns cost about 20 bytes beside the payload before compression.
pub(crate) fn shares(file: &OpenFile) -> Result<Shares> {
    const ROW_BYTES: u64 = 20;
    let mut shares = Shares::new();
    let mut total = 0;
    let mut scan = file.samples()?.scan(TimeRange::all());
    while let Some(row) = scan.next()? {
        let bytes = row.values.len() as u64 + ROW_BYTES;
        total += bytes;
        let fresh = Share { first_ms: TimeMs::MAX, last_ms: TimeMs::MIN, ..Share::default() };
        let share = shares.entry((row.org, row.key.metric)).or_insert(fresh);
        share.samples += u64::from(row.n);
        share.bytes += bytes;
        share.first_ms = share.first_ms.min(row.t0);
        share.last_ms = share.last_ms.max(row.t1);
    }
    let scale = file.meta.bytes as f64 / total.max(1) as f64;
    for share in shares.values_mut() {
        share.bytes = (share.bytes as f64 * scale).round() as u64;
    }
    Ok(shares)
}

/// One metric while it is summed.
struct Sum {
    usage: MetricUsage,
    series: HashSet<SeriesKey>,
}

type Sums = BTreeMap<Box<str>, Sum>;

/// See [`super::Store::usage`].
pub(super) fn usage(core: &Core, org: OrgId) -> Result<Vec<MetricUsage>> {
    let view = core.view.load_full();
    let mut sums = Sums::new();
    let mut names: HashMap<MetricId, Box<str>> = HashMap::new();
    let of_org = |content: Content| {
        let wanted = move |f: &&Arc<OpenFile>| f.meta.content == content && f.meta.has_org(org);
        view.files.iter().filter(wanted)
    };
    for file in of_org(Content::Series) {
        for row in read_series(file.dir(), &file.meta)?.into_iter().filter(|row| row.org == org) {
            names.entry(row.key.metric).or_insert_with(|| row.def.metric.clone());
            sum_of(&mut sums, &row.def.metric).series.insert(row.key);
        }
    }
    for file in of_org(Content::Samples) {
        for ((_, metric), share) in file.shares()?.iter().filter(|((o, _), _)| *o == org) {
            if let Some(name) = names.get(metric) {
                sum_of(&mut sums, name).usage.add(
                    share.samples,
                    share.bytes,
                    (share.first_ms, share.last_ms),
                );
            }
        }
    }
    add_heads(core, &view, org, &mut sums);
    let finish = |sum: Sum| MetricUsage { series: sum.series.len() as u64, ..sum.usage };
    Ok(sums.into_values().map(finish).collect())
}

fn add_heads(core: &Core, view: &View, org: OrgId, sums: &mut Sums) {
    let mut add = |def: &SeriesDef, (rows, first_ms, last_ms): (usize, TimeMs, TimeMs), bytes: usize| {
        let sum = sum_of(sums, &def.metric);
        sum.usage.add(rows as u64, bytes as u64, (first_ms, last_ms));
        sum.series.insert(core.registry.identity().series(def));
    };
    for head in &view.metric_heads {
        head.visit_usage(org, &mut add);
    }
}

fn sum_of<'s>(sums: &'s mut Sums, metric: &str) -> &'s mut Sum {
    sums.entry(metric.into()).or_insert_with(|| Sum {
        usage: MetricUsage {
            metric: metric.to_owned(),
            series: 0,
            samples: 0,
            bytes: 0,
            first_ms: TimeMs::MAX,
            last_ms: TimeMs::MIN,
        },
        series: HashSet::new(),
    })
}

impl MetricUsage {
    fn add(&mut self, samples: u64, bytes: u64, (first_ms, last_ms): (TimeMs, TimeMs)) {
        self.samples += samples;
        self.bytes += bytes;
        self.first_ms = self.first_ms.min(first_ms);
        self.last_ms = self.last_ms.max(last_ms);
    }
}
