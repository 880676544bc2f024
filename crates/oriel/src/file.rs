//! `oriel.toml`: the same names as the flags, as text. A key that nobody knows is an error, since it is mostly a slip.

use crate::Outcome;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every key that a command reads.
const KEYS: [&str; 31] = [
    "agent-config",
    "api-key",
    "apm",
    "apm-keep-unsampled",
    "apm-socket",
    "apm-target-tps",
    "app-key",
    "admin-password",
    "buffer",
    "data",
    "hostname",
    "http",
    "memory",
    "no-agent",
    "otlp-grpc",
    "otlp-http",
    "python",
    "retention",
    "server",
    "smtp-url",
    "statsd",
    "statsd-socket",
    "statsd-stream-socket",
    "syslog",
    "syslog-from",
    "syslog-tls",
    "tags",
    "tls-cert",
    "tls-key",
    "webhook-allow-private",
    "log",
];

/// What the file says; empty when there is none.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile(BTreeMap<String, String>);

impl SettingsFile {
    /// The named file, or the first that is there.
    pub(crate) fn open(named: Option<&Path>) -> Outcome<Self> {
        if let Some(path) = named {
            let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
            return Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()).into());
        }
        for path in places() {
            if let Ok(text) = std::fs::read_to_string(&path) {
                return Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()).into());
            }
        }
        Ok(Self::default())
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
        let mut found = BTreeMap::new();
        for (key, value) in table {
            let name = key.replace('_', "-");
            if !KEYS.contains(&name.as_str()) {
                return Err(format!("{key} is not a setting; `oriel server --help` lists them"));
            }
            found.insert(name, text_of(&key, value)?);
        }
        Ok(Self(found))
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }
}

fn text_of(key: &str, value: toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(n) => Ok(n.to_string()),
        toml::Value::Boolean(b) => Ok(b.to_string()),
        toml::Value::Array(items) => {
            let items: Result<Vec<String>, String> = items.into_iter().map(|v| text_of(key, v)).collect();
            Ok(items?.join(","))
        }
        _ => Err(format!("{key} is a table; expected text, a number, true or false")),
    }
}

fn places() -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from("oriel.toml")];
    if let Some(home) = std::env::var_os("HOME") {
        places.push(Path::new(&home).join(".config/oriel/oriel.toml"));
    }
    places.push(PathBuf::from("/etc/oriel/oriel.toml"));
    places
}

#[cfg(test)]
mod tests;
