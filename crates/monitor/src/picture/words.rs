//! What the lines of a picture are, in words.

use crate::rule::{Reduction, SeriesRule, SloRule, TimeAggregation};
use oriel_query::Reducer;

/// `5 min`, `1 h`, `90 s`, `30 d`.
pub(super) fn span(ms: i64) -> String {
    let seconds = ms / 1000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let unit = units.iter().find(|(size, _)| seconds >= *size && seconds % size == 0);
    unit.map_or_else(|| format!("{seconds} s"), |(size, unit)| format!("{} {unit}", seconds / size))
}

/// Of what is worked out.
pub(super) fn caption(rule: &SeriesRule) -> String {
    let window = span(rule.window.len_ms());
    match &rule.reduction {
        Reduction::Change { inner, percent } => {
            let change = if *percent { "Change in percent" } else { "Change" };
            let of = word(inner.aggregation);
            format!("{change} of the {of} over {window}, against {} before", span(inner.shift_ms))
        }
        Reduction::Formula { .. } => format!("Evaluated over the {window} before each moment"),
        Reduction::Window(aggregation) if rule.row_queries.is_empty() => {
            format!("The {} over the {window} before each moment", word(*aggregation))
        }
        _ if rule.count_like => format!("Counted over the {window} before each moment"),
        _ => format!("Over the {window} before each moment"),
    }
}

/// Of the query's own lines, where they need a word.
pub(super) fn caption_of_own(rule: &SeriesRule) -> String {
    match &rule.reduction {
        Reduction::Outliers => "Outliers of the window in colour".to_owned(),
        Reduction::Anomalies { .. } => "The expected range, and points outside of it".to_owned(),
        Reduction::Forecast { .. } => "Dashed: the forecast, with its range".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn caption_of_slo(rule: &SloRule, name: &str) -> String {
    match rule {
        SloRule::ErrorBudget { over_ms, .. } => {
            format!("Percent of the error budget consumed over {}: {name}", span(*over_ms))
        }
        SloRule::BurnRate { long_ms, short_ms, .. } => {
            let (long, short) = (span(*long_ms), span(*short_ms));
            format!("Burn rate over {long} and over {short}, both above: {name}")
        }
    }
}

fn word(TimeAggregation(reducer): TimeAggregation) -> String {
    match reducer {
        Reducer::Avg => "average".to_owned(),
        Reducer::Min => "minimum".to_owned(),
        Reducer::Max => "maximum".to_owned(),
        Reducer::Last => "last value".to_owned(),
        Reducer::Percentile(p) => format!("{p}th percentile"),
        other => format!("{other:?}").to_lowercase(),
    }
}
