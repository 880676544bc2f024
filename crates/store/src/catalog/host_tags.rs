//! Tags of hosts as rows with the span they hold for (STORE 7).

use super::Catalog;
use crate::{Error, Result};
use oriel_model::{HostTags, OrgId, TimeMs};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

impl Catalog {
    /// From `tags.from_ms` on, these are the tags; what held before ends there. `tags.to_ms` is not looked at.
    pub(crate) async fn set_host_tags(&self, org: OrgId, tags: &HostTags) -> Result<Vec<(OrgId, HostTags)>> {
        let mut connection = self.connection.lock().await;
        let mut tx = connection.begin().await?;
        super::schema::next_sequence(&mut tx, self.epoch).await?;
        // A row that would begin at or after the new one's start never held.
        let gone = "DELETE FROM host_tag WHERE org = $1 AND host = $2 AND source = $3 AND from_ms >= $4";
        let end =
            "UPDATE host_tag SET to_ms = $4 WHERE org = $1 AND host = $2 AND source = $3 AND to_ms > $4";
        for statement in [gone, end] {
            sqlx::query(statement)
                .bind(i64::from(org.0))
                .bind(&tags.host)
                .bind(&tags.source)
                .bind(tags.from_ms)
                .execute(&mut *tx)
                .await?;
        }
        if !tags.tags.is_empty() {
            insert(&mut tx, org, tags).await?;
        }
        tx.commit().await?;
        all(&mut connection).await
    }

    /// Drops rows that ended before `before_ms`: no sample that they could join is left.
    pub(crate) async fn expire_host_tags(&self, before_ms: TimeMs) -> Result<u64> {
        let mut connection = self.connection.lock().await;
        let statement = "DELETE FROM host_tag WHERE to_ms < $1";
        let done = sqlx::query(statement).bind(before_ms).execute(&mut *connection).await?;
        Ok(done.rows_affected())
    }
}

async fn insert(connection: &mut SqliteConnection, org: OrgId, tags: &HostTags) -> Result<()> {
    let statement =
        "INSERT INTO host_tag (org, host, source, from_ms, to_ms, tags) VALUES ($1, $2, $3, $4, $5, $6)";
    let list = serde_json::to_string(&tags.tags).unwrap_or_else(|_| "[]".into());
    sqlx::query(statement)
        .bind(i64::from(org.0))
        .bind(&tags.host)
        .bind(&tags.source)
        .bind(tags.from_ms)
        .bind(i64::MAX)
        .bind(list)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<(OrgId, HostTags)>> {
    let select = "SELECT org, host, source, from_ms, to_ms, tags FROM host_tag";
    let rows = sqlx::query(select).fetch_all(connection).await?;
    rows.iter().map(row).collect()
}

fn row(row: &SqliteRow) -> Result<(OrgId, HostTags)> {
    let org = OrgId(u32::try_from(row.get::<i64, _>(0)).unwrap_or(u32::MAX));
    let host: String = row.get(1);
    let tags = serde_json::from_str(&row.get::<String, _>(5)).map_err(|e| Error::Corrupt {
        path: "catalog.db".into(),
        what: format!("the tags of host {host} are not a JSON list ({e}); set them anew"),
    })?;
    Ok((org, HostTags { host, source: row.get(2), tags, from_ms: row.get(3), to_ms: row.get(4) }))
}
