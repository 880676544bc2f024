//! The agent's mapping, merging, and the 1 % bound of percentiles.

use super::*;
use proptest::prelude::*;

/// Worked example of the agent's mapping: values 1, 2, 2, 100, -5, 0.
#[test]
fn agent_mapping_puts_known_values_into_known_bins() {
    let mut s = Sketch::default();
    for v in [1.0, 2.0, 2.0, 100.0, -5.0, 0.0] {
        s.insert(v, 1);
    }
    assert_eq!(s.bins, [(-1442, 1), (0, 1), (1338, 1), (1383, 2), (1635, 1)]);
    assert_eq!((s.count, s.min, s.max, s.sum), (6, -5.0, 100.0, 100.0));
}

#[test]
fn repeated_keys_of_a_sender_are_added() {
    let mut s = Sketch { count: 3, sum: 3.0, min: 1.0, max: 1.0, ..Sketch::default() };
    s.bins = vec![(5, 1), (3, 1), (5, 1)];
    assert_eq!(s.normalise(10).map(|s| s.bins), Ok(vec![(3, 1), (5, 2)]));
}

fn nearest_rank(sorted: &[f64], q: f64) -> f64 {
    let rank = ((q * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
    sorted[rank - 1]
}

proptest! {
    #[test]
    fn percentiles_are_nearest_rank_within_one_percent(
        values in prop::collection::vec(prop_oneof![1e-9..1e9f64, -1e9..-1e-9f64, Just(0.0)], 1..300),
        cut in 0usize..300,
        q in 0.0..=1.0f64,
    ) {
        let (mut a, mut b) = (Sketch::default(), Sketch::default());
        for (i, v) in values.iter().enumerate() {
            if i < cut { a.insert(*v, 1) } else { b.insert(*v, 1) }
        }
        a.merge(&b);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let exact = nearest_rank(&sorted, q);
        let got = a.quantile(q);
        prop_assert!((got - exact).abs() <= exact.abs() * 0.01 + 1e-12, "q {} got {} exact {}", q, got, exact);
        prop_assert_eq!(a.count as usize, values.len());
    }
}
