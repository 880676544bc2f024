//! Metrics counted from rows: definitions in the form of Datadog's v2 API, and what they have counted.
//!
//! Two steps, so that a request that turns out to be a repeat counts nothing: [`RowMetrics::measure`] looks at a batch,
//! [`RowMetrics::add`] takes what it found. [`RowMetrics::flush`] gives the buckets of 10 s that are over, as series. Rows that
//! come after their bucket was flushed make a second point inside of the same bucket, which counts as well.

use crate::admit::Admission;
use crate::pipelines::Parse;
use crate::place::path_of;
use crate::{Error, Result};
use hashbrown::HashMap;
use oriel_model::{
    BUCKET_MS, BUCKET_S, Field, Filter, Kind, Mapping, Row, RowBatch, Series, Signal, Sketch, SketchSeries,
    Submission, TimeMs, normalise_metric, normalise_tag,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// Metrics of one signal of one organisation.
const METRICS_MAX: usize = 500;
/// Groups of one metric that are open at once; the rows of further ones are counted as left out.
const GROUPS_MAX: usize = 5_000;
/// Fields that one metric groups by.
const GROUP_BY_MAX: usize = 20;

/// A metric as the API has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricDefinition {
    /// The metric's name.
    pub id: String,
    pub attributes: MetricAttributes,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricAttributes {
    pub compute: Compute,
    #[serde(default)]
    pub filter: MetricFilter,
    #[serde(default)]
    pub group_by: Vec<GroupBy>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compute {
    pub aggregation_type: AggregationType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_percentiles: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AggregationType {
    #[default]
    Count,
    Distribution,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricFilter {
    #[serde(default)]
    pub query: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupBy {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<String>,
}

impl MetricDefinition {
    /// Reads the `data` of a request, and checks what compiling would not.
    pub fn from_json(data: &Json) -> Result<Self> {
        let definition: Self =
            serde_json::from_value(data.clone()).map_err(|e| Error::Form(format!("the metric: {e}")))?;
        let name = normalise_metric(&definition.id).unwrap_or_default();
        if name != definition.id {
            let id = &definition.id;
            return Err(Error::Form(format!(
                "{id:?} is no metric's name; write letters, digits, _ and ., beginning with a letter"
            )));
        }
        Ok(definition)
    }
}

/// Compiled metrics of one signal with what they have counted.
pub struct RowMetrics {
    signal: Signal,
    metrics: Vec<Metric>,
    /// Buckets from here on were not flushed before, in this process or an earlier one.
    fresh_from: TimeMs,
}

struct Metric {
    name: Arc<str>,
    filter: Filter,
    /// What a distribution is of; `None` counts rows.
    value: Option<Field>,
    groups: Vec<(Field, String)>,
    open: HashMap<(TimeMs, GroupKey), Cell>,
    left_out: u64,
}

/// The host slot and the tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct GroupKey {
    host: String,
    tags: Vec<String>,
}

enum Cell {
    Count(f64),
    Sketch(Box<Sketch>),
}

/// What a batch adds to one metric.
pub struct Measured {
    /// Where the metric was, and which it was: definitions may change before this is counted.
    metric: usize,
    name: Arc<str>,
    bucket: TimeMs,
    key: GroupKey,
    value: f64,
    weight: f32,
}

impl RowMetrics {
    pub fn compile(signal: Signal, definitions: &[MetricDefinition], parse: Parse<'_>) -> Result<Self> {
        if definitions.len() > METRICS_MAX {
            return Err(Error::TooMany { what: "metrics from rows", n: definitions.len(), max: METRICS_MAX });
        }
        let metrics = definitions.iter().map(|d| Metric::compile(signal, d, parse)).collect::<Result<_>>()?;
        Ok(Self { signal, metrics, fresh_from: TimeMs::MAX })
    }

    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// What the rows of a batch add; nothing is counted yet.
    pub fn measure(&self, batch: &RowBatch) -> Vec<Measured> {
        if batch.signal != self.signal || self.metrics.is_empty() {
            return Vec::new();
        }
        let admissions: Vec<Admission<'_>> =
            self.metrics.iter().map(|m| Admission::new(&m.filter, batch)).collect();
        let mut out = Vec::new();
        for at in 0..batch.len() {
            // Made at most once a row, and only when a metric may want it.
            let mut row: Option<Row> = None;
            for (number, metric) in self.metrics.iter().enumerate() {
                if !admissions[number].may_pass(at) {
                    continue;
                }
                let row = row.get_or_insert_with(|| batch.row(at));
                out.extend(metric.measure(number, row));
            }
        }
        out
    }

    /// Counts what was measured.
    pub fn add(&mut self, measured: Vec<Measured>) {
        for m in measured {
            let same = self.metrics.get(m.metric).is_some_and(|known| known.name == m.name);
            let place =
                if same { Some(m.metric) } else { self.metrics.iter().position(|k| k.name == m.name) };
            if let Some(metric) = place.and_then(|i| self.metrics.get_mut(i)) {
                metric.add(m);
            }
        }
    }

    /// The buckets that are over, each a point at its begin. One that may have been flushed before is a point inside of it, at a
    /// time that no other call gives, so that neither replaces the other.
    pub fn flush(&mut self, now: TimeMs) -> Submission {
        let current = bucket_of(now);
        // Every call of some 27 hours has its own of the bucket's milliseconds.
        let late_ms = now.div_euclid(BUCKET_MS).rem_euclid(BUCKET_MS - 1) + 1;
        let fresh_from = std::mem::replace(&mut self.fresh_from, current);
        let mut out = Submission::default();
        for metric in &mut self.metrics {
            metric.flush((current, fresh_from, late_ms), &mut out);
        }
        out
    }

    /// Takes over what another one has open: for a change of definitions.
    pub fn inherit(&mut self, before: &mut Self) {
        self.fresh_from = before.fresh_from;
        for metric in &mut self.metrics {
            let old = before.metrics.iter_mut().find(|m| m.name == metric.name && m.value == metric.value);
            if let Some(old) = old {
                metric.open = std::mem::take(&mut old.open);
                metric.left_out = old.left_out;
            }
        }
    }

    /// Rows left out since too many groups were open, by metric.
    pub fn left_out(&self) -> Vec<(&str, u64)> {
        self.metrics.iter().filter(|m| m.left_out > 0).map(|m| (&*m.name, m.left_out)).collect()
    }
}

impl Metric {
    fn compile(signal: Signal, definition: &MetricDefinition, parse: Parse<'_>) -> Result<Self> {
        let of = format!("the metric {:?}", definition.id);
        let attributes = &definition.attributes;
        let value = match (attributes.compute.aggregation_type, &attributes.compute.path) {
            (AggregationType::Count, _) => None,
            (AggregationType::Distribution, Some(path)) if !path.trim().is_empty() => {
                Some(Field::parse(signal, path.trim()))
            }
            (AggregationType::Distribution, _) => {
                return Err(Error::Form(format!("{of}: a distribution needs a \"path\", like @duration")));
            }
        };
        if attributes.group_by.len() > GROUP_BY_MAX {
            let n = attributes.group_by.len();
            return Err(Error::TooMany { what: "fields to group by", n, max: GROUP_BY_MAX });
        }
        let groups = attributes.group_by.iter().map(|g| {
            let name = g.tag_name.as_deref().filter(|n| !n.is_empty()).unwrap_or(path_of(&g.path));
            (Field::parse(signal, &g.path), normalise_tag(name).into_owned())
        });
        Ok(Self {
            name: definition.id.as_str().into(),
            filter: crate::pipelines::filter(&of, &attributes.filter.query, parse)?,
            value,
            groups: groups.collect(),
            open: HashMap::new(),
            left_out: 0,
        })
    }

    fn measure(&self, number: usize, row: &Row) -> Option<Measured> {
        if !self.filter.matches(row) {
            return None;
        }
        let value = match &self.value {
            Some(field) => row.value(field)?.number().filter(|x| x.is_finite())?,
            None => 1.0,
        };
        let mut key = GroupKey::default();
        for (field, name) in &self.groups {
            let Some(text) = row.value(field).and_then(|v| v.text().map(std::borrow::Cow::into_owned)) else {
                continue;
            };
            if name == "host" {
                key.host = text;
            } else {
                key.tags.push(normalise_tag(&format!("{name}:{text}")).into_owned());
            }
        }
        Some(Measured {
            metric: number,
            name: Arc::clone(&self.name),
            bucket: bucket_of(row.time_ms()),
            key,
            value,
            weight: row.weight,
        })
    }

    fn add(&mut self, m: Measured) {
        let place = (m.bucket, m.key);
        if self.open.len() >= GROUPS_MAX && !self.open.contains_key(&place) {
            self.left_out += 1;
            return;
        }
        let is_count = self.value.is_none();
        let new =
            || if is_count { Cell::Count(0.0) } else { Cell::Sketch(Box::new(Sketch::new(Mapping::AGENT))) };
        match self.open.entry(place).or_insert_with(new) {
            Cell::Count(n) => *n += f64::from(m.weight),
            // A weight is at least 1; parts of a row can't be in a bin.
            Cell::Sketch(sketch) => sketch.insert(m.value, m.weight.round().max(1.0) as u64),
        }
    }

    fn flush(&mut self, (current, fresh_from, late_ms): (TimeMs, TimeMs, i64), out: &mut Submission) {
        let interval_s = BUCKET_S;
        for ((bucket, key), cell) in self.open.extract_if(|(bucket, _), _| *bucket < current) {
            let time_ms = if bucket >= fresh_from { bucket } else { bucket + late_ms };
            let (metric, GroupKey { host, tags }) = (self.name.to_string(), key);
            match cell {
                Cell::Count(n) => {
                    let points = vec![(time_ms, n)];
                    out.series.push(Series { metric, host, tags, kind: Kind::Count, interval_s, points });
                }
                Cell::Sketch(sketch) => {
                    let points = vec![(time_ms, *sketch)];
                    out.sketches.push(SketchSeries { metric, host, tags, interval_s, points });
                }
            }
        }
    }
}

fn bucket_of(time_ms: TimeMs) -> TimeMs {
    time_ms.div_euclid(BUCKET_MS) * BUCKET_MS
}
