//! What `oriel agent status` shows: every check instance with its last run, the Python host, the buffer and the forwarder.
//!
//! The same rows travel as `agent_checks` with the host's metadata, so the host's page and the command can't disagree.

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
    /// Submissions that the sink did not take in time and that were given up.
    pub dropped_submissions: u64,
}

impl fmt::Display for AgentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "oriel agent {} on {}", self.version, self.hostname)?;
        for row in &self.checks {
            writeln!(f, "{} {} {} {}", row.name, row.instance, row.status.as_str(), row.message)?;
        }
        Ok(())
    }
}
