//! When this installation took data in: runs without a gap that matters, one row each. The newest grows while the process lives;
//! a gap between two rows is an outage, and so a kill needs no last word.

use crate::alert::TRANSITIONS_KEPT_MS;
use crate::{Result, State};
use oriel_model::TimeMs;

/// Runs that are read at most: a gap each two hours for as long as they are kept.
const RUNS_MAX: i64 = 1_000;

/// A stretch in which data was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeRun {
    pub from_ms: TimeMs,
    pub to_ms: TimeMs,
    /// One word: why nothing was taken in before it.
    pub reason: String,
}

impl State {
    /// The newest runs, by time; the first one kept says nothing of what was before it.
    pub async fn intake_runs(&self) -> Result<Vec<IntakeRun>> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT from_ms, to_ms, reason FROM intake_runs ORDER BY from_ms DESC LIMIT $1")
                .bind(RUNS_MAX)
                .fetch_all(&self.pool)
                .await?;
        let run = |(from_ms, to_ms, reason)| IntakeRun { from_ms, to_ms, reason };
        Ok(rows.into_iter().rev().map(run).collect())
    }

    /// Writes runs, new ones and those that have grown, in one transaction.
    pub async fn save_intake_runs(&self, runs: &[IntakeRun]) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        for run in runs {
            write_run(&mut transaction, run).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Takes out runs that ended before transitions are kept; says how many. What is kept begins with a whole run.
    pub async fn prune_intake_runs(&self) -> Result<u64> {
        let done = sqlx::query("DELETE FROM intake_runs WHERE to_ms < $1")
            .bind(self.now_ms() - TRANSITIONS_KEPT_MS)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

pub(crate) async fn write_run(t: &mut sqlx::Transaction<'_, sqlx::Sqlite>, run: &IntakeRun) -> Result<()> {
    sqlx::query("INSERT INTO intake_runs (from_ms, to_ms, reason) VALUES ($1, $2, $3) ON CONFLICT (from_ms) DO UPDATE SET to_ms = excluded.to_ms")
        .bind(run.from_ms)
        .bind(run.to_ms)
        .bind(&run.reason)
        .execute(&mut **t)
        .await?;
    Ok(())
}
