//! Logins: sessions behind a cookie, and one-time links. Both tokens are kept hashed. A session bears the CSRF token that
//! its page sends back with each change.

use crate::account::org_id;
use crate::{Result, State, User, secret};

/// How long a login lasts; a person who comes daily logs in monthly.
const SESSION_LIFE_MS: i64 = 30 * 24 * 3600 * 1000;

/// A login that is valid now.
#[derive(Clone, Debug)]
pub struct Session {
    pub user: User,
    pub csrf: String,
}

/// A login that was just made; the token is told once.
#[derive(Clone, Debug)]
pub struct StartedSession {
    pub token: String,
    pub csrf: String,
    pub life_s: i64,
}

impl State {
    pub async fn start_session(&self, user_id: i64) -> Result<StartedSession> {
        let now = self.now_ms();
        let (token, csrf) = (secret::random_hex(32), secret::random_hex(16));
        sqlx::query("DELETE FROM sessions WHERE expires_ms < $1").bind(now).execute(&self.pool).await?;
        sqlx::query(
            "INSERT INTO sessions (token, user_id, csrf, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(secret::digest_hex(&token))
        .bind(user_id)
        .bind(&csrf)
        .bind(now)
        .bind(now + SESSION_LIFE_MS)
        .execute(&self.pool)
        .await?;
        sqlx::query("UPDATE users SET last_login_ms = $1 WHERE id = $2")
            .bind(now)
            .bind(user_id)
            .execute(&self.pool)
            .await?;
        Ok(StartedSession { token, csrf, life_s: SESSION_LIFE_MS / 1000 })
    }

    pub async fn session(&self, token: &str) -> Result<Option<Session>> {
        let row: Option<(i64, i64, String, String, String)> = sqlx::query_as(
            "SELECT u.id, u.org, u.name, o.name, s.csrf FROM sessions s JOIN users u ON u.id = s.user_id JOIN orgs o ON o.id = u.org WHERE s.token = $1 AND s.expires_ms > $2",
        )
        .bind(secret::digest_hex(token))
        .bind(self.now_ms())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(id, org, name, org_name, csrf)| Session {
            user: User { id, org: org_id(org), org_name, name },
            csrf,
        }))
    }

    pub async fn end_session(&self, token: &str) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE token = $1")
            .bind(secret::digest_hex(token))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A token that starts one session of the user, once.
    pub async fn make_login_link(&self, user_id: i64, life_ms: i64) -> Result<String> {
        let token = secret::random_hex(24);
        sqlx::query("INSERT INTO login_links (token, user_id, expires_ms) VALUES ($1, $2, $3)")
            .bind(secret::digest_hex(&token))
            .bind(user_id)
            .bind(self.now_ms() + life_ms)
            .execute(&self.pool)
            .await?;
        Ok(token)
    }

    /// Uses a link up: the session it starts, if it is still good.
    pub async fn redeem_login_link(&self, token: &str) -> Result<Option<StartedSession>> {
        let now = self.now_ms();
        let row: Option<(i64, i64)> =
            sqlx::query_as("DELETE FROM login_links WHERE token = $1 RETURNING user_id, expires_ms")
                .bind(secret::digest_hex(token))
                .fetch_optional(&self.pool)
                .await?;
        match row {
            Some((user_id, expires_ms)) if expires_ms > now => Ok(Some(self.start_session(user_id).await?)),
            _ => Ok(None),
        }
    }
}
