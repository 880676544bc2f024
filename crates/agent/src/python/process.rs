//! One Python process that runs checks: started, spoken with, and ended with its whole group.
//!
//! A request waits for its answer, its time limit, or the end of the process, whichever comes first.

use super::output::{self, Budget};
use super::protocol::{self, Message};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};

/// Address space of one process: past it Python raises MemoryError inside the check that asks for more.
const ADDRESS_SPACE_BYTES_MAX: u64 = 2 << 30;

/// How often the main thread is asked for a sign of life, and after how long without one the process counts as stuck.
const PING_EVERY: Duration = Duration::from_secs(2);
const STUCK_AFTER: Duration = Duration::from_secs(6);
const STUCK: &str = "held the interpreter so that no other check could run";

/// How long the socket of a process that has ended is read on.
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);

/// How a request ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The process is no more; `others` says how many other runs were under way.
    Gone {
        how: String,
        others: usize,
    },
    Silent,
}

/// Program, arguments and settings of a process.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) interpreter: PathBuf,
    pub(super) script: PathBuf,
    pub(super) settings: Value,
}

type Waiting = Mutex<HashMap<u64, oneshot::Sender<Message>>>;

pub(super) struct HostProcess {
    writer: tokio::sync::Mutex<OwnedWriteHalf>,
    waiting: Waiting,
    next_id: AtomicU64,
    pid: i32,
    /// Set once the process has ended: how.
    ended: watch::Receiver<Option<String>>,
    /// How many runs were under way when it ended.
    cut_off: AtomicU64,
    last_pong: Mutex<Instant>,
    /// Runs that nobody waits for any more, and until when each may take.
    abandoned: Mutex<HashMap<u64, Instant>>,
    /// Why it was killed, when the agent did it.
    verdict: Mutex<Option<String>>,
}

impl HostProcess {
    /// Starts a process. Must be called on a thread that lives as long as the agent: the kernel ends the process with the
    /// thread that started it.
    pub(super) fn spawn(program: &Program) -> std::io::Result<Arc<Self>> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut child = command(program, &theirs).spawn()?;
        drop(theirs);
        let pid = child.id().and_then(|p| i32::try_from(p).ok()).unwrap_or(0);
        if let Some(pipe) = child.stdout.take() {
            tokio::spawn(output::drain(pipe, "stdout"));
        }
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(output::drain(pipe, "stderr"));
        }
        let (reader, writer) = UnixStream::from_std(ours)?.into_split();
        let (end, ended) = watch::channel(None);
        let host = Arc::new(Self {
            writer: tokio::sync::Mutex::new(writer),
            waiting: Waiting::default(),
            next_id: AtomicU64::new(1),
            pid,
            ended,
            cut_off: AtomicU64::new(0),
            last_pong: Mutex::new(Instant::now()),
            abandoned: Mutex::default(),
            verdict: Mutex::new(None),
        });
        tokio::spawn(serve(Arc::clone(&host), reader, child, end));
        Ok(host)
    }

    /// Says something that has no answer.
    pub(super) async fn tell(&self, message: &Value) {
        // A process that is gone is found out by the next run.
        let _ = protocol::write(&mut *self.writer.lock().await, message).await;
    }

    /// Asks for a run and waits for its answer.
    pub(super) async fn run(&self, mut request: Value, limit: Duration) -> Result<Message, Ended> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().insert(id, answer);
        let _forget = Forget { host: self, id, until: Instant::now() + limit };
        request["op"] = json!("run");
        request["id"] = json!(id);
        let asked = async {
            self.tell(&request).await;
            answered.await
        };
        let mut ended = self.ended.clone();
        tokio::select! {
            Ok(message) = asked => Ok(message),
            how = ended.wait_for(Option::is_some) => {
                let how = how.ok().and_then(|h| h.clone()).unwrap_or_default();
                let others = self.cut_off.load(Ordering::Relaxed).saturating_sub(1);
                Err(Ended::Gone { how, others: usize::try_from(others).unwrap_or(usize::MAX) })
            }
            () = tokio::time::sleep(limit) => Err(Ended::Silent),
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Whether a run that nobody waits for is past its time: its thread can't be ended, only the process can.
    pub(super) fn is_worn(&self) -> bool {
        let now = Instant::now();
        self.abandoned.lock().values().any(|until| *until < now)
    }

    /// Runs under way.
    pub(super) fn busy(&self) -> usize {
        self.waiting.lock().len()
    }

    /// Kills the process when its main thread falls silent: a check then holds the interpreter, and no other can run.
    pub(super) fn watch(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PING_EVERY).await;
                let Some(host) = weak.upgrade().filter(|h| h.is_alive()) else { return };
                if host.busy() == 0 {
                    *host.last_pong.lock() = Instant::now();
                } else if host.last_pong.lock().elapsed() > STUCK_AFTER {
                    *host.verdict.lock() = Some(STUCK.to_owned());
                    host.kill();
                    return;
                }
                // A process that reads nothing must not hold up this task.
                let _ = tokio::time::timeout(PING_EVERY, host.tell(&json!({"op": "ping"}))).await;
            }
        });
    }

    /// Ends the process and everything it started.
    pub(super) fn kill(&self) {
        if self.pid > 0 && self.is_alive() {
            kill_group(self.pid);
        }
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Takes a run out of the waiting ones however its waiting ends, also when its future is dropped.
struct Forget<'a> {
    host: &'a HostProcess,
    id: u64,
    until: Instant,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        if self.host.waiting.lock().remove(&self.id).is_some() {
            self.host.abandoned.lock().insert(self.id, self.until);
        }
    }
}

fn command(program: &Program, theirs: &std::os::unix::net::UnixStream) -> Command {
    let fd = theirs.as_raw_fd();
    let parent = std::process::id();
    let mut command = Command::new(&program.interpreter);
    command
        .arg("-u")
        .arg(&program.script)
        .arg("3")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        // Two arenas: glibc's default of eight a core counts 64 MiB each against the address space.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    // SAFETY: only system calls that are allowed between fork and exec.
    unsafe {
        command.pre_exec(move || prepare_child(fd, parent));
    }
    command
}

/// Runs in the child before Python: die with the agent, take at most so much memory, keep the socket as descriptor 3.
fn prepare_child(fd: i32, parent: u32) -> std::io::Result<()> {
    let check = |r: i32| if r == -1 { Err(std::io::Error::last_os_error()) } else { Ok(()) };
    let limit = libc::rlimit { rlim_cur: ADDRESS_SPACE_BYTES_MAX, rlim_max: ADDRESS_SPACE_BYTES_MAX };
    // SAFETY: plain system calls on this process; `limit` outlives its call.
    unsafe {
        check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
        if libc::getppid() as u32 != parent {
            return Err(std::io::Error::other("the agent ended"));
        }
        check(libc::setrlimit(libc::RLIMIT_AS, &limit))?;
        if fd == 3 {
            // Same number: dup2 would leave close-on-exec set.
            check(libc::fcntl(3, libc::F_SETFD, 0))
        } else {
            check(libc::dup2(fd, 3))
        }
    }
}

/// Reads answers until the process ends, and then says how it ended.
async fn serve(
    host: Arc<HostProcess>,
    mut reader: OwnedReadHalf,
    mut child: Child,
    end: watch::Sender<Option<String>>,
) {
    // The task must not keep alive what its own end waits for.
    let weak = Arc::downgrade(&host);
    let pid = host.pid;
    drop(host);
    let mut budget = Budget::new(Instant::now());
    let reading = async {
        while let Ok(Some(message)) = protocol::read(&mut reader).await {
            let Some(host) = weak.upgrade() else { return };
            deliver(&host, message, &mut budget);
        }
    };
    tokio::pin!(reading);
    let status = tokio::select! {
        status = child.wait() => status,
        () = &mut reading => {
            // The socket ended first: whatever is left of the group holds nothing of use.
            kill_group(pid);
            child.wait().await
        }
    };
    kill_group(pid);
    // Answers that were written before the end count.
    let _ = tokio::time::timeout(LAST_WORDS_MAX, reading).await;
    let mut how = status.map_or_else(|e| e.to_string(), how_ended);
    if let Some(host) = weak.upgrade() {
        host.cut_off.store(host.busy() as u64, Ordering::Relaxed);
        how = host.verdict.lock().take().unwrap_or(how);
    }
    end.send_replace(Some(how));
}

fn kill_group(pid: i32) {
    // SAFETY: a plain system call; a group that is gone gives an error that says nothing.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
}

fn deliver(host: &HostProcess, message: Message, budget: &mut Budget) {
    if message.pong {
        *host.last_pong.lock() = Instant::now();
        return;
    }
    if let Some(level) = message.log {
        if budget.line(Instant::now()).0 {
            match level {
                40.. => tracing::error!(target: "oriel_agent::python", "{}", message.text),
                30.. => tracing::warn!(target: "oriel_agent::python", "{}", message.text),
                _ => tracing::debug!(target: "oriel_agent::python", "{}", message.text),
            }
        }
        return;
    }
    let waiting = message.id.and_then(|id| {
        host.abandoned.lock().remove(&id);
        host.waiting.lock().remove(&id)
    });
    if let Some(waiting) = waiting {
        // The run was given up meanwhile.
        let _ = waiting.send(message);
    }
}

fn how_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended the process with exit code {code}"),
        (_, Some(libc::SIGSEGV)) => "ended the process with a segmentation fault".to_owned(),
        (_, Some(libc::SIGABRT)) => "ended the process with an abort".to_owned(),
        (_, Some(libc::SIGKILL)) => "the process was killed (out of memory?)".to_owned(),
        (_, signal) => format!("ended the process with signal {}", signal.unwrap_or_default()),
    }
}
