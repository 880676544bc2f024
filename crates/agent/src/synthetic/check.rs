//! One test as a check: tries, judges, tries again if it is told to, and says what it found.

use super::verdict::{Observed, judge};
use super::{http, socket};
use crate::check::{Check, Run, RunFuture, Signal};
use oriel_model::{CheckStatus, Clock};
use oriel_wire::synthetics::{Probe, SyntheticTest};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) struct SyntheticCheck {
    test: SyntheticTest,
    tags: Vec<String>,
    /// Made once: a client reads the machine's certificates.
    client: Option<Result<http::Client, String>>,
    clock: Arc<dyn Clock>,
}

/// What is shown of a failure.
const MESSAGE_CHARS_MAX: usize = 500;

impl SyntheticCheck {
    pub(super) fn new(public_id: &str, location: &str, test: SyntheticTest, clock: Arc<dyn Clock>) -> Self {
        let client = match &test.probe {
            Probe::Http(probe) => Some(http::client(probe)),
            _ => None,
        };
        let tags = vec![format!("test_id:{public_id}"), format!("location:{location}")];
        Self { test, tags, client, clock }
    }

    async fn observe(&self) -> Result<Observed, String> {
        let limit = Duration::from_millis(u64::try_from(self.test.timeout_ms).unwrap_or(0));
        let try_it = async {
            match (&self.test.probe, &self.client) {
                (Probe::Http(probe), Some(Ok(client))) => http::observe(client, probe).await,
                (Probe::Http(_), Some(Err(e))) => Err(e.clone()),
                (Probe::Http(_), None) => Err("there is no HTTP client".to_owned()),
                (Probe::Tcp { host, port }, _) => Ok(socket::tcp((host, *port), limit).await),
                (Probe::Tls { host, port, server_name, trust }, _) => {
                    socket::tls((host, *port), (server_name, *trust), limit).await
                }
            }
        };
        match tokio::time::timeout(limit, try_it).await {
            Ok(observed) => observed,
            Err(_) if matches!(self.test.probe, Probe::Tcp { .. }) => Ok(Observed::unconnected("timeout")),
            Err(_) => Err(format!("no answer within {} s", limit.as_secs_f64())),
        }
    }

    /// What the last try found, how long it took, and why it failed.
    async fn attempt(&self) -> (Option<Observed>, f64, Option<String>) {
        let mut left = self.test.retries;
        loop {
            let begin = Instant::now();
            let (observed, failure) = match self.observe().await {
                Ok(observed) => {
                    let failure = judge(&self.test, &observed);
                    (Some(observed), failure)
                }
                Err(e) => (None, Some(e)),
            };
            let took_ms = observed.as_ref().map_or(begin.elapsed().as_secs_f64() * 1e3, |o| o.took_ms);
            if failure.is_none() || left == 0 {
                return (observed, took_ms, failure);
            }
            left -= 1;
            tokio::time::sleep(Duration::from_millis(u64::try_from(self.test.retry_pause_ms).unwrap_or(0)))
                .await;
        }
    }

    async fn run_once(&mut self) -> Run {
        let mut run = Run::default();
        if self.test.timeframes.as_ref().is_some_and(|t| !t.is_open(self.clock.now_ms())) {
            return run;
        }
        let (observed, took_ms, failure) = self.attempt().await;
        if observed.is_some() {
            run.gauge("synthetics.response_time", took_ms / 1e3, &self.tags);
        }
        if let Some(days) = observed.as_ref().and_then(|o| o.certificate.as_ref().map(|c| c.days_left)) {
            run.gauge("synthetics.tls.days_left", days, &self.tags);
        }
        // The results of a test are read off this text again (`/api/v1/synthetics/tests/{id}/results`).
        let message = match &failure {
            None => format!("passed in {took_ms:.0} ms"),
            Some(why) => format!("failed in {took_ms:.0} ms: {why}"),
        };
        run.signals.push(Signal {
            check: "synthetics.test".to_owned(),
            status: if failure.is_none() { CheckStatus::Ok } else { CheckStatus::Critical },
            tags: self.tags.clone(),
            host: String::new(),
            message: message.chars().take(MESSAGE_CHARS_MAX).collect(),
        });
        // The check itself did its work: the host that is looked at is in trouble, not this one.
        if let Some(why) = failure {
            run.warn(format!("{}: {why}", self.test.name));
        }
        run
    }
}

impl Check for SyntheticCheck {
    fn run(&mut self) -> RunFuture<'_> {
        Box::pin(self.run_once())
    }
}
