//! `scheduling_options.custom_schedule`: when a monitor is evaluated, if not each minute.

use super::Recurrence;
use crate::{Error, Result};
use oriel_model::TimeMs;
use serde_json::Value;

/// Rules whose moments are evaluations. Datadog's editor makes one.
const RECURRENCES_MAX: usize = 5;

/// See the module's head.
#[derive(Clone, Debug)]
pub struct CustomSchedule(Vec<Recurrence>);

impl CustomSchedule {
    /// Of a monitor's `options.scheduling_options`; none when it has no custom schedule. A start that is missing is the epoch's
    /// midnight in the zone, so that a rule says the hours itself.
    pub fn read(options: &Value) -> Result<Option<Self>> {
        let Some(list) = options.pointer("/custom_schedule/recurrences").and_then(Value::as_array) else {
            return Ok(None);
        };
        if list.is_empty() {
            return Ok(None);
        }
        if list.len() > RECURRENCES_MAX {
            return Err(Error::invalid(format!("custom_schedule: at most {RECURRENCES_MAX} recurrences")));
        }
        list.iter().map(one).collect::<Result<Vec<_>>>().map(|rules| Some(Self(rules)))
    }

    /// The first evaluation after `t`.
    pub fn next_after(&self, t: TimeMs) -> Option<TimeMs> {
        self.0.iter().filter_map(|rule| rule.next_after(t)).min()
    }
}

fn one(item: &Value) -> Result<Recurrence> {
    let text = |key: &str| item[key].as_str();
    let rule = text("rrule").ok_or_else(|| Error::invalid("custom_schedule: a recurrence needs `rrule`"))?;
    Recurrence::parse(rule, text("start").unwrap_or("1970-01-01T00:00"), text("timezone").unwrap_or("UTC"))
        .map_err(|e| Error::invalid(format!("custom_schedule: {e}")))
}
