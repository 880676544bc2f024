//! Why a row was refused. A bad row is counted with its reason and never fails its neighbours.

use std::fmt;

/// The closed list of reasons; the text is what people see in answers, settings and Oriel's own metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    BadSyntax,
    BadName,
    NameTooLong,
    TagTooLong,
    TooManyTags,
    HostTooLong,
    BadValue,
    NotFinite,
    BadTimestamp,
    TooFarAhead,
    OlderThanRetention,
    TooManyPoints,
    SeriesLimit,
    SeriesCollision,
    TextTooLong,
    TooManyAttributes,
    TooManyRows,
    BadSketch,
    UnsupportedType,
}

impl Reason {
    pub const ALL: [Self; 19] = [
        Self::BadSyntax,
        Self::BadName,
        Self::NameTooLong,
        Self::TagTooLong,
        Self::TooManyTags,
        Self::HostTooLong,
        Self::BadValue,
        Self::NotFinite,
        Self::BadTimestamp,
        Self::TooFarAhead,
        Self::OlderThanRetention,
        Self::TooManyPoints,
        Self::SeriesLimit,
        Self::SeriesCollision,
        Self::TextTooLong,
        Self::TooManyAttributes,
        Self::TooManyRows,
        Self::BadSketch,
        Self::UnsupportedType,
    ];

    /// A stable word, also the tag `reason:` of `oriel.intake.refused`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadSyntax => "bad_syntax",
            Self::BadName => "bad_name",
            Self::NameTooLong => "name_too_long",
            Self::TagTooLong => "tag_too_long",
            Self::TooManyTags => "too_many_tags",
            Self::HostTooLong => "host_too_long",
            Self::BadValue => "bad_value",
            Self::NotFinite => "not_finite",
            Self::BadTimestamp => "bad_timestamp",
            Self::TooFarAhead => "too_far_ahead",
            Self::OlderThanRetention => "older_than_retention",
            Self::TooManyPoints => "too_many_points",
            Self::SeriesLimit => "series_limit",
            Self::SeriesCollision => "series_collision",
            Self::TextTooLong => "text_too_long",
            Self::TooManyAttributes => "too_many_attributes",
            Self::TooManyRows => "too_many_rows",
            Self::BadSketch => "bad_sketch",
            Self::UnsupportedType => "unsupported_type",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One refused row, for people to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub reason: Reason,
    /// What was refused and why, cut to [`Rejections::EXAMPLE_BYTES`].
    pub text: String,
}

/// Refused rows of one request or batch: counts by reason, and the first few as examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejections {
    counts: Vec<(Reason, u64)>,
    examples: Vec<Example>,
}

impl Rejections {
    /// Examples kept of one request; settings keeps the last ten of each source.
    pub const EXAMPLES: usize = 10;
    /// Longest example text: enough for a line with its tags.
    pub const EXAMPLE_BYTES: usize = 400;

    /// Counts `rows` refused rows; `text` is called only while examples are wanted.
    pub fn add(&mut self, reason: Reason, rows: u64, text: impl FnOnce() -> String) {
        if rows == 0 {
            return;
        }
        match self.counts.iter_mut().find(|(r, _)| *r == reason) {
            Some((_, n)) => *n += rows,
            None => self.counts.push((reason, rows)),
        }
        if self.examples.len() < Self::EXAMPLES {
            let mut text = text();
            if text.len() > Self::EXAMPLE_BYTES {
                let cut = (0..=Self::EXAMPLE_BYTES).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
                text.truncate(cut);
            }
            self.examples.push(Example { reason, text });
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (reason, n) in other.counts {
            match self.counts.iter_mut().find(|(r, _)| *r == reason) {
                Some((_, sum)) => *sum += n,
                None => self.counts.push((reason, n)),
            }
        }
        let room = Self::EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.into_iter().take(room));
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub fn counts(&self) -> &[(Reason, u64)] {
        &self.counts
    }

    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// `2 rows refused: not_finite 1, bad_name 1`; empty when nothing was refused.
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let parts: Vec<String> = self.counts.iter().map(|(r, n)| format!("{r} {n}")).collect();
        format!("{} rows refused: {}", self.total(), parts.join(", "))
    }
}
