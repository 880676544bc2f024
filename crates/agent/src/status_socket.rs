//! The status over a unix socket in the data folder: a connection gets the status as JSON, and is closed.

use crate::agent::StatusView;
use crate::{AgentStatus, Error};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// A status has a few hundred bytes a check.
const STATUS_BYTES_MAX: u64 = 16 << 20;
/// The longest one asker is waited for.
const ASKER_MAX: Duration = Duration::from_secs(5);

fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("agent.sock")
}

/// Answers until told to stop, and takes the socket away.
pub(crate) async fn serve(data_dir: PathBuf, view: Arc<StatusView>, mut stopped: watch::Receiver<bool>) {
    let path = path_in(&data_dir);
    // A socket left by a process that was killed; the data folder's lock says that no other agent is alive.
    let _ = std::fs::remove_file(&path);
    let listener = match std::fs::create_dir_all(&data_dir).and_then(|()| UnixListener::bind(&path)) {
        Ok(listener) => listener,
        Err(e) => {
            tracing::warn!(path = %path.display(), error = %e, "`oriel agent status` won't work: no status socket");
            return;
        }
    };
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            asker = listener.accept() => {
                let Ok((mut stream, _)) = asker else { continue };
                let body = serde_json::to_vec(&view.status()).unwrap_or_default();
                // Whoever does not read has asked in vain.
                let _ = tokio::time::timeout(ASKER_MAX, stream.write_all(&body)).await;
            }
        }
    }
    // Another agent's start takes it away too.
    let _ = std::fs::remove_file(&path);
}

/// The status of the agent that runs on a data folder.
pub(crate) async fn ask(data_dir: &Path) -> Result<AgentStatus, Error> {
    let path = path_in(data_dir);
    let no_agent = |reason: String| Error::NoAgent { path: path.clone(), reason };
    let stream = UnixStream::connect(&path).await.map_err(|e| no_agent(e.to_string()))?;
    let mut body = Vec::new();
    let mut stream = stream.take(STATUS_BYTES_MAX);
    let done = tokio::time::timeout(ASKER_MAX, stream.read_to_end(&mut body)).await;
    done.map_err(|_| no_agent("no answer".to_owned()))?.map_err(|e| no_agent(e.to_string()))?;
    serde_json::from_slice(&body).map_err(|e| no_agent(format!("it speaks another version: {e}")))
}
