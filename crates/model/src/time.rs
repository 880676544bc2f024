//! Time: milliseconds since the Unix epoch, half-open ranges, and the clock that tests can hold still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
pub type TimeMs = i64;

/// Half-open `[start, end)`, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct TimeRange {
    pub start: TimeMs,
    pub end: TimeMs,
}

impl TimeRange {
    pub fn new(start: TimeMs, end: TimeMs) -> Self {
        Self { start, end }
    }

    /// Everything that can be stored.
    pub fn all() -> Self {
        Self { start: i64::MIN, end: i64::MAX }
    }

    pub fn contains(&self, t: TimeMs) -> bool {
        self.start <= t && t < self.end
    }

    /// Whether a closed span `[first, last]` has a point in this range.
    pub fn overlaps(&self, first: TimeMs, last: TimeMs) -> bool {
        first < self.end && last >= self.start
    }

    pub fn len_ms(&self) -> i64 {
        self.end.saturating_sub(self.start).max(0)
    }

    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// The only source of "now" outside of a process's start-up.
pub trait Clock: Send + Sync {
    fn now_ms(&self) -> TimeMs;

    /// How long a thread has to sleep for this clock to go on by `ms`; a clock that runs faster than the world needs less.
    fn sleep(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> TimeMs {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The wall clock of its start, going on `rate` times as fast: for tests that wait for minutes.
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    start_ms: TimeMs,
    started: Instant,
    rate: u32,
}

impl FastClock {
    pub fn new(rate: u32) -> Self {
        Self::since(SystemClock.now_ms(), rate)
    }

    /// One that showed the wall clock's time at `origin_ms`: a process that starts anew with the same origin goes on where the
    /// one before it was.
    pub fn since(origin_ms: TimeMs, rate: u32) -> Self {
        let rate = rate.max(1);
        let gone = (SystemClock.now_ms() - origin_ms).max(0);
        let start_ms = origin_ms.saturating_add(gone.saturating_mul(i64::from(rate)));
        Self { start_ms, started: Instant::now(), rate }
    }
}

impl Clock for FastClock {
    fn now_ms(&self) -> TimeMs {
        let gone = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.start_ms + gone.saturating_mul(i64::from(self.rate)) / 1000
    }

    fn sleep(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0)) / self.rate
    }
}

/// A clock that moves only when told.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(ms: TimeMs) -> Self {
        Self(AtomicI64::new(ms))
    }

    pub fn set(&self, ms: TimeMs) {
        self.0.store(ms, Ordering::SeqCst);
    }

    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> TimeMs {
        self.0.load(Ordering::SeqCst)
    }
}
