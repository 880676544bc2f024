//! The catalog's tables and its three counters: the writer's epoch, the commit sequence, the identity key.

use crate::{Error, Result};
use oriel_model::CANONICAL_VERSION;
use sqlx::{Row, SqliteConnection};
use std::path::Path;

/// The version of these tables and of what the raw bytes in them mean. A store of a higher version is not opened.
const FORMAT_VERSION: i64 = 2;

/// As the first version had them; [`STEPS`] bring them up to date.
const TABLES: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS writer (one BIGINT PRIMARY KEY, epoch BIGINT NOT NULL, sequence BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS identity (one BIGINT PRIMARY KEY, format BIGINT NOT NULL, canonical BIGINT NOT NULL, \
     secret BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mark (dataset BIGINT PRIMARY KEY, lsn BIGINT NOT NULL, generation BIGINT NOT NULL, \
     digests BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS file (id TEXT PRIMARY KEY, content BIGINT NOT NULL, level BIGINT NOT NULL, \
     org_min BIGINT NOT NULL, org_max BIGINT NOT NULL, first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL, \
     row_count BIGINT NOT NULL, samples BIGINT NOT NULL, bytes BIGINT NOT NULL, crc32c BIGINT NOT NULL, \
     begin_seq BIGINT NOT NULL, end_seq BIGINT)",
    "CREATE TABLE IF NOT EXISTS host_tag (org BIGINT NOT NULL, host TEXT NOT NULL, source TEXT NOT NULL, \
     from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, tags TEXT NOT NULL)",
];

/// What each version changed, from the second on.
const STEPS: [&[&str]; 1] = [&[
    "ALTER TABLE file ADD COLUMN rules BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE file ADD COLUMN class BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE file ADD COLUMN tombstone BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE file ADD COLUMN weighted BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE tombstone (id BIGINT PRIMARY KEY, org BIGINT NOT NULL, signal BIGINT NOT NULL, \
     start_ns BIGINT NOT NULL, end_ns BIGINT NOT NULL, query TEXT NOT NULL, filter TEXT NOT NULL, \
     created_ms BIGINT NOT NULL, row_count BIGINT NOT NULL)",
    "CREATE TABLE keep_rule (org BIGINT NOT NULL, place BIGINT NOT NULL, version BIGINT NOT NULL, \
     signal BIGINT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, filter TEXT NOT NULL, keep_ms BIGINT NOT NULL, \
     PRIMARY KEY (org, place))",
]];

/// Makes what is missing; one transaction, and none when all is there.
pub(super) async fn create(connection: &mut SqliteConnection) -> Result<()> {
    use sqlx::Connection;
    let mut tx = connection.begin().await?;
    for table in TABLES {
        sqlx::query(table).execute(&mut *tx).await?;
    }
    sqlx::query("INSERT INTO writer (one, epoch, sequence) VALUES (1, 0, 0) ON CONFLICT (one) DO NOTHING")
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO identity (one, format, canonical, secret) VALUES (1, $1, $2, $3) ON CONFLICT (one) DO NOTHING",
    )
    .bind(1)
    .bind(i64::from(CANONICAL_VERSION))
    .bind(rand::random::<[u8; 16]>().to_vec())
    .execute(&mut *tx)
    .await?;
    let format = sqlx::query("SELECT format FROM identity WHERE one = 1").fetch_one(&mut *tx).await?;
    let format: i64 = format.get(0);
    for (version, step) in (2..).zip(STEPS).filter(|(version, _)| *version > format) {
        for statement in step {
            sqlx::query(*statement).execute(&mut *tx).await?;
        }
        let update = "UPDATE identity SET format = $1 WHERE one = 1";
        sqlx::query(update).bind(version).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes over: commits of an earlier epoch fail from now on.
pub(super) async fn become_writer(connection: &mut SqliteConnection) -> Result<i64> {
    let row = sqlx::query("UPDATE writer SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch");
    Ok(row.fetch_one(connection).await?.get(0))
}

/// The number of a commit; an error when another writer has taken over.
pub(super) async fn next_sequence(connection: &mut SqliteConnection, epoch: i64) -> Result<u64> {
    let update = "UPDATE writer SET sequence = sequence + 1 WHERE one = 1 AND epoch = $1 RETURNING sequence";
    let row = sqlx::query(update).bind(epoch).fetch_optional(connection).await?;
    match row {
        Some(row) => Ok(u64::try_from(row.get::<i64, _>(0)).unwrap_or(0)),
        None => Err(Error::Closed("another process writes this store's catalog".into())),
    }
}

/// The key of series' identity (STORE 3); an error when the folder's format is not ours.
pub(super) async fn identity_key(connection: &mut SqliteConnection, path: &Path) -> Result<[u8; 16]> {
    let select = "SELECT format, canonical, secret FROM identity WHERE one = 1";
    let row = sqlx::query(select).fetch_one(connection).await?;
    let (format, canonical): (i64, i64) = (row.get(0), row.get(1));
    let damaged = |what: String| Error::Corrupt { path: path.display().to_string(), what };
    if format < FORMAT_VERSION && canonical == i64::from(CANONICAL_VERSION) {
        return Err(damaged(format!(
            "it has the older format {format}; start the server on it once, which brings it up to {FORMAT_VERSION}"
        )));
    }
    if (format, canonical) != (FORMAT_VERSION, i64::from(CANONICAL_VERSION)) {
        return Err(damaged(format!(
            "it has format {format}.{canonical} and this program knows {FORMAT_VERSION}.{CANONICAL_VERSION}; \
             start the program that made it"
        )));
    }
    let secret: Vec<u8> = row.get(2);
    secret.try_into().map_err(|_| damaged("the identity key has a wrong length; restore the catalog".into()))
}
