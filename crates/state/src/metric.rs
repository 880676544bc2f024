//! What people say of a metric: type, unit, description. Stored by org and metric as a document; for metrics of the system and
//! PostgreSQL checks the unit is known without anybody saying so.

use crate::{Error, Result, State, units};
use oriel_model::OrgId;

/// What is known of a metric; a field that nobody set is absent.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MetricMetadata {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub description: Option<String>,
    pub short_name: Option<String>,
    pub unit: Option<String>,
    pub per_unit: Option<String>,
    pub statsd_interval: Option<i64>,
}

/// A change: a field that is absent stays as it was.
pub type MetricMetadataChange = MetricMetadata;

/// Types that people may give.
const TYPES: [&str; 4] = ["gauge", "count", "rate", "distribution"];

impl MetricMetadata {
    fn or(self, other: Self) -> Self {
        Self {
            kind: self.kind.or(other.kind),
            description: self.description.or(other.description),
            short_name: self.short_name.or(other.short_name),
            unit: self.unit.or(other.unit),
            per_unit: self.per_unit.or(other.per_unit),
            statsd_interval: self.statsd_interval.or(other.statsd_interval),
        }
    }
}

impl State {
    /// What was said of a metric, else what is built in.
    pub async fn metric_metadata(&self, org: OrgId, metric: &str) -> Result<MetricMetadata> {
        let said = self.said_of_metric(org, metric).await?.unwrap_or_default();
        Ok(said.or(built_in(metric)))
    }

    /// All that was said of an org's metrics, without what is built in.
    pub async fn all_metric_metadata(&self, org: OrgId) -> Result<Vec<(String, MetricMetadata)>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT metric, body FROM metric_metadata WHERE org = $1 ORDER BY metric")
                .bind(i64::from(org.0))
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(|(metric, body)| Ok((metric.clone(), parse(&metric, &body)?))).collect()
    }

    /// Changes the fields that are given.
    pub async fn change_metric_metadata(
        &self,
        org: OrgId,
        metric: &str,
        change: MetricMetadataChange,
    ) -> Result<MetricMetadata> {
        if let Some(kind) = &change.kind
            && !TYPES.contains(&kind.as_str())
        {
            return Err(Error::Invalid(format!("type {kind:?} is not one of {}", TYPES.join(", "))));
        }
        let merged = change.or(self.said_of_metric(org, metric).await?.unwrap_or_default());
        let body = serde_json::to_string(&merged).map_err(|e| Error::Invalid(e.to_string()))?;
        sqlx::query("INSERT INTO metric_metadata (org, metric, body) VALUES ($1, $2, $3) ON CONFLICT (org, metric) DO UPDATE SET body = excluded.body")
            .bind(i64::from(org.0))
            .bind(metric)
            .bind(body)
            .execute(&self.pool)
            .await?;
        Ok(merged.or(built_in(metric)))
    }

    async fn said_of_metric(&self, org: OrgId, metric: &str) -> Result<Option<MetricMetadata>> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT body FROM metric_metadata WHERE org = $1 AND metric = $2")
                .bind(i64::from(org.0))
                .bind(metric)
                .fetch_optional(&self.pool)
                .await?;
        row.map(|(body,)| parse(metric, &body)).transpose()
    }
}

fn parse(metric: &str, body: &str) -> Result<MetricMetadata> {
    serde_json::from_str(body).map_err(|e| Error::Damaged {
        what: "metadata of",
        name: metric.to_owned(),
        why: e.to_string(),
    })
}

fn built_in(metric: &str) -> MetricMetadata {
    let (unit, per_unit) = units::of_metric(metric);
    MetricMetadata {
        unit: unit.map(str::to_owned),
        per_unit: per_unit.map(str::to_owned),
        ..Default::default()
    }
}
