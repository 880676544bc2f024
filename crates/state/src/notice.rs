//! Notices on their way: what was rendered of each, once, and its deliveries.
//!
//! A notice comes in as `new` with the round that owes it ([`crate::EvaluationCommit`]). One transaction keeps its content, its chart and its
//! deliveries, and makes it `rendered`; so a crash leaves it wholly unrendered or with every delivery. A delivery is `pending`
//! until it is `sent` or `failed` for good; only one that was being sent at a crash may be sent twice.

mod delivery;

pub use delivery::{Delivery, DeliveryFigures, DeliveryOutcome, DeliveryQuery, NewDelivery};

use crate::{Error, Result, State};
use oriel_model::{OrgId, TimeMs};

/// 90 days, as transitions are kept: the page of a monitor shows what was told beside them.
pub const NOTICES_KEPT_MS: i64 = 90 * 86_400_000;

/// Charts that are kept: at most 80 kB each, 400 MB together.
const CHARTS_KEPT: i64 = 5_000;

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

/// What was made of a notice.
#[derive(Clone, Debug)]
pub struct RenderedNotice<'a> {
    pub notice: &'a StoredNotice,
    /// JSON.
    pub content: String,
    /// Base64 of a PNG.
    pub chart: Option<String>,
    pub deliveries: Vec<NewDelivery>,
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

    /// Keeps what was rendered, and owes its deliveries: all of the batch or nothing.
    pub async fn keep_rendered(&self, batch: &[RenderedNotice<'_>]) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        let now = self.now_ms();
        for RenderedNotice { notice, content, chart, deliveries } in batch {
            sqlx::query("UPDATE notices SET state = 'rendered', content = $1, chart = $2 WHERE org = $3 AND key = $4 AND state = 'new'")
                .bind(content)
                .bind(chart)
                .bind(i64::from(notice.org.0))
                .bind(&notice.key)
                .execute(&mut *transaction)
                .await?;
            for delivery in deliveries {
                delivery::insert(&mut transaction, notice, delivery, now).await?;
            }
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

    /// Takes out notices that are older than they are kept, and their deliveries, and charts but the newest; says how many notices.
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
        sqlx::query("UPDATE notices SET chart = NULL WHERE state = 'rendered' AND chart IS NOT NULL AND at_ms < (SELECT COALESCE(MIN(t.at_ms), 0) FROM (SELECT at_ms FROM notices WHERE state = 'rendered' AND chart IS NOT NULL ORDER BY at_ms DESC LIMIT $1) t)")
            .bind(CHARTS_KEPT)
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
