//! What a run saw, and whether that is what was wanted.

use oriel_wire::synthetics::{Assertion, Operator, Subject, SyntheticTest};
use reqwest::header::HeaderMap;

/// What one try saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    pub(super) took_ms: f64,
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// Until the certificate ends; negative when it has.
    pub(super) days_left: Option<f64>,
    /// `1.3`
    pub(super) tls_version: Option<&'static str>,
    /// `established`, `refused` or `timeout`.
    pub(super) connection: &'static str,
    /// Why the certificate is not to be trusted.
    pub(super) untrusted: Option<String>,
}

impl Observed {
    pub(super) fn unconnected(connection: &'static str) -> Self {
        Self { connection, ..Self::default() }
    }
}

/// The first reason why a test failed.
pub(super) fn judge(test: &SyntheticTest, seen: &Observed) -> Option<String> {
    let asks_connection = test.assertions.iter().any(|a| a.subject == Subject::Connection);
    if seen.connection != "established" && !seen.connection.is_empty() && !asks_connection {
        return Some(format!("the connection to {} is {}", test.probe.target(), worded(seen.connection)));
    }
    if let Some(why) = &seen.untrusted {
        return Some(format!("the certificate is not valid: {why}"));
    }
    let asserted = test.assertions.iter().find_map(|a| broken(a, seen));
    // Without a word about the status, an answer that is an error is one.
    let asks_status = test.assertions.iter().any(|a| a.subject == Subject::StatusCode);
    let by_status = || match seen.status {
        Some(status) if !asks_status && status >= 400 => Some(format!("the status is {status}")),
        _ => None,
    };
    asserted.or_else(by_status)
}

fn worded(connection: &str) -> &str {
    if connection == "timeout" { "timed out" } else { connection }
}

/// Why an assertion does not hold.
fn broken(assertion: &Assertion, seen: &Observed) -> Option<String> {
    let Assertion { subject, operator, target, number } = assertion;
    let expected = format!("{} {target}", operator.as_str());
    let (value, holds) = match subject {
        Subject::ResponseTime => {
            (format!("{:.0} ms", seen.took_ms), compares(*operator, seen.took_ms, *number))
        }
        Subject::Certificate => {
            let Some(days) = seen.days_left else { return Some("there is no certificate".to_owned()) };
            let wanted = number.unwrap_or(0.0);
            let holds = if *operator == Operator::IsInMoreThan { days > wanted } else { days < wanted };
            let ends = if days < 0.0 { "expired".to_owned() } else { format!("ends in {days:.1} days") };
            return (!holds).then(|| format!("the certificate {ends}; expected {expected} days"));
        }
        Subject::Header(name) => {
            let found = seen.headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
            match (found, operator) {
                (None, Operator::DoesNotExist) => return None,
                (None, _) => return Some(format!("there is no header {name}; expected {expected}")),
                (Some(value), Operator::DoesNotExist) => (value, false),
                (Some(value), _) => {
                    let holds = text_or_number(assertion, &value);
                    (value, holds)
                }
            }
        }
        Subject::StatusCode => text(assertion, seen.status.map(|s| s.to_string())),
        Subject::Body => text(assertion, Some(seen.body.clone())),
        Subject::TlsVersion => text(assertion, seen.tls_version.map(str::to_owned)),
        Subject::Connection => text(assertion, Some(seen.connection.to_owned())),
    };
    let shown: String = value.chars().take(100).collect();
    (!holds).then(|| format!("{} is {shown}; expected {expected}", subject.as_str()))
}

fn text(assertion: &Assertion, value: Option<String>) -> (String, bool) {
    let value = value.unwrap_or_else(|| "unknown".to_owned());
    let holds = text_or_number(assertion, &value);
    (value, holds)
}

fn compares(operator: Operator, value: f64, wanted: Option<f64>) -> bool {
    let Some(wanted) = wanted else { return false };
    match operator {
        Operator::LessThan => value < wanted,
        Operator::LessThanOrEqual => value <= wanted,
        Operator::MoreThan => value > wanted,
        Operator::MoreThanOrEqual => value >= wanted,
        _ => false,
    }
}

fn text_or_number(assertion: &Assertion, value: &str) -> bool {
    let target = assertion.target.as_str();
    let matches = || regex::Regex::new(target).is_ok_and(|pattern| pattern.is_match(value));
    match assertion.operator {
        Operator::Is => value == target,
        Operator::IsNot => value != target,
        Operator::Contains => value.contains(target),
        Operator::DoesNotContain => !value.contains(target),
        Operator::Matches => matches(),
        Operator::DoesNotMatch => !matches(),
        operator => value.trim().parse().is_ok_and(|value| compares(operator, value, assertion.number)),
    }
}
