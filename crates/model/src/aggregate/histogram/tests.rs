//! The agent's ranks, weights, and the sketch past the bound.

use super::*;
use proptest::prelude::*;

fn figures(samples: &[(f64, f64)]) -> Figures {
    let mut h = Histogram::default();
    for &(v, w) in samples {
        h.add(v, w);
    }
    h.take().unwrap()
}

#[test]
fn ranks_are_those_of_the_agent() {
    let values: Vec<(f64, f64)> = (1..=100).rev().map(|v| (f64::from(v), 1.0)).collect();
    let f = figures(&values);
    assert_eq!((f.max, f.median, f.avg, f.p95, f.count), (100.0, 50.0, 50.5, 95.0, 100.0));
    let f = figures(&[(7.0, 1.0)]);
    assert_eq!((f.max, f.median, f.avg, f.p95, f.count), (7.0, 7.0, 7.0, 7.0, 1.0));
    let f = figures(&[(-1.0, 1.0), (-2.0, 1.0)]);
    assert_eq!((f.max, f.median, f.p95), (-1.0, -2.0, -1.0));
}

#[test]
fn a_sampled_value_counts_as_often_as_it_stands_for() {
    let f = figures(&[(1.0, 4.0), (10.0, 1.0)]);
    assert_eq!((f.count, f.avg, f.median, f.p95), (5.0, 2.8, 1.0, 10.0));
}

#[test]
fn it_is_empty_after_it_was_taken() {
    let mut h = Histogram::default();
    h.add(1.0, 1.0);
    assert!(h.take().is_some());
    assert!(h.take().is_none());
    h.add(-5.0, 1.0);
    assert_eq!(h.take().unwrap().max, -5.0);
}

proptest! {
    // A case is 33,000 samples: sixteen of them take a second unoptimised.
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn past_the_bound_ranks_are_within_one_percent(seed in 1u64..1000) {
        let mut h = Histogram::default();
        let n = SAMPLES_MAX * 2 + seed as usize;
        let mut values = Vec::with_capacity(n);
        let mut x = seed;
        for _ in 0..n {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let v = ((x >> 40) as f64).exp2().clamp(1e-3, 1e6) + (x >> 50) as f64;
            values.push(v);
            h.add(v, 1.0);
        }
        let f = h.take().unwrap();
        values.sort_by(f64::total_cmp);
        prop_assert_eq!(f.count, n as f64);
        prop_assert_eq!(f.max, values[n - 1]);
        for (got, rank) in [(f.median, n.div_ceil(2)), (f.p95, (95 * n).div_ceil(100))] {
            let exact = values[rank - 1];
            prop_assert!((got - exact).abs() <= exact * 0.01, "{} is not {}", got, exact);
        }
    }
}
