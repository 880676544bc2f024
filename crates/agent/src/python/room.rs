//! What all Python checks share: the interpreter, the one process for all, and the thread that starts processes.

use super::process::{HostProcess, Program};
use super::venv::{self, Interpreter};
use crate::board::Board;
use crate::check::Failure;
use crate::status::PythonState;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::oneshot;

/// Processes at once, the shared one included: each may take hundreds of megabytes.
const PROCESSES_MAX: usize = 32;
/// The shared process is replaced when it has grown past this; a process alone is ended.
pub(super) const RESIDENT_BYTES_MAX: u64 = 512 << 20;
/// The longest a process that was replaced waits for its last runs.
const DRAIN_MAX: Duration = Duration::from_secs(600);
/// How long a process may take from its start to its first sign of life before starting counts as failed.
const SPAWN_MAX: Duration = Duration::from_secs(30);

const HOST_PY: &str = include_str!("../../python/host.py");

/// How Python is set up.
#[derive(Clone, Debug)]
pub(crate) struct PythonOptions {
    /// Given by `--python`.
    pub(crate) interpreter: Option<PathBuf>,
    /// Holds the venv, the host's script and the checks' persistent cache.
    pub(crate) dir: PathBuf,
    pub(crate) checks_d: PathBuf,
    pub(crate) hostname: String,
    pub(crate) host_tags: Vec<String>,
}

type SpawnRequest = (Program, oneshot::Sender<std::io::Result<Arc<HostProcess>>>);

pub(crate) struct PythonRoom {
    options: PythonOptions,
    pub(super) board: Arc<Board>,
    interpreter: Mutex<Interpreter>,
    shared: tokio::sync::Mutex<Option<Arc<HostProcess>>>,
    /// Every process ever started and perhaps still alive.
    all: Mutex<Vec<Weak<HostProcess>>>,
    spawner: SyncSender<SpawnRequest>,
}

impl PythonRoom {
    pub(crate) fn new(options: PythonOptions, board: Arc<Board>) -> Arc<Self> {
        Arc::new(Self {
            options,
            board,
            interpreter: Mutex::new(Interpreter::Unknown),
            shared: tokio::sync::Mutex::new(None),
            all: Mutex::new(Vec::new()),
            spawner: start_spawner(),
        })
    }

    /// The interpreter, or why there is none (yet). The first call starts making one.
    pub(super) fn interpreter(self: &Arc<Self>) -> Result<PathBuf, Failure> {
        let mut state = self.interpreter.lock();
        match &*state {
            Interpreter::Ready(path) => Ok(path.clone()),
            Interpreter::Installing => Err(Failure { pending: true, ..Failure::new(venv::INSTALLING) }),
            Interpreter::Failed { message, retry_at } if *retry_at > std::time::Instant::now() => {
                Err(Failure::new(message.clone()).hint(venv::HINT))
            }
            Interpreter::Unknown | Interpreter::Failed { .. } => {
                *state = Interpreter::Installing;
                let room = Arc::clone(self);
                tokio::spawn(async move { room.install().await });
                Err(Failure { pending: true, ..Failure::new(venv::INSTALLING) })
            }
        }
    }

    async fn install(&self) {
        self.board.set_python(|p| {
            p.state = PythonState::Installing;
            p.message = venv::INSTALLING.to_owned();
        });
        let found = venv::find(self.options.interpreter.as_deref(), &self.options.dir).await;
        let state = match found {
            Ok(path) => {
                self.board.set_python(|p| {
                    p.state = PythonState::Ready;
                    p.message.clear();
                    p.interpreter = Some(path.display().to_string());
                });
                Interpreter::Ready(path)
            }
            Err(message) => {
                tracing::warn!(%message, "Python checks can't run");
                self.board.set_python(|p| {
                    p.state = PythonState::Failed;
                    p.message.clone_from(&message);
                });
                Interpreter::failed(message)
            }
        };
        *self.interpreter.lock() = state;
    }

    /// The process that all checks share, started when there is none.
    pub(super) async fn shared(&self, interpreter: PathBuf) -> Result<Arc<HostProcess>, Failure> {
        let mut shared = self.shared.lock().await;
        if let Some(host) = shared.as_ref().filter(|h| h.is_alive()) {
            if !host.is_worn() {
                return Ok(Arc::clone(host));
            }
            drain(Arc::clone(host));
        }
        let host = self.start_process(interpreter).await?;
        host.watch();
        *shared = Some(Arc::clone(&host));
        Ok(host)
    }

    pub(super) fn is_full(&self) -> bool {
        self.processes() >= PROCESSES_MAX
    }

    /// Starts a process.
    pub(super) async fn start_process(&self, interpreter: PathBuf) -> Result<Arc<HostProcess>, Failure> {
        if self.is_full() {
            return Err(Failure::new(format!("{PROCESSES_MAX} Python processes run already")));
        }
        let dir = &self.options.dir;
        let script = dir.join("host.py");
        let write = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&script, HOST_PY));
        write.map_err(|e| Failure::new(format!("can't write {}: {e}", script.display())))?;
        let program = Program { interpreter: interpreter.clone(), script, settings: self.settings() };
        let settings = program.settings.clone();
        let (answer, answered) = oneshot::channel();
        let asked = self.spawner.try_send((program, answer));
        asked.map_err(|_| Failure::new("too many Python processes are being started"))?;
        let started = tokio::time::timeout(SPAWN_MAX, answered).await;
        let fail = |why: String| Failure::new(format!("can't start {}: {why}", interpreter.display()));
        let host = match started {
            Ok(Ok(Ok(host))) => host,
            Ok(Ok(Err(e))) => return Err(fail(e.to_string())),
            _ => return Err(fail("no answer".to_owned())),
        };
        host.tell(&json!({"op": "init", "settings": settings})).await;
        self.all.lock().push(Arc::downgrade(&host));
        self.count_processes();
        Ok(host)
    }

    fn settings(&self) -> Value {
        let o = &self.options;
        json!({
            "hostname": o.hostname,
            "version": env!("CARGO_PKG_VERSION"),
            "host_tags": o.host_tags,
            "checks_d": o.checks_d.display().to_string(),
            "cache_dir": o.dir.join("cache").display().to_string(),
            "config": {"log_level": "info", "enable_metadata_collection": false, "hostname": o.hostname},
        })
    }

    /// Puts the shared process out of use: the next run starts another, and this one ends when its runs have.
    pub(super) async fn retire(&self, host: &Arc<HostProcess>) {
        let mut shared = self.shared.lock().await;
        if shared.as_ref().is_some_and(|s| Arc::ptr_eq(s, host)) {
            *shared = None;
            drain(Arc::clone(host));
        }
    }

    /// Tells the shared process that a check is no more.
    pub(super) fn unload(self: &Arc<Self>, key: String, version: String) {
        let room = Arc::clone(self);
        // Outside a runtime the whole agent is going, and the process with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let host = room.shared.lock().await.clone();
                if let Some(host) = host.filter(|h| h.is_alive()) {
                    host.tell(&json!({"op": "unload", "key": key, "version": version})).await;
                }
            });
        }
    }

    fn processes(&self) -> usize {
        let mut all = self.all.lock();
        all.retain(|w| w.upgrade().is_some_and(|h| h.is_alive()));
        all.len()
    }

    pub(super) fn count_processes(&self) {
        let processes = self.processes();
        self.board.set_python(|p| p.processes = processes);
    }

    /// Ends all processes with what they started.
    pub(crate) fn kill_all(&self) {
        for host in self.all.lock().drain(..).filter_map(|w| w.upgrade()) {
            host.kill();
        }
    }
}

impl Drop for PythonRoom {
    fn drop(&mut self) {
        self.kill_all();
    }
}

/// Lets a process that is out of use finish its runs, and ends it.
fn drain(host: Arc<HostProcess>) {
    tokio::spawn(async move {
        let until = tokio::time::Instant::now() + DRAIN_MAX;
        while host.busy() > 0 && host.is_alive() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        host.kill();
    });
}

/// The kernel ends a child when the *thread* that started it ends: one thread that lives as long as the room starts all.
fn start_spawner() -> SyncSender<SpawnRequest> {
    let (sender, requests) = sync_channel::<SpawnRequest>(PROCESSES_MAX);
    let runtime = tokio::runtime::Handle::try_current();
    let work = move || {
        let Ok(runtime) = runtime else { return };
        let _in_runtime = runtime.enter();
        while let Ok((program, answer)) = requests.recv() {
            // Nobody waits any more: dropping the process ends it.
            let _ = answer.send(HostProcess::spawn(&program));
        }
    };
    let started = std::thread::Builder::new().name("python-spawner".to_owned()).spawn(work);
    if let Err(e) = started {
        tracing::error!(error = %e, "no thread for starting Python");
    }
    sender
}
