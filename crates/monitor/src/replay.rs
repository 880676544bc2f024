//! The same evaluation over a stored past: trying a draft, and finding out why something fired.
//!
//! Nothing here evaluates: [`crate::evaluate`] does, with measurements of the same road, at the moments of the same cadence, each
//! made as of its moment. Where buckets are local a long range is read at once and the window slid over it; a moment whose
//! newest buckets would have looked otherwise then (a gap was filled towards a value that came later) is read by itself.

mod members;
mod slide;
mod suggest;
mod sum;

pub use members::PastMember;
pub use suggest::{Suggestion, Tried, suggestions};
pub use sum::{GroupSum, Replayed, Segment, Totals};

use crate::evaluate::{MonitorState, evaluate};
use crate::measured::Measured;
use crate::outage::{Outage, Outages};
use crate::rule::{Rule, Target};
use crate::runtime::SETTLE_MS;
use crate::schedule::Cadence;
use crate::status::Transition;
use crate::watch::{Seen, World, kept_for, read, remembers};
use crate::{Error, Result};
use oriel_model::{OrgId, TimeMs, TimeRange};

/// Evaluations of one replay: a month of minutes.
pub const EVALUATIONS_MAX: usize = 45_000;

/// What is replayed.
pub struct Replay<'a> {
    pub org: OrgId,
    pub rule: &'a Rule,
    /// Moments of evaluations: from its start, before its end.
    pub range: TimeRange,
}

/// One evaluation as it would have been.
pub struct Step<'a> {
    pub measured: &'a Measured,
    pub state: &'a MonitorState,
    pub transitions: Vec<Transition>,
    /// How many are done, this one included, and how many there are.
    pub done: usize,
    pub total: usize,
}

impl Replay<'_> {
    /// One measurement, of nobody but those that the window holds.
    pub fn at(world: &World<'_>, org: OrgId, rule: &Rule, at_ms: TimeMs) -> Result<Measured> {
        let measured = read::measure(world, org, rule, at_ms)?;
        Ok(Measured { outage: world.known.outages().at(at_ms), ..measured })
    }

    /// Moments of its cadence.
    pub fn moments(&self) -> Result<Vec<TimeMs>> {
        let cadence = Cadence::of(self.rule)?;
        let moments: Vec<TimeMs> = cadence.moments(self.range).take(EVALUATIONS_MAX + 1).collect();
        if moments.len() > EVALUATIONS_MAX {
            return Err(Error::invalid(format!(
                "the range has more than {EVALUATIONS_MAX} evaluations; choose a shorter one"
            )));
        }
        Ok(moments)
    }

    /// Those at which somebody evaluated: while Oriel was down nobody did.
    fn moments_up(&self, outages: &Outages) -> Result<Vec<TimeMs>> {
        let cadence = Cadence::of(self.rule)?;
        let mut moments = self.moments()?;
        moments.retain(|at| !outages.skips(*at, cadence.after(*at).saturating_add(SETTLE_MS)));
        Ok(moments)
    }

    /// The outage in which nobody made the evaluation of a moment.
    pub fn skipped(&self, world: &World<'_>, at_ms: TimeMs) -> Result<Option<Outage>> {
        let outages = world.known.outages();
        let due_ms = Cadence::of(self.rule)?.after(at_ms).saturating_add(SETTLE_MS);
        Ok(outages
            .within(TimeRange::new(at_ms, due_ms))
            .copied()
            .next()
            .filter(|_| outages.skips(at_ms, due_ms)))
    }

    /// Shows every measurement, absent groups included, in the order of time.
    pub fn measure(&self, world: &World<'_>, each: &mut dyn FnMut(&Measured) -> Result<()>) -> Result<usize> {
        self.measure_from(world, Seen::default(), each)
    }

    fn measure_from(
        &self,
        world: &World<'_>,
        mut seen: Seen,
        each: &mut dyn FnMut(&Measured) -> Result<()>,
    ) -> Result<usize> {
        let outages = world.known.outages();
        let moments = self.moments_up(&outages)?;
        let remembers = remembers(self.rule);
        let mut show = |mut measured: Measured| {
            measured.outage = outages.at(measured.at_ms);
            if remembers {
                let retention_ms = kept_for(self.rule, &measured, self.rule.options.group_retention_ms);
                seen.join(&mut measured, retention_ms);
            }
            each(&measured)
        };
        match &self.rule.target {
            Target::Series(series) if slide::may(series) => {
                slide::measure(world, (self.org, self.rule, series), &moments, &mut show)?;
            }
            Target::Checks(_) => slide::checks(world, self.org, self.rule, &moments, &mut show)?,
            Target::Composite(composite) => {
                let pasts = world.known.past(self.org, &composite.monitors, self.range)?;
                let mut courses: Vec<_> = pasts.into_iter().map(|p| p.map(members::Course::new)).collect();
                for &at_ms in &moments {
                    let members: Vec<_> =
                        courses.iter_mut().map(|c| c.as_mut().map(|c| c.at(at_ms))).collect();
                    show(composite.reduce(at_ms, &members))?;
                }
            }
            _ => {
                for &at_ms in &moments {
                    show(read::measure(world, self.org, self.rule, at_ms)?)?;
                }
            }
        }
        Ok(moments.len())
    }

    /// Evaluates from a state on; the state is then what it was at the range's end.
    pub fn run(
        &self,
        world: &World<'_>,
        state: &mut MonitorState,
        each: &mut dyn FnMut(Step<'_>) -> Result<()>,
    ) -> Result<usize> {
        let total = self.moments_up(&world.known.outages())?.len();
        let mut done = 0;
        let mut seen = Seen::default();
        // Groups with a state were seen, as a start has it.
        seen.adopt(state.groups().map(|(key, _)| key.clone()), self.range.start);
        self.measure_from(world, seen, &mut |measured| {
            let transitions = evaluate(self.rule, state, measured);
            state.take_changes();
            done += 1;
            each(Step { measured, state, transitions, done, total })
        })
    }
}

#[cfg(test)]
mod tests;
