//! Dates by patterns as Java writes them: `dd/MMM/yyyy:HH:mm:ss Z`, with texts in single quotes.
//!
//! A pattern becomes an expression for the matcher, and the same with groups for reading what it matched. Names of months and
//! days are English. What a pattern leaves out is the start of what it has; a year that it leaves out is the row's own.

use crate::process::{month_of, nanoseconds, near_year};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use regex::Regex;

/// Patterns have some twenty letters.
const PATTERN_BYTES_MAX: usize = 200;

pub(crate) struct JavaDate {
    expression: String,
    regex: Regex,
    fields: Vec<Field>,
    zone: TimeZone,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Year,
    YearOfCentury,
    Month,
    MonthName,
    Day,
    DayOfYear,
    Hour24,
    /// 1 to 24.
    Hour24From1,
    Hour12,
    /// 0 to 11.
    Hour12From0,
    Minute,
    Second,
    Fraction,
    HalfDay,
    Zone,
    /// Matched and not used: the day of the week, the era.
    Idle,
}

impl JavaDate {
    pub(crate) fn compile(pattern: &str, zone: Option<&str>) -> Result<Self, String> {
        if pattern.is_empty() || pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!(
                "date: the pattern has {} bytes; at most {PATTERN_BYTES_MAX} are read",
                pattern.len()
            ));
        }
        let zone = match zone.filter(|z| !z.is_empty()) {
            Some(name) => zone_of(name).ok_or_else(|| format!("date: there is no time zone {name:?}"))?,
            None => TimeZone::UTC,
        };
        let (mut expression, mut grouped, mut fields) =
            (String::from("(?:"), String::from(r"\A"), Vec::new());
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let part = match c {
                '\'' => regex::escape(&quoted(&mut chars)),
                c if c.is_ascii_alphabetic() => {
                    let mut n = 1;
                    while chars.next_if_eq(&c).is_some() {
                        n += 1;
                    }
                    let (field, part) = letter(c, n).ok_or_else(|| {
                        format!(
                            "date: {c:?} of {pattern:?} is not a letter of Java's dates that is known here"
                        )
                    })?;
                    fields.push(field);
                    grouped.push_str(&format!("({part})"));
                    expression.push_str(&part);
                    continue;
                }
                c => regex::escape(&c.to_string()),
            };
            grouped.push_str(&part);
            expression.push_str(&part);
        }
        expression.push(')');
        grouped.push_str(r"\z");
        let regex =
            Regex::new(&grouped).map_err(|e| format!("date({pattern:?}): {}", super::describe(&e)))?;
        Ok(Self { expression, regex, fields, zone })
    }

    /// Without groups of its own.
    pub(crate) fn expression(&self) -> &str {
        &self.expression
    }

    /// Milliseconds since the epoch.
    pub(crate) fn parse_ms(&self, text: &str, near_ns: i64) -> Option<i64> {
        let captures = self.regex.captures(text)?;
        let mut found = Found::default();
        for (i, field) in self.fields.iter().enumerate() {
            found.take(*field, captures.get(i + 1)?.as_str())?;
        }
        found.moment_ns(&self.zone, near_ns).map(|ns| ns.div_euclid(1_000_000))
    }
}

/// What stands between single quotes; two in a row are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut out = String::new();
    if chars.next_if_eq(&'\'').is_some() {
        return "'".to_owned();
    }
    while let Some(c) = chars.next() {
        if c == '\'' && chars.next_if_eq(&'\'').is_none() {
            return out;
        }
        out.push(c);
    }
    out
}

/// What a run of `n` equal letters means, and the expression that matches it.
fn letter(c: char, n: usize) -> Option<(Field, String)> {
    let digits = |field: Field, max: usize| {
        let part = if n >= max { format!(r"\d{{{max}}}") } else { format!(r"\d{{{n},{max}}}") };
        Some((field, part))
    };
    let names = |field: Field| Some((field, r"[A-Za-z]{3,9}\.?".to_owned()));
    match (c, n) {
        ('y' | 'u' | 'Y', 2) => digits(Field::YearOfCentury, 2),
        ('y' | 'u' | 'Y', _) => Some((Field::Year, r"\d{4}".to_owned())),
        ('M' | 'L', 1 | 2) => digits(Field::Month, 2),
        ('M' | 'L', _) => names(Field::MonthName),
        ('d', _) => Some((Field::Day, if n == 1 { r"\s?\d{1,2}".to_owned() } else { r"\d{2}".to_owned() })),
        ('D', _) => digits(Field::DayOfYear, 3),
        ('H', _) => digits(Field::Hour24, 2),
        ('k', _) => digits(Field::Hour24From1, 2),
        ('h', _) => digits(Field::Hour12, 2),
        ('K', _) => digits(Field::Hour12From0, 2),
        ('m', _) => digits(Field::Minute, 2),
        ('s', _) => digits(Field::Second, 2),
        ('S', _) => Some((Field::Fraction, format!(r"\d{{{},9}}", n.min(9)))),
        ('a', _) => Some((Field::HalfDay, "[AaPp][Mm]".to_owned())),
        ('E' | 'e', _) => names(Field::Idle),
        ('G', _) => Some((Field::Idle, "(?:AD|BC)".to_owned())),
        ('z', _) => {
            Some((Field::Zone, r"(?:[A-Za-z]+(?:[/_][A-Za-z_]+)*(?:[+-]\d{1,2}(?::?\d{2})?)?)".to_owned()))
        }
        ('Z' | 'X' | 'x', _) => Some((Field::Zone, r"(?:[Zz]|[+-]\d{2}(?::?\d{2})?|UTC|GMT)".to_owned())),
        _ => None,
    }
}

/// The parts of one date.
#[derive(Default)]
struct Found {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    hour: i8,
    is_pm: Option<bool>,
    minute: i8,
    second: i8,
    nanosecond: i32,
    zone: Option<TimeZone>,
}

impl Found {
    fn take(&mut self, field: Field, text: &str) -> Option<()> {
        let number = || text.trim().parse::<i16>().ok();
        let small = || text.trim().parse::<i8>().ok();
        match field {
            Field::Year => self.year = Some(number()?),
            // As Java: at most twenty years ahead of now, which two digits below 70 are for long.
            Field::YearOfCentury => {
                let n = number()?;
                self.year = Some(if n < 70 { 2000 + n } else { 1900 + n });
            }
            Field::Month => self.month = Some(small()?),
            Field::MonthName => self.month = Some(month_of(text)?),
            Field::Day => self.day = Some(small()?),
            Field::DayOfYear => self.day_of_year = Some(number()?),
            Field::Hour24 | Field::Hour12 | Field::Hour12From0 => self.hour = small()?,
            Field::Hour24From1 => self.hour = small()? % 24,
            Field::Minute => self.minute = small()?,
            Field::Second => self.second = small()?,
            Field::Fraction => {
                let digits = text.parse::<i64>().ok()?;
                let places = u32::try_from(text.len()).ok()?;
                self.nanosecond = i32::try_from(digits * 10_i64.pow(9_u32.checked_sub(places)?)).ok()?;
            }
            Field::HalfDay => self.is_pm = Some(text.starts_with(['P', 'p'])),
            Field::Zone => self.zone = Some(zone_of(text)?),
            Field::Idle => {}
        }
        Some(())
    }

    fn moment_ns(self, zone: &TimeZone, near_ns: i64) -> Option<i64> {
        let hour = match self.is_pm {
            Some(is_pm) => self.hour % 12 + if is_pm { 12 } else { 0 },
            None => self.hour,
        };
        let time = Time::new(hour, self.minute, self.second, self.nanosecond).ok()?;
        let zone = self.zone.as_ref().unwrap_or(zone);
        let year = match (self.year, self.month) {
            (Some(year), _) => year,
            (None, Some(month)) => {
                let ns = near_year(month, self.day.unwrap_or(1), time, near_ns)?;
                let near = jiff::Timestamp::from_nanosecond(i128::from(ns)).ok()?;
                near.to_zoned(TimeZone::UTC).year()
            }
            (None, None) => 1970,
        };
        let date = match self.day_of_year {
            Some(n) => {
                Date::new(year, 1, 1).ok()?.checked_add(jiff::Span::new().days(i64::from(n) - 1)).ok()?
            }
            None => Date::new(year, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()?,
        };
        nanoseconds(DateTime::from_parts(date, time).to_zoned(zone.clone()).ok()?.timestamp())
    }
}

/// A zone by its name, by an offset, or by both (`UTC+5`, `GMT-03:30`).
fn zone_of(text: &str) -> Option<TimeZone> {
    const ABBREVIATED: [(&str, i32); 10] = [
        ("UTC", 0),
        ("GMT", 0),
        ("Z", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("PST", -8),
        ("PDT", -7),
        ("CET", 1),
    ];
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    if let Some((_, hours)) = ABBREVIATED.iter().find(|(name, _)| *name == upper) {
        return Some(TimeZone::fixed(Offset::from_seconds(hours * 3600).ok()?));
    }
    let rest = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).unwrap_or(&upper);
    if let Some(sign @ ('+' | '-')) = rest.chars().next() {
        let digits: String = rest[1..].chars().filter(|c| *c != ':').collect();
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) =
            if digits.len() <= 2 { (digits.as_str(), "0") } else { digits.split_at(digits.len() - 2) };
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let seconds = if sign == '-' { -seconds } else { seconds };
        return Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?));
    }
    TimeZone::get(text).ok()
}
