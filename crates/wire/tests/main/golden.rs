//! Every captured request, decoded, beside the file that says how it must come out.
//!
//! `ORIEL_BLESS=1 cargo test -p oriel-wire golden` writes the files anew, for a person to read the difference.

use crate::support::*;
use oriel_wire::{body, datadog, statsd::Frames};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/datadog")
}

/// The bodies of a folder with their sidecars, by name.
pub(crate) fn captured(folder: &str) -> Vec<(String, Vec<u8>, Value)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(fixtures().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(stem) = name.strip_suffix(".meta.json") else { continue };
        let meta: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let Some(body) = meta["body_file"].as_str() else { continue };
        out.push((stem.to_owned(), std::fs::read(fixtures().join(body)).unwrap(), meta));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

pub(crate) fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("ORIEL_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (got, expected)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(got, expected, "{}:{}", path.display(), n + 1);
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "{}", path.display());
}

fn statsd_golden(folder: &str) -> String {
    let mut out = String::new();
    for (name, body, _) in captured(folder) {
        if !(name.contains("statsd")
            || name.contains("runtime-metrics")
            || folder.contains("statsd")
            || folder.contains("hot-shots"))
        {
            continue;
        }
        let mut packets = Vec::new();
        if name.starts_with("uds-stream") {
            let mut frames = Frames::default();
            frames.feed(&body, |p| packets.push(p.to_vec())).unwrap();
            assert!(!frames.is_torn());
        } else {
            packets.push(body);
        }
        writeln!(out, "== {name}").unwrap();
        for line in packets.iter().flat_map(|p| p.split(|&b| b == b'\n')).filter(|l| !l.is_empty()) {
            writeln!(out, "> {}", String::from_utf8_lossy(line)).unwrap();
        }
        let packets: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
        for line in statsd_lines(&packets) {
            writeln!(out, "{line}").unwrap();
        }
    }
    out
}

#[test]
fn golden_statsd() {
    compare("statsd-datadogpy.txt", &statsd_golden("datadogpy-0.56.0-dogstatsd"));
    compare("statsd-hot-shots.txt", &statsd_golden("hot-shots-17.1.1"));
    compare("statsd-ddtrace-py.txt", &statsd_golden("ddtrace-py-4.16.0"));
    compare("statsd-dd-trace-js.txt", &statsd_golden("dd-trace-js-6.21.0"));
}

fn header<'a>(meta: &'a Value, name: &str) -> Option<&'a str> {
    let headers = meta["headers"].as_array()?;
    let found = headers.iter().find(|h| h[0].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    found[1].as_str()
}

/// The lines of an API request; `None` for a path that is not of this room.
fn api_lines(body: &[u8], meta: &Value) -> Option<Vec<String>> {
    let path = meta["path"].as_str()?.split('?').next()?;
    let body = body::decode(header(meta, "content-encoding"), body, 64 << 20).unwrap();
    let protobuf = header(meta, "content-type").is_some_and(|t| t.contains("protobuf"));
    Some(match path {
        "/api/v1/series" => lines(|b| datadog::series_v1(&body, NOW, b)),
        "/api/v2/series" if protobuf => lines(|b| datadog::series_v2_protobuf(&body, b)),
        "/api/v2/series" => lines(|b| datadog::series_v2_json(&body, NOW, b)),
        "/api/v1/distribution_points" => lines(|b| datadog::distribution_points(&body, NOW, b)),
        "/api/beta/sketches" => lines(|b| datadog::sketches(&body, b)),
        "/api/v1/check_run" => {
            let (checks, refused) = datadog::check_run(&body, NOW).unwrap();
            checks.iter().map(check_line).chain(refused_lines(&refused)).collect()
        }
        "/api/v1/events" => vec![event_line(&datadog::event_v1(&body, NOW).unwrap())],
        "/intake/" => {
            let (submission, refused) = datadog::intake(&body, NOW).unwrap();
            submission_lines(&submission).into_iter().chain(refused_lines(&refused)).collect()
        }
        _ => return None,
    })
}

#[test]
fn golden_api() {
    for (folder, file) in [
        ("datadogpy-0.56.0-api", "api-datadogpy.txt"),
        ("datadog-api-client-python-2.62.0", "api-client.txt"),
        ("agent-synthetic", "agent.txt"),
    ] {
        let mut out = String::new();
        for (name, body, meta) in captured(folder) {
            if let Some(lines) = api_lines(&body, &meta) {
                let path = meta["path"].as_str().unwrap();
                writeln!(out, "== {name}: {path}").unwrap();
                lines.iter().for_each(|l| writeln!(out, "{l}").unwrap());
            }
        }
        compare(file, &out);
    }
}
