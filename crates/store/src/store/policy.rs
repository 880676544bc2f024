//! Deletions, retention by filter and thinning: how they are asked for, and what becomes of them (STORE 28, 29).

use super::Options;
use super::core::Core;
use crate::catalog::{DELETIONS_MAX, StoredRule};
use crate::parts::{DAY_MS, Dataset};
use crate::rows::RowSnapshot;
use crate::rows::policy::{KeepRules, RULES_MAX, RowPolicy, Thinning, Tombstone};
use crate::{Cancel, DeleteReceipt, Error, NsRange, Result, RetentionRule, TailSampling};
use oriel_model::{Filter, OrgId, Signal, TimeMs};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

/// Traces of an org that somebody looked at and that thinning remembers: 1.6 MiB of ids.
const VIEWED_MAX: usize = 100_000;
/// The longest span that a rule can ask for: 100 years.
const KEEP_MS_MAX: i64 = 36_525 * DAY_MS;

/// What the catalog knew, as one.
pub(super) fn assemble(options: &Options, tombstones: Vec<Tombstone>, rules: &[StoredRule]) -> RowPolicy {
    let default_ms = BTreeMap::from(Signal::WIDE.map(|signal| (signal, options.retention_ms(signal))));
    let mut policy = RowPolicy {
        tombstones: tombstones.into_iter().map(Arc::new).collect(),
        default_ms,
        ..RowPolicy::default()
    };
    add_rules(&mut policy, rules);
    policy
}

fn add_rules(policy: &mut RowPolicy, rules: &[StoredRule]) {
    for stored in rules {
        let key = (stored.org, stored.rule.signal);
        let default_ms = policy.default_ms.get(&key.1).copied().unwrap_or(i64::MAX);
        let fresh = || Arc::new(KeepRules { version: stored.version, rules: Vec::new(), default_ms });
        let keep = Arc::make_mut(policy.keep.entry(key).or_insert_with(fresh));
        keep.rules.push((stored.rule.filter.clone(), stored.rule.keep_ms));
    }
}

/// What somebody set since the start.
#[derive(Default)]
pub(super) struct Sampling {
    rules: Mutex<BTreeMap<OrgId, TailSampling>>,
    viewed: Mutex<BTreeMap<OrgId, Viewed>>,
    /// The log's segment that was written when a deletion was made, by its id.
    segments: Mutex<BTreeMap<u64, u64>>,
}

#[derive(Default)]
struct Viewed {
    ids: Arc<HashSet<u128>>,
    order: VecDeque<u128>,
}

impl Sampling {
    pub(super) fn set(&self, org: OrgId, rule: Option<TailSampling>) {
        let mut rules = self.rules.lock();
        match rule {
            Some(rule) => rules.insert(org, rule),
            None => rules.remove(&org),
        };
    }

    pub(super) fn note_viewed(&self, org: OrgId, trace_id: u128) {
        let mut viewed = self.viewed.lock();
        let of = viewed.entry(org).or_default();
        if !Arc::make_mut(&mut of.ids).insert(trace_id) {
            return;
        }
        of.order.push_back(trace_id);
        if of.order.len() > VIEWED_MAX
            && let Some(oldest) = of.order.pop_front()
        {
            Arc::make_mut(&mut of.ids).remove(&oldest);
        }
    }

    fn thinning(&self) -> BTreeMap<OrgId, Thinning> {
        let viewed = self.viewed.lock();
        let ids = |org: &OrgId| viewed.get(org).map(|of| Arc::clone(&of.ids)).unwrap_or_default();
        let rules = self.rules.lock();
        rules.iter().map(|(org, rule)| (*org, Thinning { rule: *rule, viewed: ids(org) })).collect()
    }
}

impl Core {
    /// What a compaction applies.
    pub(super) fn policy_for_compaction(&self) -> Arc<RowPolicy> {
        let policy = Arc::clone(&self.view.load().policy);
        Arc::new(RowPolicy { thinning: self.sampling.thinning(), ..(*policy).clone() })
    }

    fn change_policy(&self, change: impl FnOnce(&mut RowPolicy)) {
        self.change_view(|view| change(Arc::make_mut(&mut view.policy)));
    }

    /// See [`super::Store::delete_rows`].
    pub(super) async fn delete_rows(
        self: &Arc<Self>,
        (org, signal): (OrgId, Signal),
        range: NsRange,
        (query, filter): (String, Filter),
    ) -> Result<DeleteReceipt> {
        if signal == Signal::Metrics {
            return Err(Error::Refused(
                "metrics can't be deleted by rows; name logs, spans or events".into(),
            ));
        }
        let _one = self.deleting.lock().await;
        let done = self.deletions_to_forget()?;
        self.seal(Dataset::of(signal)).await?;
        let counted = filter.clone();
        let rows = self.blocking(move |core| {
            let view = core.view.load();
            let now_ms = core.clock.now_ms();
            let files = RowSnapshot::of_files((org, signal), &view, (&core.turns, &core.budget), now_ms);
            files.count(range, &counted, &Cancel::default())
        });
        let rows = rows.await?.round() as u64;
        let created_ms = self.clock.now_ms();
        let mut tombstone =
            Tombstone { id: 0, org, signal, range, query, filter, sequence: 0, created_ms, rows };
        self.catalog.add_tombstone(&mut tombstone, &done).await?;
        tracing::info!("deletion {} takes {rows} rows of {}", tombstone.id, signal.as_str());
        let tombstone = Arc::new(tombstone);
        self.change_policy(|policy| {
            policy.tombstones.retain(|t| !done.contains(&t.id));
            policy.tombstones.push(Arc::clone(&tombstone));
        });
        self.sampling.segments.lock().insert(tombstone.id, self.wal.current_segment());
        self.compact_wanted.notify_one();
        Ok(self.receipt(&tombstone))
    }

    /// The oldest deletions that are done, where the list is full.
    fn deletions_to_forget(&self) -> Result<Vec<u64>> {
        let view = self.view.load();
        let tombstones = &view.policy.tombstones;
        if tombstones.len() < DELETIONS_MAX {
            return Ok(Vec::new());
        }
        let is_done = |t: &&Arc<Tombstone>| !view.files.iter().any(|file| t.is_pending_on(&file.meta));
        match tombstones.iter().find(is_done) {
            Some(oldest) => Ok(vec![oldest.id]),
            None => {
                Err(Error::Busy { what: "deletions that compaction has not applied yet", retry_after_s: 60 })
            }
        }
    }

    fn receipt(&self, tombstone: &Tombstone) -> DeleteReceipt {
        let view = self.view.load();
        let files_left = view.files.iter().filter(|file| tombstone.is_pending_on(&file.meta)).count();
        let segment = self.sampling.segments.lock().get(&tombstone.id).copied();
        DeleteReceipt {
            id: tombstone.id,
            signal: tombstone.signal,
            query: tombstone.query.clone(),
            created_ms: tombstone.created_ms,
            start_ns: tombstone.range.start,
            end_ns: tombstone.range.end,
            rows: tombstone.rows,
            files_left: files_left as u64,
            // A start ends every segment that was written before it and drops what files cover.
            wal_bytes: segment.map_or(0, |segment| self.wal.bytes_through(segment)),
            derived_metrics_remain: true,
        }
    }

    /// See [`super::Store::deletions`].
    pub(super) fn deletions(&self, org: OrgId) -> Vec<DeleteReceipt> {
        let policy = Arc::clone(&self.view.load().policy);
        let of_org = policy.tombstones.iter().rev().filter(|t| t.org == org);
        of_org.map(|tombstone| self.receipt(tombstone)).collect()
    }

    /// See [`super::Store::set_retention`].
    pub(super) async fn set_retention(self: &Arc<Self>, org: OrgId, rules: Vec<RetentionRule>) -> Result<()> {
        check(&rules)?;
        let _one = self.deleting.lock().await;
        let counted = rules.clone();
        self.blocking(move |core| core.log_expiring(org, &counted)).await?;
        let stored = self.catalog.set_rules(org, &rules).await?;
        self.change_policy(|policy| {
            policy.keep.retain(|(of, _), _| *of != org);
            add_rules(policy, &stored);
        });
        self.compact_wanted.notify_one();
        Ok(())
    }

    /// Says how many rows each rule lets go of now, before it does.
    fn log_expiring(&self, org: OrgId, rules: &[RetentionRule]) -> Result<()> {
        for (place, rule) in rules.iter().enumerate() {
            let earlier = rules[..place].iter().filter(|other| other.signal == rule.signal);
            let not = earlier.map(|other| Filter::Not(Box::new(other.filter.clone())));
            let filter = Filter::And([rule.filter.clone()].into_iter().chain(not).collect());
            let end_ms = self.clock.now_ms().saturating_sub(rule.keep_ms);
            let range = NsRange { start: i64::MIN, end: end_ms.saturating_mul(crate::parts::NS_PER_MS) };
            let rows = self.rows(org, rule.signal).count(range, &filter, &Cancel::default())?;
            tracing::info!(
                "retention rule {:?} lets go of {rows} rows of {}",
                rule.name,
                rule.signal.as_str()
            );
        }
        Ok(())
    }
}

fn check(rules: &[RetentionRule]) -> Result<()> {
    if rules.len() > RULES_MAX {
        return Err(Error::Refused(format!("{} rules of retention; {RULES_MAX} are possible", rules.len())));
    }
    for rule in rules {
        if rule.signal == Signal::Metrics {
            return Err(Error::Refused("metrics have one span of retention; set it at the start".into()));
        }
        if !(1..=KEEP_MS_MAX).contains(&rule.keep_ms) {
            return Err(Error::Refused(format!("rule {:?} keeps for no possible time", rule.name)));
        }
    }
    Ok(())
}

/// The earliest time that a signal takes: what its longest rule keeps.
pub(super) fn oldest(policy: &RowPolicy, signal: Signal, default_ms: i64, now_ms: TimeMs) -> TimeMs {
    let of_signal = policy.keep.iter().filter(|((_, s), _)| *s == signal);
    let longest = of_signal.map(|(_, keep)| keep.longest_ms()).fold(default_ms, i64::max);
    now_ms.saturating_sub(longest)
}
