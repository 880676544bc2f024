//! Rules to moments: each case is a rule, its start and zone, a range, and the moments as a person would write them.

use super::*;
use serde_json::json;

fn ms(text: &str) -> TimeMs {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

/// Moments in the zone's wall clock with its offset.
fn moments((rule, start, zone): (&str, &str, &str), from: &str, to: &str) -> Vec<String> {
    let recurrence = Recurrence::parse(rule, start, zone).unwrap();
    let zone = zone_of(zone).unwrap();
    let shown = |t: &TimeMs| {
        let at = Timestamp::from_millisecond(*t).unwrap().to_zoned(zone.clone());
        at.strftime("%m-%d %H:%M %:z").to_string()
    };
    recurrence.starts(TimeRange::new(ms(from), ms(to))).iter().map(shown).collect()
}

#[test]
fn a_daily_rule_keeps_its_hour_when_the_clocks_change() {
    // Berlin: the clocks skip 02:00 to 03:00 on 29 March 2026, and repeat 02:00 to 03:00 on 25 October.
    let night = ("FREQ=DAILY", "2020-01-01T02:30", "Europe/Berlin");
    assert_eq!(
        moments(night, "2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"),
        ["03-28 02:30 +01:00", "03-29 03:30 +02:00", "03-30 02:30 +02:00", "03-31 02:30 +02:00"]
    );
    assert_eq!(
        moments(night, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ["10-25 02:30 +02:00", "10-26 02:30 +01:00"]
    );
}

#[test]
fn rules_that_people_write() {
    let cases: [(&str, &[&str]); 7] = [
        (
            "FREQ=WEEKLY;BYDAY=SA,SU",
            &["06-06 22:00 +00:00", "06-07 22:00 +00:00", "06-13 22:00 +00:00", "06-14 22:00 +00:00"],
        ),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", &["06-08 22:00 +00:00"]),
        ("FREQ=MONTHLY;BYDAY=1MO", &["06-01 22:00 +00:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=3", &[]),
        // Every fifth day from 11 May: 16, 21, 26, 31 May, 5, 10 June.
        (
            "FREQ=DAILY;INTERVAL=5;BYHOUR=8,20;BYMINUTE=15",
            &["06-05 08:15 +00:00", "06-05 20:15 +00:00", "06-10 08:15 +00:00", "06-10 20:15 +00:00"],
        ),
        ("FREQ=DAILY;COUNT=3", &[]),
        ("FREQ=DAILY;UNTIL=20260602T220000Z", &["06-01 22:00 +00:00", "06-02 22:00 +00:00"]),
    ];
    for (rule, wanted) in cases {
        // 11 May 2026 is a Monday.
        let found =
            moments((rule, "2026-05-11T22:00", "UTC"), "2026-06-01T00:00:00Z", "2026-06-15T00:00:00Z");
        assert_eq!(found, wanted, "{rule}");
    }
}

#[test]
fn a_rule_that_counts_ends() {
    let all = moments(
        ("FREQ=DAILY;COUNT=3", "2026-05-11T22:00", "UTC"),
        "2026-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    );
    assert_eq!(all, ["05-11 22:00 +00:00", "05-12 22:00 +00:00", "05-13 22:00 +00:00"]);
    let rule = Recurrence::parse("FREQ=DAILY;COUNT=3", "2026-05-11T22:00", "UTC").unwrap();
    assert_eq!(rule.next_after(ms("2026-05-12T22:00:00Z")), Some(ms("2026-05-13T22:00:00Z")));
    assert_eq!(rule.next_after(ms("2026-05-13T22:00:00Z")), None);
}

#[test]
fn the_next_moment_comes_soon_even_of_rules_that_began_long_ago_or_come_seldom() {
    let hourly = Recurrence::parse("FREQ=HOURLY;INTERVAL=3", "1990-01-01T01:00", "UTC").unwrap();
    assert_eq!(hourly.next_after(ms("2026-05-11T22:00:00Z")), Some(ms("2026-05-12T01:00:00Z")));
    let leap = Recurrence::parse("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2020-02-29T00:00", "UTC").unwrap();
    assert_eq!(leap.next_after(ms("2024-03-01T00:00:00Z")), Some(ms("2028-02-29T00:00:00Z")));
    let never = Recurrence::parse("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2020-02-01T00:00", "UTC");
    let office = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";
    let office = Recurrence::parse(office, "1970-01-01T00:00", "UTC").unwrap();
    assert_eq!(office.next_after(ms("2026-05-15T23:00:00Z")), Some(ms("2026-05-18T00:00:00Z")));
    assert!(never.is_err() || never.unwrap().next_after(ms("2024-03-01T00:00:00Z")).is_none());
}

#[test]
fn what_is_wrong_with_a_rule_is_named() {
    let cases = [
        (("FREQ=MINUTELY", "2026-01-01T00:00", "UTC"), "FREQ=MINUTELY is not supported"),
        (("INTERVAL=2", "2026-01-01T00:00", "UTC"), "FREQ is missing"),
        (("FREQ=DAILY;INTERVAL=0", "2026-01-01T00:00", "UTC"), "INTERVAL"),
        (("FREQ=DAILY;COUNT=99999", "2026-01-01T00:00", "UTC"), "COUNT"),
        (("FREQ=DAILY;DTSTART=20260101T000000Z", "2026-01-01T00:00", "UTC"), "DTSTART does not belong there"),
        (("FREQ=DAILY;BYDAY=XX", "2026-01-01T00:00", "UTC"), "rrule"),
        (("FREQ=DAILY", "tomorrow", "UTC"), "start \"tomorrow\""),
        (("FREQ=DAILY", "2026-01-01T00:00", "Mars/Olympus"), "timezone \"Mars/Olympus\""),
        (("FREQ=DAILY;UNTIL=soon", "2026-01-01T00:00", "UTC"), "UNTIL=soon"),
    ];
    for ((rule, start, zone), wanted) in cases {
        let told = Recurrence::parse(rule, start, zone).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told:?} does not say {wanted:?}");
    }
}

#[test]
fn a_custom_schedule_says_when_a_monitor_is_evaluated() {
    let schedule = CustomSchedule::read(&json!({"custom_schedule": {"recurrences": [
        {"rrule": "FREQ=DAILY;INTERVAL=1", "start": "2024-10-26T09:13:00", "timezone": "America/New_York"}]}}));
    let schedule = schedule.unwrap().unwrap();
    assert_eq!(schedule.next_after(ms("2026-07-01T12:00:00Z")), Some(ms("2026-07-01T13:13:00Z")));
    assert_eq!(schedule.next_after(ms("2026-07-01T13:13:00Z")), Some(ms("2026-07-02T13:13:00Z")));
    assert!(CustomSchedule::read(&json!({})).unwrap().is_none());
    assert!(CustomSchedule::read(&json!({"custom_schedule": {"recurrences": [{}]}})).is_err());
}

#[test]
fn windows_start_where_the_options_say() {
    let at = |options: serde_json::Value, unit: WindowUnit, t: &str| {
        let window = EvaluationWindow::read(&options).unwrap();
        Timestamp::from_millisecond(window.start(unit, ms(t))).unwrap().to_string()
    };
    let plain = json!({});
    assert_eq!(at(plain.clone(), WindowUnit::Hour, "2026-05-11T22:07:00Z"), "2026-05-11T22:00:00Z");
    assert_eq!(at(plain.clone(), WindowUnit::Day, "2026-05-11T22:07:00Z"), "2026-05-11T00:00:00Z");
    assert_eq!(at(plain, WindowUnit::Month, "2026-05-11T22:07:00Z"), "2026-05-01T00:00:00Z");
    let own = json!({"evaluation_window": {"hour_starts": 15, "day_starts": "04:00", "month_starts": 20, "timezone": "Europe/Berlin"}});
    assert_eq!(at(own.clone(), WindowUnit::Hour, "2026-05-11T22:07:00Z"), "2026-05-11T21:15:00Z");
    // 04:00 in Berlin is 02:00 in UTC.
    assert_eq!(at(own.clone(), WindowUnit::Day, "2026-05-11T01:59:00Z"), "2026-05-10T02:00:00Z");
    assert_eq!(at(own.clone(), WindowUnit::Day, "2026-05-11T02:00:00Z"), "2026-05-11T02:00:00Z");
    assert_eq!(at(own, WindowUnit::Month, "2026-05-11T22:07:00Z"), "2026-04-20T02:00:00Z");
    assert!(EvaluationWindow::read(&json!({"evaluation_window": {"hour_starts": 60}})).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(150))]

    /// A run that starts shortly before what is asked finds what a run from the rule's start finds.
    #[test]
    fn a_late_start_of_a_run_misses_nothing(
        frequency in 0_usize..5,
        interval in 1_i64..30,
        days in proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..4),
        hours in proptest::sample::subsequence(vec![0, 2, 3, 9, 23], 0..3),
        start_day in 1_i64..32,
        start_hour in 0_i64..24,
        zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
        from_days in 0_i64..500,
        len_days in 1_i64..40,
    ) {
        let mut rule = format!("FREQ={};INTERVAL={interval}", ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][frequency]);
        if !days.is_empty() {
            rule.push_str(&format!(";BYDAY={}", days.join(",")));
        }
        if frequency > 0 && !hours.is_empty() {
            let hours: Vec<String> = hours.iter().map(ToString::to_string).collect();
            rule.push_str(&format!(";BYHOUR={}", hours.join(",")));
        }
        let start = format!("2025-01-{start_day:02}T{start_hour:02}:30");
        let quick = Recurrence::parse(&rule, &start, zone).unwrap();
        let slow = Recurrence { period: None, ..quick.clone() };
        let from = ms("2025-01-01T00:00:00Z") + from_days * DAY_MS;
        let range = TimeRange::new(from, from + len_days * DAY_MS);
        proptest::prop_assert_eq!(quick.starts(range), slow.starts(range), "{}", rule);
    }
}
