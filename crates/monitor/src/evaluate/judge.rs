//! What a group is now, given what it was and what was measured.

use crate::measured::GroupMeasure;
use crate::measured::Measured;
use crate::rule::{Comparator, Kind, OnMissingData, Reduction, Rule, Target, Thresholds};
use crate::status::{GroupState, Status};
use oriel_model::TimeMs;

/// A rule's decisions at one moment.
pub(super) struct Judge<'a> {
    rule: &'a Rule,
    pub(super) at_ms: TimeMs,
    /// The newest moment that data may have.
    data_end_ms: TimeMs,
    /// Members of a `notify_by` tell nothing themselves.
    pub(super) folds: bool,
    grouped: bool,
    count_like: bool,
    full_window: bool,
    /// Oriel itself took nothing in a moment ago: nothing is concluded from what is missing.
    pub(super) grace: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Become(Status),
    /// Whatever it was.
    Keep,
    /// Whatever it was, and nobody is told of it again: what is missing may be on its way still.
    Hold,
    /// It has been away for longer than groups are kept.
    Forget,
}

impl<'a> Judge<'a> {
    pub(super) fn new(rule: &'a Rule, measured: &Measured) -> Self {
        let at_ms = measured.at_ms;
        let count_like = match &rule.target {
            Target::Series(series) => series.count_like,
            _ => false,
        };
        Self {
            rule,
            at_ms,
            data_end_ms: at_ms - rule.options.evaluation_delay_ms,
            folds: super::fold::keys(rule).is_some(),
            grouped: !rule.group_by().is_empty(),
            count_like,
            full_window: rule.options.require_full_window && matches!(rule.kind, Kind::Metric | Kind::Query),
            grace: measured.outage.is_some_and(|outage| at_ms < outage.grace_end_ms(rule)),
        }
    }

    /// A monitor without groups over what is counted: rows or processes that never came are none, not unknown.
    pub(super) fn counts_nothing(&self) -> bool {
        !self.grouped && self.count_like && !matches!(self.rule.kind, Kind::Metric | Kind::Query)
    }

    pub(super) fn verdict(&self, was: Status, group: &GroupMeasure) -> Verdict {
        let options = &self.rule.options;
        if was == Status::Ok && self.grouped && group.first_seen_ms + options.new_group_delay_ms > self.at_ms
        {
            return Verdict::Keep;
        }
        if group.value.is_nan() && group.status.is_none() {
            return if self.grace { Verdict::Hold } else { self.missing(was, group) };
        }
        if !self.grace
            && options.no_data_after_ms.is_some_and(|after| self.absent_ms(group) >= after)
            && options.on_missing_data.is_none()
        {
            return self.missing(was, group);
        }
        if self.full_window && !group.full {
            return Verdict::Keep;
        }
        let verdict = match group.status {
            Some(status) => self.given(status, group.value),
            None => Verdict::Become(self.compare(was, group.value, group.recovery)),
        };
        match verdict {
            Verdict::Become(to) if self.grace && self.takes_it_from_the_missing(was, to, group) => {
                Verdict::Hold
            }
            verdict => verdict,
        }
    }

    /// Whether more data could take a change back. What adds up is at least what it is now: it may pass a threshold upwards, and
    /// be back above one; places that are not heard of don't make those that fail enough.
    fn takes_it_from_the_missing(&self, was: Status, to: Status, group: &GroupMeasure) -> bool {
        let worse = to.severity() > was.severity();
        let better = to.severity() < was.severity() && was != Status::NoData;
        match &self.rule.target {
            Target::Series(series) if series.adds_up => match series.reduction {
                Reduction::Window(_) | Reduction::Formula { .. } if self.rule.comparator.is_upward() => {
                    better
                }
                Reduction::Window(_) | Reduction::Formula { .. } if self.rule.comparator.is_downward() => {
                    worse
                }
                _ => worse || better,
            },
            Target::Checks(check) if check.cluster.is_some() => worse || better,
            Target::Checks(check) => {
                let needed = check.places.map_or(0, |places| places.min_failed);
                worse && group.value < f64::from(needed)
            }
            _ => false,
        }
    }

    /// What was measured, or the 0 that a missing count is.
    pub(super) fn value(&self, group: &GroupMeasure) -> Option<f64> {
        let zero = self.count_like && self.on_missing(group) == Some(OnMissingData::Default);
        let zero = zero && !self.grace;
        if group.value.is_nan() { zero.then_some(0.0) } else { Some(group.value) }
    }

    /// Whether getting to this status is told.
    pub(super) fn tells(&self, to: Status) -> bool {
        let options = &self.rule.options;
        match to {
            Status::NoData => match options.on_missing_data {
                Some(on_missing) => on_missing == OnMissingData::ShowAndNotifyNoData,
                // A composite's comes from its members.
                None => options.no_data_after_ms.is_some(),
            },
            _ => true,
        }
    }

    /// Whether a status that stays is due to be told again.
    pub(super) fn renotifies(&self, state: &GroupState) -> bool {
        let options = &self.rule.options;
        let due = state.notified_ms.is_some_and(|told| self.at_ms - told >= options.renotify_interval_ms);
        options.renotify_interval_ms > 0
            && due
            && options.renotify_statuses.contains(&state.status)
            && options.renotify_occurrences.is_none_or(|most| state.renotified < most)
    }

    fn absent_ms(&self, group: &GroupMeasure) -> i64 {
        self.data_end_ms - group.last_seen_ms
    }

    fn missing(&self, was: Status, group: &GroupMeasure) -> Verdict {
        let options = &self.rule.options;
        let absent_ms = self.absent_ms(group);
        if self.grouped && absent_ms >= options.group_retention_ms {
            return Verdict::Forget;
        }
        if options.timeout_ms > 0 && absent_ms >= options.timeout_ms {
            return Verdict::Become(Status::Ok);
        }
        match self.on_missing(group) {
            Some(OnMissingData::ShowNoData | OnMissingData::ShowAndNotifyNoData) => {
                Verdict::Become(Status::NoData)
            }
            Some(OnMissingData::Resolve) => Verdict::Become(Status::Ok),
            Some(OnMissingData::Default) if self.count_like => Verdict::Become(self.compare(was, 0.0, None)),
            Some(OnMissingData::Default) | None => Verdict::Keep,
        }
    }

    /// What holds for this group's empty window; the older form waits for its time and is the default until then.
    fn on_missing(&self, group: &GroupMeasure) -> Option<OnMissingData> {
        let options = &self.rule.options;
        options.on_missing_data.or(match options.no_data_after_ms {
            Some(after) if self.absent_ms(group) >= after => Some(OnMissingData::ShowAndNotifyNoData),
            _ => Some(OnMissingData::Default),
        })
    }

    /// A service check's newest status counts once it has come often enough; a composite's at once.
    fn given(&self, status: Status, runs: f64) -> Verdict {
        let Target::Checks(check) = &self.rule.target else { return Verdict::Become(status) };
        if check.places.is_some() || check.cluster.is_some() {
            return Verdict::Become(status);
        }
        let thresholds = &self.rule.thresholds;
        let needed = match status {
            Status::Alert => thresholds.critical,
            Status::Warn => thresholds.warning,
            Status::Unknown => thresholds.unknown,
            _ => thresholds.ok,
        };
        if runs >= needed.unwrap_or(1.0) { Verdict::Become(status) } else { Verdict::Keep }
    }

    /// The value against the thresholds; a triggered status is left only past its recovery threshold.
    fn compare(&self, was: Status, value: f64, recovery: Option<f64>) -> Status {
        let comparator = self.rule.comparator;
        let Thresholds { critical, warning, critical_recovery, warning_recovery, .. } = self.rule.thresholds;
        let over = |threshold: Option<f64>| threshold.is_some_and(|t| comparator.holds(value, t));
        let held =
            |value: f64, threshold: Option<f64>| threshold.is_some_and(|t| short_of(comparator, value, t));
        if over(critical) {
            return Status::Alert;
        }
        let back = recovery.unwrap_or(value);
        let critical_recovery = critical_recovery.or(self.default_recovery(recovery));
        if was == Status::Alert && held(back, critical_recovery) {
            return Status::Alert;
        }
        if over(warning) || (was == Status::Warn && held(back, warning_recovery)) {
            return Status::Warn;
        }
        Status::Ok
    }

    /// Anomalies with a recovery window are over when it holds none.
    fn default_recovery(&self, recovery: Option<f64>) -> Option<f64> {
        let Target::Series(series) = &self.rule.target else { return None };
        let Reduction::Anomalies { .. } = series.reduction else { return None };
        recovery.map(|_| 0.0)
    }
}

/// Whether a value has not come back to a recovery threshold yet; at the threshold it has.
fn short_of(comparator: Comparator, value: f64, threshold: f64) -> bool {
    if comparator.is_downward() { value < threshold } else { value > threshold }
}
