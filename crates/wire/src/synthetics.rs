//! Synthetic tests as Datadog's API has them (`/api/v1/synthetics/tests/api`): what an agent is to try, and what it must find.
//! Subtypes `http`, `tcp` and `ssl`; others, and assertions that nobody here can check, are refused by name.

mod assertion;
mod http;
mod json_path;
mod timeframes;

pub use assertion::{Assertion, Operator, Subject, compares};
pub use http::{HttpProbe, Proxy};
pub use json_path::{Elements, JsonQuery, Wanted};
pub use timeframes::Timeframes;

use serde_json::Value;

/// A parsed test.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticTest {
    pub name: String,
    pub tags: Vec<String>,
    /// Names of hosts; empty: wherever.
    pub locations: Vec<String>,
    pub is_paused: bool,
    pub probe: Probe,
    pub assertions: Vec<Assertion>,
    /// Between two runs.
    pub every_ms: i64,
    pub timeout_ms: i64,
    /// Further tries of a run that failed, and the pause before each.
    pub retries: u32,
    pub retry_pause_ms: i64,
    /// None: always.
    pub timeframes: Option<Timeframes>,
    /// What a page says may not be shown.
    pub hides_body: bool,
}

/// What is wanted of a certificate apart from assertions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A chain to an authority that the machine trusts, the right name, not expired.
    Full,
    /// Anybody may have issued it; it may not have expired.
    SelfSigned,
    /// Anything.
    Any,
}

/// What is tried.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    Http(HttpProbe),
    Tcp { host: String, port: u16 },
    Tls { host: String, port: u16, server_name: String, trust: Trust },
}

impl Probe {
    pub fn subtype(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp { .. } => "tcp",
            Self::Tls { .. } => "ssl",
        }
    }

    /// What is tried, in a few words.
    pub fn target(&self) -> String {
        match self {
            Self::Http(http) => format!("{} {}", http.method, http.url),
            Self::Tcp { host, port } | Self::Tls { host, port, .. } => format!("{host}:{port}"),
        }
    }
}

/// Datadog's own bounds of `tick_every` are 30 s to a week; a test of one's own host may run more often.
const EVERY_S: std::ops::RangeInclusive<f64> = 5.0..=604_800.0;
/// The longest a run may take.
const TIMEOUT_S_MAX: f64 = 60.0;
const TIMEOUT_S: f64 = 10.0;
const ASSERTIONS_MAX: usize = 50;
const RETRIES_MAX: i64 = 5;
/// The longest pause before another try.
const RETRY_PAUSE_MS_MAX: f64 = 60_000.0;
/// Headers and bodies that are sent.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Collects what is wrong with a document.
struct Reader {
    wrong: Vec<String>,
}

/// Reads a test's document. Every reason against it names its field.
pub fn test(document: &Value) -> Result<SyntheticTest, Vec<String>> {
    let mut reader = Reader { wrong: Vec::new() };
    let read = reader.test(document);
    match read {
        Some(read) if reader.wrong.is_empty() => Ok(read),
        _ => Err(reader.wrong),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n| n.is_finite())
}

/// A flag of the request; older documents have it among the options.
fn flag(name: &str, request: &Value, options: &Value) -> Option<bool> {
    request[name].as_bool().or_else(|| options[name].as_bool())
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

impl Reader {
    fn error(&mut self, text: impl Into<String>) {
        self.wrong.push(text.into());
    }

    fn test(&mut self, document: &Value) -> Option<SyntheticTest> {
        let name = document["name"].as_str().unwrap_or_default().trim().to_owned();
        if name.is_empty() {
            self.error("name is missing");
        }
        match document["type"].as_str() {
            Some("api") | None => {}
            Some(other) => self.error(format!("type {other:?} is not supported; type api is")),
        }
        if document["config"].get("steps").and_then(Value::as_array).is_some_and(|s| !s.is_empty()) {
            self.error("config.steps: tests of several steps are not supported");
        }
        let variables = &document["config"]["configVariables"];
        if variables.as_array().is_some_and(|v| !v.is_empty()) {
            self.error("config.configVariables: variables are not supported; write their values");
        }
        let options = &document["options"];
        let request = &document["config"]["request"];
        let probe = self.probe(document["subtype"].as_str().unwrap_or("http"), request, options);
        let assertions = self.assertions(&document["config"]["assertions"], probe.as_ref());
        let every = self.within("options.tick_every", &options["tick_every"], EVERY_S, 60.0);
        let timeout =
            self.within("config.request.timeout", &request["timeout"], 0.001..=TIMEOUT_S_MAX, TIMEOUT_S);
        let pause = self.within(
            "options.retry.interval",
            &options["retry"]["interval"],
            0.0..=RETRY_PAUSE_MS_MAX,
            300.0,
        );
        let retries = options["retry"]["count"].as_i64().unwrap_or(0);
        if !(0..=RETRIES_MAX).contains(&retries) {
            self.error(format!("options.retry.count is 0 to {RETRIES_MAX}"));
        }
        let is_paused = match document["status"].as_str() {
            None | Some("live") => false,
            Some("paused") => true,
            Some(other) => {
                self.error(format!("status {other:?} is not live or paused"));
                false
            }
        };
        let timeframes = self.timeframes(&options["scheduling"]);
        let hides_body = request["noSavingResponseBody"].as_bool().unwrap_or(false);
        Some(SyntheticTest {
            name,
            tags: texts(&document["tags"]),
            locations: texts(&document["locations"]),
            is_paused,
            probe: probe?,
            assertions,
            every_ms: (every * 1e3) as i64,
            timeout_ms: (timeout * 1e3) as i64,
            retries: u32::try_from(retries).unwrap_or(0),
            retry_pause_ms: pause as i64,
            timeframes,
            hides_body,
        })
    }

    /// Flags that would ask for something that nobody here does.
    fn unsupported_flags(&mut self, request: &Value, options: &Value, names: &[&str]) {
        for name in names.iter().filter(|name| flag(name, request, options) == Some(true)) {
            self.error(format!("{name} is not supported; leave it out or false"));
        }
    }

    fn timeframes(&mut self, given: &Value) -> Option<Timeframes> {
        if given.is_null() {
            return None;
        }
        match Timeframes::read(given) {
            Ok(read) => read,
            Err(e) => {
                self.error(format!("options.scheduling.{e}"));
                None
            }
        }
    }

    fn within(
        &mut self,
        field: &str,
        value: &Value,
        range: std::ops::RangeInclusive<f64>,
        otherwise: f64,
    ) -> f64 {
        if value.is_null() {
            return otherwise;
        }
        match number(value).filter(|n| range.contains(n)) {
            Some(n) => n,
            None => {
                self.error(format!("{field} is a number from {} to {}", range.start(), range.end()));
                otherwise
            }
        }
    }

    fn probe(&mut self, subtype: &str, request: &Value, options: &Value) -> Option<Probe> {
        match subtype {
            "http" => self.http(request, options),
            "tcp" => {
                self.unsupported_flags(request, options, &["shouldTrackHops"]);
                let (host, port) = self.address(request, None)?;
                Some(Probe::Tcp { host, port })
            }
            "ssl" => {
                let (host, port) = self.address(request, Some(443))?;
                let server_name =
                    request["servername"].as_str().filter(|n| !n.is_empty()).unwrap_or(&host).to_owned();
                self.unsupported_flags(request, options, &["checkCertificateRevocation"]);
                let is = |name: &str| flag(name, request, options).unwrap_or(false);
                let trust = match (is("ignore_certificate_validation"), is("accept_self_signed")) {
                    (true, _) => Trust::Any,
                    (false, true) => Trust::SelfSigned,
                    (false, false) => Trust::Full,
                };
                Some(Probe::Tls { host, port, server_name, trust })
            }
            other => {
                self.error(format!("subtype {other:?} is not supported; http, tcp and ssl are"));
                None
            }
        }
    }

    fn address(&mut self, request: &Value, otherwise: Option<u16>) -> Option<(String, u16)> {
        let host = request["host"].as_str().unwrap_or_default().trim().to_owned();
        if host.is_empty() {
            self.error("config.request.host is missing");
        }
        let port = match &request["port"] {
            Value::Null => otherwise,
            value => number(value).filter(|n| (1.0..=65_535.0).contains(n)).map(|n| n as u16),
        };
        if port.is_none() {
            self.error("config.request.port is a number from 1 to 65535");
        }
        port.filter(|_| !host.is_empty()).map(|port| (host, port))
    }

    fn assertions(&mut self, given: &Value, probe: Option<&Probe>) -> Vec<Assertion> {
        let list = given.as_array().map_or(&[][..], Vec::as_slice);
        if list.len() > ASSERTIONS_MAX {
            self.error(format!("config.assertions: at most {ASSERTIONS_MAX}"));
        }
        let mut found = Vec::new();
        for (n, item) in list.iter().take(ASSERTIONS_MAX).enumerate() {
            match assertion::read(item, probe) {
                Ok(one) => found.push(one),
                Err(e) => self.error(format!("config.assertions[{n}]: {e}")),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
