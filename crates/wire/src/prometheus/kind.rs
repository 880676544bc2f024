//! What a metric's numbers mean: by its declared type, else by its name's ending.

use oriel_model::Kind;

/// What a sender says of a metric. `metric` is the family: histograms and summaries add endings to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricMetadata {
    pub metric: String,
    /// One of [`declared`]'s words; empty when not said.
    pub kind: &'static str,
    pub help: String,
    pub unit: String,
}

/// The words that a type may be.
const TYPES: [&str; 8] =
    ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"];

/// A type's word as one that lives for ever; `unknown` for `untyped` and whatever else.
pub fn declared(word: &str) -> &'static str {
    TYPES.iter().copied().find(|t| *t == word).unwrap_or("unknown")
}

/// The word of remote write's number for it.
pub(super) fn declared_by_code(code: u64) -> &'static str {
    usize::try_from(code).ok().and_then(|i| TYPES.get(i)).copied().unwrap_or("unknown")
}

/// The parts of a histogram or summary that are running totals.
const PARTS: [&str; 3] = ["_bucket", "_count", "_sum"];

/// The kind of a metric: `type_of` gives the declared type of a family, where it is known.
pub(super) fn kind_of(name: &str, type_of: impl Fn(&str) -> Option<&'static str>) -> Kind {
    const ENDINGS: [&str; 7] = ["", "_total", "_bucket", "_count", "_sum", "_gcount", "_gsum"];
    let families = ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending));
    let mut known = families.filter_map(|family| by_type(type_of(family)?, family, name));
    known.next().unwrap_or_else(|| by_name(name))
}

/// The kind of a metric without a declared type.
fn by_name(name: &str) -> Kind {
    let cumulative = name.ends_with("_total") || PARTS.iter().any(|part| name.ends_with(part));
    if cumulative { Kind::Cumulative } else { Kind::Gauge }
}

/// The kind of `name` under a declared type of a family; `None` when the type says nothing about this name.
fn by_type(declared: &str, family: &str, name: &str) -> Option<Kind> {
    let ending = name.strip_prefix(family)?;
    match (declared, ending) {
        ("counter", "" | "_total") => Some(Kind::Cumulative),
        ("gauge" | "gaugehistogram" | "info" | "stateset", "") => Some(Kind::Gauge),
        ("gaugehistogram", "_bucket" | "_gcount" | "_gsum") => Some(Kind::Gauge),
        ("histogram" | "summary", part) if PARTS.contains(&part) => Some(Kind::Cumulative),
        ("summary", "") => Some(Kind::Gauge),
        _ => None,
    }
}
