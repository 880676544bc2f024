//! Files and marks as rows.

use super::Sealed;
use crate::parts::{Content, Dataset, FileMeta, WideMeta};
use crate::wal::recover::Mark;
use crate::{Error, Result};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// SQL has no unsigned 64-bit numbers; ours stay far below their end.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned<T: TryFrom<i64> + Default>(row: &SqliteRow, column: usize) -> T {
    T::try_from(row.get::<i64, _>(column)).unwrap_or_default()
}

pub(super) async fn insert(connection: &mut SqliteConnection, file: &FileMeta) -> Result<()> {
    let statement = "INSERT INTO file (id, content, level, org_min, org_max, first_ms, last_ms, row_count, samples, bytes, \
                     crc32c, begin_seq, rules, class, tombstone, weighted) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    sqlx::query(statement)
        .bind(&file.id)
        .bind(file.content as i64)
        .bind(i64::from(file.level))
        .bind(i64::from(file.org_min))
        .bind(i64::from(file.org_max))
        .bind(file.first_ms)
        .bind(file.last_ms)
        .bind(signed(file.rows))
        .bind(signed(file.samples))
        .bind(signed(file.bytes))
        .bind(i64::from(file.crc32c))
        .bind(signed(file.begin_seq))
        .bind(i64::from(file.wide.rules))
        .bind(i64::from(file.wide.class))
        .bind(signed(file.wide.tombstone))
        .bind(i64::from(file.wide.weighted))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a live file out; how many rows that were (1, or 0 when it was not live).
pub(super) async fn end(connection: &mut SqliteConnection, id: &str, sequence: u64) -> Result<u64> {
    let statement = "UPDATE file SET end_seq = $1 WHERE id = $2 AND end_seq IS NULL";
    let done = sqlx::query(statement).bind(signed(sequence)).bind(id).execute(connection).await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete(connection: &mut SqliteConnection, id: &str) -> Result<()> {
    let statement = "DELETE FROM file WHERE id = $1 AND end_seq IS NOT NULL";
    sqlx::query(statement).bind(id).execute(connection).await?;
    Ok(())
}

/// Live files by begin sequence, and condemned ones.
pub(super) async fn files(connection: &mut SqliteConnection) -> Result<(Vec<FileMeta>, Vec<FileMeta>)> {
    let select = "SELECT id, content, level, org_min, org_max, first_ms, last_ms, row_count, samples, bytes, crc32c, \
                  begin_seq, end_seq, rules, class, tombstone, weighted FROM file ORDER BY begin_seq, id";
    let (mut live, mut condemned) = (Vec::new(), Vec::new());
    for row in sqlx::query(select).fetch_all(connection).await? {
        let file = file(&row)?;
        match row.get::<Option<i64>, _>(12) {
            None => live.push(file),
            Some(_) => condemned.push(file),
        }
    }
    Ok((live, condemned))
}

fn file(row: &SqliteRow) -> Result<FileMeta> {
    let id: String = row.get(0);
    let code: usize = unsigned(row, 1);
    let Some(&content) = Content::ALL.get(code) else {
        let what =
            format!("file {id} has content {code}, which this program does not know; start a newer one");
        return Err(Error::Corrupt { path: "catalog.db".into(), what });
    };
    Ok(FileMeta {
        id,
        dataset: content.dataset(),
        content,
        level: unsigned(row, 2),
        org_min: unsigned(row, 3),
        org_max: unsigned(row, 4),
        first_ms: row.get(5),
        last_ms: row.get(6),
        rows: unsigned(row, 7),
        samples: unsigned(row, 8),
        bytes: unsigned(row, 9),
        crc32c: unsigned(row, 10),
        begin_seq: unsigned(row, 11),
        wide: WideMeta {
            rules: unsigned(row, 13),
            class: unsigned(row, 14),
            tombstone: unsigned(row, 15),
            weighted: row.get::<i64, _>(16) != 0,
        },
    })
}

pub(super) async fn set_mark(connection: &mut SqliteConnection, sealed: &Sealed<'_>) -> Result<()> {
    let statement = "INSERT INTO mark (dataset, lsn, generation, digests) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (dataset) DO UPDATE SET lsn = $2, generation = $3, digests = $4";
    sqlx::query(statement)
        .bind(sealed.dataset as i64)
        .bind(signed(sealed.mark.lsn))
        .bind(signed(sealed.mark.generation))
        .bind(&sealed.digests)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks and digests by dataset; zero and empty for one that was never sealed.
pub(super) async fn marks(
    connection: &mut SqliteConnection,
) -> Result<([Mark; Dataset::COUNT], [Vec<u8>; Dataset::COUNT])> {
    let (mut marks, mut digests) =
        ([Mark::default(); Dataset::COUNT], <[Vec<u8>; Dataset::COUNT]>::default());
    let select = "SELECT dataset, lsn, generation, digests FROM mark";
    for row in sqlx::query(select).fetch_all(connection).await? {
        let n: usize = unsigned(&row, 0);
        if n < Dataset::ALL.len() {
            marks[n] = Mark { lsn: unsigned(&row, 1), generation: unsigned(&row, 2) };
            digests[n] = row.get(3);
        }
    }
    Ok((marks, digests))
}
