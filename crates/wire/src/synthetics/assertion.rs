//! What a run must find.

use super::json_path::{JsonQuery, Wanted};
use super::{Probe, number};
use regex::Regex;
use serde_json::Value;

/// One condition.
#[derive(Clone, Debug)]
pub struct Assertion {
    pub subject: Subject,
    pub operator: Operator,
    /// As written; a number for those that compare.
    pub target: String,
    pub number: Option<f64>,
    /// Of those that match.
    pub pattern: Option<Regex>,
}

impl PartialEq for Assertion {
    /// The pattern is read off the target.
    fn eq(&self, other: &Self) -> bool {
        let parts = |a: &Self| (a.subject.clone(), a.operator, a.target.clone(), a.number);
        parts(self) == parts(other)
    }
}

impl Assertion {
    /// What a value is compared with.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            operator: self.operator,
            target: &self.target,
            number: self.number,
            pattern: self.pattern.as_ref(),
        }
    }
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    StatusCode,
    /// Milliseconds.
    ResponseTime,
    /// The same without what finding the address took.
    ResponseTimeWithoutDns,
    Body,
    /// The body's digest (SHA-256).
    BodyHash,
    /// A value in a body that is JSON.
    Json(JsonQuery),
    /// By its name, in small letters.
    Header(String),
    /// Days until the certificate ends.
    Certificate,
    /// What a certificate says: `issuer.CN`, `subject.altName`, `serialNumber` …
    CertificateProperty(String),
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
    IsUndefined,
    /// Of a body's digest.
    Sha256,
}

impl Operator {
    const WORDS: [(Self, &'static str); 15] = [
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
        (Self::IsUndefined, "isUndefined"),
        (Self::Sha256, "sha256"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(operator, _)| *operator == self).map_or("", |(_, word)| word)
    }

    fn compares(self) -> bool {
        matches!(self, Self::LessThan | Self::LessThanOrEqual | Self::MoreThan | Self::MoreThanOrEqual)
    }

    /// Whether something that is not there is as wanted.
    pub fn denies(self) -> bool {
        matches!(self, Self::IsNot | Self::DoesNotContain | Self::DoesNotMatch)
    }

    pub(super) fn is_absence(self) -> bool {
        matches!(self, Self::DoesNotExist | Self::IsUndefined)
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
            Self::ResponseTime | Self::ResponseTimeWithoutDns => "responseTime",
            Self::Body => "body",
            Self::BodyHash => "bodyHash",
            Self::Json(query) => &query.text,
            Self::Header(name) => name,
            Self::Certificate => "certificate",
            Self::CertificateProperty(name) => name,
            Self::TlsVersion => "tlsVersion",
            Self::Connection => "connection",
        }
    }

    fn allows(&self, operator: Operator) -> bool {
        match self {
            Self::StatusCode => operator.compares() || operator.is_of_text(),
            Self::ResponseTime | Self::ResponseTimeWithoutDns => operator.compares(),
            Self::Body | Self::CertificateProperty(_) => operator.is_of_text(),
            Self::BodyHash => operator == Operator::Sha256,
            Self::Json(_) | Self::Header(_) => {
                operator.is_of_text() || operator.compares() || operator.is_absence()
            }
            Self::Certificate => matches!(operator, Operator::IsInMoreThan | Operator::IsInLessThan),
            Self::TlsVersion => operator.compares() || matches!(operator, Operator::Is | Operator::IsNot),
            Self::Connection => matches!(operator, Operator::Is | Operator::IsNot),
        }
    }
}

/// What a certificate tells; `issuer.` and `subject.` before C, CN, L, O, OU and ST.
const PROPERTIES: [&str; 6] =
    ["subject.altName", "serialNumber", "fingerprint256", "validFrom", "validTo", "protocol"];
const NAME_PARTS: [&str; 6] = ["C", "CN", "L", "O", "OU", "ST"];

pub(super) fn read(item: &Value, probe: Option<&Probe>) -> Result<Assertion, String> {
    let word = item["type"].as_str().unwrap_or_default();
    let operator_word = match word {
        "minTlsVersion" => "moreThanOrEqual",
        _ => item["operator"].as_str().unwrap_or_default(),
    };
    let (subject, wanted, operator_word) = match (word, operator_word) {
        ("body", "validatesJSONPath") => {
            let target = &item["target"];
            let operator = target["operator"].as_str().unwrap_or_default();
            (Subject::Json(JsonQuery::read(target)?), &target["targetValue"], operator)
        }
        _ => (subject(word, operator_word, item)?, &item["target"], operator_word),
    };
    check_probe(&subject, probe)?;
    let operator = Operator::WORDS.iter().find(|(_, w)| *w == operator_word).map(|(operator, _)| *operator);
    let operator = operator
        .filter(|o| subject.allows(*o))
        .ok_or_else(|| format!("operator {operator_word:?} is not supported for {word}"))?;
    with_target(subject, operator, wanted)
}

fn subject(word: &str, operator: &str, item: &Value) -> Result<Subject, String> {
    let property = || item["property"].as_str().filter(|n| !n.is_empty());
    Ok(match (word, operator) {
        ("body", "validatesXPath" | "validatesJSONSchema") => {
            return Err(format!("operator {operator:?} is not supported; validatesJSONPath is"));
        }
        ("bodyHash", "md5" | "sha1") => {
            return Err(format!("operator {operator:?} is not supported for bodyHash; sha256 is"));
        }
        ("statusCode", _) => Subject::StatusCode,
        ("responseTime", _) => match item["timingsScope"].as_str() {
            None | Some("all") => Subject::ResponseTime,
            Some("withoutDNS") => Subject::ResponseTimeWithoutDns,
            Some(other) => return Err(format!("timingsScope {other:?} is not all or withoutDNS")),
        },
        ("body", _) => Subject::Body,
        ("bodyHash", _) => Subject::BodyHash,
        ("header", _) => {
            Subject::Header(property().ok_or("property is missing: the header's name")?.to_lowercase())
        }
        ("certificate", _) => Subject::Certificate,
        ("property", _) => {
            let name = property().ok_or("property is missing: what of the certificate, such as issuer.CN")?;
            Subject::CertificateProperty(certificate_property(name)?)
        }
        ("tlsVersion" | "minTlsVersion", _) => Subject::TlsVersion,
        ("connection", _) => Subject::Connection,
        (other, _) => {
            return Err(format!(
                "type {other:?} is not supported; statusCode, responseTime, body, bodyHash, header, certificate, property, \
                 tlsVersion, minTlsVersion and connection are"
            ));
        }
    })
}

fn certificate_property(name: &str) -> Result<String, String> {
    let part = name.strip_prefix("issuer.").or_else(|| name.strip_prefix("subject."));
    if PROPERTIES.contains(&name) || part.is_some_and(|p| NAME_PARTS.contains(&p)) {
        return Ok(name.to_owned());
    }
    Err(format!(
        "property {name:?} of a certificate is not known; {} and issuer. or subject. with {} are",
        PROPERTIES.join(", "),
        NAME_PARTS.join(", ")
    ))
}

fn with_target(subject: Subject, operator: Operator, wanted: &Value) -> Result<Assertion, String> {
    let target = match wanted {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let number = number(wanted);
    let needs_number = operator.compares() || matches!(subject, Subject::Certificate);
    if needs_number && number.is_none() {
        return Err(format!("target {target:?} is not a number"));
    }
    // An empty text is something to be, and a pattern that everything matches.
    let may_be_empty =
        operator.is_absence() || matches!(operator, Operator::Is | Operator::IsNot) && wanted.is_string();
    if target.is_empty() && !may_be_empty {
        return Err("target is missing".to_owned());
    }
    let pattern = match operator {
        Operator::Matches | Operator::DoesNotMatch => Some(
            Regex::new(&target).map_err(|e| format!("target {target:?} is no regular expression: {e}"))?,
        ),
        _ => None,
    };
    Ok(Assertion { subject, operator, target, number, pattern })
}

/// Whether a number is on the wanted side of another.
pub fn compares(operator: Operator, value: f64, wanted: Option<f64>) -> bool {
    let Some(wanted) = wanted else { return false };
    match operator {
        Operator::LessThan => value < wanted,
        Operator::LessThanOrEqual => value <= wanted,
        Operator::MoreThan => value > wanted,
        Operator::MoreThanOrEqual => value >= wanted,
        _ => false,
    }
}

/// Whether that kind of test sees such a thing.
fn check_probe(subject: &Subject, probe: Option<&Probe>) -> Result<(), String> {
    let Some(probe) = probe else { return Ok(()) };
    let sees = match subject {
        Subject::ResponseTime => true,
        Subject::ResponseTimeWithoutDns
        | Subject::StatusCode
        | Subject::Body
        | Subject::BodyHash
        | Subject::Json(_)
        | Subject::Header(_) => matches!(probe, Probe::Http(_)),
        Subject::Certificate | Subject::CertificateProperty(_) | Subject::TlsVersion => {
            matches!(probe, Probe::Tls { .. })
        }
        Subject::Connection => matches!(probe, Probe::Tcp { .. } | Probe::Tls { .. }),
    };
    if sees { Ok(()) } else { Err(format!("a test of {} has no {}", probe.subtype(), subject.as_str())) }
}
