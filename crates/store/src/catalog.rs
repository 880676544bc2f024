//! The catalog: which files exist, how far they cover the log, and what must outlive a restart besides samples.
//!
//! A transaction here is the only commit of the store: files and the mark of their generation come together, a compaction's
//! outputs come as its inputs go (STORE 19, 26). One writer, one connection; each commit checks that it still is the writer,
//! and takes its sequence from a counter row. SQLite in WAL mode with full synchronisation; the statements are such that
//! PostgreSQL takes them too.

mod filter_json;
mod host_tags;
mod reserve;
mod row_policy;
mod rows;
mod schema;

use crate::parts::{Dataset, FileMeta};
use crate::rows::policy::Tombstone;
use crate::wal::recover::Mark;
use crate::{Error, Result};
use reserve::Reserve;
pub(crate) use row_policy::{DELETIONS_MAX, StoredRule};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// What a data folder's catalog says when it is opened.
pub(crate) struct Contents {
    pub(crate) identity_key: [u8; 16],
    /// Live files, by begin sequence.
    pub(crate) files: Vec<FileMeta>,
    /// Files that a commit let go of and that may still be on disk.
    pub(crate) condemned: Vec<FileMeta>,
    pub(crate) marks: [Mark; Dataset::COUNT],
    /// Digests of sealed requests, as [`Catalog::seal`] was given them.
    pub(crate) digests: [Vec<u8>; Dataset::COUNT],
    pub(crate) host_tags: Vec<(oriel_model::OrgId, oriel_model::HostTags)>,
    /// Oldest first.
    pub(crate) tombstones: Vec<Tombstone>,
    pub(crate) rules: Vec<StoredRule>,
}

/// A sealed generation.
pub(crate) struct Sealed<'a> {
    pub(crate) dataset: Dataset,
    pub(crate) mark: Mark,
    pub(crate) files: &'a mut [FileMeta],
    /// Digests of recent requests, kept so that they outlive the log's segments (STORE 12).
    pub(crate) digests: Vec<u8>,
}

pub(crate) struct Catalog {
    connection: Mutex<SqliteConnection>,
    path: PathBuf,
    epoch: i64,
    reserve: Reserve,
}

impl Catalog {
    /// Opens or makes the catalog in the store's folder, and becomes its writer.
    pub(crate) async fn open(store: &Path) -> Result<(Self, Contents)> {
        let path = store.join("catalog.db");
        let reserve = Reserve::hold(store);
        let mut connection = connect(&path, true).await?;
        let mut epoch = take_over(&mut connection).await;
        if matches!(&epoch, Err(e) if is_full(e)) && reserve.let_go() {
            epoch = take_over(&mut connection).await;
        }
        let epoch = epoch?;
        let identity_key = schema::identity_key(&mut connection, &path).await?;
        let contents = read(&mut connection, identity_key).await?;
        let catalog = Self { connection: Mutex::new(connection), path, epoch, reserve };
        catalog.tidy().await?;
        Ok((catalog, contents))
    }

    /// Reads the catalog and commits nothing; also what SQLite itself finds wrong with the file.
    pub(crate) async fn inspect(store: &Path) -> Result<(Contents, Vec<String>)> {
        let path = store.join("catalog.db");
        let mut connection = connect(&path, false).await?;
        let identity_key = schema::identity_key(&mut connection, &path).await?;
        let contents = read(&mut connection, identity_key).await?;
        let rows = sqlx::query("PRAGMA integrity_check").fetch_all(&mut connection).await?;
        let found = rows.iter().map(|r| r.get::<String, _>(0)).filter(|line| line != "ok").collect();
        connection.close().await?;
        Ok((contents, found))
    }

    /// Adds the files of a sealed generation and advances its dataset's mark, in one transaction. The files get their sequence.
    pub(crate) async fn seal(&self, sealed: &mut Sealed<'_>) -> Result<()> {
        let mut connection = self.connection.lock().await;
        let mut result = self.try_seal(&mut connection, sealed).await;
        if self.made_room(&result) {
            result = self.try_seal(&mut connection, sealed).await;
        }
        let Err(error) = result else { return Ok(()) };
        // A commit whose answer was lost is one all the same; to seal its generation again would store it twice.
        let (marks, _) = rows::marks(&mut connection).await?;
        if marks[sealed.dataset as usize] == sealed.mark { Ok(()) } else { Err(self.told(error)) }
    }

    async fn try_seal(&self, connection: &mut SqliteConnection, sealed: &mut Sealed<'_>) -> Result<()> {
        let mut tx = connection.begin().await?;
        let sequence = schema::next_sequence(&mut tx, self.epoch).await?;
        for file in sealed.files.iter_mut() {
            file.begin_seq = sequence;
            rows::insert(&mut tx, file).await?;
        }
        rows::set_mark(&mut tx, sealed).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Replaces files by others (or by none), in one transaction. Fails and changes nothing when one of the inputs has gone in
    /// the meantime.
    pub(crate) async fn replace(&self, inputs: &[FileMeta], outputs: &[FileMeta]) -> Result<()> {
        let mut connection = self.connection.lock().await;
        let mut result = self.try_replace(&mut connection, inputs, outputs).await;
        if self.made_room(&result) {
            result = self.try_replace(&mut connection, inputs, outputs).await;
        }
        result.map_err(|e| self.told(e))
    }

    async fn try_replace(
        &self,
        connection: &mut SqliteConnection,
        inputs: &[FileMeta],
        outputs: &[FileMeta],
    ) -> Result<()> {
        let mut tx = connection.begin().await?;
        let sequence = schema::next_sequence(&mut tx, self.epoch).await?;
        for file in inputs {
            if rows::end(&mut tx, &file.id, sequence).await? != 1 {
                let what = format!("file {} is not live any more; the commit was given up", file.id);
                return Err(Error::Corrupt { path: self.path.display().to_string(), what });
            }
        }
        for file in outputs {
            rows::insert(&mut tx, file).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets condemned files that are unlinked.
    pub(crate) async fn forget(&self, ids: &[String]) -> Result<()> {
        let mut connection = self.connection.lock().await;
        let mut tx = connection.begin().await?;
        for id in ids {
            rows::delete(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Brings SQLite's own log into the file and cuts it to nothing: the catalog is small, and so is its share of the disk.
    pub(crate) async fn tidy(&self) -> Result<()> {
        let mut connection = self.connection.lock().await;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut *connection).await?;
        self.reserve.hold_again();
        Ok(())
    }

    /// Brings everything into the one file and lets go of it. Commits from now on fail.
    pub(crate) async fn close(&self) -> Result<()> {
        let mut connection = self.connection.lock().await;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut *connection).await?;
        let idle = SqliteConnectOptions::new().in_memory(true).connect().await?;
        std::mem::replace(&mut *connection, idle).close().await?;
        Ok(())
    }

    /// Whether the failure was a full disk and the reserve has just been let go for one more try (STORE 23).
    fn made_room(&self, result: &Result<()>) -> bool {
        matches!(result, Err(e) if is_full(e)) && self.reserve.let_go()
    }

    /// A full disk under SQLite is a full disk: the transaction was rolled back, and it passes.
    fn told(&self, error: Error) -> Error {
        if is_full(&error) { Error::NoSpace { path: self.path.display().to_string() } } else { error }
    }

    /// Bytes of the reserve file.
    pub(crate) fn reserve_bytes(&self) -> u64 {
        self.reserve.bytes()
    }
}

async fn connect(path: &Path, create: bool) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("locking_mode", "EXCLUSIVE")
        .statement_cache_capacity(16);
    Ok(options.connect().await?)
}

/// Makes missing tables and becomes the writer.
async fn take_over(connection: &mut SqliteConnection) -> Result<i64> {
    schema::create(connection).await?;
    schema::become_writer(connection).await
}

async fn read(connection: &mut SqliteConnection, identity_key: [u8; 16]) -> Result<Contents> {
    let (files, condemned) = rows::files(connection).await?;
    let (marks, digests) = rows::marks(connection).await?;
    let host_tags = host_tags::all(connection).await?;
    let tombstones = row_policy::tombstones(connection).await?;
    let rules = row_policy::rules(connection).await?;
    Ok(Contents { identity_key, files, condemned, marks, digests, host_tags, tombstones, rules })
}

/// SQLITE_FULL, or the same from below it.
fn is_full(error: &Error) -> bool {
    const SQLITE_FULL: &str = "13";
    match error {
        Error::NoSpace { .. } => true,
        Error::Catalog(sqlx::Error::Database(e)) => e.code().is_some_and(|code| code == SQLITE_FULL),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
