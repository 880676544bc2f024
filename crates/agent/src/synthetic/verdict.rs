//! What a run saw, and whether that is what was wanted.

use super::certificate::Certificate;
use oriel_wire::synthetics::{Assertion, Operator, Subject, SyntheticTest, compares};
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};

/// What one try saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    pub(super) took_ms: f64,
    /// Of that: finding the address of the name.
    pub(super) dns_ms: f64,
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The body goes on behind what was read.
    pub(super) is_cut: bool,
    pub(super) certificate: Option<Certificate>,
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
    let asserted = test.assertions.iter().find_map(|a| broken(a, seen, test.hides_body));
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

/// What was looked at, in words, and whether it is as wanted; an error says why it can't be looked at.
type Found = Result<(String, bool), String>;

/// Why an assertion does not hold.
fn broken(assertion: &Assertion, seen: &Observed, hides_body: bool) -> Option<String> {
    let Assertion { subject, operator, target, number, .. } = assertion;
    let expected = format!("{} {target}", operator.as_str()).trim_end().to_owned();
    let compared = |ms: f64| Ok((format!("{ms:.0} ms"), compares(*operator, ms, *number)));
    let found = match subject {
        Subject::ResponseTime => compared(seen.took_ms),
        Subject::ResponseTimeWithoutDns => compared(seen.took_ms - seen.dns_ms),
        Subject::Certificate => return certificate_ends(assertion, seen),
        Subject::CertificateProperty(name) => property(assertion, seen, name),
        Subject::Header(name) => header(assertion, seen, name),
        Subject::StatusCode => Ok(text(assertion, seen.status.map(|s| s.to_string()))),
        Subject::Body => Ok(text(assertion, Some(String::from_utf8_lossy(&seen.body).into_owned()))),
        Subject::BodyHash => hash(assertion, seen),
        Subject::Json(query) => query.judge(&String::from_utf8_lossy(&seen.body), &assertion.wanted()),
        Subject::TlsVersion => Ok(text(assertion, seen.tls_version.map(str::to_owned))),
        Subject::Connection => Ok(text(assertion, Some(seen.connection.to_owned()))),
    };
    let (value, holds) = match found {
        Ok(found) => found,
        Err(why) => return Some(format!("{why}; expected {expected}")),
    };
    if holds {
        return None;
    }
    let is_of_body = matches!(subject, Subject::Body | Subject::Json(_));
    let shown: String = match hides_body && is_of_body {
        true => "something else (bodies are not shown)".to_owned(),
        false => value.chars().take(SHOWN_CHARS_MAX).collect(),
    };
    Some(format!("{} is {shown}; expected {expected}", subject.as_str()))
}

/// What is shown of a value.
const SHOWN_CHARS_MAX: usize = 100;

fn certificate_ends(assertion: &Assertion, seen: &Observed) -> Option<String> {
    let Some(certificate) = &seen.certificate else { return Some("there is no certificate".to_owned()) };
    let (days, wanted) = (certificate.days_left, assertion.number.unwrap_or(0.0));
    let holds = if assertion.operator == Operator::IsInMoreThan { days > wanted } else { days < wanted };
    let ends = if days < 0.0 { "expired".to_owned() } else { format!("ends in {days:.1} days") };
    let expected = format!("{} {}", assertion.operator.as_str(), assertion.target);
    (!holds).then(|| format!("the certificate {ends}; expected {expected} days"))
}

fn property(assertion: &Assertion, seen: &Observed, name: &str) -> Found {
    let certificate = seen.certificate.as_ref().ok_or("there is no certificate")?;
    if name == "protocol" {
        return Ok(text(assertion, seen.tls_version.map(|v| format!("TLSv{v}"))));
    }
    match certificate.property(name) {
        Some(value) => Ok(text(assertion, Some(value))),
        None if assertion.operator.denies() => Ok((String::new(), true)),
        None => Err(format!("the certificate has no {name}")),
    }
}

fn header(assertion: &Assertion, seen: &Observed, name: &str) -> Found {
    let found = seen.headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let is_absence = matches!(assertion.operator, Operator::DoesNotExist | Operator::IsUndefined);
    match found {
        None if is_absence || assertion.operator.denies() => Ok((String::new(), true)),
        None => Err(format!("there is no header {name}")),
        Some(value) if is_absence => Ok((value, false)),
        Some(value) => Ok(text(assertion, Some(value))),
    }
}

fn hash(assertion: &Assertion, seen: &Observed) -> Found {
    if seen.is_cut {
        return Err("the body is longer than what is read of it".to_owned());
    }
    let digest = Sha256::digest(&seen.body).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let holds = digest.eq_ignore_ascii_case(assertion.target.trim());
    Ok((digest, holds))
}

fn text(assertion: &Assertion, value: Option<String>) -> (String, bool) {
    let value = value.unwrap_or_else(|| "unknown".to_owned());
    let holds = assertion.wanted().holds(&value);
    (value, holds)
}
