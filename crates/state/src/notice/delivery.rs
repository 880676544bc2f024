//! Deliveries: one a notice and handle, with its attempts and the newest error.

use super::StoredNotice;
use crate::{Error, Result, State};
use oriel_model::{OrgId, TimeMs, TimeRange};

/// A delivery that a rendered notice owes; with an error it has failed before it began (nobody bears the handle).
#[derive(Clone, Debug, PartialEq)]
pub struct NewDelivery {
    pub handle: String,
    /// The kind of channel: `email`, `slack` …
    pub channel: String,
    pub error: Option<String>,
}

/// One delivery as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub org: OrgId,
    pub key: String,
    pub handle: String,
    pub channel: String,
    pub monitor: i64,
    pub group: String,
    pub at_ms: TimeMs,
    /// `pending`, `sent` or `failed`.
    pub state: String,
    pub attempts: i64,
    /// When a pending one is tried next.
    pub next_ms: TimeMs,
    pub sent_ms: Option<TimeMs>,
    pub error: Option<String>,
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum DeliveryOutcome {
    Sent,
    Later { next_ms: TimeMs, error: String },
    Failed { error: String },
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeliveryQuery {
    pub monitor: Option<i64>,
    pub state: Option<String>,
    pub key: Option<String>,
    pub range: Option<TimeRange>,
}

/// How deliveries by one kind of channel do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryFigures {
    pub channel: String,
    pub failed: i64,
    pub waiting: i64,
    /// The moment of the oldest notice that waits.
    pub oldest_ms: Option<TimeMs>,
}

type Row = (i64, String, String, String, i64, String, i64, String, i64, i64, Option<i64>, Option<String>);

/// No older delivery of the same group waits on the same handle; `d` is the delivery's row.
const IS_OLDEST: &str = "NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.org = d.org AND e.monitor = d.monitor AND e.at_ms < d.at_ms AND e.state = 'pending' AND e.grp = d.grp AND e.handle = d.handle)";

const COLUMNS: &str =
    "org, key, handle, channel, monitor, grp, at_ms, state, attempts, next_ms, sent_ms, error";

pub(super) async fn insert(
    transaction: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    notice: &StoredNotice,
    delivery: &NewDelivery,
    now_ms: TimeMs,
) -> Result<()> {
    sqlx::query("INSERT INTO deliveries (org, key, handle, channel, monitor, grp, at_ms, state, attempts, next_ms, sent_ms, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, NULL, $10) ON CONFLICT (org, key, handle) DO NOTHING")
        .bind(i64::from(notice.org.0))
        .bind(&notice.key)
        .bind(&delivery.handle)
        .bind(&delivery.channel)
        .bind(notice.monitor)
        .bind(&notice.group)
        .bind(notice.at_ms)
        .bind(if delivery.error.is_some() { "failed" } else { "pending" })
        .bind(now_ms)
        .bind(&delivery.error)
        .execute(&mut **transaction)
        .await?;
    // What waits before it in its order is tried with it, not when its long pause is over.
    sqlx::query("UPDATE deliveries SET next_ms = $1 WHERE state = 'pending' AND next_ms > $1 AND org = $2 AND handle = $3 AND monitor = $4 AND grp = $5 AND at_ms < $6")
        .bind(now_ms)
        .bind(i64::from(notice.org.0))
        .bind(&delivery.handle)
        .bind(notice.monitor)
        .bind(&notice.group)
        .bind(notice.at_ms)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl State {
    /// Pending deliveries whose time has come, the oldest notice first; at most `of_handle` of each handle, so that a slow one hides
    /// nobody. One whose group has an older one pending on the same handle waits for it: a recovery is not told before its alert.
    pub async fn due_deliveries(&self, of_handle: i64) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY org, handle ORDER BY at_ms, key) AS place FROM deliveries WHERE state = 'pending' AND next_ms <= $1) d WHERE d.place <= $2 AND {IS_OLDEST} ORDER BY d.at_ms, d.key, d.handle"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.now_ms())
            .bind(of_handle)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// Whether a delivery that was read is as it was: pending, with as many attempts.
    pub async fn is_still_due(&self, delivery: &Delivery) -> Result<bool> {
        let found: Option<(i64,)> = sqlx::query_as("SELECT attempts FROM deliveries WHERE org = $1 AND key = $2 AND handle = $3 AND state = 'pending' AND attempts = $4")
            .bind(i64::from(delivery.org.0))
            .bind(&delivery.key)
            .bind(&delivery.handle)
            .bind(delivery.attempts)
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    /// When the next pending delivery is due.
    pub async fn next_delivery_ms(&self) -> Result<Option<TimeMs>> {
        let sql = format!("SELECT MIN(next_ms) FROM deliveries d WHERE d.state = 'pending' AND {IS_OLDEST}");
        let (next,): (Option<i64>,) = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(&self.pool).await?;
        Ok(next)
    }

    /// Writes down an attempt.
    pub async fn keep_attempt(&self, delivery: &Delivery, outcome: &DeliveryOutcome) -> Result<()> {
        let now = self.now_ms();
        let (state, next_ms, sent_ms, error) = match outcome {
            DeliveryOutcome::Sent => ("sent", now, Some(now), None),
            DeliveryOutcome::Later { next_ms, error } => ("pending", *next_ms, None, Some(error)),
            DeliveryOutcome::Failed { error } => ("failed", now, None, Some(error)),
        };
        sqlx::query("UPDATE deliveries SET state = $1, attempts = attempts + 1, next_ms = $2, sent_ms = $3, error = $4 WHERE org = $5 AND key = $6 AND handle = $7")
            .bind(state)
            .bind(next_ms)
            .bind(sent_ms)
            .bind(error)
            .bind(i64::from(delivery.org.0))
            .bind(&delivery.key)
            .bind(&delivery.handle)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Makes a delivery that has failed, or waits, due at once. One that was sent is not sent again.
    pub async fn retry_delivery(&self, org: OrgId, key: &str, handle: &str) -> Result<()> {
        let done = sqlx::query("UPDATE deliveries SET state = 'pending', next_ms = $1 WHERE org = $2 AND key = $3 AND handle = $4 AND state <> 'sent'")
            .bind(self.now_ms())
            .bind(i64::from(org.0))
            .bind(key)
            .bind(handle)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 {
            let name = format!("{key} to {handle} that was not sent");
            return Err(Error::NotFound { what: "delivery", name });
        }
        Ok(())
    }

    /// A receiver takes notices again: what waits for it is due at once. Says how many.
    pub async fn hurry_deliveries(&self, org: OrgId, handle: &str) -> Result<u64> {
        let done = sqlx::query("UPDATE deliveries SET next_ms = $1 WHERE state = 'pending' AND next_ms > $1 AND org = $2 AND handle = $3")
            .bind(self.now_ms())
            .bind(i64::from(org.0))
            .bind(handle)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Makes due what waits beyond a moment: longer than any pause is, so the clock was wrong when it was written down.
    pub async fn hurry_deliveries_beyond(&self, beyond_ms: TimeMs) -> Result<u64> {
        let done = sqlx::query("UPDATE deliveries SET next_ms = $1 WHERE state = 'pending' AND next_ms > $2")
            .bind(self.now_ms())
            .bind(beyond_ms)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Deliveries of an org, the newest notice first.
    pub async fn deliveries(&self, org: OrgId, query: &DeliveryQuery, limit: i64) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE org = $1 AND ($2 IS NULL OR monitor = $2) AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR key = $4) AND at_ms >= $5 AND at_ms < $6 ORDER BY at_ms DESC, key, handle LIMIT $7"
        );
        let range = query.range.unwrap_or(TimeRange::all());
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(i64::from(org.0))
            .bind(query.monitor)
            .bind(&query.state)
            .bind(&query.key)
            .bind(range.start)
            .bind(range.end)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// By kind of channel, of all orgs: deliveries that failed for good since a moment, those that wait, and the oldest notice that waits.
    pub async fn delivery_figures(&self, since_ms: TimeMs) -> Result<Vec<DeliveryFigures>> {
        let rows: Vec<(String, i64, i64, Option<i64>)> = sqlx::query_as("SELECT channel, SUM(state = 'failed'), SUM(state = 'pending'), MIN(CASE WHEN state = 'pending' THEN at_ms END) FROM deliveries WHERE state = 'pending' OR (state = 'failed' AND next_ms >= $1) GROUP BY channel")
            .bind(since_ms)
            .fetch_all(&self.pool)
            .await?;
        let figures =
            |(channel, failed, waiting, oldest_ms)| DeliveryFigures { channel, failed, waiting, oldest_ms };
        Ok(rows.into_iter().map(figures).collect())
    }
}

fn from_row(row: Row) -> Delivery {
    let (org, key, handle, channel, monitor, group, at_ms, state, attempts, next_ms, sent_ms, error) = row;
    let org = OrgId(u32::try_from(org).unwrap_or(0));
    Delivery { org, key, handle, channel, monitor, group, at_ms, state, attempts, next_ms, sent_ms, error }
}
