//! The system checks, under the Datadog agent's names and units. Each parses text from `/proc` in pure functions; the
//! folder is a parameter, so that recorded files are tests.

mod cpu;
mod disk;
mod file_handle;
mod io;
mod load;
mod memory;
mod network;
mod processes;
mod uptime;

use crate::check::{Check, Failure, Run, RunFuture};
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The checks that run on every host without configuration.
pub(crate) const SYSTEM: [&str; 9] =
    ["cpu", "load", "memory", "disk", "io", "network", "uptime", "file_handle", "processes"];

/// Longest file read from `/proc`; the largest, `net/tcp`, has 150 bytes a connection: 50,000 of them.
const PROC_BYTES_MAX: u64 = 8 << 20;

/// A check that reads a few small files and never waits.
trait Collect: Send {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure>;
}

/// The `/proc` folder.
struct Proc(PathBuf);

impl Proc {
    fn read(&self, name: &str) -> Result<String, Failure> {
        let path = self.0.join(name);
        let fail = |e: std::io::Error| Failure::new(format!("can't read {}: {e}", path.display()));
        let file = std::fs::File::open(&path).map_err(fail)?;
        let mut bytes = Vec::new();
        file.take(PROC_BYTES_MAX).read_to_end(&mut bytes).map_err(fail)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

struct SystemCheck<C> {
    proc: Proc,
    tags: Vec<String>,
    collect: C,
}

impl<C: Collect> Check for SystemCheck<C> {
    fn run(&mut self) -> RunFuture<'_> {
        let mut run = Run::default();
        run.failure = self.collect.collect(&self.proc, &mut run).err();
        add_tags(&mut run, &self.tags);
        Box::pin(std::future::ready(run))
    }
}

fn add_tags(run: &mut Run, tags: &[String]) {
    for sample in &mut run.samples {
        sample.tags.extend(tags.iter().cloned());
    }
}

/// The system check of that name; `settings` is its instance in the configuration.
pub(crate) fn system_check(name: &str, settings: &Value) -> Option<Box<dyn Check>> {
    let proc = Path::new("/proc");
    let tags = strings(settings.get("tags"));
    Some(match name {
        "cpu" => boxed(proc, tags, cpu::Cpu::primed(&Proc(proc.to_owned()))),
        "load" => boxed(proc, tags, load::Load),
        "memory" => boxed(proc, tags, memory::Memory),
        "disk" => Box::new(disk::Disk::new(proc, tags, settings)),
        "io" => boxed(proc, tags, io::Io::primed(&Proc(proc.to_owned()))),
        "network" => boxed(proc, tags, network::Network::new(settings)),
        "uptime" => boxed(proc, tags, uptime::Uptime),
        "file_handle" => boxed(proc, tags, file_handle::FileHandle),
        "processes" => boxed(proc, tags, processes::Processes::default()),
        _ => return None,
    })
}

fn boxed<C: Collect + 'static>(proc: &Path, tags: Vec<String>, collect: C) -> Box<dyn Check> {
    Box::new(SystemCheck { proc: Proc(proc.to_owned()), tags, collect })
}

/// A setting that is a list of texts, or one text.
pub(crate) fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(s)) => vec![s.clone()],
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|v| match v {
                Value::String(s) => Some(s.clone()),
                Value::Number(n) => Some(n.to_string()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The numbers of a line, left to right; words are left out.
fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|w| w.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
