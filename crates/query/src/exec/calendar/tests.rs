//! Calendar shifts at month ends, leap years and before the epoch.

use super::*;

fn day(year: i64, month: i64, day: i64) -> i64 {
    day_number(year, month, day)
}

fn moved(from: (i64, i64, i64), months: i64, days: i64) -> (i64, i64, i64) {
    let at = day(from.0, from.1, from.2) * DAY_MS + 3_600_000;
    let to = at + shift_ms(at, CalendarShift { months, days });
    assert_eq!(to.rem_euclid(DAY_MS), 3_600_000, "the time of day stays");
    civil(to.div_euclid(DAY_MS))
}

#[test]
fn dates_and_day_numbers_are_inverse() {
    for number in (-200_000..200_000).step_by(37) {
        let (y, m, d) = civil(number);
        assert_eq!(day(y, m, d), number);
    }
    assert_eq!(civil(0), (1970, 1, 1));
    assert_eq!(day(2000, 2, 29), 11_016);
}

#[test]
fn months_end_where_they_end() {
    assert_eq!(moved((2026, 3, 31), -1, 0), (2026, 2, 28));
    assert_eq!(moved((2024, 3, 31), -1, 0), (2024, 2, 29));
    assert_eq!(moved((2026, 1, 15), -1, 0), (2025, 12, 15));
    assert_eq!(moved((2024, 2, 29), -12, 0), (2023, 2, 28));
    assert_eq!(moved((2026, 1, 1), 0, -7), (2025, 12, 25));
}
