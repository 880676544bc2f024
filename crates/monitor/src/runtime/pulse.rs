//! When data was taken in, and the outages between: beats come from the loop, some a second; one in ten seconds is written, and
//! each round writes its own.

use super::Inner;
use crate::outage::{OUTAGE_MS, Outage, Outages, Reason};
use oriel_model::TimeMs;
use oriel_state::IntakeRun;

/// Between two writes of a run that goes on: so much longer a kill makes an outage look.
const WRITE_MS: i64 = 10_000;

/// See the module's head.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// The newest is the present one, as it is in memory.
    runs: Vec<IntakeRun>,
    /// Up to where it is written.
    written_ms: TimeMs,
    /// Since the newest beat the process ran and could store nothing.
    refused: bool,
    ended: Outages,
}

impl Pulse {
    /// At a start. Runs that ended in the future were written by a clock that was wrong.
    pub(crate) fn load(mut runs: Vec<IntakeRun>, now_ms: TimeMs) -> Self {
        runs.retain(|run| run.to_ms <= now_ms + OUTAGE_MS);
        Self { ended: outages(&runs), runs, written_ms: TimeMs::MIN, refused: false }
    }

    /// The process is here; runs that are to be written now. Who refuses everything does not live.
    pub(crate) fn beat(&mut self, now_ms: TimeMs, takes_in: bool) -> Vec<IntakeRun> {
        if !takes_in {
            // What is written says when it began, should the process end before it is over.
            let first = !std::mem::replace(&mut self.refused, true);
            return if first { self.take_newest() } else { Vec::new() };
        }
        let reason = if std::mem::take(&mut self.refused) { Reason::Refused } else { Reason::Down };
        match self.runs.last_mut() {
            Some(run) if now_ms - run.to_ms <= OUTAGE_MS => {
                run.to_ms = run.to_ms.max(now_ms);
                if run.to_ms - self.written_ms.max(0) < WRITE_MS {
                    return Vec::new();
                }
                self.take_newest()
            }
            before => {
                let mut runs: Vec<IntakeRun> = before.cloned().into_iter().collect();
                let run = IntakeRun { from_ms: now_ms, to_ms: now_ms, reason: reason.as_str().to_owned() };
                self.runs.push(run.clone());
                self.ended = outages(&self.runs);
                self.written_ms = now_ms;
                runs.push(run);
                runs
            }
        }
    }

    /// The present run, for a round that is written anyway; none while nothing is taken in.
    pub(crate) fn present(&self) -> Option<IntakeRun> {
        self.runs.last().filter(|_| !self.refused).cloned()
    }

    /// The present run as written.
    fn take_newest(&mut self) -> Vec<IntakeRun> {
        let newest: Vec<IntakeRun> = self.runs.last().cloned().into_iter().collect();
        self.written_ms = newest.first().map_or(self.written_ms, |run| run.to_ms);
        newest
    }

    /// Also one that lasts.
    pub(crate) fn outages(&self, now_ms: TimeMs) -> Outages {
        let open = self.runs.last().filter(|run| self.refused && now_ms - run.to_ms > OUTAGE_MS);
        match open {
            None => self.ended.clone(),
            Some(run) => {
                let open = Outage { from_ms: run.to_ms, to_ms: now_ms, reason: Reason::Refused };
                outages(&self.runs).iter().copied().chain([open]).collect()
            }
        }
    }

    /// Drops what is not kept any more.
    pub(crate) fn forget(&mut self, before_ms: TimeMs) {
        self.runs.retain(|run| run.to_ms >= before_ms);
        self.ended = outages(&self.runs);
    }
}

/// The gaps between runs.
fn outages(runs: &[IntakeRun]) -> Outages {
    let gap = |pair: &[IntakeRun]| Outage {
        from_ms: pair[0].to_ms,
        to_ms: pair[1].from_ms,
        reason: Reason::parse(&pair[1].reason),
    };
    runs.windows(2).map(gap).collect()
}

impl Inner {
    /// Says that the process is here, and writes that when it is time to.
    pub(super) async fn beat(&self) {
        let runs = self.pulse.write().beat(self.now_ms(), self.parts.source.takes_in());
        self.save(&runs).await;
    }

    /// The same, written at once: after a round that wrote nothing, so that its evaluations are known to have been made, and at
    /// the end.
    pub(super) async fn beat_now(&self) {
        let mut runs = self.pulse.write().beat(self.now_ms(), self.parts.source.takes_in());
        if runs.is_empty() {
            runs.extend(self.pulse.read().present());
        }
        self.save(&runs).await;
    }

    async fn save(&self, runs: &[IntakeRun]) {
        if !runs.is_empty()
            && let Err(e) = self.parts.state.save_intake_runs(runs).await
        {
            tracing::warn!(error = %e, "that data was taken in was not noted; a kill now would look like a longer outage");
        }
    }
}

#[cfg(test)]
mod tests;
