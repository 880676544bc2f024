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
use crate::rule::{Rule, Target};
use crate::schedule::Cadence;
use crate::status::Transition;
use crate::watch::{Seen, World, read, remembers};
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
        read::measure(world, org, rule, at_ms)
    }

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

    /// Shows every measurement, absent groups included, in the order of time.
    pub fn measure(&self, world: &World<'_>, each: &mut dyn FnMut(&Measured) -> Result<()>) -> Result<usize> {
        let moments = self.moments()?;
        let retention_ms = self.rule.options.group_retention_ms;
        let remembers = remembers(self.rule);
        let mut seen = Seen::default();
        let mut show = |mut measured: Measured| {
            if remembers {
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
        let total = self.moments()?.len();
        let mut done = 0;
        self.measure(world, &mut |measured| {
            let transitions = evaluate(self.rule, state, measured);
            state.take_changes();
            done += 1;
            each(Step { measured, state, transitions, done, total })
        })
    }
}

#[cfg(test)]
mod tests;
