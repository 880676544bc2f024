//! A watch: one distinct query of one org, measured once an evaluation for all monitors that share it.
//!
//! Where buckets depend on nothing but the data near them ([`SeriesRule::local`]) a long window is not read anew each minute:
//! the buckets of the evaluation before are kept, and only those are read that may have changed since ([`LATE_MS`]).

mod join;
pub(crate) mod read;
mod seen;

pub use read::{Known, Stop, World};
pub use seen::Seen;

use crate::Result;
use crate::measured::Measured;
use crate::rule::{Ask, Rule, SeriesRule, Target};
use oriel_model::{Frame, OrgId, TimeMs};
use oriel_query::Request;
use std::sync::Arc;

/// How late data may come and still be counted in buckets that are kept.
pub const LATE_MS: i64 = 300_000;
/// The longest gap that a fill closes: a value after a gap changes the buckets before it.
pub const FILL_MS: i64 = 600_000;
/// What is read again at each evaluation.
const AGAIN_MS: i64 = LATE_MS + FILL_MS;
/// Shorter windows are read whole: keeping would save less than half.
const KEEP_MS: i64 = 2 * AGAIN_MS;
/// Evaluations until everything is read anew, so that data that came later than [`LATE_MS`] is seen at some time.
const FULL_EVERY: u32 = 60;
/// Sights are written every ten minutes at least.
const CATCH_UP_MINUTES: i64 = 10;

/// See the module's head.
#[derive(Debug)]
pub struct Watch {
    org: OrgId,
    /// Of any of its monitors: they measure alike.
    rule: Arc<Rule>,
    seen: Seen,
    /// By request.
    kept: Vec<Option<Kept>>,
}

/// The buckets of the evaluation before.
#[derive(Debug)]
struct Kept {
    frame: Frame,
    /// The end of what was read.
    end_ms: TimeMs,
    uses: u32,
}

impl Watch {
    pub fn new(org: OrgId, rule: Arc<Rule>, seen: Seen) -> Self {
        Self { org, rule, seen, kept: Vec::new() }
    }

    pub fn seen(&mut self) -> &mut Seen {
        &mut self.seen
    }

    /// What the query says at a moment; `retention_ms` is how long absent groups are measured on.
    pub fn measure(&mut self, world: &World<'_>, at_ms: TimeMs, retention_ms: i64) -> Result<Measured> {
        let rule = Arc::clone(&self.rule);
        let mut measured = match (&rule.target, rule.ask(at_ms)) {
            (Target::Series(series), Ask::Series { requests, .. }) => {
                self.series(world, series, requests, at_ms)?
            }
            _ => read::measure(world, self.org, &rule, at_ms)?,
        };
        measured.outage = world.known.outages().at(at_ms);
        if remembers(&rule) {
            self.catch_up(world, &measured);
            let retention_ms = kept_for(&rule, &measured, retention_ms);
            self.seen.join(&mut measured, retention_ms);
        }
        Ok(measured)
    }

    /// After a start: groups that are absent now may have been seen after the newest sights were written.
    fn catch_up(&mut self, world: &World<'_>, measured: &Measured) {
        let Some(flushed_ms) = self.seen.take_restored() else { return };
        if !self.seen.misses(measured) {
            return;
        }
        let minutes = (1..=CATCH_UP_MINUTES).map(|n| flushed_ms + n * 60_000);
        for at_ms in minutes.take_while(|at| *at < measured.at_ms) {
            match read::measure(world, self.org, &self.rule, at_ms) {
                Ok(then) => self.seen.refresh(&then),
                Err(e) => tracing::warn!(error = %e, "who was seen before the start is known less exactly"),
            }
        }
    }

    fn series(
        &mut self,
        world: &World<'_>,
        series: &SeriesRule,
        requests: Vec<Request>,
        at_ms: TimeMs,
    ) -> Result<Measured> {
        if !keeps(series, &requests) {
            self.kept.clear();
            let frames = read::frames(world, self.org, requests)?;
            return Ok(series.reduce(at_ms, &frames.iter().collect::<Vec<_>>()));
        }
        self.kept.resize_with(requests.len(), || None);
        for (n, request) in requests.into_iter().enumerate() {
            let before = self.kept[n].take();
            self.kept[n] = Some(self.renewed(world, before, request)?);
        }
        let frames: Vec<&Frame> = self.kept.iter().flatten().map(|k| &k.frame).collect();
        Ok(series.reduce(at_ms, &frames))
    }

    /// The buckets of the window: those before with what may have changed, or all of them.
    fn renewed(&self, world: &World<'_>, before: Option<Kept>, request: Request) -> Result<Kept> {
        let end_ms = request.range.end;
        if let Some(mut kept) = before.filter(|k| k.uses < FULL_EVERY && k.end_ms <= end_ms) {
            let step_ms = kept.frame.step_ms;
            let from = (kept.end_ms - AGAIN_MS).div_euclid(step_ms) * step_ms;
            if from > request.range.start {
                let mut part = request.clone();
                part.range.start = from;
                part.step_ms = Some(step_ms);
                let part = read::frame(world, self.org, &part)?;
                if join::extend(&mut kept.frame, part, request.range.start) {
                    return Ok(Kept { end_ms, uses: kept.uses + 1, ..kept });
                }
            }
        }
        Ok(Kept { frame: read::frame(world, self.org, &request)?, end_ms, uses: 0 })
    }
}

/// Whether absent groups are measured: composites' and SLOs' groups are others'.
pub(crate) fn remembers(rule: &Rule) -> bool {
    matches!(rule.target, Target::Series(_) | Target::Checks(_))
}

/// How long absent groups are remembered: nobody is forgotten in the grace after an outage, however long that was.
pub(crate) fn kept_for(rule: &Rule, measured: &Measured, retention_ms: i64) -> i64 {
    let delay_ms = rule.options.evaluation_delay_ms;
    let grace = measured.outage.is_some_and(|o| measured.at_ms < o.last_grace_end_ms(delay_ms));
    if grace { i64::MAX } else { retention_ms }
}

/// Whether buckets are worth keeping, and may be.
fn keeps(series: &SeriesRule, requests: &[Request]) -> bool {
    let long = requests.iter().all(|r| r.range.len_ms() > KEEP_MS);
    series.local && !series.row_totals && series.row_queries.is_empty() && long
}

#[cfg(test)]
mod tests;
