//! The tables, as a list of steps that only grows: step n brings a file of version n to n + 1. A step is one transaction with
//! its version, so that a crash leaves a file between steps, never inside one.

use crate::Result;

/// Each step is statements that SQLite and PostgreSQL both understand.
const STEPS: &[&[&str]] = &[
    &[
        "CREATE TABLE orgs (id BIGINT PRIMARY KEY, name TEXT NOT NULL, created_ms BIGINT NOT NULL)",
        "CREATE TABLE users (id BIGINT PRIMARY KEY, org BIGINT NOT NULL, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL, created_ms BIGINT NOT NULL, last_login_ms BIGINT)",
        "CREATE TABLE sessions (token TEXT PRIMARY KEY, user_id BIGINT NOT NULL, csrf TEXT NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL)",
        "CREATE TABLE login_links (token TEXT PRIMARY KEY, user_id BIGINT NOT NULL, expires_ms BIGINT NOT NULL)",
        "CREATE TABLE keys (id BIGINT PRIMARY KEY, org BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, hint TEXT NOT NULL, created_ms BIGINT NOT NULL, last_used_ms BIGINT)",
        "CREATE TABLE dashboards (org BIGINT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, author TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE metric_metadata (org BIGINT NOT NULL, metric TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (org, metric))",
        "CREATE TABLE hosts (org BIGINT NOT NULL, name TEXT NOT NULL, first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL, agent_version TEXT NOT NULL, meta TEXT NOT NULL, agent_checks TEXT NOT NULL, mute TEXT, PRIMARY KEY (org, name))",
        "CREATE TABLE agent_paths (path TEXT PRIMARY KEY, n BIGINT NOT NULL, last_ms BIGINT NOT NULL)",
    ],
    &[
        "CREATE TABLE settings (org BIGINT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (org, name))",
    ],
    &[
        "CREATE TABLE pipelines (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE log_metrics (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE span_metrics (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE scrub_rules (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE saved_views (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
    ],
    &[
        "CREATE TABLE monitors (org BIGINT NOT NULL, id BIGINT NOT NULL, body TEXT NOT NULL, author TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE monitor_groups (org BIGINT NOT NULL, monitor BIGINT NOT NULL, grp TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (org, monitor, grp))",
        "CREATE TABLE monitor_seen (org BIGINT NOT NULL, watch TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (org, watch))",
        "CREATE TABLE monitor_transitions (org BIGINT NOT NULL, monitor BIGINT NOT NULL, grp TEXT NOT NULL, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (org, monitor, at_ms, grp, kind))",
        "CREATE INDEX monitor_transitions_at ON monitor_transitions (org, at_ms)",
        "CREATE TABLE notices (org BIGINT NOT NULL, key TEXT NOT NULL, monitor BIGINT NOT NULL, grp TEXT NOT NULL, at_ms BIGINT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, content TEXT, chart TEXT, PRIMARY KEY (org, key))",
        "CREATE INDEX notices_state ON notices (state, at_ms)",
        "CREATE INDEX notices_monitor ON notices (org, monitor, at_ms)",
        "CREATE TABLE deliveries (org BIGINT NOT NULL, key TEXT NOT NULL, handle TEXT NOT NULL, channel TEXT NOT NULL, monitor BIGINT NOT NULL, grp TEXT NOT NULL, at_ms BIGINT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, next_ms BIGINT NOT NULL, sent_ms BIGINT, error TEXT, PRIMARY KEY (org, key, handle))",
        "CREATE INDEX deliveries_due ON deliveries (state, next_ms)",
        "CREATE INDEX deliveries_monitor ON deliveries (org, monitor, at_ms)",
        "CREATE INDEX deliveries_waiting ON deliveries (org, handle, monitor, grp, at_ms) WHERE state = 'pending'",
        "CREATE TABLE downtimes (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE slos (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE slo_corrections (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE synthetic_tests (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE webhooks (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE webhook_variables (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
        "CREATE TABLE channels (org BIGINT NOT NULL, id TEXT NOT NULL, place BIGINT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL, PRIMARY KEY (org, id))",
    ],
    &["CREATE TABLE intake_runs (from_ms BIGINT PRIMARY KEY, to_ms BIGINT NOT NULL, reason TEXT NOT NULL)"],
];

pub(crate) async fn migrate(pool: &sqlx::SqlitePool) -> Result<()> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").execute(pool).await?;
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT version FROM schema_version").fetch_optional(pool).await?;
    let version = match found {
        Some((version,)) => usize::try_from(version).unwrap_or(0),
        None => {
            sqlx::query("INSERT INTO schema_version (version) VALUES (0)").execute(pool).await?;
            0
        }
    };
    if version > STEPS.len() {
        return Err(crate::Error::Invalid(format!(
            "state.db has version {version} and this program knows {}; start the newer program on it",
            STEPS.len()
        )));
    }
    for (n, step) in STEPS.iter().enumerate().skip(version) {
        let mut transaction = pool.begin().await?;
        for statement in *step {
            sqlx::query(*statement).execute(&mut *transaction).await?;
        }
        let reached = i64::try_from(n + 1).unwrap_or(i64::MAX);
        sqlx::query("UPDATE schema_version SET version = $1")
            .bind(reached)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}
