//! What a rule wants read for an evaluation, and under which key that is shared.

use super::{CheckRule, CompositeRule, Rule, SloRule, Target};
use oriel_model::{TimeMs, TimeRange};
use oriel_query::Request;

/// What to read for the evaluation at one moment.
#[derive(Clone, Debug)]
pub enum Ask<'a> {
    /// Run each request by [`crate::source::Source::run`], take its frame by [`crate::measure::frame_of`] and hand the frames,
    /// in this order, to [`super::SeriesRule::reduce`]. A longer frame of the same step serves as well: buckets outside of
    /// the window are not looked at.
    Series { window: TimeRange, requests: Vec<Request> },
    /// Runs of the check in the range, for [`CheckRule::reduce`].
    Checks { rule: &'a CheckRule, range: TimeRange },
    /// Groups of other monitors, for [`CompositeRule::reduce`].
    Composite(&'a CompositeRule),
    /// Figures of an SLO, for [`SloRule::reduce`].
    Slo(&'a SloRule),
}

impl Rule {
    /// What to read for the evaluation at `at_ms`.
    pub fn ask(&self, at_ms: TimeMs) -> Ask<'_> {
        match &self.target {
            Target::Series(series) => {
                Ask::Series { window: series.window_at(at_ms), requests: series.requests(at_ms) }
            }
            Target::Checks(rule) => Ask::Checks { rule, range: self.window(at_ms) },
            Target::Composite(rule) => Ask::Composite(rule),
            Target::Slo(rule) => Ask::Slo(rule),
        }
    }

    /// The range of data that the evaluation at `at_ms` speaks of.
    pub fn window(&self, at_ms: TimeMs) -> TimeRange {
        let end = at_ms - self.options.evaluation_delay_ms;
        match &self.target {
            Target::Series(series) => series.window_at(at_ms),
            Target::Checks(rule) => TimeRange::new(end - rule.look_back_ms, end),
            Target::Composite(_) => TimeRange::new(end - 60_000, end),
            Target::Slo(rule) => TimeRange::new(end - rule.span_ms(), end),
        }
    }

    /// Rules with one key measure the same: one read and one reduction serve all of them. The org is not in it.
    pub fn share_key(&self) -> String {
        let delay = self.options.evaluation_delay_ms;
        match &self.target {
            Target::Series(series) => series.share_key(),
            Target::Checks(rule) => format!("check {delay} {rule:?}"),
            Target::Composite(rule) => format!("composite {rule:?}"),
            Target::Slo(rule) => format!("slo {rule:?}"),
        }
    }
}
