//! Hosts: when they were first and last heard of, the metadata that their agent posts, the states of its checks, and whether
//! somebody muted them. Tags of hosts are not here: they have a history and live in the store.

use crate::{Error, Result, State};
use oriel_model::{OrgId, TimeMs};
use serde_json::Value;

/// A host as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRecord {
    pub name: String,
    pub first_ms: i64,
    pub last_ms: i64,
    pub agent_version: String,
    /// The whole metadata payload; an empty object when none came.
    pub meta: Value,
    pub agent_checks: Vec<Value>,
    pub mute: Option<Mute>,
}

/// Somebody silenced a host.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mute {
    /// Seconds since the epoch; none: until it is unmuted.
    pub end_s: Option<i64>,
    pub message: String,
}

/// News of a host. What is absent stays as it was.
#[derive(Clone, Debug, Default)]
pub struct HostUpdate {
    pub agent_version: Option<String>,
    /// Top-level fields, put over those that are there.
    pub meta: Option<Value>,
    pub agent_checks: Option<Vec<Value>>,
}

type Row = (String, i64, i64, String, String, String, Option<String>);

impl State {
    /// Notes that a host was heard of now, and what it said.
    pub async fn update_host(&self, org: OrgId, name: &str, update: HostUpdate) -> Result<()> {
        let now = self.now_ms();
        let mut record = self.host(org, name).await?.unwrap_or_else(|| HostRecord {
            name: name.to_owned(),
            first_ms: now,
            last_ms: now,
            agent_version: String::new(),
            meta: Value::Object(serde_json::Map::new()),
            agent_checks: Vec::new(),
            mute: None,
        });
        record.agent_version = update.agent_version.unwrap_or(record.agent_version);
        record.agent_checks = update.agent_checks.unwrap_or(record.agent_checks);
        if let (Some(Value::Object(new)), Some(fields)) = (update.meta, record.meta.as_object_mut()) {
            fields.extend(new);
        }
        sqlx::query("INSERT INTO hosts (org, name, first_ms, last_ms, agent_version, meta, agent_checks) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, name) DO UPDATE SET last_ms = excluded.last_ms, agent_version = excluded.agent_version, meta = excluded.meta, agent_checks = excluded.agent_checks")
            .bind(i64::from(org.0))
            .bind(name)
            .bind(record.first_ms)
            .bind(now)
            .bind(&record.agent_version)
            .bind(record.meta.to_string())
            .bind(Value::from(record.agent_checks).to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes when hosts were heard of; an older time changes nothing. One transaction.
    pub async fn touch_hosts(&self, org: OrgId, hosts: &[(String, TimeMs)]) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        for (name, ms) in hosts {
            sqlx::query("INSERT INTO hosts (org, name, first_ms, last_ms, agent_version, meta, agent_checks) VALUES ($1, $2, $3, $3, '', '{}', '[]') ON CONFLICT (org, name) DO UPDATE SET last_ms = CASE WHEN excluded.last_ms > hosts.last_ms THEN excluded.last_ms ELSE hosts.last_ms END")
                .bind(i64::from(org.0))
                .bind(name)
                .bind(*ms)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub async fn host(&self, org: OrgId, name: &str) -> Result<Option<HostRecord>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT name, first_ms, last_ms, agent_version, meta, agent_checks, mute FROM hosts WHERE org = $1 AND name = $2",
        )
        .bind(i64::from(org.0))
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        row.map(from_row).transpose()
    }

    /// All of an org by name.
    pub async fn hosts(&self, org: OrgId) -> Result<Vec<HostRecord>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT name, first_ms, last_ms, agent_version, meta, agent_checks, mute FROM hosts WHERE org = $1 ORDER BY name",
        )
        .bind(i64::from(org.0))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Mutes a host, or with `None` unmutes it. A host nobody heard of may be muted before it comes.
    pub async fn mute_host(&self, org: OrgId, name: &str, mute: Option<Mute>) -> Result<()> {
        if self.host(org, name).await?.is_none() {
            self.touch_hosts(org, &[(name.to_owned(), self.now_ms())]).await?;
        }
        let text = mute.map(|m| serde_json::json!({"end_s": m.end_s, "message": m.message}).to_string());
        sqlx::query("UPDATE hosts SET mute = $1 WHERE org = $2 AND name = $3")
            .bind(text)
            .bind(i64::from(org.0))
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn from_row((name, first_ms, last_ms, agent_version, meta, checks, mute): Row) -> Result<HostRecord> {
    let damaged =
        |e: serde_json::Error| Error::Damaged { what: "host", name: name.clone(), why: e.to_string() };
    let meta = serde_json::from_str(&meta).map_err(damaged)?;
    let agent_checks = serde_json::from_str(&checks).map_err(damaged)?;
    let mute = mute.map(|m| serde_json::from_str(&m)).transpose().map_err(damaged)?;
    Ok(HostRecord { name: name.clone(), first_ms, last_ms, agent_version, meta, agent_checks, mute })
}
