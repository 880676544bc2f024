//! What a run must find.

use super::{Probe, number};
use serde_json::Value;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    pub subject: Subject,
    pub operator: Operator,
    /// As written; a number for those that compare.
    pub target: String,
    pub number: Option<f64>,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    StatusCode,
    /// Milliseconds.
    ResponseTime,
    Body,
    /// By its name, in small letters.
    Header(String),
    /// Days until the certificate ends.
    Certificate,
    /// `1.2`, `1.3`.
    TlsVersion,
    /// `established`, `refused` or `timeout`.
    Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Is,
    IsNot,
    Contains,
    DoesNotContain,
    Matches,
    DoesNotMatch,
    LessThan,
    LessThanOrEqual,
    MoreThan,
    MoreThanOrEqual,
    IsInMoreThan,
    IsInLessThan,
    DoesNotExist,
}

impl Operator {
    const WORDS: [(Self, &'static str); 13] = [
        (Self::Is, "is"),
        (Self::IsNot, "isNot"),
        (Self::Contains, "contains"),
        (Self::DoesNotContain, "doesNotContain"),
        (Self::Matches, "matches"),
        (Self::DoesNotMatch, "doesNotMatch"),
        (Self::LessThan, "lessThan"),
        (Self::LessThanOrEqual, "lessThanOrEqual"),
        (Self::MoreThan, "moreThan"),
        (Self::MoreThanOrEqual, "moreThanOrEqual"),
        (Self::IsInMoreThan, "isInMoreThan"),
        (Self::IsInLessThan, "isInLessThan"),
        (Self::DoesNotExist, "doesNotExist"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(operator, _)| *operator == self).map_or("", |(_, word)| word)
    }

    fn compares(self) -> bool {
        matches!(self, Self::LessThan | Self::LessThanOrEqual | Self::MoreThan | Self::MoreThanOrEqual)
    }

    fn is_of_text(self) -> bool {
        matches!(
            self,
            Self::Is
                | Self::IsNot
                | Self::Contains
                | Self::DoesNotContain
                | Self::Matches
                | Self::DoesNotMatch
        )
    }
}

impl Subject {
    pub fn as_str(&self) -> &str {
        match self {
            Self::StatusCode => "statusCode",
            Self::ResponseTime => "responseTime",
            Self::Body => "body",
            Self::Header(name) => name,
            Self::Certificate => "certificate",
            Self::TlsVersion => "tlsVersion",
            Self::Connection => "connection",
        }
    }

    fn allows(&self, operator: Operator) -> bool {
        match self {
            Self::StatusCode => operator.compares() || operator.is_of_text(),
            Self::ResponseTime => operator.compares(),
            Self::Body => operator.is_of_text(),
            Self::Header(_) => {
                operator.is_of_text() || operator.compares() || operator == Operator::DoesNotExist
            }
            Self::Certificate => matches!(operator, Operator::IsInMoreThan | Operator::IsInLessThan),
            Self::TlsVersion => operator.compares() || matches!(operator, Operator::Is | Operator::IsNot),
            Self::Connection => matches!(operator, Operator::Is | Operator::IsNot),
        }
    }
}

pub(super) fn read(item: &Value, probe: Option<&Probe>) -> Result<Assertion, String> {
    let word = item["type"].as_str().unwrap_or_default();
    let subject = match word {
        "statusCode" => Subject::StatusCode,
        "responseTime" => Subject::ResponseTime,
        "body" => Subject::Body,
        "header" => {
            let name = item["property"].as_str().filter(|n| !n.is_empty());
            Subject::Header(name.ok_or("property is missing: the header's name")?.to_lowercase())
        }
        "certificate" => Subject::Certificate,
        "tlsVersion" | "minTlsVersion" => Subject::TlsVersion,
        "connection" => Subject::Connection,
        other => {
            return Err(format!(
                "type {other:?} is not supported; statusCode, responseTime, body, header, certificate, tlsVersion and connection are"
            ));
        }
    };
    check_probe(&subject, probe)?;
    let operator_word = match word {
        "minTlsVersion" => "moreThanOrEqual",
        _ => item["operator"].as_str().unwrap_or_default(),
    };
    let operator = Operator::WORDS.iter().find(|(_, w)| *w == operator_word).map(|(operator, _)| *operator);
    let operator = operator
        .filter(|o| subject.allows(*o))
        .ok_or_else(|| format!("operator {operator_word:?} is not supported for {word}"))?;
    let target = match &item["target"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let number = number(&item["target"]);
    let needs_number = operator.compares() || matches!(subject, Subject::Certificate);
    if needs_number && number.is_none() {
        return Err(format!("target {target:?} is not a number"));
    }
    if target.is_empty() && operator != Operator::DoesNotExist {
        return Err("target is missing".to_owned());
    }
    Ok(Assertion { subject, operator, target, number })
}

/// Whether that kind of test sees such a thing.
fn check_probe(subject: &Subject, probe: Option<&Probe>) -> Result<(), String> {
    let Some(probe) = probe else { return Ok(()) };
    let sees = match subject {
        Subject::ResponseTime => true,
        Subject::StatusCode | Subject::Body | Subject::Header(_) => matches!(probe, Probe::Http(_)),
        Subject::Certificate | Subject::TlsVersion => matches!(probe, Probe::Tls { .. }),
        Subject::Connection => matches!(probe, Probe::Tcp { .. } | Probe::Tls { .. }),
    };
    if sees { Ok(()) } else { Err(format!("a test of {} has no {}", probe.subtype(), subject.as_str())) }
}
