//! Thresholds and the comparison that they are under, checked against each other and against the query's own number.

use super::Kind;
use super::read::{Fields, Reader};

/// How a value is compared with a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparator {
    #[default]
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    NotEqual,
}

impl Comparator {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            ">" => Self::Above,
            ">=" => Self::AtLeast,
            "<" => Self::Below,
            "<=" => Self::AtMost,
            "==" | "=" => Self::Equal,
            "!=" => Self::NotEqual,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether the value is on the bad side of the threshold.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Equal => value == threshold,
            Self::NotEqual => value != threshold,
        }
    }

    /// Larger values are worse.
    pub fn is_upward(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }

    pub fn is_downward(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }
}

/// Of a service check they count runs; else they are compared with the value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    pub critical: Option<f64>,
    pub warning: Option<f64>,
    pub critical_recovery: Option<f64>,
    pub warning_recovery: Option<f64>,
    /// Of service checks, like `unknown`.
    pub ok: Option<f64>,
    pub unknown: Option<f64>,
}

impl Thresholds {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        for name in ["critical_query", "critical_recovery_query"] {
            if fields.raw(name).is_string() {
                fields.error(format!(
                    "options.thresholds.{name}: thresholds by query are not supported; give a number"
                ));
            }
        }
        Self {
            critical: fields.number("critical"),
            warning: fields.number("warning"),
            critical_recovery: fields.number("critical_recovery"),
            warning_recovery: fields.number("warning_recovery"),
            ok: fields.number("ok"),
            unknown: fields.number("unknown"),
        }
    }

    /// Takes the query's number where the options have none, and checks what is left.
    pub(super) fn settle(
        &mut self,
        kind: Kind,
        comparator: Comparator,
        in_query: Option<f64>,
        reader: &mut Reader<'_>,
    ) {
        match kind {
            Kind::Composite => {}
            Kind::ServiceCheck | Kind::Synthetics => self.settle_runs(reader),
            _ => self.settle_values(comparator, in_query, reader),
        }
    }

    fn settle_runs(&mut self, reader: &mut Reader<'_>) {
        // Those of a cluster are percentages, read with the query.
        if reader.raw("/query").as_str().is_some_and(|query| query.contains(".pct_by_status(")) {
            return;
        }
        for (name, value) in [
            ("ok", self.ok),
            ("warning", self.warning),
            ("critical", self.critical),
            ("unknown", self.unknown),
        ] {
            if value.is_some_and(|v| !(1.0..=99.0).contains(&v) || v.fract() != 0.0) {
                reader.error(format!("options.thresholds.{name} counts runs of the check: 1 to 99"));
            }
        }
    }

    fn settle_values(&mut self, comparator: Comparator, in_query: Option<f64>, reader: &mut Reader<'_>) {
        match (self.critical, in_query) {
            (Some(critical), Some(written)) if critical != written => reader.error(format!(
                "options.thresholds.critical is {critical} and the query compares with {written}; make them the same"
            )),
            (None, written) => self.critical = written,
            _ => {}
        }
        if self.critical.is_none() {
            reader
                .error("options.thresholds.critical is missing, and the query has no number to compare with");
        }
        let order = [
            ("critical_recovery", self.critical_recovery, "critical", self.critical),
            ("warning", self.warning, "critical", self.critical),
            ("warning_recovery", self.warning_recovery, "warning", self.warning),
        ];
        for (name, value, than, limit) in order {
            let (Some(value), Some(limit)) = (value, limit) else { continue };
            let better = match comparator {
                _ if comparator.is_upward() => value < limit,
                _ if comparator.is_downward() => value > limit,
                _ => {
                    reader.error(format!(
                        "options.thresholds.{name} means nothing under {}",
                        comparator.as_str()
                    ));
                    continue;
                }
            };
            // A recovery at the very threshold is what there is without one.
            let same = value == limit && name.ends_with("recovery");
            if !better && !same {
                let side = if comparator.is_upward() { "below" } else { "above" };
                reader.error(format!(
                    "options.thresholds.{name} ({value}) must be {side} {than} ({limit}) under {}",
                    comparator.as_str()
                ));
            }
        }
        if self.warning_recovery.is_some() && self.warning.is_none() {
            reader.error("options.thresholds.warning_recovery needs a warning");
        }
    }
}
