//! The arrows between rooms: the table in ARCHITECTURE.md against `cargo metadata`, and who may know which library.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Libraries that only some rooms may know (DESIGN: rooms and arrows).
const LIBRARY_ROOMS: [(&str, &[&str]); 7] = [
    ("datafusion", &["query"]),
    ("parquet", &["store", "query"]),
    ("object_store", &["store", "query"]),
    ("axum", &["server", "intake", "agent"]),
    ("tonic", &["server", "intake", "agent"]),
    ("rusqlite", &[]),
    ("sqlx", &["store", "state", "agent"]),
];
/// Rooms without I/O and async.
const PURE_ROOMS: [&str; 2] = ["model", "wire"];

pub(crate) fn check(root: &Path) -> Vec<String> {
    let Some(metadata) = metadata(root) else {
        return vec!["cargo metadata does not answer".into()];
    };
    let Ok(page) = std::fs::read_to_string(root.join("ARCHITECTURE.md")) else {
        return vec!["ARCHITECTURE.md: is missing".into()];
    };
    let told = arrows_told(&page);
    let mut findings = Vec::new();
    for (room, deps) in dependencies(&metadata) {
        findings.extend(arrows(&room, &deps, &told));
        findings.extend(libraries(&room, &deps));
    }
    findings
}

fn metadata(root: &Path) -> Option<Value> {
    let out = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .ok()?;
    serde_json::from_slice(&out.stdout).ok()
}

/// Normal dependencies of each room, by the room's short name.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut rooms = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if name == "xtask" {
            continue;
        }
        let deps = package["dependencies"].as_array().into_iter().flatten();
        let normal = deps.filter(|d| d["kind"].is_null()).filter_map(|d| d["name"].as_str());
        rooms.insert(short(name), normal.map(short).collect());
    }
    rooms
}

fn short(name: &str) -> String {
    name.strip_prefix("oriel-").unwrap_or(name).to_owned()
}

/// Rows of the table `| crates/NAME | what | may use |`.
fn arrows_told(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut told = BTreeMap::new();
    for line in page.lines().filter(|l| l.starts_with("| `crates/")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [room, .., uses] = cells.as_slice() else { continue };
        let room = room.trim_matches('`').trim_start_matches("crates/").to_owned();
        told.insert(room, uses.split(',').map(|u| u.trim().to_owned()).collect());
    }
    told
}

fn arrows(room: &str, deps: &BTreeSet<String>, told: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let Some(may) = told.get(room) else {
        return vec![format!("crates/{room}: is not in the table of ARCHITECTURE.md")];
    };
    let rooms = deps.iter().filter(|d| told.contains_key(*d) && !may.contains(*d));
    rooms
        .map(|d| format!("crates/{room}: uses {d}, which its row in ARCHITECTURE.md does not allow"))
        .collect()
}

fn libraries(room: &str, deps: &BTreeSet<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for (library, allowed) in LIBRARY_ROOMS {
        if deps.contains(library) && !allowed.contains(&room) {
            findings.push(format!("crates/{room}: may not know {library}; only {allowed:?} may"));
        }
    }
    if PURE_ROOMS.contains(&room) && deps.contains("tokio") {
        findings.push(format!("crates/{room}: is pure and may not know tokio"));
    }
    findings
}
