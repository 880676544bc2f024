//! A series' name, host, device and tags, as they came, to its definition and its raw key.

use oriel_model::{
    Kind, MetricBatchBuilder, RawKey, Reason, SeriesDef, Tags, normalise_metric, normalise_tag,
};
use std::borrow::Cow;

/// What a series was called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names<'a> {
    pub metric: Cow<'a, str>,
    /// The field or resource; empty for none. A `host:` tag comes before it.
    pub host: Cow<'a, str>,
    pub device: Cow<'a, str>,
    pub tags: Vec<Cow<'a, str>>,
}

impl Names<'_> {
    /// The key of these bytes; kind and interval are part of it, so that a change of either is another entry.
    pub(crate) fn key(&self, builder: &MetricBatchBuilder<'_>, kind: Kind, interval_s: u32) -> RawKey {
        let shape = [kind as u8];
        let interval = interval_s.to_le_bytes();
        let mut pieces: Vec<&[u8]> = Vec::with_capacity(self.tags.len() + 5);
        pieces.extend([
            self.metric.as_bytes(),
            self.host.as_bytes(),
            self.device.as_bytes(),
            &shape,
            &interval,
        ]);
        pieces.extend(self.tags.iter().map(|t| t.as_bytes()));
        builder.key_of(&pieces)
    }
}

/// The definition in Datadog's form: what the Datadog intakes store and the agent gives to its aggregator.
pub fn series_def(names: &Names<'_>) -> Result<SeriesDef, Reason> {
    let metric = normalise_metric(names.metric.trim()).ok_or(Reason::BadName)?;
    let (tag_host, mut tags) = tags(names.tags.iter().map(AsRef::as_ref));
    if !names.device.is_empty() {
        tags.push(normalise_tag(&format!("device:{}", names.device)).into_owned());
    }
    let host = tag_host.unwrap_or_else(|| names.host.trim().to_owned());
    Ok(SeriesDef { metric: (&*metric).into(), host: host.into(), tags: Tags::canonical(tags) })
}

/// Tags in Datadog's form, and the host that a `host:` tag among them names.
pub(super) fn tags<'a>(given: impl Iterator<Item = &'a str>) -> (Option<String>, Vec<String>) {
    let mut host = None;
    let mut out = Vec::new();
    for tag in given {
        let tag = tag.trim();
        match tag.get(..5) {
            Some(key) if key.eq_ignore_ascii_case("host:") => host = Some(tag[5..].trim().to_owned()),
            _ => {
                let tag = normalise_tag(tag);
                if !tag.is_empty() {
                    out.push(tag.into_owned());
                }
            }
        }
    }
    (host, out)
}
