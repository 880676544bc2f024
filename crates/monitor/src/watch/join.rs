//! Frames of one query put together: the kept buckets in front, those just read behind.

use oriel_model::{Frame, FrameSeries};
use std::collections::HashMap;

type Group = Vec<(String, String)>;

/// Puts `part` in the place of the buckets from its first on, and drops those that end before `start_ms`. False, and nothing
/// done, when the two don't fit: another step, or a hole between them.
pub(crate) fn extend(kept: &mut Frame, part: Frame, start_ms: i64) -> bool {
    let Some(&cut) = part.times.first() else { return false };
    let step_ms = kept.step_ms;
    let to = kept.times.partition_point(|t| *t < cut);
    let fits = part.step_ms == step_ms && to > 0 && kept.times[to - 1] + step_ms == cut;
    if !fits {
        return false;
    }
    let from = kept.times.partition_point(|t| t + step_ms <= start_ms).min(to);
    let (head, tail) = (to - from, part.times.len());
    let mut known: HashMap<Group, Vec<f64>> = kept.series.drain(..).map(|s| (s.group, s.values)).collect();
    let mut series = Vec::with_capacity(part.series.len());
    for mut new in part.series {
        let mut values = Vec::with_capacity(head + tail);
        match known.remove(&new.group) {
            Some(old) => values.extend_from_slice(&old[from..to]),
            None => values.resize(head, f64::NAN),
        }
        values.append(&mut new.values);
        series.push(FrameSeries { values, band: None, ..new });
    }
    // Groups that sent nothing since then are in the window still.
    let mut gone: Vec<(Group, Vec<f64>)> =
        known.into_iter().filter(|(_, old)| old[from..to].iter().any(|v| !v.is_nan())).collect();
    gone.sort_by(|a, b| a.0.cmp(&b.0));
    for (group, old) in gone {
        let mut values = old[from..to].to_vec();
        values.resize(head + tail, f64::NAN);
        series.push(column(group, values));
    }
    kept.series = series;
    kept.times.truncate(to);
    kept.times.drain(..from);
    kept.times.extend(part.times);
    kept.incomplete_from = part.incomplete_from;
    kept.notes = part.notes;
    true
}

/// A column that is only reduced: its group and its values.
fn column(group: Group, values: Vec<f64>) -> FrameSeries {
    FrameSeries {
        name: String::new(),
        expression: String::new(),
        scope: String::new(),
        group,
        aggregator: String::new(),
        kind: oriel_model::Kind::Gauge,
        values,
        band: None,
        outlier: None,
    }
}
