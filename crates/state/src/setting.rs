//! Settings of an organisation that are one JSON text each: how long rows are kept, and the like.

use crate::{Result, State};
use oriel_model::OrgId;

impl State {
    /// The text under a name; `None` when nobody has set it.
    pub async fn setting(&self, org: OrgId, name: &str) -> Result<Option<String>> {
        let found: Option<(String,)> =
            sqlx::query_as("SELECT body FROM settings WHERE org = $1 AND name = $2")
                .bind(i64::from(org.0))
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.map(|(body,)| body))
    }

    /// Keeps a text under a name; the last one wins.
    pub async fn set_setting(&self, org: OrgId, name: &str, body: &str) -> Result<()> {
        sqlx::query("INSERT INTO settings (org, name, body) VALUES ($1, $2, $3) ON CONFLICT (org, name) DO UPDATE SET body = excluded.body")
            .bind(i64::from(org.0))
            .bind(name)
            .bind(body)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What every organisation has under a name.
    pub async fn settings(&self, name: &str) -> Result<Vec<(OrgId, String)>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT org, body FROM settings WHERE name = $1 ORDER BY org")
                .bind(name)
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().filter_map(|(org, body)| Some((OrgId(u32::try_from(org).ok()?), body))).collect())
    }
}
