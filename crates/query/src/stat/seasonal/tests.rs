//! Seasons that are known by construction, spoilt in known ways.

use super::*;

const PERIOD: usize = 48;

/// Reproducible noise between -1 and 1.
fn noise(i: usize) -> f64 {
    let mut x = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn wave(i: usize) -> f64 {
    100.0 + 10.0 * (i as f64 * std::f64::consts::TAU / PERIOD as f64).sin() + noise(i)
}

fn expected(profile: &Profile, after: i64) -> f64 {
    let (level, season) = profile.at(after);
    level + season[1]
}

#[test]
fn a_season_is_laid_over_the_time_after_it() {
    let history: Vec<f64> = (0..6 * PERIOD).map(wave).collect();
    let profile = Profile::learn(&history, &[PERIOD]).unwrap();
    assert_eq!((profile.seasons, profile.len()), (6, PERIOD));
    for after in 0..PERIOD {
        let error = wave(6 * PERIOD + after) - expected(&profile, after as i64);
        assert!(error.abs() < 4.0 * profile.spread, "{after}: {error} of {}", profile.spread);
    }
    assert!((0.4..1.0).contains(&profile.spread), "{}", profile.spread);
}

#[test]
fn it_stays_put_on_a_level_shift_and_drifts_with_the_drift() {
    let shifted: Vec<f64> =
        (0..7 * PERIOD).map(|i| wave(i) + if i >= 6 * PERIOD { 50.0 } else { 0.0 }).collect();
    let profile = Profile::learn(&shifted, &[PERIOD]).unwrap();
    assert!((expected(&profile, 0) - 100.0).abs() < 3.0, "{}", expected(&profile, 0));
    let drifting: Vec<f64> = (0..7 * PERIOD).map(|i| wave(i) + i as f64 * 0.5).collect();
    let profile = Profile::learn(&drifting, &[PERIOD]).unwrap();
    for after in [0, 20, 47] {
        let real = wave(7 * PERIOD + after) + (7 * PERIOD + after) as f64 * 0.5;
        assert!((expected(&profile, after as i64) - real).abs() < 4.0, "{after}");
    }
}

#[test]
fn gaps_and_far_points_do_not_bend_it() {
    let spoilt: Vec<f64> = (0..6 * PERIOD)
        .map(|i| match i {
            70..90 => f64::NAN,
            100 | 160 | 161 | 200 => 5_000.0,
            _ => wave(i),
        })
        .collect();
    let profile = Profile::learn(&spoilt, &[PERIOD]).unwrap();
    for after in 0..PERIOD {
        let error = wave(6 * PERIOD + after) - expected(&profile, after as i64);
        assert!(error.abs() < 3.0, "{after}: {error}");
    }
}

#[test]
fn a_week_has_days() {
    let (day, week) = (12, 84);
    let value = |i: usize| {
        let is_weekend = i % week >= 60;
        100.0 + if is_weekend { 0.0 } else { 30.0 * ((i % day) as f64 / 12.0) } + noise(i) * 0.5
    };
    let history: Vec<f64> = (0..4 * week).map(value).collect();
    let profile = Profile::learn(&history, &[day, week]).unwrap();
    for after in 0..week {
        let error = value(4 * week + after) - expected(&profile, after as i64);
        assert!(error.abs() < 3.0, "{after}: {error}");
    }
}

#[test]
fn too_little_history_is_none() {
    let history: Vec<f64> = (0..PERIOD * 3 / 2).map(wave).collect();
    assert!(Profile::learn(&history, &[PERIOD]).is_none());
    assert!(Profile::learn(&[f64::NAN; 200], &[PERIOD]).is_none());
    assert!(Profile::learn(&[], &[PERIOD]).is_none());
    let flat = Profile::learn(&[7.0; 200], &[PERIOD]).unwrap();
    assert_eq!((expected(&flat, 5), flat.spread), (7.0, 0.0));
}
