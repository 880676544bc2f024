//! What the next bucket is expected to be, around spikes, shifts and gaps.

use super::*;

const PERIOD: usize = 48;

fn noise(i: usize) -> f64 {
    let mut x = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn wave(i: usize) -> f64 {
    100.0 + 10.0 * (i as f64 * std::f64::consts::TAU / PERIOD as f64).sin() + noise(i)
}

fn error(expected: &Expected, values: &[f64], i: usize) -> f64 {
    (values[i] - expected.level[i] - expected.season[i][1]) / expected.spread[i]
}

#[test]
fn it_foresees_the_next_bucket() {
    let values: Vec<f64> = (0..6 * PERIOD).map(wave).collect();
    let expected = smooth(&values, PERIOD).unwrap();
    let beyond = (2 * PERIOD..values.len()).filter(|i| error(&expected, &values, *i).abs() > 3.0).count();
    assert!(beyond <= 2, "{beyond}");
    assert!((0.4..1.2).contains(expected.spread.last().unwrap()));
}

#[test]
fn a_spike_is_not_learnt_and_a_shift_is_followed() {
    let at = 4 * PERIOD;
    let spiked: Vec<f64> = (0..6 * PERIOD).map(|i| wave(i) + if i == at { 60.0 } else { 0.0 }).collect();
    let expected = smooth(&spiked, PERIOD).unwrap();
    assert!(error(&expected, &spiked, at) > 20.0);
    assert!(error(&expected, &spiked, at + 1).abs() < 3.0);
    assert!(error(&expected, &spiked, at + PERIOD).abs() < 3.0, "the season has not learnt the spike");
    let shifted: Vec<f64> = (0..6 * PERIOD).map(|i| wave(i) + if i >= at { 60.0 } else { 0.0 }).collect();
    let expected = smooth(&shifted, PERIOD).unwrap();
    assert!(error(&expected, &shifted, at) > 20.0);
    let after = (at + 8..shifted.len()).filter(|i| error(&expected, &shifted, *i).abs() > 3.0).count();
    assert!(after <= 4, "{after}");
}

#[test]
fn what_was_expected_of_the_past_does_not_change() {
    let values: Vec<f64> = (0..7 * PERIOD).map(wave).collect();
    let (long, short) = (smooth(&values, PERIOD).unwrap(), smooth(&values[..5 * PERIOD], PERIOD).unwrap());
    assert_eq!(long.level[..5 * PERIOD], short.level[..]);
    assert_eq!(long.spread[..5 * PERIOD], short.spread[..]);
}

#[test]
fn gaps_pass_and_little_history_is_none() {
    let gappy: Vec<f64> =
        (0..6 * PERIOD).map(|i| if (200..230).contains(&i) || i < 7 { f64::NAN } else { wave(i) }).collect();
    let expected = smooth(&gappy, PERIOD).unwrap();
    assert!(expected.level[0].is_nan() && error(&expected, &gappy, 240).abs() < 4.0);
    assert!(smooth(&gappy[..PERIOD], PERIOD).is_none());
    assert!(smooth(&[f64::NAN; 500], PERIOD).is_none());
}
