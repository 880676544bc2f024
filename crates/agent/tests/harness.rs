//! An agent on a folder of its own, and a sink that keeps what it is given.

use oriel_agent::{AgentHandle, AgentOptions, CheckRow, CheckRunStatus};
use oriel_intake::Sink;
use oriel_model::{ErrorBody, Series, Submission, SystemClock};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Keeps everything.
#[derive(Default)]
pub(crate) struct MemorySink(Mutex<Vec<Submission>>);

impl Sink for MemorySink {
    fn submit(&self, s: Submission) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        self.0.lock().unwrap().push(s);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl MemorySink {
    pub(crate) fn all(&self) -> Vec<Submission> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Every series of a metric, one entry a flush.
    pub(crate) fn series(&self, metric: &str) -> Vec<Series> {
        self.all().into_iter().flat_map(|s| s.series).filter(|s| s.metric == metric).collect()
    }

    pub(crate) fn last(&self, metric: &str, tag: &str) -> Option<f64> {
        let all = self.series(metric);
        let of_tag = all.iter().rev().find(|s| tag.is_empty() || s.tags.iter().any(|t| t == tag));
        of_tag.map(|s| s.points[0].1)
    }
}

pub(crate) struct Rig {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) sink: Arc<MemorySink>,
    pub(crate) agent: AgentHandle,
}

impl Rig {
    /// Starts an agent on these files of its configuration folder.
    pub(crate) fn start(files: &[(&str, &str)], python: Option<PathBuf>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(dir.path(), name, text);
        }
        let sink = Arc::new(MemorySink::default());
        let options = AgentOptions {
            hostname: "web-1".into(),
            config_dir: dir.path().join("agent"),
            data_dir: dir.path().to_owned(),
            python,
            tags: vec!["env:test".into()],
        };
        let agent = oriel_agent::start(options, sink.clone(), Arc::new(SystemClock));
        Self { dir, sink, agent }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        write(self.dir.path(), name, text);
    }

    pub(crate) fn row(&self, name: &str) -> Option<CheckRow> {
        self.agent.status().checks.into_iter().find(|r| r.name == name)
    }

    /// Waits until a check's row is as wanted.
    pub(crate) async fn until(
        &self,
        name: &str,
        seconds: u64,
        is_met: impl Fn(&CheckRow) -> bool,
    ) -> CheckRow {
        until(seconds, || self.row(name).filter(|r| is_met(r)), || format!("{name}: {:#?}", self.row(name)))
            .await
    }

    pub(crate) async fn until_status(&self, name: &str, status: CheckRunStatus) -> CheckRow {
        self.until(name, 60, |r| r.status == status).await
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join("agent").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Polls until there is an answer.
pub(crate) async fn until<T>(
    seconds: u64,
    mut ask: impl FnMut() -> Option<T>,
    tell: impl Fn() -> String,
) -> T {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "not within {seconds} s: {}", tell());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A Python with the real base library, made once for all runs under `~/.cache/oriel-tests`.
pub(crate) fn python() -> PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(make_python).clone()
}

fn make_python() -> PathBuf {
    let home = std::env::var("HOME").unwrap();
    let venv = Path::new(&home).join(".cache/oriel-tests/checks-venv");
    let python = venv.join("bin/python3");
    let works = |python: &Path| {
        let import = "from datadog_checks.base import AgentCheck";
        Command::new(python).args(["-c", import]).output().is_ok_and(|o| o.status.success())
    };
    if works(&python) {
        return python;
    }
    let call = |command: &mut Command| {
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    std::fs::create_dir_all(&venv).unwrap();
    call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    call(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(oriel_agent::PYTHON_PACKAGES));
    python
}
