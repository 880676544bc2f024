//! What people configure, and what is known of hosts and metrics beside their samples: organisations, users, sessions, keys,
//! dashboards, metric metadata, hosts, and counters of paths that agents asked for.
//!
//! One SQLite file, `DATA/state.db`, in WAL mode. Secrets are never kept as they are: passwords as argon2, everything else as
//! SHA-256 (they are 128 random bits and more, so no salt is needed). API keys are looked up for each request and so live in
//! memory too; the table is the truth. The SQL is what SQLite and PostgreSQL both understand.
//!
//! Never here: telemetry, HTTP.

mod account;
mod alert;
mod dashboard;
mod document;
mod error;
mod host;
mod intake;
mod key;
mod metric;
mod monitor;
mod notice;
mod path;
mod schema;
mod secret;
mod session;
mod setting;
mod units;

pub use account::{Bootstrap, Fixed, User};
pub use alert::{EvaluationCommit, GroupRow, NoticeRow, SeenRow, TRANSITIONS_KEPT_MS, TransitionRow};
pub use dashboard::{Dashboard, NewDashboard};
pub use document::{Document, DocumentKind};
pub use error::{Error, Result};
pub use host::{HostRecord, HostUpdate, Mute};
pub use intake::IntakeRun;
pub use key::{KeyInfo, KeyKind, KnownKey, MadeKey};
pub use metric::{MetricMetadata, MetricMetadataChange};
pub use monitor::{Monitor, NewMonitor};
pub use notice::{
    Delivery, DeliveryFigures, DeliveryOutcome, DeliveryQuery, NOTICES_KEPT_MS, NewDelivery, RenderedNotice,
    StoredNotice,
};
pub use path::AgentPath;
pub use session::{Session, StartedSession};
pub use units::{Unit, unit_by_name};

use oriel_model::{Clock, OrgId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The organisation of a first start, and of loopback listeners.
pub const DEFAULT_ORG: OrgId = OrgId(1);

/// See the crate's head. Cheap to share behind an `Arc`.
pub struct State {
    pool: sqlx::SqlitePool,
    clock: Arc<dyn Clock>,
    keys: key::KeyTable,
    metadata: metric::MetadataTable,
    changed_monitors: monitor::Changed,
}

impl State {
    /// Opens `state.db` in a data folder, makes it when it is missing, and brings its tables up to date.
    pub async fn open(data: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(data.join("state.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // A writer waits for another one at most this long: commits are single rows and take milliseconds.
            .busy_timeout(Duration::from_secs(10));
        // Four: a page asks for at most a handful of things at once, and SQLite has one writer anyway.
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        schema::migrate(&pool).await?;
        let keys = key::KeyTable::load(&pool).await?;
        let metadata = metric::MetadataTable::load(&pool).await?;
        Ok(Self { pool, clock, keys, metadata, changed_monitors: monitor::Changed::default() })
    }

    /// Writes what is held back, and closes the file.
    pub async fn close(&self) {
        if let Err(e) = self.save_key_use().await {
            tracing::warn!(error = %e, "the times of last use of keys were not saved");
        }
        self.pool.close().await;
    }

    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}
