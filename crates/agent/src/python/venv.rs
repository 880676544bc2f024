//! Which Python runs the checks: the one that was given, or one of a venv that Oriel makes in its data folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

/// `datadog-checks-base` and what it imports but does not declare; all pinned, so that a host made today is the host made
/// next year.
pub const PACKAGES: [&str; 13] = [
    "datadog-checks-base==38.7.0",
    "lazy-loader==0.6",
    "requests==2.34.2",
    "requests-unixsocket2==1.0.1",
    "urllib3==2.8.0",
    "pyyaml==6.0.3",
    "pydantic==2.14.3",
    "prometheus-client==0.26.0",
    "cachetools==8.0.0",
    "simplejson==4.3.0",
    "wrapt==2.5.2",
    "binary==1.0.2",
    "python-dateutil==4.0.0",
];

pub(super) const INSTALLING: &str = "installing datadog-checks-base";
pub(super) const HINT: &str = "see that python3 with its venv module and a way to PyPI are there, or give --python PATH with datadog-checks-base installed";

/// A slow network and a slow machine: thirteen wheels, eight megabytes.
const INSTALL_MAX: Duration = Duration::from_secs(600);
/// A failed installation is tried again after this.
const RETRY_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) enum Interpreter {
    Unknown,
    Installing,
    Ready(PathBuf),
    Failed { message: String, retry_at: Instant },
}

impl Interpreter {
    pub(super) fn failed(message: String) -> Self {
        Self::Failed { message, retry_at: Instant::now() + RETRY_AFTER }
    }
}

/// The interpreter; makes the venv when none is given and none is there.
pub(super) async fn find(given: Option<&Path>, dir: &Path) -> Result<PathBuf, String> {
    if let Some(path) = given {
        works(path).await.map_err(|e| format!("{} can't import datadog_checks.base: {e}", path.display()))?;
        return Ok(path.to_owned());
    }
    let venv = dir.join("venv");
    let python = venv.join("bin/python3");
    let stamp = venv.join("oriel-packages.txt");
    let wanted = PACKAGES.join("\n");
    let is_made = std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted);
    if is_made && works(&python).await.is_ok() {
        return Ok(python);
    }
    std::fs::create_dir_all(dir).map_err(|e| format!("can't make {}: {e}", dir.display()))?;
    call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).await?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]).args(PACKAGES);
    call(&mut pip).await?;
    works(&python).await?;
    std::fs::write(&stamp, wanted).map_err(|e| format!("can't write {}: {e}", stamp.display()))?;
    Ok(python)
}

async fn works(python: &Path) -> Result<(), String> {
    call(Command::new(python).args(["-c", "from datadog_checks.base import AgentCheck"])).await
}

/// Runs a command to its end; what it said is the error.
async fn call(command: &mut Command) -> Result<(), String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = tokio::time::timeout(INSTALL_MAX, command.output()).await;
    match output {
        Err(_) => Err(format!("{name} took longer than {} s", INSTALL_MAX.as_secs())),
        Ok(Err(e)) => Err(format!("can't start {name}: {e}")),
        Ok(Ok(out)) if out.status.success() => Ok(()),
        Ok(Ok(out)) => Err(last_lines(&String::from_utf8_lossy(&out.stderr))),
    }
}

/// The end of what a program said: where the reason is.
fn last_lines(text: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
