//! What spans are counted by, and what is counted of them.

use oriel_model::Sketch;

/// `span.kind`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SpanKind {
    #[default]
    Unknown,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl SpanKind {
    pub(crate) fn parse(text: &str) -> Self {
        const ALL: [SpanKind; 5] =
            [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
        ALL.into_iter().find(|k| k.as_str().eq_ignore_ascii_case(text)).unwrap_or_default()
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// Kinds that are counted even inside of a service.
    pub(crate) fn is_counted(self) -> bool {
        matches!(self, Self::Server | Self::Client | Self::Producer | Self::Consumer)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupKey {
    pub(crate) service: Box<str>,
    pub(crate) operation: Box<str>,
    pub(crate) env: Box<str>,
    pub(crate) version: Box<str>,
    pub(crate) resource: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) span_kind: SpanKind,
    pub(crate) synthetics: bool,
    /// 0 for none.
    pub(crate) http_status: u16,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) hits: u64,
    pub(crate) errors: u64,
    pub(crate) duration_s: f64,
    /// Seconds.
    pub(crate) latency: Sketch,
    pub(crate) satisfied: u64,
    pub(crate) tolerated: u64,
}

/// The logarithm of the agent's gamma, 1.015625, and what falls into its zero bin.
const LN_GAMMA: f64 = 0.015_504_186_535_965_254;
const ZERO_S: f64 = 1.1e-9;

/// `sketch.insert(seconds, 1)` for a sketch of the agent's mapping, with one logarithm instead of two and a power.
fn insert(sketch: &mut Sketch, seconds: f64) {
    if seconds < ZERO_S {
        return sketch.insert(seconds, 1);
    }
    sketch.count += 1;
    sketch.sum += seconds;
    sketch.min = sketch.min.min(seconds);
    sketch.max = sketch.max.max(seconds);
    let key = (seconds.ln() / LN_GAMMA).round_ties_even() + sketch.mapping.offset;
    sketch.add_bin(key.clamp(1.0, 32_767.0) as i32, 1);
}

impl Tally {
    pub(crate) fn add(&mut self, duration_ns: i64, is_error: bool, apdex_s: f64) {
        let seconds = duration_ns as f64 / 1e9;
        self.hits += 1;
        self.errors += u64::from(is_error);
        self.duration_s += seconds;
        insert(&mut self.latency, seconds);
        if !is_error {
            self.satisfied += u64::from(seconds <= apdex_s);
            self.tolerated += u64::from(seconds > apdex_s && seconds <= 4.0 * apdex_s);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.errors += other.errors;
        self.duration_s += other.duration_s;
        self.latency.merge(&other.latency);
        self.satisfied += other.satisfied;
        self.tolerated += other.tolerated;
    }

    /// Adds durations in nanoseconds under whatever mapping they were counted by; errors satisfy nobody.
    pub(crate) fn add_sketch(&mut self, sketch: &Sketch, is_error: bool, apdex_s: f64) {
        let mut seconds = Sketch::default();
        for &(bin, count) in &sketch.bins {
            let value = sketch.mapping.value(bin) / 1e9;
            seconds.insert(value, count);
            if !is_error {
                self.satisfied += if value <= apdex_s { count } else { 0 };
                self.tolerated += if value > apdex_s && value <= 4.0 * apdex_s { count } else { 0 };
            }
        }
        self.latency.merge(&seconds);
    }
}
