//! One event: the body of `/api/v1/events`, and the entries of `/intake/`, which name the same things differently.

use super::json::{self, TagList, Text, time_ms};
use super::names::tags;
use crate::{Error, Result};
use oriel_model::{AlertType, Event, Limits, Priority, Reason, TimeMs};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow, default, alias = "msg_title")]
    title: Text<'a>,
    #[serde(borrow, default, alias = "msg_text")]
    text: Text<'a>,
    #[serde(borrow, default, alias = "timestamp")]
    date_happened: Option<&'a RawValue>,
    #[serde(borrow, default)]
    host: Text<'a>,
    #[serde(borrow, default)]
    priority: Text<'a>,
    #[serde(borrow, default)]
    alert_type: Text<'a>,
    #[serde(borrow, default)]
    aggregation_key: Text<'a>,
    #[serde(borrow, default)]
    source_type_name: Text<'a>,
    #[serde(borrow, default, alias = "device")]
    device_name: Text<'a>,
    #[serde(borrow, default)]
    tags: TagList<'a>,
}

/// Decodes `/api/v1/events`. The event's id is the store's to give.
pub fn event_v1(body: &[u8], now_ms: TimeMs) -> Result<Event> {
    let decoded = json::parse(body, |bytes| {
        let parsed: Body<'_> = serde_json::from_slice(bytes)?;
        Ok(parsed.into_event(now_ms))
    })?;
    decoded.map_err(|reason| Error::Syntax { format: "event", detail: explain(reason).to_owned() })
}

fn explain(reason: Reason) -> &'static str {
    match reason {
        Reason::BadName => "title is missing",
        Reason::BadTimestamp => "date_happened is no time in seconds",
        Reason::TextTooLong => "title or text is over the limit of 65536 bytes",
        other => other.as_str(),
    }
}

impl Body<'_> {
    pub(super) fn into_event(self, now_ms: TimeMs) -> std::result::Result<Event, Reason> {
        if self.title.0.is_empty() {
            return Err(Reason::BadName);
        }
        let most = Limits::default().event_text_bytes;
        if self.title.0.len() > most || self.text.0.len() > most {
            return Err(Reason::TextTooLong);
        }
        let device = (!self.device_name.0.is_empty()).then(|| format!("device:{}", self.device_name.0));
        let (tag_host, tags) = tags(self.tags.0.iter().map(AsRef::as_ref).chain(device.as_deref()));
        Ok(Event {
            id: 0,
            time_ms: time_ms(self.date_happened.map(RawValue::get), now_ms).ok_or(Reason::BadTimestamp)?,
            title: self.title.0.into_owned(),
            text: self.text.0.into_owned(),
            host: tag_host.unwrap_or_else(|| self.host.0.trim().to_owned()),
            source: self.source_type_name.0.into_owned(),
            aggregation_key: self.aggregation_key.0.into_owned(),
            priority: Priority::parse(&self.priority.0).unwrap_or_default(),
            alert_type: AlertType::parse(&self.alert_type.0).unwrap_or_default(),
            tags,
        })
    }
}
