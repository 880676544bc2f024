//! Which series there are: their identities, who is active, and how a matcher finds them.
//!
//! A write goes through in three steps. [`Registry::admit`] finds or takes in each series of a batch and says whose
//! definitions the WAL record must carry; then the record becomes durable and the head takes the samples; then
//! [`Registry::publish`] makes the series known under their raw bytes and in the day's index. Nothing is published before
//! it is durable (STORE 5), so a reference from the cache never stands for a series that a crash could forget.

mod day;
mod days;
mod identity;
mod matching;
mod raw_cache;
mod resident;

pub(crate) use day::DaySeries;
pub(crate) use days::{DayIndexes, Select};
pub(crate) use identity::Identity;
pub(crate) use resident::{KeyMap, def_bytes, shard_of};

use crate::head::NewDay;
use crate::parts::Generation;
use crate::{Error, Result};
use oriel_model::{
    BatchSeries, MetricBatch, OrgId, RawHasher, RawKey, Reason, Rejections, SeriesDef, SeriesKey, SeriesRef,
    SeriesResolver,
};
use raw_cache::RawCache;
use resident::{Refusal, ResidentTable};
use std::sync::Arc;

/// Bounds of a registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RegistryLimits {
    pub(crate) series_per_org: usize,
    /// Share of the cache pool for raw keys.
    pub(crate) raw_cache_bytes: usize,
    /// Share of the cache pool for day indexes.
    pub(crate) index_bytes: usize,
}

/// See the module's head.
pub(crate) struct Registry {
    identity: Identity,
    hasher: RawHasher,
    raw: RawCache,
    resident: ResidentTable,
    pub(crate) days: DayIndexes,
}

/// What admission found out about a batch: the record and the head need it, and `publish` afterwards.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    pub(crate) generation: Generation,
    /// For each series of the batch: its definition when this generation has not logged it yet.
    pub(crate) defs: Vec<Option<Arc<SeriesDef>>>,
    slots: Vec<u32>,
    pub(crate) rejections: Rejections,
}

impl Registry {
    /// `identity_key` is the catalog's; raw keys get a secret of this process.
    pub(crate) fn new(identity_key: [u8; 16], limits: RegistryLimits, now_ms: i64) -> Arc<Self> {
        Self::with_identity(Identity::new(identity_key), limits, now_ms)
    }

    pub(crate) fn with_identity(identity: Identity, limits: RegistryLimits, now_ms: i64) -> Arc<Self> {
        let mut secret = [0; 192];
        rand::fill(&mut secret[..]);
        Arc::new(Self {
            identity,
            hasher: RawHasher::new(secret),
            raw: RawCache::new(limits.raw_cache_bytes),
            resident: ResidentTable::new(limits.series_per_org, now_ms),
            days: DayIndexes::new(limits.index_bytes),
        })
    }

    pub(crate) fn resolver(self: &Arc<Self>, org: OrgId) -> Arc<dyn SeriesResolver> {
        Arc::new(Resolver { registry: Arc::clone(self), org })
    }

    /// Takes the batch's series in. Refused ones lose their samples here, with a reason; the others go on. When the record
    /// is then stamped with another generation, admit again for that one.
    pub(crate) fn admit(&self, batch: &mut MetricBatch, generation: Generation) -> Result<Admission> {
        let mut admission = Admission { generation, ..Admission::default() };
        admission.defs.reserve_exact(batch.series.len());
        admission.slots.reserve_exact(batch.series.len());
        let mut refused: Vec<(u32, Reason)> = Vec::new();
        let org = batch.org;
        for (i, series) in batch.series.iter().enumerate() {
            if series.def.is_none()
                && self.resident.is_logged(org, SeriesRef { key: series.key, slot: series.slot }, generation)
            {
                admission.defs.push(None);
                admission.slots.push(series.slot);
                continue;
            }
            match self.admit_one(org, series, generation)? {
                Ok(admitted) => {
                    admission.slots.push(admitted.slot);
                    admission.defs.push((!admitted.logged).then_some(admitted.def));
                }
                Err(refusal) => {
                    refused.push((i as u32, reason_of(&refusal)));
                    admission.slots.push(u32::MAX);
                    admission.defs.push(None);
                }
            }
        }
        if !refused.is_empty() {
            drop_refused(batch, &refused, &mut admission.rejections);
        }
        Ok(admission)
    }

    fn admit_one(
        &self,
        org: OrgId,
        series: &BatchSeries,
        generation: Generation,
    ) -> Result<std::result::Result<resident::Admitted, Refusal>> {
        match &series.def {
            Some(def) => {
                if let Some(known) = self.resident.get(org, series.key, generation)
                    && *known.def == **def
                {
                    return Ok(Ok(known));
                }
                let def = Arc::new(SeriesDef::clone(def));
                Ok(self.resident.admit(org, series.key, &def, generation))
            }
            // The series went idle between decoding and here: the sender's retry parses it again.
            None => match self.resident.get(org, series.key, generation) {
                Some(known) => Ok(Ok(known)),
                None => Err(Error::Busy { what: "series table", retry_after_s: 1 }),
            },
        }
    }

    /// The batch is durable and in the head: from here on its raw bytes are known, and queries find its series.
    pub(crate) fn publish(&self, batch: &MetricBatch, admission: &Admission, new_days: &[NewDay]) {
        for (i, series) in batch.series.iter().enumerate() {
            let slot = admission.slots[i];
            if slot == u32::MAX {
                continue;
            }
            if admission.defs[i].is_some() {
                self.resident.logged(batch.org, series.key, admission.generation);
            }
            if series.slot != slot {
                self.raw.put(series.raw, SeriesRef { key: series.key, slot });
            }
        }
        self.days.announce(batch.org, new_days);
    }

    /// Replay: the record's definitions are durable in this generation.
    pub(crate) fn restore(
        &self,
        org: OrgId,
        series: &[BatchSeries],
        defs: &[Option<Arc<SeriesDef>>],
        generation: Generation,
    ) {
        for (s, def) in series.iter().zip(defs) {
            if let Some(def) = def {
                self.resident.restore(org, s.key, def, generation);
            }
        }
    }

    /// After each seal, and now and then: lets idle series go that no head from `oldest_open` on has logged, and day indexes
    /// over their share of memory.
    pub(crate) fn retire(&self, now_ms: i64, oldest_open: Generation) {
        self.resident.retire(now_ms, oldest_open);
        self.days.shrink();
    }

    /// Active series of an org.
    pub(crate) fn active(&self, org: OrgId) -> usize {
        self.resident.len(org)
    }

    /// Bytes of raw cache, resident series and day indexes.
    pub(crate) fn bytes(&self) -> usize {
        self.raw.bytes() + self.resident.bytes() + self.days.bytes()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The resident copy of a definition.
    pub(crate) fn def(&self, org: OrgId, key: SeriesKey) -> Option<Arc<SeriesDef>> {
        self.resident.def(org, key)
    }
}

fn reason_of(refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::Limit => Reason::SeriesLimit,
        Refusal::Collision => Reason::SeriesCollision,
    }
}

/// Empties the refused series' spans and counts their rows. `refused` is in the order of the batch.
fn drop_refused(batch: &mut MetricBatch, refused: &[(u32, Reason)], rejections: &mut Rejections) {
    let mut rows: KeyMap<u32, (u64, Reason)> = KeyMap::default();
    for &(i, reason) in refused {
        let series = &mut batch.series[i as usize];
        rows.insert(i, (u64::from(series.len), reason));
        series.len = 0;
    }
    batch.sketches.retain(|point| match rows.get_mut(&point.series) {
        Some((n, _)) => {
            *n += 1;
            false
        }
        None => true,
    });
    for &(i, _) in refused {
        let (n, reason) = rows[&i];
        let series = &batch.series[i as usize];
        rejections.add(reason, n, || match &series.def {
            Some(def) => format!("{}{:?} of host {:?}: {reason}", def.metric, def.tags, def.host),
            None => format!("a series was refused: {reason}"),
        });
    }
}

/// One org's view of the raw cache.
struct Resolver {
    registry: Arc<Registry>,
    org: OrgId,
}

impl SeriesResolver for Resolver {
    fn hasher(&self) -> &RawHasher {
        &self.registry.hasher
    }

    fn lookup(&self, raw: RawKey) -> Option<SeriesRef> {
        self.registry.raw.get(raw).filter(|&series| self.registry.resident.holds(self.org, series))
    }

    fn identify(&self, def: &SeriesDef) -> SeriesKey {
        self.registry.identity.series(def)
    }
}

#[cfg(test)]
mod tests;
