//! Paths that agents post to and that nothing here takes yet, counted so that settings can show them.

use crate::{Result, State};

/// A path with how often it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AgentPath {
    pub path: String,
    pub count: i64,
    pub last_ms: i64,
}

/// Different paths that are counted: agents have some forty. Past it new ones are not kept.
const PATHS_MAX: i64 = 500;
/// Longest path that is kept whole.
const PATH_BYTES: usize = 200;

impl State {
    /// Counts one request.
    pub async fn count_agent_path(&self, path: &str) -> Result<()> {
        let end = (0..=path.len().min(PATH_BYTES)).rev().find(|&i| path.is_char_boundary(i)).unwrap_or(0);
        sqlx::query("INSERT INTO agent_paths (path, n, last_ms) SELECT $1, 1, $2 WHERE (SELECT COUNT(*) FROM agent_paths) < $3 OR EXISTS (SELECT 1 FROM agent_paths WHERE path = $1) ON CONFLICT (path) DO UPDATE SET n = agent_paths.n + 1, last_ms = excluded.last_ms")
            .bind(&path[..end])
            .bind(self.now_ms())
            .bind(PATHS_MAX)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The most asked for first.
    pub async fn agent_paths(&self) -> Result<Vec<AgentPath>> {
        let rows: Vec<(String, i64, i64)> =
            sqlx::query_as("SELECT path, n, last_ms FROM agent_paths ORDER BY n DESC, path")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|(path, count, last_ms)| AgentPath { path, count, last_ms }).collect())
    }
}
