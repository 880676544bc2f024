//! Times: any that rise come back; damaged bytes never panic.

use super::*;
use proptest::prelude::*;

fn encoded(times: &[TimeMs]) -> Vec<u8> {
    let mut blob = Vec::new();
    encode(times, Effort::Full, &mut blob).unwrap();
    blob
}

fn round_trip(times: &[TimeMs]) -> usize {
    let blob = encoded(times);
    let mut back = vec![7];
    decode(&blob, times[0], times.len(), &mut back).unwrap();
    assert_eq!(times, back);
    blob.len()
}

proptest! {
    #[test]
    fn store_09_any_rising_times_come_back(mut times in prop::collection::vec(any::<i64>(), 1..500)) {
        times.sort_unstable();
        times.dedup();
        round_trip(&times);
    }

    #[test]
    fn store_09_regular_times_with_gaps_and_jitter_come_back(
        first in -1_000_000_000_000i64..2_000_000_000_000,
        step in 1i64..100_000,
        taken in prop::collection::vec(any::<bool>(), 1..480),
        jitter in 1i64..5,
    ) {
        let mut times = vec![first];
        for (i, &t) in taken.iter().enumerate() {
            if t {
                times.push(first + (i as i64 + 1) * step);
            }
        }
        round_trip(&times);
        let mut jittered: Vec<i64> = times.iter().map(|t| t + (t / step) % jitter).collect();
        jittered.dedup();
        jittered.sort_unstable();
        jittered.dedup();
        round_trip(&jittered);
    }

    #[test]
    fn damaged_times_are_an_error_or_other_times_never_a_panic(
        mut times in prop::collection::vec(any::<i64>(), 2..100),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        times.sort_unstable();
        times.dedup();
        let mut blob = encoded(&times);
        let mut out = Vec::new();
        let _ = decode(&blob[..cut.index(blob.len())], times[0], times.len(), &mut out);
        let at = at.index(blob.len());
        blob[at] ^= flip;
        if decode(&blob, times[0], times.len(), &mut out).is_ok() {
            prop_assert_eq!(out.len(), times.len());
        }
    }
}

#[test]
fn equal_steps_take_a_few_bytes_and_gaps_a_bit_each() {
    let regular: Vec<i64> = (0..240).map(|i| 1_700_000_000_000 + i * 15_000).collect();
    assert_eq!(round_trip(&regular), 3);
    let gaps: Vec<i64> = regular.iter().copied().filter(|t| t / 15_000 % 7 != 0).collect();
    assert!(round_trip(&gaps) <= 36);
    assert_eq!(round_trip(&[i64::MIN, i64::MAX]), 11);
    assert_eq!(round_trip(&[5]), 2);
}

#[test]
fn equal_runs_of_different_hours_give_equal_bytes() {
    let jitter = [0i64, 4, 1, 3, 2, 0, 1];
    let hour =
        |h: i64| -> Vec<i64> { (0..7).map(|i| h * 3_600_000 + i * 15_000 + jitter[i as usize]).collect() };
    assert_eq!(encoded(&hour(1)), encoded(&hour(2)));
}

#[test]
fn times_that_do_not_rise_are_refused() {
    assert!(encode(&[1, 1], Effort::Full, &mut Vec::new()).is_err());
    assert!(encode(&[], Effort::Full, &mut Vec::new()).is_err());
}
