//! What `oriel agent status` shows: every check instance with its last run, the Python host, the buffer and the forwarder.
//!
//! The same rows travel as `agent_checks` with the host's metadata, so the host's page and the command can't disagree.

use crate::TailRow;
use oriel_model::TimeMs;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a check instance is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckRunStatus {
    /// Has not run yet.
    #[default]
    Pending,
    Ok,
    Warning,
    Error,
}

impl CheckRunStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One check instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    pub name: String,
    /// Tells instances of one check apart: a name from the configuration, or the place in its file.
    pub instance: String,
    pub status: CheckRunStatus,
    /// The error or the warnings; empty when all is well.
    pub message: String,
    /// Where the error is, when it is in a file: a path and a line from 1.
    pub file: Option<String>,
    pub line: Option<u32>,
    /// What to write instead, when that is known.
    pub hint: Option<String>,
    pub last_run_ms: Option<TimeMs>,
    pub next_run_ms: Option<TimeMs>,
    pub interval_s: f64,
    pub runs: u64,
    /// Samples of the last run.
    pub metrics: u64,
}

/// Whether Python checks can run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PythonState {
    /// No Python check is configured.
    #[default]
    Unused,
    Installing,
    Ready,
    Failed,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PythonStatus {
    pub state: PythonState,
    /// What pip or the interpreter said when it failed.
    pub message: String,
    /// The interpreter in use.
    pub interpreter: Option<String>,
    /// Processes that run checks now.
    pub processes: usize,
}

/// The way to the server of an agent that runs alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForwarderStatus {
    pub server: String,
    /// `ok`, or what stands in the way: the server's answer or the network's error, in one line.
    pub state: String,
    pub buffered_bytes: u64,
    pub buffered_payloads: u64,
    pub buffer_bytes_max: u64,
    pub sent_payloads: u64,
    pub last_sent_ms: Option<TimeMs>,
    /// Payloads given up, by reason: `buffer_full`, `status_400`, `status_413`, `damaged`.
    pub dropped: Vec<(String, u64)>,
}

/// Everything the agent knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentStatus {
    pub hostname: String,
    pub version: String,
    pub started_ms: TimeMs,
    pub now_ms: TimeMs,
    pub config_dir: String,
    pub checks: Vec<CheckRow>,
    pub python: PythonStatus,
    pub forwarder: Option<ForwarderStatus>,
    #[serde(default)]
    pub tails: Vec<TailRow>,
    /// Submissions that the sink did not take in time and that were given up.
    pub dropped_submissions: u64,
}

impl fmt::Display for AgentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up = span((self.now_ms - self.started_ms) as f64 / 1000.0);
        writeln!(f, "oriel agent {} on {}, up {up}", self.version, self.hostname)?;
        writeln!(f, "configuration: {}", self.config_dir)?;
        self.python.write(f)?;
        writeln!(f)?;
        self.write_checks(f)?;
        if !self.tails.is_empty() {
            writeln!(f, "\nlogs:")?;
        }
        for tail in &self.tails {
            writeln!(f, "    {tail}")?;
        }
        if let Some(forwarder) = &self.forwarder {
            writeln!(f)?;
            forwarder.write(f, self.now_ms)?;
        }
        if self.dropped_submissions > 0 {
            writeln!(f, "{} submissions were given up because nobody took them", self.dropped_submissions)?;
        }
        Ok(())
    }
}

/// Heads of the table's columns; the first two are text, the others figures.
const COLUMNS: [&str; 8] =
    ["CHECK", "INSTANCE", "STATUS", "LAST RUN", "NEXT RUN", "EVERY", "RUNS", "METRICS"];

impl AgentStatus {
    fn write_checks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 8]> = self.checks.iter().map(|r| r.cells(self.now_ms)).collect();
        let width =
            |i: usize| rows.iter().map(|r| r[i].chars().count()).chain([COLUMNS[i].len()]).max().unwrap_or(0);
        let widths: [usize; 8] = std::array::from_fn(width);
        write_line(f, &COLUMNS.map(str::to_owned), &widths)?;
        for (row, cells) in self.checks.iter().zip(&rows) {
            write_line(f, cells, &widths)?;
            row.write_details(f)?;
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, cells: &[String; 8], widths: &[usize; 8]) -> fmt::Result {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(c, w)| format!("{c:<w$}")).collect();
    writeln!(f, "{}", padded.join("  ").trim_end())
}

impl CheckRow {
    fn cells(&self, now_ms: TimeMs) -> [String; 8] {
        let since = |ms: Option<TimeMs>| ms.map_or("-".to_owned(), |ms| ago(now_ms - ms));
        let until = |ms: TimeMs| format!("in {}", span((ms - now_ms).max(0) as f64 / 1000.0));
        [
            self.name.clone(),
            self.instance.clone(),
            self.status.as_str().to_owned(),
            since(self.last_run_ms),
            self.next_run_ms.map_or("-".to_owned(), until),
            span(self.interval_s),
            self.runs.to_string(),
            self.metrics.to_string(),
        ]
    }

    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.message.lines() {
            writeln!(f, "    {line}")?;
        }
        match (&self.file, self.line) {
            (Some(file), Some(line)) => writeln!(f, "    in {file}, line {line}")?,
            (Some(file), None) => writeln!(f, "    in {file}")?,
            _ => {}
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "    try: {}", hint.replace('\n', "\n         "))?;
        }
        Ok(())
    }
}

impl PythonStatus {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            PythonState::Unused => writeln!(f, "python: not needed"),
            PythonState::Installing => writeln!(f, "python: {}", self.message),
            PythonState::Failed => writeln!(f, "python: failed: {}", self.message),
            PythonState::Ready => {
                let interpreter = self.interpreter.as_deref().unwrap_or("?");
                writeln!(f, "python: {interpreter}, {} processes", self.processes)
            }
        }
    }
}

impl ForwarderStatus {
    fn write(&self, f: &mut fmt::Formatter<'_>, now_ms: TimeMs) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let last = self.last_sent_ms.map_or("never".to_owned(), |ms| ago(now_ms - ms));
        writeln!(f, "forwarder to {}: {}", self.server, self.state)?;
        writeln!(f, "    sent {} payloads, the last {last}", self.sent_payloads)?;
        let (have, max) = (mib(self.buffered_bytes), mib(self.buffer_bytes_max));
        writeln!(f, "    buffered {} payloads, {have:.1} of {max:.0} MiB", self.buffered_payloads)?;
        for (reason, n) in &self.dropped {
            writeln!(f, "    dropped {n} payloads: {reason}")?;
        }
        Ok(())
    }
}

fn ago(ms: i64) -> String {
    format!("{} ago", span(ms.max(0) as f64 / 1000.0))
}

/// A span in its largest whole unit, two below a minute's worth of them.
fn span(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 && s.fract() != 0.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} d", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests;
