//! When a delivery that was not taken is tried again: 5 s, then twice as long each time up to an hour, spread by a quarter so that
//! a receiver that comes back is not met by all at once; after a day it is given up.

use oriel_state::Delivery;
use rand::RngExt;
use std::time::Duration;

const FIRST_MS: i64 = 5_000;
const LONGEST_MS: i64 = 3_600_000;
/// What nobody took in a day is no news.
const AGE_MS_MAX: i64 = 86_400_000;

/// `None`: it is given up.
pub(super) fn next_ms(delivery: &Delivery, now_ms: i64, after: Option<Duration>) -> Option<i64> {
    if now_ms - delivery.at_ms >= AGE_MS_MAX {
        return None;
    }
    let doublings = u32::try_from(delivery.attempts.clamp(0, 20)).unwrap_or(0);
    let pause = FIRST_MS.saturating_mul(1_i64 << doublings).min(LONGEST_MS);
    let spread = rand::rng().random_range(-pause / 4..=pause / 4);
    let asked = after.map_or(0, |after| i64::try_from(after.as_millis()).unwrap_or(LONGEST_MS));
    Some(now_ms + (pause + spread).max(asked))
}

#[cfg(test)]
mod tests {
    use super::{AGE_MS_MAX, next_ms};
    use oriel_model::OrgId;
    use oriel_state::Delivery;
    use std::time::Duration;

    fn delivery(attempts: i64) -> Delivery {
        Delivery {
            org: OrgId(1),
            key: "k".to_owned(),
            handle: "@a@b.c".to_owned(),
            channel: "email".to_owned(),
            monitor: 1,
            group: "*".to_owned(),
            at_ms: 0,
            state: "pending".to_owned(),
            attempts,
            next_ms: 0,
            sent_ms: None,
            error: None,
        }
    }

    #[test]
    fn pauses_grow_to_an_hour_and_end_after_a_day() {
        for (attempts, pause) in [(0, 5_000), (1, 10_000), (3, 40_000), (12, 3_600_000), (500, 3_600_000)] {
            for _ in 0..50 {
                let next = next_ms(&delivery(attempts), 1_000, None).unwrap() - 1_000;
                assert!((pause * 3 / 4..=pause * 5 / 4).contains(&next), "{attempts}: {next}");
            }
        }
        assert_eq!(next_ms(&delivery(3), AGE_MS_MAX, None), None);
        assert!(next_ms(&delivery(0), 0, Some(Duration::from_secs(60))).unwrap() >= 60_000);
    }
}
