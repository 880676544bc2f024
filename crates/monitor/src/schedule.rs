//! When a monitor is evaluated: at whole minutes, at whole tens of minutes for long windows, or at the moments of a custom
//! schedule. Live and replay ask the same [`Cadence`].
//!
//! A late evaluation is made for the newest moment that has passed, once; the moments that were missed are not made up for.

use crate::recurrence::CustomSchedule;
use crate::{Result, Rule};
use oriel_model::{TimeMs, TimeRange};
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Cadence {
    every_ms: i64,
    custom: Option<Arc<CustomSchedule>>,
    /// The custom schedule as written: watches with different ones are different.
    text: String,
}

impl Cadence {
    pub fn of(rule: &Rule) -> Result<Self> {
        let written = &rule.options.custom_schedule;
        let options = serde_json::json!({ "custom_schedule": written });
        let custom = CustomSchedule::read(&options)?.map(Arc::new);
        let text = if custom.is_some() { written.to_string() } else { String::new() };
        Ok(Self { every_ms: rule.every_ms(), custom, text })
    }

    pub fn every_ms(&self) -> i64 {
        self.every_ms
    }

    /// Tells cadences apart.
    pub fn key(&self) -> String {
        format!("{} {}", self.every_ms, self.text)
    }

    /// The first evaluation after a moment; never, when a custom schedule has ended.
    pub fn after(&self, t: TimeMs) -> TimeMs {
        match &self.custom {
            Some(custom) => custom.next_after(t).unwrap_or(TimeMs::MAX),
            None => (t.div_euclid(self.every_ms) + 1) * self.every_ms,
        }
    }

    /// The newest evaluation at or before `now`, when it is later than `last`.
    pub fn due(&self, last: Option<TimeMs>, now: TimeMs) -> Option<TimeMs> {
        let newest = match &self.custom {
            None => now.div_euclid(self.every_ms) * self.every_ms,
            Some(_) => {
                // A start does not make up for what a schedule of its own missed before it.
                let mut at = self.after(last.unwrap_or(now - 1));
                if at > now {
                    return None;
                }
                while self.after(at) <= now {
                    at = self.after(at);
                }
                at
            }
        };
        last.is_none_or(|last| last < newest).then_some(newest)
    }

    /// Every evaluation in a range.
    pub fn moments(&self, range: TimeRange) -> impl Iterator<Item = TimeMs> + '_ {
        let first = self.after(range.start.saturating_sub(1));
        std::iter::successors(Some(first), |at| Some(self.after(*at))).take_while(move |at| *at < range.end)
    }
}

#[cfg(test)]
mod tests;
