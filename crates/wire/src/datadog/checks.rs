//! `/api/v1/check_run`: one service check as an object (datadogpy) or many as an array (the agent, datadog-api-client).

use super::json::{self, TagList, Text, time_ms};
use super::names::tags;
use crate::Result;
use oriel_model::{CheckStatus, Limits, Reason, Rejections, ServiceCheck, TimeMs};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Run<'a> {
    #[serde(borrow, default)]
    check: Text<'a>,
    #[serde(borrow, default, alias = "host")]
    host_name: Text<'a>,
    #[serde(borrow, default)]
    status: Text<'a>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Text<'a>,
    #[serde(borrow, default)]
    tags: TagList<'a>,
}

/// Decodes `/api/v1/check_run`.
pub fn check_run(body: &[u8], now_ms: TimeMs) -> Result<(Vec<ServiceCheck>, Rejections)> {
    json::parse(body, |bytes| {
        let whole: &RawValue = serde_json::from_slice(bytes)?;
        let text = whole.get().trim();
        let runs: Vec<&str> = if text.starts_with('[') { json::elements(text).collect() } else { vec![text] };
        let (mut checks, mut rejections) = (Vec::with_capacity(runs.len()), Rejections::default());
        for text in runs {
            match check(text, now_ms) {
                Ok(check) => checks.push(check),
                Err(reason) => rejections.add(reason, 1, || text.to_owned()),
            }
        }
        Ok((checks, rejections))
    })
}

fn check(text: &str, now_ms: TimeMs) -> std::result::Result<ServiceCheck, Reason> {
    let run: Run<'_> = serde_json::from_str(text).map_err(|_| Reason::BadSyntax)?;
    if run.check.0.trim().is_empty() {
        return Err(Reason::BadName);
    }
    if run.message.0.len() > Limits::default().event_text_bytes {
        return Err(Reason::TextTooLong);
    }
    let status = json::number(&run.status.0).filter(|s| s.fract() == 0.0).ok_or(Reason::BadValue)?;
    let (tag_host, tags) = tags(run.tags.0.iter().map(AsRef::as_ref));
    Ok(ServiceCheck {
        time_ms: time_ms(run.timestamp.map(RawValue::get), now_ms).ok_or(Reason::BadTimestamp)?,
        check: run.check.0.trim().to_owned(),
        host: tag_host.unwrap_or_else(|| run.host_name.0.trim().to_owned()),
        status: CheckStatus::from_code(status as i64).ok_or(Reason::BadValue)?,
        message: run.message.0.into_owned(),
        tags,
    })
}
