//! Organisations and users, and what a first start makes: organisation `default`, user `admin`, one API key and one
//! application key. Credentials that the environment fixes are ensured at every start; others are made once and told once.

use crate::key::KeyKind;
use crate::{DEFAULT_ORG, Result, State, secret};
use oriel_model::OrgId;

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub org: OrgId,
    pub org_name: String,
    pub name: String,
}

/// Credentials that the environment fixes (`ORIEL_API_KEY`, `ORIEL_APP_KEY`, `ORIEL_ADMIN_PASSWORD`).
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    pub api_key: Option<String>,
    pub app_key: Option<String>,
    pub admin_password: Option<String>,
}

/// What a start made. Secrets are here once and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Bootstrap {
    pub first_start: bool,
    pub api_key: Option<String>,
    pub app_key: Option<String>,
    pub admin_password: Option<String>,
    /// For `/login?token=…`; made at each start until somebody has logged in.
    pub login_token: Option<String>,
}

/// How long a login link of a start works.
const LINK_LIFE_MS: i64 = 24 * 3600 * 1000;

impl State {
    /// Makes what is missing; see the module's head.
    pub async fn bootstrap(&self, fixed: &Fixed) -> Result<Bootstrap> {
        let mut made =
            Bootstrap { first_start: self.org_name(DEFAULT_ORG).await?.is_none(), ..Default::default() };
        if made.first_start {
            sqlx::query("INSERT INTO orgs (id, name, created_ms) VALUES ($1, $2, $3)")
                .bind(i64::from(DEFAULT_ORG.0))
                .bind("default")
                .bind(self.now_ms())
                .execute(&self.pool)
                .await?;
        }
        made.admin_password = self.ensure_admin(fixed.admin_password.as_deref()).await?;
        made.api_key = self.ensure_key(KeyKind::Api, fixed.api_key.as_deref(), made.first_start).await?;
        made.app_key = self.ensure_key(KeyKind::App, fixed.app_key.as_deref(), made.first_start).await?;
        if let Some(admin) = self.user("admin").await?
            && self.last_login_ms(admin.id).await?.is_none()
        {
            made.login_token = Some(self.make_login_link(admin.id, LINK_LIFE_MS).await?);
        }
        Ok(made)
    }

    /// The user of a name and password, if they fit. Takes as long for a name that does not exist.
    pub async fn authenticate(&self, name: &str, password: &str) -> Result<Option<User>> {
        let found: Option<(String,)> = sqlx::query_as("SELECT password FROM users WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        let Some((hashed,)) = found else {
            secret::hash_password(password.to_owned()).await?;
            return Ok(None);
        };
        if !secret::verify_password(password.to_owned(), hashed).await {
            return Ok(None);
        }
        self.user(name).await
    }

    pub async fn user(&self, name: &str) -> Result<Option<User>> {
        let row: Option<(i64, i64, String)> = sqlx::query_as(
            "SELECT u.id, u.org, o.name FROM users u JOIN orgs o ON o.id = u.org WHERE u.name = $1",
        )
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(id, org, org_name)| User { id, org: org_id(org), org_name, name: name.to_owned() }))
    }

    pub async fn org_name(&self, org: OrgId) -> Result<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT name FROM orgs WHERE id = $1")
            .bind(i64::from(org.0))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(name,)| name))
    }

    async fn last_login_ms(&self, user: i64) -> Result<Option<i64>> {
        let row: Option<(Option<i64>,)> = sqlx::query_as("SELECT last_login_ms FROM users WHERE id = $1")
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(|(ms,)| ms))
    }

    /// The password that was made, if one was.
    async fn ensure_admin(&self, fixed: Option<&str>) -> Result<Option<String>> {
        match (self.user("admin").await?, fixed) {
            (Some(_), None) => Ok(None),
            (Some(_), Some(password)) => {
                if self.authenticate("admin", password).await?.is_none() {
                    self.set_password("admin", password).await?;
                }
                Ok(None)
            }
            (None, fixed) => {
                let password = fixed.map_or_else(|| secret::random_hex(10), str::to_owned);
                sqlx::query(
                    "INSERT INTO users (id, org, name, password, created_ms) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(secret::random_id())
                .bind(i64::from(DEFAULT_ORG.0))
                .bind("admin")
                .bind(secret::hash_password(password.clone()).await?)
                .bind(self.now_ms())
                .execute(&self.pool)
                .await?;
                Ok(fixed.is_none().then_some(password))
            }
        }
    }

    /// Changes a password and ends the user's sessions.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<()> {
        let hashed = secret::hash_password(password.to_owned()).await?;
        sqlx::query("UPDATE users SET password = $1 WHERE name = $2")
            .bind(hashed)
            .bind(name)
            .execute(&self.pool)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE name = $1)")
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The key that was made, if one was.
    async fn ensure_key(
        &self,
        kind: KeyKind,
        fixed: Option<&str>,
        first_start: bool,
    ) -> Result<Option<String>> {
        if let Some(key) = fixed {
            if self.find_key(kind, key).is_none() {
                self.keep_key(DEFAULT_ORG, kind, "environment", key).await?;
            }
            return Ok(None);
        }
        if !first_start {
            return Ok(None);
        }
        Ok(Some(self.make_key(DEFAULT_ORG, kind, "first start").await?.key))
    }
}

/// Ids of organisations are small positive numbers of our own making.
pub(crate) fn org_id(stored: i64) -> OrgId {
    OrgId(u32::try_from(stored).unwrap_or(u32::MAX))
}
