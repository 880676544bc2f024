//! One instance of a Python check, and the rule by which it gets a process of its own.
//!
//! | what the run did | what follows |
//! |---|---|
//! | answered | nothing, whatever the answer |
//! | silent for three intervals | shown; the next run is in a process of its own, the shared one is replaced |
//! | the process ended, only this run in it | the same |
//! | the process ended, others in it too | each is run again at once, alone; who answers alone may come back after three runs |

use super::process::{Ended, HostProcess};
use super::room::{PythonRoom, RESIDENT_BYTES_MAX};
use crate::check::{Check, Failure, Run, RunFuture};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What is to run.
#[derive(Clone, Debug)]
pub(crate) struct PythonJob {
    pub(crate) name: String,
    /// Unique among instances.
    pub(crate) key: String,
    pub(crate) init_config: Value,
    pub(crate) instance: Value,
    /// Of the configuration alone: names what the check keeps across edits of its code.
    pub(crate) digest: u64,
    /// Of code and configuration.
    pub(crate) version: u64,
    pub(crate) limit: Duration,
}

pub(crate) struct PythonCheck {
    job: PythonJob,
    room: Arc<PythonRoom>,
    place: Place,
}

/// Where the check runs.
enum Place {
    Shared,
    /// Alone; `forgiven_after` counts the answers until it may come back, none when it may not.
    Alone {
        host: Option<Arc<HostProcess>>,
        forgiven_after: Option<u32>,
    },
}

/// Answers alone after which a suspect may come back.
const ANSWERS_ALONE: u32 = 3;

impl Check for PythonCheck {
    fn run(&mut self) -> RunFuture<'_> {
        Box::pin(self.run_somewhere())
    }
}

impl PythonCheck {
    pub(crate) fn new(job: PythonJob, room: Arc<PythonRoom>) -> Self {
        Self { job, room, place: Place::Shared }
    }

    async fn run_somewhere(&mut self) -> Run {
        // At most twice: in the shared process, and once more alone when another run may have ended that.
        for _ in 0..2 {
            let host = match self.host().await {
                Ok(host) => host,
                Err(failure) => return Run::failed(failure),
            };
            match host.run(self.request(), self.job.limit).await {
                Ok(message) => {
                    let resident = message.rss;
                    let mut run = message.into_run(&self.job.name);
                    self.answered(&host, resident, &mut run).await;
                    return run;
                }
                Err(Ended::Gone { others, .. }) if others > 0 && matches!(self.place, Place::Shared) => {
                    self.place = Place::Alone { host: None, forgiven_after: Some(ANSWERS_ALONE) };
                }
                Err(ended) => return self.ended(&host, ended).await,
            }
        }
        Run::failed(Failure::new("its process ended twice"))
    }

    async fn host(&mut self) -> Result<Arc<HostProcess>, Failure> {
        let interpreter = self.room.interpreter()?;
        match &mut self.place {
            Place::Shared => self.room.shared(interpreter).await,
            Place::Alone { host: Some(host), .. } if host.is_alive() => Ok(Arc::clone(host)),
            // More suspects than processes: those on probation may as well try the shared one.
            Place::Alone { forgiven_after: Some(_), .. } if self.room.is_full() => {
                self.place = Place::Shared;
                self.room.shared(interpreter).await
            }
            Place::Alone { host, .. } => {
                let started = self.room.start_process(interpreter).await?;
                *host = Some(Arc::clone(&started));
                Ok(started)
            }
        }
    }

    fn version(&self) -> String {
        format!("{:016x}", self.job.version)
    }

    fn request(&self) -> Value {
        let j = &self.job;
        json!({
            "key": j.key,
            "check_id": format!("{}:{:016x}", j.name, j.digest),
            "name": j.name,
            "version": self.version(),
            "init_config": j.init_config,
            "instance": j.instance,
        })
    }

    async fn answered(&mut self, host: &Arc<HostProcess>, resident: u64, run: &mut Run) {
        let is_large = resident > RESIDENT_BYTES_MAX;
        match &mut self.place {
            Place::Shared if is_large => self.room.retire(host).await,
            Place::Shared => {}
            Place::Alone { forgiven_after: Some(n), .. } if *n <= 1 => self.place = Place::Shared,
            Place::Alone { host: own, forgiven_after } => {
                if let Some(n) = forgiven_after {
                    *n -= 1;
                }
                if is_large {
                    host.kill();
                    *own = None;
                    run.warn(format!("its process had grown to {} MiB and was ended", resident >> 20));
                }
            }
        }
        self.room.count_processes();
    }

    async fn ended(&mut self, host: &Arc<HostProcess>, ended: Ended) -> Run {
        let message = match ended {
            Ended::Gone { how, .. } => format!("the check {how}"),
            Ended::Silent => {
                format!("gave no answer for {} s; it was given up", self.job.limit.as_secs_f64())
            }
        };
        match self.place {
            Place::Shared => self.room.retire(host).await,
            Place::Alone { .. } => host.kill(),
        }
        self.place = Place::Alone { host: None, forgiven_after: None };
        self.room.count_processes();
        Run::failed(
            Failure::new(message).hint("the check runs in a process of its own until its file changes"),
        )
    }
}

impl Drop for PythonCheck {
    fn drop(&mut self) {
        match &self.place {
            Place::Shared => self.room.unload(self.job.key.clone(), self.version()),
            Place::Alone { host, .. } => {
                if let Some(host) = host {
                    host.kill();
                }
            }
        }
    }
}
