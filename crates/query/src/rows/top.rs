//! Which groups stay: the first field's values are ranked over everything, the second's within each that stayed, and so on.

use super::request::{Compute, GroupBy};
use super::slots::Cell;
use hashbrown::HashMap;

/// What groups are ranked by: computes, and the unit that holds each one's state.
pub(super) struct Ranking<'a> {
    pub(super) computes: &'a [Compute],
    pub(super) units: &'a [usize],
}

/// A group of the whole range.
pub(super) struct Total {
    pub(super) by: Vec<String>,
    /// Into the workers' merged groups.
    pub(super) group: usize,
    /// By unit.
    pub(super) cells: Vec<Cell>,
}

/// Indexes of the groups that stay, in their order.
pub(super) fn top(totals: &[Total], group_by: &[GroupBy], ranking: &Ranking<'_>) -> Vec<usize> {
    let all: Vec<usize> = (0..totals.len()).collect();
    match group_by.is_empty() {
        true => all,
        false => ranked(totals, &all, (group_by, 0), ranking),
    }
}

fn ranked(
    totals: &[Total],
    among: &[usize],
    (group_by, level): (&[GroupBy], usize),
    ranking: &Ranking<'_>,
) -> Vec<usize> {
    let Some(rule) = group_by.get(level) else { return among.to_vec() };
    let mut parts: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for index in among {
        let value = totals[*index].by[level].as_str();
        let place = *places.entry(value).or_insert_with(|| {
            parts.push((value, Vec::new()));
            parts.len() - 1
        });
        parts[place].1.push(*index);
    }
    let compute = ranking.computes.get(rule.sort.compute).map_or(0, |_| rule.sort.compute);
    let mut keyed: Vec<(f64, &str, Vec<usize>)> = parts
        .into_iter()
        .map(|(value, members)| (merged(totals, &members, compute, ranking), value, members))
        .collect();
    keyed.sort_by(|a, b| {
        let order = match rule.sort.descending {
            true => b.0.total_cmp(&a.0),
            false => a.0.total_cmp(&b.0),
        };
        a.0.is_nan().cmp(&b.0.is_nan()).then(order).then(a.1.cmp(b.1))
    });
    keyed.truncate(rule.limit);
    keyed
        .into_iter()
        .flat_map(|(_, _, members)| ranked(totals, &members, (group_by, level + 1), ranking))
        .collect()
}

/// A compute over several groups together.
fn merged(totals: &[Total], members: &[usize], compute: usize, ranking: &Ranking<'_>) -> f64 {
    let (aggregation, unit) = (ranking.computes[compute].aggregation, ranking.units[compute]);
    if let [only] = members {
        return totals[*only].cells[unit].value(aggregation);
    }
    let mut all = Cell::empty(aggregation);
    for member in members {
        all.merge(totals[*member].cells[unit].clone(), aggregation);
    }
    all.value(aggregation)
}
