//! `options.scheduling`: the hours of a week in which a test runs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeframes {
    zone: TimeZone,
    frames: Vec<Frame>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    /// 1 is Monday, 7 Sunday.
    day: i64,
    from_min: i64,
    to_min: i64,
}

/// Several for each day of a week.
const FRAMES_MAX: usize = 100;

impl Timeframes {
    /// None where there are no timeframes, which means always.
    pub(super) fn read(given: &Value) -> Result<Option<Self>, String> {
        let list = given["timeframes"].as_array().map_or(&[][..], Vec::as_slice);
        if list.is_empty() {
            return Ok(None);
        }
        if list.len() > FRAMES_MAX {
            return Err(format!("timeframes: at most {FRAMES_MAX}"));
        }
        let name = given["timezone"].as_str().ok_or("timezone is missing, such as Europe/Berlin")?;
        let zone = TimeZone::get(name).map_err(|_| format!("timezone {name:?} is not known"))?;
        let frames =
            list.iter().enumerate().map(|(n, f)| frame(f).map_err(|e| format!("timeframes[{n}].{e}")));
        Ok(Some(Self { zone, frames: frames.collect::<Result<_, _>>()? }))
    }

    pub fn is_open(&self, at_ms: i64) -> bool {
        let Ok(at) = Timestamp::from_millisecond(at_ms) else { return true };
        let local = at.to_zoned(self.zone.clone());
        let day = i64::from(local.weekday().to_monday_one_offset());
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        self.frames.iter().any(|f| f.day == day && (f.from_min..f.to_min).contains(&minute))
    }
}

fn frame(given: &Value) -> Result<Frame, String> {
    let day = given["day"].as_i64().filter(|d| (1..=7).contains(d));
    let day = day.ok_or("day is 1 (Monday) to 7 (Sunday)")?;
    let minutes = |field: &str| {
        let found = given[field].as_str().and_then(minute_of);
        found.ok_or_else(|| format!("{field} is a time of day such as 07:00"))
    };
    let (from_min, to_min) = (minutes("from")?, minutes("to")?);
    if from_min >= to_min {
        return Err("to is after from".to_owned());
    }
    Ok(Frame { day, from_min, to_min })
}

/// `24:00` ends a day.
fn minute_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    ((0..=24).contains(&hour) && (0..60).contains(&minute) && minutes <= 1_440).then_some(minutes)
}

#[cfg(test)]
mod tests;
