//! What people write as JSON and a list keeps in order: pipelines, metrics from rows, scrub rules, saved views, downtimes, SLOs,
//! synthetic tests, webhooks, channels.
//!
//! Documents are kept whole, fields that nobody here knows included; what they mean is checked by who stores them. Each kind has a
//! table of the same form.

use crate::{Error, Result, State, secret};
use oriel_model::OrgId;
use serde_json::Value;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    Pipeline,
    LogMetric,
    SpanMetric,
    ScrubRule,
    View,
    Downtime,
    Slo,
    SloCorrection,
    SyntheticTest,
    Webhook,
    WebhookVariable,
    Channel,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub id: String,
    pub body: Value,
    pub created_ms: i64,
    pub modified_ms: i64,
}

/// One entry as text: the largest pipelines seen are some tens of kilobytes, lookup tables included.
const BODY_BYTES_MAX: usize = 1 << 20;

type Row = (String, String, i64, i64);

impl DocumentKind {
    fn table(self) -> &'static str {
        match self {
            Self::Pipeline => "pipelines",
            Self::LogMetric => "log_metrics",
            Self::SpanMetric => "span_metrics",
            Self::ScrubRule => "scrub_rules",
            Self::View => "saved_views",
            Self::Downtime => "downtimes",
            Self::Slo => "slos",
            Self::SloCorrection => "slo_corrections",
            Self::SyntheticTest => "synthetic_tests",
            Self::Webhook => "webhooks",
            Self::WebhookVariable => "webhook_variables",
            Self::Channel => "channels",
        }
    }

    /// Entries of one list of one organisation: every row that comes in may meet them all, and what compiles them has the same
    /// bounds.
    fn entries_max(self) -> i64 {
        match self {
            Self::Pipeline | Self::LogMetric | Self::SpanMetric => 500,
            Self::ScrubRule => 200,
            Self::View => 1_000,
            // A mute is a downtime: every monitor may have one.
            Self::Downtime => 20_000,
            Self::Slo | Self::SloCorrection => 2_000,
            Self::SyntheticTest | Self::Webhook | Self::WebhookVariable | Self::Channel => 500,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::LogMetric => "log-based metric",
            Self::SpanMetric => "span-based metric",
            Self::ScrubRule => "scrub rule",
            Self::View => "view",
            Self::Downtime => "downtime",
            Self::Slo => "SLO",
            Self::SloCorrection => "SLO correction",
            Self::SyntheticTest => "synthetic test",
            Self::Webhook => "webhook",
            Self::WebhookVariable => "webhook variable",
            Self::Channel => "channel",
        }
    }

    /// The table's name stands where a parameter can't; it is one of the words above.
    fn sql(self, text: &str) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(text.replace("TABLE", self.table()))
    }

    fn missing(self, id: &str) -> Error {
        Error::NotFound { what: self.what(), name: id.to_owned() }
    }
}

impl State {
    /// A list of an org, in its order.
    pub async fn documents(&self, org: OrgId, kind: DocumentKind) -> Result<Vec<Document>> {
        let sql = "SELECT id, body, created_ms, modified_ms FROM TABLE WHERE org = $1 ORDER BY place, created_ms, id";
        let rows: Vec<Row> =
            sqlx::query_as(kind.sql(sql)).bind(i64::from(org.0)).fetch_all(&self.pool).await?;
        rows.into_iter().map(|row| from_row(kind, row)).collect()
    }

    /// Every org that has an entry in a list.
    pub async fn document_orgs(&self, kind: DocumentKind) -> Result<Vec<OrgId>> {
        let rows: Vec<(i64,)> = sqlx::query_as(kind.sql("SELECT DISTINCT org FROM TABLE ORDER BY org"))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().filter_map(|(org,)| u32::try_from(org).ok()).map(OrgId).collect())
    }

    pub async fn document(&self, org: OrgId, kind: DocumentKind, id: &str) -> Result<Document> {
        let sql = "SELECT id, body, created_ms, modified_ms FROM TABLE WHERE org = $1 AND id = $2";
        let row: Option<Row> =
            sqlx::query_as(kind.sql(sql)).bind(i64::from(org.0)).bind(id).fetch_optional(&self.pool).await?;
        row.ok_or_else(|| kind.missing(id)).and_then(|row| from_row(kind, row))
    }

    /// Adds an entry at the end, under `id` or one that is made.
    pub async fn create_document(
        &self,
        org: OrgId,
        kind: DocumentKind,
        id: Option<&str>,
        body: Value,
    ) -> Result<Document> {
        let id = id.map_or_else(new_id, str::to_owned);
        let text = bounded(kind, &body)?;
        let now = self.now_ms();
        let sql = "INSERT INTO TABLE (org, id, place, body, created_ms, modified_ms) SELECT $1, $2, (SELECT COALESCE(MAX(place), 0) + 1 FROM TABLE WHERE org = $1), $3, $4, $4 WHERE (SELECT COUNT(*) FROM TABLE WHERE org = $1) < $5 ON CONFLICT (org, id) DO NOTHING";
        let done = sqlx::query(kind.sql(sql))
            .bind(i64::from(org.0))
            .bind(&id)
            .bind(text)
            .bind(now)
            .bind(kind.entries_max())
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 {
            return Err(match self.document(org, kind, &id).await {
                Ok(_) => Error::Exists { what: kind.what(), name: id },
                Err(_) => Error::Invalid(format!(
                    "there are {} of this kind already, which is the most; delete a {}",
                    kind.entries_max(),
                    kind.what()
                )),
            });
        }
        Ok(Document { id, body, created_ms: now, modified_ms: now })
    }

    /// Replaces an entry where it stands.
    pub async fn replace_document(
        &self,
        org: OrgId,
        kind: DocumentKind,
        id: &str,
        body: Value,
    ) -> Result<Document> {
        let sql = "UPDATE TABLE SET body = $1, modified_ms = $2 WHERE org = $3 AND id = $4";
        let done = sqlx::query(kind.sql(sql))
            .bind(bounded(kind, &body)?)
            .bind(self.now_ms())
            .bind(i64::from(org.0))
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 {
            return Err(kind.missing(id));
        }
        self.document(org, kind, id).await
    }

    pub async fn delete_document(&self, org: OrgId, kind: DocumentKind, id: &str) -> Result<()> {
        let done = sqlx::query(kind.sql("DELETE FROM TABLE WHERE org = $1 AND id = $2"))
            .bind(i64::from(org.0))
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 { Err(kind.missing(id)) } else { Ok(()) }
    }

    /// Puts a list into the order of `ids`, which must name each entry once.
    pub async fn order_documents(&self, org: OrgId, kind: DocumentKind, ids: &[String]) -> Result<()> {
        let mut known: Vec<String> = self.documents(org, kind).await?.into_iter().map(|d| d.id).collect();
        let mut wanted = ids.to_vec();
        known.sort_unstable();
        wanted.sort_unstable();
        if known != wanted {
            return Err(Error::Invalid(format!(
                "the order must name every {} once; there are {}",
                kind.what(),
                known.len()
            )));
        }
        let mut transaction = self.pool.begin().await?;
        for (place, id) in ids.iter().enumerate() {
            sqlx::query(kind.sql("UPDATE TABLE SET place = $1 WHERE org = $2 AND id = $3"))
                .bind(i64::try_from(place + 1).unwrap_or(i64::MAX))
                .bind(i64::from(org.0))
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

fn bounded(kind: DocumentKind, body: &Value) -> Result<String> {
    let text = body.to_string();
    if text.len() > BODY_BYTES_MAX {
        let (n, what) = (text.len(), kind.what());
        return Err(Error::Invalid(format!("the {what} has {n} bytes; at most {BODY_BYTES_MAX} are kept")));
    }
    Ok(text)
}

fn from_row(kind: DocumentKind, (id, body, created_ms, modified_ms): Row) -> Result<Document> {
    let body = serde_json::from_str(&body).map_err(|e| Error::Damaged {
        what: kind.what(),
        name: id.clone(),
        why: e.to_string(),
    })?;
    Ok(Document { id, body, created_ms, modified_ms })
}

/// 22 letters and digits, as the product people know has them: more than 64 bits.
fn new_id() -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = String::with_capacity(22);
    // Eight letters take 48 of the 53 random bits that one id has.
    for letters in [8, 7, 7] {
        let mut rest = secret::random_id();
        for _ in 0..letters {
            id.push(char::from(LETTERS[usize::try_from(rest % 62).unwrap_or(0)]));
            rest /= 62;
        }
    }
    id
}
