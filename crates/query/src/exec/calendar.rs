//! Calendar shifts: the civil date some days or months away, in UTC.

use crate::plan::CalendarShift;
use oriel_model::TimeMs;

const DAY_MS: i64 = 86_400_000;

/// How far a calendar shift moves a time; the last day of a shorter month stands for later ones.
pub(super) fn shift_ms(at: TimeMs, shift: CalendarShift) -> i64 {
    let days = at.div_euclid(DAY_MS);
    let (year, month, day) = civil(days);
    let months = year * 12 + (month - 1) + shift.months;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let moved = day_number(year, month, day.min(days_in(year, month))) + shift.days;
    (moved - days) * DAY_MS
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day number.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn days_in(year: i64, month: i64) -> i64 {
    let next = if month == 12 { day_number(year + 1, 1, 1) } else { day_number(year, month + 1, 1) };
    next - day_number(year, month, 1)
}

#[cfg(test)]
mod tests;
