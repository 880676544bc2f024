//! What people say of a metric: type, unit, description. Stored by org and metric as a document, and held in memory, because
//! each answer of a query looks units up; for metrics of the system and PostgreSQL checks the unit is known without anybody
//! saying so.

use crate::account::org_id;
use crate::{Error, Result, State, units};
use oriel_model::OrgId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

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

/// What was said, by org and metric. Readers take the lock for one lookup.
pub(crate) struct MetadataTable(RwLock<HashMap<(OrgId, String), MetricMetadata>>);

impl MetadataTable {
    pub(crate) async fn load(pool: &sqlx::SqlitePool) -> Result<Self> {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT org, metric, body FROM metric_metadata").fetch_all(pool).await?;
        let entry = |(org, metric, body): (i64, String, String)| {
            let metadata = parse(&metric, &body)?;
            Ok(((org_id(org), metric), metadata))
        };
        Ok(Self(RwLock::new(rows.into_iter().map(entry).collect::<Result<_>>()?)))
    }

    fn get(&self, org: OrgId, metric: &str) -> Option<MetricMetadata> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        table.get(&(org, metric.to_owned())).cloned()
    }
}

impl State {
    /// What was said of a metric, else what is built in.
    pub fn metric_metadata(&self, org: OrgId, metric: &str) -> MetricMetadata {
        self.metadata.get(org, metric).unwrap_or_default().or(built_in(metric))
    }

    /// Whether anybody said anything of a metric.
    pub fn has_metric_metadata(&self, org: OrgId, metric: &str) -> bool {
        self.metadata.get(org, metric).is_some()
    }

    /// Keeps what senders say of metrics that nobody said anything of. One transaction.
    pub async fn describe_metrics(&self, org: OrgId, told: &[(String, MetricMetadata)]) -> Result<()> {
        let new: Vec<_> = told.iter().filter(|(name, _)| !self.has_metric_metadata(org, name)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        for (metric, metadata) in &new {
            let body = serde_json::to_string(metadata).map_err(|e| Error::Invalid(e.to_string()))?;
            sqlx::query("INSERT INTO metric_metadata (org, metric, body) VALUES ($1, $2, $3) ON CONFLICT (org, metric) DO NOTHING")
                .bind(i64::from(org.0))
                .bind(metric)
                .bind(body)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        let mut table = self.metadata.0.write().unwrap_or_else(PoisonError::into_inner);
        for (metric, metadata) in new {
            table.entry((org, metric.clone())).or_insert_with(|| metadata.clone());
        }
        Ok(())
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
        let merged = change.or(self.metadata.get(org, metric).unwrap_or_default());
        let body = serde_json::to_string(&merged).map_err(|e| Error::Invalid(e.to_string()))?;
        sqlx::query("INSERT INTO metric_metadata (org, metric, body) VALUES ($1, $2, $3) ON CONFLICT (org, metric) DO UPDATE SET body = excluded.body")
            .bind(i64::from(org.0))
            .bind(metric)
            .bind(body)
            .execute(&self.pool)
            .await?;
        let mut table = self.metadata.0.write().unwrap_or_else(PoisonError::into_inner);
        table.insert((org, metric.to_owned()), merged.clone());
        Ok(merged.or(built_in(metric)))
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
