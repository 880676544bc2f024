//! What became of monitors: states of groups, who was seen, transitions and notices, written by one transaction a round of
//! evaluations. A crash leaves all of a round or nothing of it, and what it left out is evaluated again.
//!
//! Bodies are JSON of the monitor room; this file only keeps them. Transitions are kept 90 days ([`TRANSITIONS_KEPT_MS`]): as
//! long as the longest window of an SLO.

use crate::intake::{self, IntakeRun};
use crate::{Result, State};
use oriel_model::{OrgId, TimeMs, TimeRange};
use std::sync::Arc;

/// 90 days: an SLO by monitor looks back as far.
pub const TRANSITIONS_KEPT_MS: i64 = 90 * 86_400_000;
/// Transitions that one reading gives; a page shows a hundred groups of some dozens each.
const TRANSITIONS_MAX: i64 = 100_000;

/// All that one round of evaluations changes, of one org.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluationCommit {
    /// Monitors whose groups are all forgotten, before `groups` are written: their keys have changed.
    pub regrouped: Vec<i64>,
    pub groups: Vec<GroupRow>,
    pub transitions: Vec<TransitionRow>,
    pub notices: Vec<NoticeRow>,
    pub seen: Vec<SeenRow>,
    /// The run of the intake that the round was made in. Rides along: alone it is no reason to write.
    pub intake: Option<IntakeRun>,
}

/// A group's state; without a body the group is forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    pub monitor: i64,
    pub group: Arc<str>,
    pub body: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TransitionRow {
    pub monitor: i64,
    pub group: Arc<str>,
    pub at_ms: TimeMs,
    /// One word; two transitions of a group at one moment differ in it.
    pub kind: String,
    pub body: String,
}

/// A notice that is owed: its facts, to be rendered once.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeRow {
    pub key: String,
    pub monitor: i64,
    pub group: Arc<str>,
    pub at_ms: TimeMs,
    pub body: String,
}

/// Who a watch has seen; without a body it is forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenRow {
    pub watch: String,
    pub body: Option<String>,
}

impl EvaluationCommit {
    pub fn is_empty(&self) -> bool {
        self.regrouped.is_empty()
            && self.groups.is_empty()
            && self.transitions.is_empty()
            && self.notices.is_empty()
            && self.seen.is_empty()
    }
}

type Transaction<'a> = sqlx::Transaction<'a, sqlx::Sqlite>;

impl State {
    /// Writes a round. Notices come in as `new`; one whose key is there already was made before a crash and stays as it is.
    /// Groups, transitions and notices of a monitor that was deleted meanwhile are left out.
    pub async fn commit_evaluation(&self, org: OrgId, commit: &EvaluationCommit) -> Result<()> {
        if commit.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        for monitor in &commit.regrouped {
            sqlx::query("DELETE FROM monitor_groups WHERE org = $1 AND monitor = $2")
                .bind(i64::from(org.0))
                .bind(monitor)
                .execute(&mut *transaction)
                .await?;
        }
        write_groups(&mut transaction, org, &commit.groups).await?;
        write_transitions(&mut transaction, org, &commit.transitions).await?;
        write_notices(&mut transaction, org, &commit.notices).await?;
        write_seen(&mut transaction, org, &commit.seen).await?;
        if let Some(run) = &commit.intake {
            intake::write_run(&mut transaction, run).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every group state of an org: monitor, group, body.
    pub async fn monitor_groups(&self, org: OrgId) -> Result<Vec<(i64, String, String)>> {
        Ok(sqlx::query_as(
            "SELECT monitor, grp, body FROM monitor_groups WHERE org = $1 ORDER BY monitor, grp",
        )
        .bind(i64::from(org.0))
        .fetch_all(&self.pool)
        .await?)
    }

    /// The same of one monitor: group, body.
    pub async fn groups_of_monitor(&self, org: OrgId, monitor: i64) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(
            "SELECT grp, body FROM monitor_groups WHERE org = $1 AND monitor = $2 ORDER BY grp",
        )
        .bind(i64::from(org.0))
        .bind(monitor)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Every watch's body.
    pub async fn monitor_seen(&self, org: OrgId) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as("SELECT watch, body FROM monitor_seen WHERE org = $1 ORDER BY watch")
            .bind(i64::from(org.0))
            .fetch_all(&self.pool)
            .await?)
    }

    /// Bodies of a monitor's transitions in a range, the newest first; of one group when it is named.
    pub async fn monitor_transitions(
        &self,
        (org, monitor): (OrgId, i64),
        range: TimeRange,
        group: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT body FROM monitor_transitions WHERE org = $1 AND monitor = $2 AND at_ms >= $3 AND at_ms < $4 AND ($5 IS NULL OR grp = $5) ORDER BY at_ms DESC, grp, kind LIMIT $6")
            .bind(i64::from(org.0))
            .bind(monitor)
            .bind(range.start)
            .bind(range.end)
            .bind(group)
            .bind(i64::try_from(limit).unwrap_or(TRANSITIONS_MAX).min(TRANSITIONS_MAX))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(body,)| body).collect())
    }

    /// The newest transition of each group before a moment: what its status was then.
    pub async fn monitor_transitions_before(
        &self,
        org: OrgId,
        monitor: i64,
        at_ms: TimeMs,
    ) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT t.body FROM monitor_transitions t JOIN (SELECT grp, MAX(at_ms) AS newest FROM monitor_transitions WHERE org = $1 AND monitor = $2 AND at_ms < $3 GROUP BY grp) n ON n.grp = t.grp AND n.newest = t.at_ms WHERE t.org = $1 AND t.monitor = $2 ORDER BY t.grp, t.kind LIMIT $4")
            .bind(i64::from(org.0))
            .bind(monitor)
            .bind(at_ms)
            .bind(TRANSITIONS_MAX)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(body,)| body).collect())
    }

    /// Bodies of all transitions of an org in a range with their monitor, the newest first.
    pub async fn transitions_of_org(
        &self,
        org: OrgId,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        Ok(sqlx::query_as("SELECT monitor, body FROM monitor_transitions WHERE org = $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY at_ms DESC LIMIT $4")
            .bind(i64::from(org.0))
            .bind(range.start)
            .bind(range.end)
            .bind(i64::try_from(limit).unwrap_or(TRANSITIONS_MAX).min(TRANSITIONS_MAX))
            .fetch_all(&self.pool)
            .await?)
    }

    /// Takes out transitions that are older than they are kept; says how many.
    pub async fn prune_transitions(&self) -> Result<u64> {
        let done = sqlx::query("DELETE FROM monitor_transitions WHERE at_ms < $1")
            .bind(self.now_ms() - TRANSITIONS_KEPT_MS)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

/// The condition that a monitor is still there; `$1` is the org and `$2` the monitor.
macro_rules! if_monitor {
    () => {
        "WHERE EXISTS (SELECT 1 FROM monitors WHERE org = $1 AND id = $2)"
    };
}

async fn write_groups(t: &mut Transaction<'_>, org: OrgId, rows: &[GroupRow]) -> Result<()> {
    for row in rows {
        let sql = match &row.body {
            Some(_) => concat!(
                "INSERT INTO monitor_groups (org, monitor, grp, body) SELECT $1, $2, $3, $4 ",
                if_monitor!(),
                " ON CONFLICT (org, monitor, grp) DO UPDATE SET body = excluded.body"
            ),
            None => "DELETE FROM monitor_groups WHERE org = $1 AND monitor = $2 AND grp = $3 AND $4 IS NULL",
        };
        sqlx::query(sql)
            .bind(i64::from(org.0))
            .bind(row.monitor)
            .bind(&*row.group)
            .bind(&row.body)
            .execute(&mut **t)
            .await?;
    }
    Ok(())
}

async fn write_transitions(t: &mut Transaction<'_>, org: OrgId, rows: &[TransitionRow]) -> Result<()> {
    for row in rows {
        sqlx::query(concat!(
            "INSERT INTO monitor_transitions (org, monitor, grp, at_ms, kind, body) SELECT $1, $2, $3, $4, $5, $6 ",
            if_monitor!(),
            " ON CONFLICT (org, monitor, at_ms, grp, kind) DO UPDATE SET body = excluded.body"
        ))
        .bind(i64::from(org.0))
        .bind(row.monitor)
        .bind(&*row.group)
        .bind(row.at_ms)
        .bind(&row.kind)
        .bind(&row.body)
        .execute(&mut **t)
        .await?;
    }
    Ok(())
}

async fn write_notices(t: &mut Transaction<'_>, org: OrgId, rows: &[NoticeRow]) -> Result<()> {
    for row in rows {
        sqlx::query(concat!(
            "INSERT INTO notices (org, monitor, key, grp, at_ms, state, body) SELECT $1, $2, $3, $4, $5, 'new', $6 ",
            if_monitor!(),
            " ON CONFLICT (org, key) DO NOTHING"
        ))
        .bind(i64::from(org.0))
        .bind(row.monitor)
        .bind(&row.key)
        .bind(&*row.group)
        .bind(row.at_ms)
        .bind(&row.body)
        .execute(&mut **t)
        .await?;
    }
    Ok(())
}

async fn write_seen(t: &mut Transaction<'_>, org: OrgId, rows: &[SeenRow]) -> Result<()> {
    for row in rows {
        let sql = match &row.body {
            Some(_) => {
                "INSERT INTO monitor_seen (org, watch, body) VALUES ($1, $2, $3) ON CONFLICT (org, watch) DO UPDATE SET body = excluded.body"
            }
            None => "DELETE FROM monitor_seen WHERE org = $1 AND watch = $2 AND $3 IS NULL",
        };
        sqlx::query(sql).bind(i64::from(org.0)).bind(&row.watch).bind(&row.body).execute(&mut **t).await?;
    }
    Ok(())
}
