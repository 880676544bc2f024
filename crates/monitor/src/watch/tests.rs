//! Kept buckets give what a whole read gives, as long as data comes within the time that it may be late.

use super::*;
use crate::testing::{NOW, ORG, Point, Quiet, Stored, rule};
use oriel_model::Kind;
use proptest::prelude::*;
use serde_json::json;

const MINUTE: i64 = 60_000;
const MINUTES: i64 = 30;

/// Points with the minute in which they arrive: in time, or later, within what may be late.
fn arrivals() -> impl Strategy<Value = Quiet<Vec<(i64, Point)>>> {
    let late = prop_oneof![6 => Just(0i64), 2 => 0..LATE_MS / MINUTE];
    let one = (0u8..3, -45 * 6..MINUTES * 6, 0u16..100, late);
    proptest::collection::vec(one, 50..400).prop_map(|points| {
        let arrive = points
            .into_iter()
            .map(|(host, step, value, late)| {
                let time_ms = NOW + step * 10_000;
                let minute = (time_ms - NOW).div_euclid(MINUTE) + 1 + late;
                (minute, (host, time_ms, f64::from(value)))
            })
            .collect();
        Quiet(arrive)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn kept_buckets_are_those_of_a_whole_read(
        arrivals in arrivals(),
        query in prop_oneof![
            Just(("avg(last_45m):avg:m{*} by {host} > 1", Kind::Gauge)),
            Just(("sum(last_1h):sum:m{*}.as_count() > 1", Kind::Count)),
            Just(("max(last_45m):max:m{*} by {host} - min:m{*} by {host} > 1", Kind::Gauge)),
            Just(("change(avg(last_45m),last_1h):avg:m{*} by {host} > 1", Kind::Gauge)),
        ],
    ) {
        let rule = rule(query.0, json!({}));
        let stored = Stored::new(query.1);
        let mut kept = Watch::new(ORG, rule.clone(), Seen::default());
        let mut reads = 0;
        for minute in -1..MINUTES {
            let at_ms = NOW + minute * MINUTE;
            let wanted = |m: i64| if minute < 0 { m <= minute } else { m == minute };
            let new: Vec<Point> = arrivals.0.iter().filter(|(m, _)| wanted(*m)).map(|(_, p)| *p).collect();
            if !new.is_empty() {
                stored.add(&new);
            }
            let mut whole = Watch::new(ORG, rule.clone(), Seen::default());
            let a = kept.measure(&stored.world(), at_ms, 0).unwrap();
            let b = whole.measure(&stored.world(), at_ms, 0).unwrap();
            let facts = |m: &Measured| -> Vec<(String, u64, bool)> {
                let present = m.groups.iter().filter(|g| !g.value.is_nan());
                present.map(|g| (g.key.to_string(), g.value.to_bits(), g.full)).collect()
            };
            prop_assert_eq!(facts(&a), facts(&b), "minute {}", minute);
            reads += kept.kept.iter().flatten().filter(|k| k.uses > 0).count();
        }
        prop_assert!(reads > 0, "no bucket was ever kept");
    }
}
