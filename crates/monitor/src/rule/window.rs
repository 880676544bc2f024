//! Windows of time: `last_5m`, `next_1w`, `current_1d`.

use crate::recurrence::{EvaluationWindow, WindowUnit};
use oriel_model::{TimeMs, TimeRange};

const MINUTE: i64 = 60_000;

/// What an evaluation looks at, from the moment of its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    Last {
        ms: i64,
    },
    /// Of forecasts.
    Next {
        ms: i64,
    },
    /// From the start of the running hour, day or month on: it grows until the next starts.
    Current {
        unit: WindowUnit,
        starts: EvaluationWindow,
    },
}

impl Window {
    /// `last_5m`, `next_1w`, `current_1d`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(length) = text.strip_prefix("last_") {
            return Ok(Self::Last { ms: length_ms(length)? });
        }
        if let Some(length) = text.strip_prefix("next_") {
            return Ok(Self::Next { ms: length_ms(length)? });
        }
        let unit = match text {
            "current_1h" => WindowUnit::Hour,
            "current_1d" => WindowUnit::Day,
            "current_1mo" => WindowUnit::Month,
            _ => return Err(format!("{text} is not a window; write last_5m, next_1w or current_1d")),
        };
        Ok(Self::Current { unit, starts: EvaluationWindow::default() })
    }

    /// Of `.current("1h")`.
    pub fn current(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let word = if text.starts_with("current_") { text.to_owned() } else { format!("current_{text}") };
        Self::parse(&word)
            .map_err(|_| format!("{text} is no running time; write .current(\"1h\"), 1d or 1mo"))
    }

    /// The range, for data up to `end_ms`.
    pub fn range(&self, end_ms: TimeMs) -> TimeRange {
        match self {
            Self::Last { ms } => TimeRange::new(end_ms - ms, end_ms),
            Self::Next { ms } => TimeRange::new(end_ms, end_ms + ms),
            // At the very start, what has just ended is looked at as a whole.
            Self::Current { unit, starts } => TimeRange::new(starts.start(*unit, end_ms - 1), end_ms),
        }
    }

    /// The longest that it can be.
    pub fn len_ms(&self) -> i64 {
        match self {
            Self::Last { ms } | Self::Next { ms } => *ms,
            Self::Current { unit: WindowUnit::Hour, .. } => 60 * MINUTE,
            Self::Current { unit: WindowUnit::Day, .. } => 1440 * MINUTE,
            Self::Current { unit: WindowUnit::Month, .. } => 31 * 1440 * MINUTE,
        }
    }
}

/// `5m`, `4h`, `1d`, `2w`, `1mo`; at most three months.
pub fn length_ms(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text} is not a length of time; write 5m, 4h, 1d, 1w or 1mo");
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: i64 = text[..digits].parse().map_err(|_| wrong())?;
    let minutes = match &text[digits..] {
        "m" => 1,
        "h" => 60,
        "d" => 1440,
        "w" => 7 * 1440,
        "mo" => 30 * 1440,
        _ => return Err(wrong()),
    };
    let minutes = number.checked_mul(minutes).filter(|m| (1..=LENGTH_MAX_MINUTES).contains(m));
    minutes.map(|m| m * MINUTE).ok_or_else(|| format!("{text} is not between 1m and 3mo"))
}

/// What a change looks back by: `last_1h` and `1h_ago` are the same.
pub(super) fn ago_ms(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let length = text.strip_prefix("last_").or_else(|| text.strip_suffix("_ago"));
    let length = length.ok_or_else(|| format!("{text} is not a time before; write last_1h or 1h_ago"))?;
    length_ms(length)
}

/// SLOs look back 90 days; nothing looks at more.
const LENGTH_MAX_MINUTES: i64 = 90 * 1440;

#[cfg(test)]
mod tests;
