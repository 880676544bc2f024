//! Notices on their way: what was rendered of each, once, and its deliveries.
//!
//! A notice comes in as `new` with the round that owes it ([`crate::EvaluationCommit`]). One transaction keeps its content, its chart and its
//! deliveries, and makes it `rendered`; so a crash leaves it wholly unrendered or with every delivery. A delivery is `pending`
//! until it is `sent` or `failed` for good; only one that was being sent at a crash may be sent twice.

mod delivery;

pub use delivery::{Delivery, DeliveryOutcome, DeliveryQuery, NewDelivery};

use crate::{Error, Result, State};
use oriel_model::{OrgId, TimeMs};

/// 90 days, as transitions are kept: the page of a monitor shows what was told beside them.
pub const NOTICES_KEPT_MS: i64 = 90 * 86_400_000;

/// One notice as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredNotice {
    pub org: OrgId,
    pub key: String,
    pub monitor: i64,
    pub group: String,
    pub at_ms: TimeMs,
    /// `new` or `rendered`.
    pub state: String,
    /// Its facts, JSON of the monitor room.
    pub body: String,
    /// What was rendered of it, JSON too.
    pub content: Option<String>,
}

type Row = (i64, String, i64, String, i64, String, String, Option<String>);

const COLUMNS: &str = "org, key, monitor, grp, at_ms, state, body, content";

impl State {
    /// Notices that nobody has rendered yet, the oldest first.
    pub async fn new_notices(&self, limit: i64) -> Result<Vec<StoredNotice>> {
        let sql = format!("SELECT {COLUMNS} FROM notices WHERE state = 'new' ORDER BY at_ms, key LIMIT $1");
        let rows: Vec<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// Keeps what was rendered, and owes its deliveries.
    pub async fn keep_rendered(
        &self,
        notice: &StoredNotice,
        content: &str,
        chart: Option<&str>,
        deliveries: &[NewDelivery],
    ) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE notices SET state = 'rendered', content = $1, chart = $2 WHERE org = $3 AND key = $4 AND state = 'new'")
            .bind(content)
            .bind(chart)
            .bind(i64::from(notice.org.0))
            .bind(&notice.key)
            .execute(&mut *transaction)
            .await?;
        let now = self.now_ms();
        for delivery in deliveries {
            sqlx::query("INSERT INTO deliveries (org, key, handle, channel, monitor, grp, at_ms, state, attempts, next_ms, sent_ms, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, NULL, $10) ON CONFLICT (org, key, handle) DO NOTHING")
                .bind(i64::from(notice.org.0))
                .bind(&notice.key)
                .bind(&delivery.handle)
                .bind(&delivery.channel)
                .bind(notice.monitor)
                .bind(&notice.group)
                .bind(notice.at_ms)
                .bind(if delivery.error.is_some() { "failed" } else { "pending" })
                .bind(now)
                .bind(&delivery.error)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub async fn notice(&self, org: OrgId, key: &str) -> Result<StoredNotice> {
        let sql = format!("SELECT {COLUMNS} FROM notices WHERE org = $1 AND key = $2");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(i64::from(org.0))
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.map(from_row).ok_or_else(|| Error::NotFound { what: "notice", name: key.to_owned() })
    }

    /// The chart of a notice, base64 of a PNG.
    pub async fn notice_chart(&self, org: OrgId, key: &str) -> Result<Option<String>> {
        let row: Option<(Option<String>,)> =
            sqlx::query_as("SELECT chart FROM notices WHERE org = $1 AND key = $2")
                .bind(i64::from(org.0))
                .bind(key)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.and_then(|(chart,)| chart))
    }

    /// Takes out notices that are older than they are kept, and their deliveries; says how many notices.
    pub async fn prune_notices(&self) -> Result<u64> {
        let before = self.now_ms() - NOTICES_KEPT_MS;
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM deliveries WHERE at_ms < $1")
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query("DELETE FROM notices WHERE at_ms < $1 AND state <> 'new'")
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }
}

fn from_row((org, key, monitor, group, at_ms, state, body, content): Row) -> StoredNotice {
    let org = OrgId(u32::try_from(org).unwrap_or(0));
    StoredNotice { org, key, monitor, group, at_ms, state, body, content }
}

#[cfg(test)]
mod tests;
