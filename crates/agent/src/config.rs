//! `conf.d/` and `checks.d/` as the Datadog agent reads them, as plain data.
//!
//! A scan never fails as a whole: a file that can't be read or parsed becomes a [`BadFile`] on its own check. What runs
//! is decided by comparing scans: every instance bears a version, the hash of everything it depends on.

mod parse;

pub(crate) use parse::{BadFile, InstanceConfig, truthy};

use crate::Error;
use crate::tail::{self, LogSource};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Longest configuration or check file that is read; the longest of the published integrations has 60 KB.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Files looked at in one folder.
const FILES_MAX: usize = 2_000;

/// Everything the configuration folder asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scan {
    pub(crate) instances: Vec<InstanceConfig>,
    pub(crate) bad: Vec<BadFile>,
    /// Names of the checks that have a file in `checks.d`.
    pub(crate) custom: BTreeSet<String>,
    /// Instances per check configured, whether or not one is in order: such a check is not run by default.
    pub(crate) configured: BTreeSet<String>,
}

/// Makes the folder with a README on the first start.
pub(crate) fn prepare(dir: &Path) -> Result<(), Error> {
    for sub in ["conf.d", "checks.d"] {
        let path = dir.join(sub);
        std::fs::create_dir_all(&path).map_err(|e| Error::io(path, e))?;
    }
    let readme = dir.join("README.md");
    if readme.exists() {
        return Ok(());
    }
    std::fs::write(&readme, README).map_err(|e| Error::io(readme, e))
}

const README: &str = "\
# The agent's configuration

Files here are read again within two seconds of a change. `oriel agent status` and the host's page show every check.

* `conf.d/NAME.d/conf.yaml` or `conf.d/NAME.yaml`: configuration of the check NAME, in the Datadog agent's form:

      init_config:
      instances:
        - min_collection_interval: 15
          tags: [\"env:dev\"]

* `checks.d/NAME.py`: a custom check, run on `datadog-checks-base` in a Python process of its own.
* Logs, `conf.d/NAME.d/conf.yaml`:

      logs:
        - type: file
          path: /var/log/app/*.log
          service: app
          source: python
        - type: journald
        - type: docker

* System checks (cpu, load, memory, disk, io, network, uptime, file_handle, processes) run without any file.
* PostgreSQL, `conf.d/postgres.d/conf.yaml`:

      init_config:
      instances:
        - host: localhost
          port: 5432
          username: oriel
          password: SECRET
          relations: [{relation_regex: .*}]
";

/// Reads the folders.
pub(crate) fn scan(dir: &Path) -> Scan {
    let mut scan = Scan::default();
    let checks_d = dir.join("checks.d");
    let sources = check_sources(&checks_d);
    scan.custom = sources.keys().cloned().collect();
    for (name, files) in config_files(&dir.join("conf.d")) {
        scan.configured.insert(name.clone());
        for file in files {
            read_config(&mut scan, &name, &file);
        }
    }
    // A file in checks.d without a configuration may be imported by the others: all depend on it.
    let shared: Vec<u8> = sources
        .iter()
        .filter(|(name, _)| !scan.configured.contains(*name))
        .flat_map(|(_, hash)| hash.to_le_bytes())
        .collect();
    for instance in &mut scan.instances {
        if let Some(source) = sources.get(&instance.check) {
            let parts = [&instance.version.to_le_bytes()[..], &source.to_le_bytes()[..], &shared[..]];
            instance.version = xxh3_64(&parts.concat());
        }
    }
    scan
}

fn read_config(scan: &mut Scan, name: &str, file: &Path) {
    let text = match read_bounded(file) {
        Ok(text) => text,
        Err(message) => {
            let file = file.display().to_string();
            scan.bad.push(BadFile { check: name.to_owned(), file, line: None, message, hint: None });
            return;
        }
    };
    match parse::instances(name, file, &text) {
        Ok(mut instances) => scan.instances.append(&mut instances),
        Err(bad) => scan.bad.push(*bad),
    }
    // What is to be tailed is read where it is tailed; here only what is wrong with it is told.
    if let Err(bad) = tail::sources(name, file, &text) {
        scan.bad.push(*bad);
    }
}

/// What `logs:` lists ask for; a list with a mistake is left out, which [`scan`] tells.
pub(crate) fn log_sources(dir: &Path) -> Vec<LogSource> {
    let files = config_files(&dir.join("conf.d")).into_iter();
    let files = files.flat_map(|(name, files)| files.into_iter().map(move |file| (name.clone(), file)));
    let read = |(name, file): (String, PathBuf)| tail::sources(&name, &file, &read_bounded(&file).ok()?).ok();
    files.filter_map(read).flatten().collect()
}

fn read_bounded(file: &Path) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(|e| e.to_string())?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("has {size} bytes; at most {FILE_BYTES_MAX} are read"));
    }
    std::fs::read_to_string(file).map_err(|e| e.to_string())
}

/// Check files by name, with the hash of their text.
fn check_sources(dir: &Path) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for path in entries(dir) {
        let is_python = path.extension().is_some_and(|e| e == "py");
        let (true, Some(stem)) = (is_python, path.file_stem().and_then(|s| s.to_str())) else { continue };
        let hash = read_bounded(&path).map_or(0, |text| xxh3_64(text.as_bytes()));
        out.insert(stem.to_owned(), hash);
    }
    out
}

/// Configuration files by check, in the order of their names.
fn config_files(conf_d: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut out: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut defaults: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in entries(conf_d) {
        let Some(file_name) = path.file_name().and_then(|n| n.to_str()) else { continue };
        match (path.is_dir(), file_name.strip_suffix(".d"), yaml_stem(file_name)) {
            (true, Some(name), _) => {
                for inner in entries(&path) {
                    let inner_name = inner.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                    // Both belong to integrations' own machinery and hold no instances.
                    if matches!(inner_name, "metrics.yaml" | "auto_conf.yaml") {
                        continue;
                    }
                    match yaml_stem(inner_name) {
                        Some((_, true)) => defaults.entry(name.to_owned()).or_default().push(inner),
                        Some((_, false)) => out.entry(name.to_owned()).or_default().push(inner),
                        None => {}
                    }
                }
            }
            (false, _, Some((name, true))) => defaults.entry(name.to_owned()).or_default().push(path.clone()),
            (false, _, Some((name, false))) => out.entry(name.to_owned()).or_default().push(path.clone()),
            _ => {}
        }
    }
    for (name, files) in defaults {
        out.entry(name).or_insert(files);
    }
    out
}

/// `NAME.yaml`, `NAME.yml` and, with `true`, `NAME.yaml.default`.
fn yaml_stem(file_name: &str) -> Option<(&str, bool)> {
    if file_name.starts_with('.') {
        return None;
    }
    let (name, default) = match file_name.strip_suffix(".default") {
        Some(name) => (name, true),
        None => (file_name, false),
    };
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    (!stem.is_empty()).then_some((stem, default))
}

/// A folder's entries in the order of their names; none when it can't be read.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<PathBuf> = read.flatten().map(|e| e.path()).take(FILES_MAX).collect();
    out.sort();
    out
}

#[cfg(test)]
mod tests;
