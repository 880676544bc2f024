//! Dashboards in the v1 form that people export and post. The whole document is kept as it came, fields that nobody here
//! knows included; only what the server owns (`id`, times, author, address) is put in when it is given back.

use crate::{Error, Result, State, secret};
use oriel_model::OrgId;
use serde_json::Value;

/// A dashboard as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    pub id: String,
    /// The document without what the server owns.
    pub body: Value,
    pub author: String,
    pub created_ms: i64,
    pub modified_ms: i64,
}

/// What a person posts.
#[derive(Clone, Debug)]
pub struct NewDashboard {
    pub body: Value,
    pub author: String,
}

/// Fields that the server owns; they are taken out of what is posted and never believed.
const OWNED: [&str; 5] = ["id", "url", "author_handle", "created_at", "modified_at"];

type Row = (String, String, String, i64, i64);

impl State {
    pub async fn create_dashboard(&self, org: OrgId, new: NewDashboard) -> Result<Dashboard> {
        let now = self.now_ms();
        let dashboard = Dashboard {
            id: new_id(),
            body: without_owned(new.body)?,
            author: new.author,
            created_ms: now,
            modified_ms: now,
        };
        sqlx::query("INSERT INTO dashboards (org, id, body, author, created_ms, modified_ms) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(i64::from(org.0))
            .bind(&dashboard.id)
            .bind(dashboard.body.to_string())
            .bind(&dashboard.author)
            .bind(now)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(dashboard)
    }

    pub async fn dashboard(&self, org: OrgId, id: &str) -> Result<Dashboard> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, body, author, created_ms, modified_ms FROM dashboards WHERE org = $1 AND id = $2",
        )
        .bind(i64::from(org.0))
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        row.ok_or_else(|| missing(id)).and_then(from_row)
    }

    /// All of an org, the one that was changed last first.
    pub async fn dashboards(&self, org: OrgId) -> Result<Vec<Dashboard>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, body, author, created_ms, modified_ms FROM dashboards WHERE org = $1 ORDER BY modified_ms DESC, id",
        )
        .bind(i64::from(org.0))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Replaces the document; id, author and creation stay.
    pub async fn replace_dashboard(&self, org: OrgId, id: &str, body: Value) -> Result<Dashboard> {
        let done =
            sqlx::query("UPDATE dashboards SET body = $1, modified_ms = $2 WHERE org = $3 AND id = $4")
                .bind(without_owned(body)?.to_string())
                .bind(self.now_ms())
                .bind(i64::from(org.0))
                .bind(id)
                .execute(&self.pool)
                .await?;
        if done.rows_affected() == 0 {
            return Err(missing(id));
        }
        self.dashboard(org, id).await
    }

    pub async fn delete_dashboard(&self, org: OrgId, id: &str) -> Result<()> {
        let done = sqlx::query("DELETE FROM dashboards WHERE org = $1 AND id = $2")
            .bind(i64::from(org.0))
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
    }
}

fn missing(id: &str) -> Error {
    Error::NotFound { what: "dashboard", name: id.to_owned() }
}

fn from_row((id, body, author, created_ms, modified_ms): Row) -> Result<Dashboard> {
    let body = serde_json::from_str(&body).map_err(|e| Error::Damaged {
        what: "dashboard",
        name: id.clone(),
        why: e.to_string(),
    })?;
    Ok(Dashboard { id, body, author, created_ms, modified_ms })
}

/// Checks the little that every reader relies on, and takes out what is ours.
fn without_owned(mut body: Value) -> Result<Value> {
    let Some(fields) = body.as_object_mut() else {
        return Err(Error::Invalid("a dashboard is a JSON object; post the exported document".to_owned()));
    };
    if !fields.get("title").is_some_and(Value::is_string) {
        return Err(Error::Invalid("the dashboard has no \"title\"; add one".to_owned()));
    }
    if !fields.get("widgets").is_some_and(Value::is_array) {
        return Err(Error::Invalid(
            "the dashboard has no \"widgets\" list; add one, it may be empty".to_owned(),
        ));
    }
    if let Some(layout) = fields.get("layout_type")
        && !layout.as_str().is_some_and(|l| l == "ordered" || l == "free")
    {
        return Err(Error::Invalid(format!(
            "\"layout_type\" is {layout}; it must be \"ordered\" or \"free\""
        )));
    }
    if !fields.contains_key("layout_type") {
        fields.insert("layout_type".to_owned(), Value::from("ordered"));
    }
    for name in OWNED {
        fields.shift_remove(name);
    }
    Ok(body)
}

/// Three groups of three letters or digits, as people know them: 46 bits.
fn new_id() -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = secret::random_id();
    let mut id = String::with_capacity(11);
    for place in 0..9 {
        if place % 3 == 0 && place > 0 {
            id.push('-');
        }
        id.push(char::from(LETTERS[usize::try_from(rest % 36).unwrap_or(0)]));
        rest /= 36;
    }
    id
}
