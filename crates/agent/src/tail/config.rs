//! The `logs:` lists of `conf.d`, as the Datadog agent reads them.

use super::rules::Rules;
use crate::config::BadFile;
use serde_json::Value;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// Entries of one file.
const SOURCES_MAX: usize = 500;

/// One entry of a `logs:` list.
#[derive(Clone, Debug)]
pub(crate) struct LogSource {
    /// What tells it from the others, and names its positions: `nginx/conf.yaml:1`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) service: String,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
    pub(crate) rules: Rules,
    pub(crate) auto_multi_line: bool,
    /// Changes with anything that was written.
    pub(crate) version: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    File {
        path: String,
        exclude: Vec<String>,
        encoding: Encoding,
        start: Start,
    },
    Journald {
        path: Option<String>,
        include: Vec<String>,
        exclude: Vec<String>,
        start: Start,
    },
    /// Containers' logs on this machine; with a path, those below it only.
    Containers {
        path: Option<String>,
        image: Option<String>,
        name: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// Where reading begins in a file that was there before its configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Start {
    #[default]
    End,
    Beginning,
    /// Also when a position is known.
    ForceBeginning,
    ForceEnd,
}

/// The entries of one file; none when it has no `logs:`.
pub(crate) fn sources(check: &str, file: &Path, text: &str) -> Result<Vec<LogSource>, Box<BadFile>> {
    let Ok(Value::Object(document)) = serde_norway::from_str::<Value>(text) else {
        // Told already where instances are read.
        return Ok(Vec::new());
    };
    let list = match document.get("logs") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(bad(check, file, "`logs:` is not a list".to_owned())),
    };
    let file_name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let mut out = Vec::new();
    for (i, entry) in list.iter().take(SOURCES_MAX).enumerate() {
        let name = format!("{check}/{file_name}:{}", i + 1);
        let source =
            source(name, entry).map_err(|why| bad(check, file, format!("logs entry {}: {why}", i + 1)))?;
        out.push(source);
    }
    Ok(out)
}

fn bad(check: &str, file: &Path, message: String) -> Box<BadFile> {
    let hint = Some(
        "logs:\n  - type: file\n    path: /var/log/app.log\n    service: app\n    source: python".to_owned(),
    );
    Box::new(BadFile { check: check.to_owned(), file: file.display().to_string(), line: None, message, hint })
}

fn source(name: String, entry: &Value) -> Result<LogSource, String> {
    let text =
        |key: &str| entry.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let Some(kind) = text("type") else {
        return Err("has no `type:`; write file, journald or docker".to_owned());
    };
    let start = start(text("start_position").as_deref())?;
    let kind = match kind.as_str() {
        "file" => Kind::File {
            path: text("path").ok_or("has no `path:`")?,
            exclude: texts(entry, "exclude_paths"),
            encoding: encoding(text("encoding").as_deref())?,
            start,
        },
        "journald" => Kind::Journald {
            path: text("path"),
            include: [texts(entry, "include_units"), texts(entry, "include_system_units")].concat(),
            exclude: [texts(entry, "exclude_units"), texts(entry, "exclude_system_units")].concat(),
            start,
        },
        "docker" | "containerd" => {
            Kind::Containers { path: text("path"), image: text("image"), name: text("name") }
        }
        other => {
            return Err(format!(
                "`type: {other}` is not supported; write file, journald or docker (syslog over TCP and UDP is a listener of the server)"
            ));
        }
    };
    let tags = match entry.get("tags") {
        Some(Value::String(list)) => {
            list.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
        }
        _ => texts(entry, "tags"),
    };
    Ok(LogSource {
        name,
        kind,
        service: text("service").unwrap_or_default(),
        source: text("source").or_else(|| text("sourcecategory")).unwrap_or_default(),
        tags,
        rules: Rules::compile(entry.get("log_processing_rules").unwrap_or(&Value::Null))?,
        auto_multi_line: entry.get("auto_multi_line_detection").is_some_and(crate::config::truthy),
        version: xxh3_64(entry.to_string().as_bytes()),
    })
}

/// A list of texts, or one.
fn texts(entry: &Value, key: &str) -> Vec<String> {
    match entry.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn start(text: Option<&str>) -> Result<Start, String> {
    Ok(match text {
        None | Some("end") => Start::End,
        Some("beginning") => Start::Beginning,
        Some("forceBeginning") => Start::ForceBeginning,
        Some("forceEnd") => Start::ForceEnd,
        Some(other) => return Err(format!("`start_position: {other}` is unknown; write beginning or end")),
    })
}

fn encoding(text: Option<&str>) -> Result<Encoding, String> {
    Ok(match text {
        None | Some("utf-8" | "utf8" | "ascii") => Encoding::Utf8,
        Some("utf-16-le" | "utf-16") => Encoding::Utf16Le,
        Some("utf-16-be") => Encoding::Utf16Be,
        Some(other) => {
            return Err(format!("`encoding: {other}` is unknown; write utf-8, utf-16-le or utf-16-be"));
        }
    })
}
