//! A data point's series: the metric's name, the host slot, and tags from the resource and the point.

use super::resource::Speaker;
use super::value;
use crate::datadog::{Names, series_def};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use oriel_model::{Kind, MetricBatchBuilder, RawKey, SeriesOrdinal};
use std::borrow::Cow;

/// What of a resource becomes a tag of its metrics, under the names that containers' and clouds' metrics use elsewhere. All of
/// it would be many tags that never differ.
const TAGS: [(&str, &str); 19] = [
    ("container.id", "container_id"),
    ("container.name", "container_name"),
    ("container.image.name", "image_name"),
    ("container.image.tag", "image_tag"),
    ("k8s.cluster.name", "kube_cluster_name"),
    ("k8s.namespace.name", "kube_namespace"),
    ("k8s.pod.name", "pod_name"),
    ("k8s.container.name", "kube_container_name"),
    ("k8s.deployment.name", "kube_deployment"),
    ("k8s.replicaset.name", "kube_replica_set"),
    ("k8s.statefulset.name", "kube_stateful_set"),
    ("k8s.daemonset.name", "kube_daemon_set"),
    ("k8s.job.name", "kube_job"),
    ("k8s.cronjob.name", "kube_cronjob"),
    ("cloud.provider", "cloud_provider"),
    ("cloud.region", "region"),
    ("cloud.availability_zone", "zone"),
    ("cloud.account.id", "cloud_account"),
    ("service.namespace", "service_namespace"),
];

/// The names of one resource's series.
pub(super) struct SeriesNames {
    host: String,
    tags: Vec<String>,
    /// Of running totals only: two instances of a service on one host count apart.
    instance: Option<String>,
}

/// What a series is besides its name.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    pub(super) interval_s: u32,
    /// Behind the metric's name: `.count`, `.sum`.
    pub(super) suffix: &'static str,
}

impl Shape {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, interval_s: 0, suffix: "" }
    }
}

impl SeriesNames {
    pub(super) fn of(speaker: &Speaker) -> Self {
        let own = [("service", &speaker.service), ("env", &speaker.env), ("version", &speaker.version)];
        let mut tags: Vec<String> =
            own.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}:{v}")).collect();
        for (name, tag) in TAGS {
            if let Some(text) = value::find_text(&speaker.rest, name) {
                tags.push(format!("{tag}:{text}"));
            }
        }
        let instance = speaker.instance().map(|id| format!("service.instance.id:{id}"));
        Self { host: speaker.host.clone(), tags, instance }
    }

    fn names<'a>(
        &'a self,
        metric: &'a str,
        attributes: &[KeyValue],
        extra: Option<&str>,
        shape: Shape,
    ) -> Names<'a> {
        let metric = match shape.suffix {
            "" => Cow::Borrowed(metric),
            suffix => Cow::Owned(format!("{metric}{suffix}")),
        };
        let mut tags: Vec<Cow<'a, str>> = self.tags.iter().map(|t| Cow::Borrowed(t.as_str())).collect();
        if shape.kind == Kind::Cumulative {
            tags.extend(self.instance.as_deref().map(Cow::Borrowed));
        }
        for kv in attributes.iter().filter(|kv| !kv.key.is_empty()) {
            let text = kv.value.as_ref().and_then(|v| v.value.as_ref()).map(value::text).unwrap_or_default();
            tags.push(Cow::Owned(format!("{}:{text}", kv.key)));
        }
        tags.extend(extra.map(|t| Cow::Owned(t.to_owned())));
        Names { metric, host: Cow::Borrowed(&self.host), device: Cow::Borrowed(""), tags }
    }

    /// The series of a point.
    pub(super) fn series(
        &self,
        builder: &mut MetricBatchBuilder<'_>,
        (metric, attributes): (&str, &[KeyValue]),
        extra: Option<&str>,
        shape: Shape,
    ) -> Option<SeriesOrdinal> {
        let names = self.names(metric, attributes, extra, shape);
        let raw = names.key(builder, shape.kind, shape.interval_s);
        builder.series(raw, shape.kind, shape.interval_s, || series_def(&names))
    }

    /// The identity of a point's stream, instance included.
    pub(super) fn stream(
        &self,
        builder: &MetricBatchBuilder<'_>,
        (metric, attributes): (&str, &[KeyValue]),
    ) -> RawKey {
        let names = self.names(metric, attributes, None, Shape::new(Kind::Cumulative));
        names.key(builder, Kind::Cumulative, 0)
    }
}
