//! Starts and stops everything that collects.

use crate::board::Board;
use crate::outbox::Outbox;
use crate::python::{PythonOptions, PythonRoom};
use crate::schedule::Room;
use crate::supervise::Supervisor;
use crate::synthetic::{self, TestSource};
use crate::tail::{TailBoard, Tails};
use crate::{AgentStatus, Error, Forwarder, config, metadata, status_socket};
use oriel_intake::{RequestSink, Sink};
use oriel_model::{Clock, TimeMs};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

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
    view: Arc<StatusView>,
    stop: watch::Sender<bool>,
    python: Arc<PythonRoom>,
    /// Until the agent stops: the pump ends when every outbox is dropped.
    room: Option<Room>,
    tasks: Vec<JoinHandle<()>>,
    pump: JoinHandle<()>,
}

/// What the status is made of; the status socket has it too.
pub(crate) struct StatusView {
    hostname: String,
    config_dir: PathBuf,
    started_ms: TimeMs,
    clock: Arc<dyn Clock>,
    board: Arc<Board>,
    forwarder: Mutex<Option<Arc<Forwarder>>>,
    tails: Arc<TailBoard>,
    data_dir: PathBuf,
}

/// The longest a shutdown waits for the sink.
const HAND_OVER_MAX: Duration = Duration::from_secs(5);

impl StatusView {
    pub(crate) fn status(&self) -> AgentStatus {
        AgentStatus {
            hostname: self.hostname.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_ms: self.started_ms,
            now_ms: self.clock.now_ms(),
            config_dir: self.config_dir.display().to_string(),
            checks: self.board.rows(),
            python: self.board.python(),
            forwarder: self.forwarder.lock().as_ref().map(|f| f.status()),
            tails: self.tails.rows(),
            dropped_submissions: self.board.dropped.load(Ordering::Relaxed),
        }
    }
}

impl AgentHandle {
    /// What each check did last.
    pub fn status(&self) -> AgentStatus {
        self.view.status()
    }

    /// Shows a forwarder's state among the status.
    pub fn show_forwarder(&self, forwarder: Arc<Forwarder>) {
        *self.view.forwarder.lock() = Some(forwarder);
    }

    /// Follows the logs that `conf.d` asks for; `sink` takes them as requests to `/api/v2/logs`. Once, inside a tokio runtime.
    pub fn follow_logs(&mut self, sink: Arc<dyn RequestSink>) {
        let view = &self.view;
        let folders = (view.config_dir.clone(), view.data_dir.as_path());
        let host: Arc<str> = view.hostname.as_str().into();
        let tails = Tails::new(folders, (sink, host), Arc::clone(&view.tails), Arc::clone(&view.clock));
        self.tasks.push(tokio::spawn(tails.run(self.stop.subscribe())));
    }

    /// Runs the synthetic tests of this host. Once, inside a tokio runtime.
    pub fn run_synthetics(&mut self, source: Arc<dyn TestSource>) {
        if let Some(room) = &self.room {
            self.tasks.push(tokio::spawn(synthetic::run(room.clone(), source, self.stop.subscribe())));
        }
    }

    /// Stops the checks, ends Python processes, and hands what is collected to the sink.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        self.room = None;
        for task in std::mem::take(&mut self.tasks) {
            // A task that panicked holds nothing any more.
            let _ = task.await;
        }
        self.python.kill_all();
        // Every outbox is dropped by now: the pump ends when its queue is empty.
        if tokio::time::timeout(HAND_OVER_MAX, &mut self.pump).await.is_err() {
            tracing::warn!("the sink did not take the last samples in time");
        }
    }

    /// Asks the agent that runs on a data folder, over its status socket.
    pub async fn status_of(data_dir: &Path) -> Result<AgentStatus, Error> {
        status_socket::ask(data_dir).await
    }
}

impl Drop for AgentHandle {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.python.kill_all();
    }
}

/// Starts collecting; must be called inside a tokio runtime. Never fails: what can't work is shown in the status.
pub fn start(options: AgentOptions, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> AgentHandle {
    if let Err(e) = config::prepare(&options.config_dir) {
        tracing::error!(error = %e, "the agent's configuration folder can't be made; only the system checks run");
    }
    let board = Arc::new(Board::default());
    let (outbox, pump) = Outbox::open(sink, Arc::clone(&board));
    let python = PythonRoom::new(python_options(&options), Arc::clone(&board));
    let hostname: Arc<str> = options.hostname.as_str().into();
    let view = Arc::new(StatusView {
        hostname: options.hostname.clone(),
        config_dir: options.config_dir.clone(),
        started_ms: clock.now_ms(),
        clock: Arc::clone(&clock),
        board: Arc::clone(&board),
        forwarder: Mutex::new(None),
        tails: Arc::default(),
        data_dir: options.data_dir.clone(),
    });
    let room = Room { clock, board, outbox, hostname };
    let (stop, stopped) = watch::channel(false);
    let supervisor = Supervisor::new(options.config_dir, room.clone(), Arc::clone(&python));
    let tasks = vec![
        tokio::spawn(supervisor.run(stopped.clone())),
        tokio::spawn(metadata::run(room.clone(), options.tags, stopped.clone())),
        tokio::spawn(status_socket::serve(options.data_dir, Arc::clone(&view), stopped)),
    ];
    AgentHandle { view, stop, python, room: Some(room), tasks, pump }
}

fn python_options(options: &AgentOptions) -> PythonOptions {
    PythonOptions {
        interpreter: options.python.clone(),
        dir: options.data_dir.join("python"),
        checks_d: options.config_dir.join("checks.d"),
        hostname: options.hostname.clone(),
        host_tags: options.tags.clone(),
    }
}
