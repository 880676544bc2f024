//! Monitors in the v1 form that people export and post. The whole document is kept as it came, fields that nobody here knows
//! included; what the server owns is taken out, and put in again by who gives it back. What a monitor means is checked by the
//! monitor room before it is stored.
//!
//! The runtime hears of each change by [`State::take_changed_monitors`], so that no handler can forget to tell it.

use crate::{Error, Result, State, secret};
use oriel_model::OrgId;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// A monitor as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    pub id: i64,
    /// The document without what the server owns.
    pub body: Value,
    pub author: String,
    pub created_ms: i64,
    pub modified_ms: i64,
}

/// What is to be stored.
#[derive(Clone, Debug)]
pub struct NewMonitor {
    /// One of ours when missing. A given one must be free: the monitors that ship built in have ids of their own.
    pub id: Option<i64>,
    pub body: Value,
    pub author: String,
}

/// Fields that the server owns; they are taken out of what is posted and never believed.
const OWNED: [&str; 12] = [
    "id",
    "org_id",
    "created",
    "created_at",
    "modified",
    "deleted",
    "creator",
    "overall_state",
    "overall_state_modified",
    "matching_downtimes",
    "multi",
    "state",
];

/// Monitors of one organisation: twice what the bench holds.
const MONITORS_MAX: i64 = 20_000;
/// One monitor as text: messages are bounded to some kilobytes by those who write them, composites and schedules are small.
const BODY_BYTES_MAX: usize = 256 << 10;
/// Tries to find a free random id; with 20,000 of 2^31 taken, the second is needed once in 100,000 times.
const TRIES: usize = 8;

type Row = (i64, String, String, i64, i64);

/// See [`State::take_changed_monitors`].
#[derive(Default)]
pub(crate) struct Changed(Mutex<BTreeSet<(OrgId, i64)>>, Mutex<Numbered>);

/// The number of each monitor's newest change; bounded by the ids that were ever in the table while the process lives.
#[derive(Default)]
struct Numbered {
    newest: u64,
    of: BTreeMap<(OrgId, i64), u64>,
}

impl Changed {
    fn insert(&self, org: OrgId, id: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((org, id));
        let mut numbered = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        numbered.newest += 1;
        let newest = numbered.newest;
        numbered.of.insert((org, id), newest);
    }
}

impl State {
    pub async fn create_monitor(&self, org: OrgId, new: NewMonitor) -> Result<Monitor> {
        let body = without_owned(new.body)?;
        let text = bounded(&body)?;
        let now = self.now_ms();
        let tries = if new.id.is_some() { 1 } else { TRIES };
        for _ in 0..tries {
            let id = new.id.unwrap_or_else(new_id);
            let done = sqlx::query("INSERT INTO monitors (org, id, body, author, created_ms, modified_ms) SELECT $1, $2, $3, $4, $5, $5 WHERE (SELECT COUNT(*) FROM monitors WHERE org = $1) < $6 ON CONFLICT (org, id) DO NOTHING")
                .bind(i64::from(org.0))
                .bind(id)
                .bind(&text)
                .bind(&new.author)
                .bind(now)
                .bind(MONITORS_MAX)
                .execute(&self.pool)
                .await?;
            if done.rows_affected() > 0 {
                self.changed_monitors.insert(org, id);
                return Ok(Monitor { id, body, author: new.author, created_ms: now, modified_ms: now });
            }
        }
        if let Some(id) = new.id
            && self.monitor(org, id).await.is_ok()
        {
            return Err(Error::Exists { what: "monitor", name: id.to_string() });
        }
        Err(Error::Invalid(format!("there are {MONITORS_MAX} monitors, which is the most; delete one")))
    }

    pub async fn monitor(&self, org: OrgId, id: i64) -> Result<Monitor> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, body, author, created_ms, modified_ms FROM monitors WHERE org = $1 AND id = $2",
        )
        .bind(i64::from(org.0))
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        row.ok_or_else(|| missing(id)).and_then(from_row)
    }

    /// All of an org, by id.
    pub async fn monitors(&self, org: OrgId) -> Result<Vec<Monitor>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, body, author, created_ms, modified_ms FROM monitors WHERE org = $1 ORDER BY id",
        )
        .bind(i64::from(org.0))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Every org that has a monitor.
    pub async fn monitor_orgs(&self) -> Result<Vec<OrgId>> {
        let rows: Vec<(i64,)> =
            sqlx::query_as("SELECT DISTINCT org FROM monitors ORDER BY org").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(|(org,)| u32::try_from(org).ok()).map(OrgId).collect())
    }

    /// Replaces the document; id, author and creation stay, and so do the states of groups.
    pub async fn replace_monitor(&self, org: OrgId, id: i64, body: Value) -> Result<Monitor> {
        let text = bounded(&without_owned(body)?)?;
        let done = sqlx::query("UPDATE monitors SET body = $1, modified_ms = $2 WHERE org = $3 AND id = $4")
            .bind(text)
            .bind(self.now_ms())
            .bind(i64::from(org.0))
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 {
            return Err(missing(id));
        }
        self.changed_monitors.insert(org, id);
        self.monitor(org, id).await
    }

    /// Takes a monitor out with the states of its groups and its history. Notices that were made are still delivered.
    pub async fn delete_monitor(&self, org: OrgId, id: i64) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query("DELETE FROM monitors WHERE org = $1 AND id = $2")
            .bind(i64::from(org.0))
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Err(missing(id));
        }
        for sql in [
            "DELETE FROM monitor_groups WHERE org = $1 AND monitor = $2",
            "DELETE FROM monitor_transitions WHERE org = $1 AND monitor = $2",
        ] {
            sqlx::query(sql).bind(i64::from(org.0)).bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        self.changed_monitors.insert(org, id);
        Ok(())
    }

    /// Monitors that were made, replaced or deleted since the call before; one reader, the runtime. Bounded by the ids that were
    /// ever in the table between two calls.
    pub fn take_changed_monitors(&self) -> Vec<(OrgId, i64)> {
        let mut changed = self.changed_monitors.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *changed).into_iter().collect()
    }
}

impl State {
    /// The number of the newest change of any monitor, and an org's monitors that changed after change `since`: lists that are
    /// kept in memory follow by it, each at its own pace.
    pub fn monitors_changed_since(&self, org: OrgId, since: u64) -> (u64, Vec<i64>) {
        let numbered = self.changed_monitors.1.lock().unwrap_or_else(PoisonError::into_inner);
        if numbered.newest <= since {
            return (numbered.newest, Vec::new());
        }
        let of_org = numbered.of.range((org, i64::MIN)..=(org, i64::MAX));
        (numbered.newest, of_org.filter(|(_, n)| **n > since).map(|((_, id), _)| *id).collect())
    }
}

fn missing(id: i64) -> Error {
    Error::NotFound { what: "monitor", name: id.to_string() }
}

fn from_row((id, body, author, created_ms, modified_ms): Row) -> Result<Monitor> {
    let body = serde_json::from_str(&body).map_err(|e| Error::Damaged {
        what: "monitor",
        name: id.to_string(),
        why: e.to_string(),
    })?;
    Ok(Monitor { id, body, author, created_ms, modified_ms })
}

fn without_owned(mut body: Value) -> Result<Value> {
    let Some(fields) = body.as_object_mut() else {
        return Err(Error::Invalid("a monitor is a JSON object; post the exported document".to_owned()));
    };
    for name in OWNED {
        fields.shift_remove(name);
    }
    Ok(body)
}

fn bounded(body: &Value) -> Result<String> {
    let text = body.to_string();
    if text.len() > BODY_BYTES_MAX {
        let n = text.len();
        return Err(Error::Invalid(format!("the monitor has {n} bytes; at most {BODY_BYTES_MAX} are kept")));
    }
    Ok(text)
}

/// 31 random bits: clients hold ids as 64-bit numbers, pages as doubles, and some old ones as 32 signed bits.
fn new_id() -> i64 {
    (secret::random_id() >> 22) | 1 << 20
}
