//! What takes wide rows away, as rows: deletions and rules of retention (STORE 28, 29).

use super::{Catalog, filter_json};
use crate::rows::policy::Tombstone;
use crate::{Error, NsRange, Result, RetentionRule};
use oriel_model::{OrgId, Signal};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

/// Receipts that are kept; the oldest that are done go first.
pub(crate) const DELETIONS_MAX: usize = 1_000;

/// An org's rules with the version that files name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredRule {
    pub(crate) org: OrgId,
    pub(crate) version: u32,
    pub(crate) rule: RetentionRule,
}

impl Catalog {
    /// Adds a deletion over all files of this moment: it gets its id and sequence.
    pub(crate) async fn add_tombstone(&self, tombstone: &mut Tombstone, done: &[u64]) -> Result<()> {
        let mut connection = self.connection.lock().await;
        let mut tx = connection.begin().await?;
        tombstone.sequence = super::schema::next_sequence(&mut tx, self.epoch).await?;
        tombstone.id = tombstone.sequence;
        let statement = "INSERT INTO tombstone (id, org, signal, start_ns, end_ns, query, filter, created_ms, row_count) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        sqlx::query(statement)
            .bind(i64::try_from(tombstone.id).unwrap_or(i64::MAX))
            .bind(i64::from(tombstone.org.0))
            .bind(tombstone.signal as i64)
            .bind(tombstone.range.start)
            .bind(tombstone.range.end)
            .bind(&tombstone.query)
            .bind(filter_json::to_json(&tombstone.filter))
            .bind(tombstone.created_ms)
            .bind(i64::try_from(tombstone.rows).unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
        for id in done {
            let id = i64::try_from(*id).unwrap_or(i64::MAX);
            sqlx::query("DELETE FROM tombstone WHERE id = $1").bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Replaces an org's rules; gives them with their version.
    pub(crate) async fn set_rules(&self, org: OrgId, rules: &[RetentionRule]) -> Result<Vec<StoredRule>> {
        let mut connection = self.connection.lock().await;
        let mut tx = connection.begin().await?;
        let sequence = super::schema::next_sequence(&mut tx, self.epoch).await?;
        let version = u32::try_from(sequence).unwrap_or(u32::MAX);
        let org_number = i64::from(org.0);
        sqlx::query("DELETE FROM keep_rule WHERE org = $1").bind(org_number).execute(&mut *tx).await?;
        let statement = "INSERT INTO keep_rule (org, place, version, signal, name, query, filter, keep_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        for (place, rule) in rules.iter().enumerate() {
            sqlx::query(statement)
                .bind(org_number)
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(i64::from(version))
                .bind(rule.signal as i64)
                .bind(&rule.name)
                .bind(&rule.query)
                .bind(filter_json::to_json(&rule.filter))
                .bind(rule.keep_ms)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(rules.iter().map(|rule| StoredRule { org, version, rule: rule.clone() }).collect())
    }
}

/// All deletions, oldest first.
pub(super) async fn tombstones(connection: &mut SqliteConnection) -> Result<Vec<Tombstone>> {
    let select = "SELECT id, org, signal, start_ns, end_ns, query, filter, created_ms, row_count FROM tombstone ORDER BY id";
    let rows = sqlx::query(select).fetch_all(connection).await?;
    let tombstone = |row: &SqliteRow| {
        let id = number(row, 0);
        let query: String = row.get(5);
        let filter = filter_of(&row.get::<String, _>(6), &query)?;
        Ok(Tombstone {
            id,
            org: org_of(row, 1),
            signal: signal_of(row, 2)?,
            range: NsRange { start: row.get(3), end: row.get(4) },
            query,
            filter,
            sequence: id,
            created_ms: row.get(7),
            rows: number(row, 8),
        })
    };
    rows.iter().map(tombstone).collect()
}

/// All rules, in their orgs' order.
pub(super) async fn rules(connection: &mut SqliteConnection) -> Result<Vec<StoredRule>> {
    let select =
        "SELECT org, version, signal, name, query, filter, keep_ms FROM keep_rule ORDER BY org, place";
    let rows = sqlx::query(select).fetch_all(connection).await?;
    let rule = |row: &SqliteRow| {
        let query: String = row.get(4);
        let filter = filter_of(&row.get::<String, _>(5), &query)?;
        let (signal, keep_ms) = (signal_of(row, 2)?, row.get(6));
        let rule = RetentionRule { name: row.get(3), signal, filter, query, keep_ms };
        let version = u32::try_from(number(row, 1)).unwrap_or(u32::MAX);
        Ok(StoredRule { org: org_of(row, 0), version, rule })
    };
    rows.iter().map(rule).collect()
}

fn number(row: &SqliteRow, column: usize) -> u64 {
    u64::try_from(row.get::<i64, _>(column)).unwrap_or(0)
}

fn org_of(row: &SqliteRow, column: usize) -> OrgId {
    OrgId(u32::try_from(number(row, column)).unwrap_or(u32::MAX))
}

fn damaged(what: String) -> Error {
    Error::Corrupt { path: "catalog.db".into(), what }
}

fn signal_of(row: &SqliteRow, column: usize) -> Result<Signal> {
    let code = row.get::<i64, _>(column);
    let signal = Signal::WIDE.into_iter().find(|signal| *signal as i64 == code);
    signal.ok_or_else(|| damaged(format!("signal {code} is not known; start a newer program")))
}

fn filter_of(json: &str, query: &str) -> Result<oriel_model::Filter> {
    let reason =
        |e| damaged(format!("the filter of {query:?} can't be read ({e}); start the program that made it"));
    filter_json::from_json(json).map_err(reason)
}
