//! Amazon SNS: `Publish` to a topic, signed by Signature Version 4.

use super::{ChannelSettings, Message, Prepared, short};
use crate::template::cut;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Subjects are at most 100 characters of ASCII.
const SUBJECT_CHARS_MAX: usize = 100;
/// A message holds 256 KiB, with what surrounds it.
const MESSAGE_BYTES_MAX: usize = 200 << 10;

/// The region of `arn:aws:sns:eu-west-1:123456789012:alerts`.
pub(super) fn region(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "sns", region, account, topic]
            if partition.starts_with("aws")
                && !region.is_empty()
                && !account.is_empty()
                && !topic.is_empty() =>
        {
            Some(region)
        }
        _ => None,
    }
}

pub(super) fn request(message: &Message<'_>, settings: &ChannelSettings) -> Result<Prepared, String> {
    let topic = settings.get("topic_arn");
    let region = region(topic).ok_or("the topic's ARN can't be read")?;
    let usual = match region.starts_with("cn-") {
        true => format!("https://sns.{region}.amazonaws.com.cn"),
        false => format!("https://sns.{region}.amazonaws.com"),
    };
    let url = settings.base_url(&usual, "/");
    let subject: String = message
        .content
        .subject
        .chars()
        .map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '?' })
        .collect();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", "Publish")
        .append_pair("Version", "2010-03-31")
        .append_pair("TopicArn", topic)
        .append_pair("Subject", &short(subject.trim(), SUBJECT_CHARS_MAX).replace('…', "."))
        .append_pair("Message", &cut(&message.content.text, MESSAGE_BYTES_MAX));
    if topic.ends_with(".fifo") {
        form.append_pair("MessageGroupId", &message.content.cycle)
            .append_pair("MessageDeduplicationId", &message.content.key);
    }
    let body = form.finish().into_bytes();
    // The signature is of the real time: AWS refuses what is five minutes off.
    let mut headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    headers.extend(signed(&url, &body, region, settings, SystemTime::now())?);
    Ok(Prepared { url, headers, body })
}

fn signed(
    url: &str,
    body: &[u8],
    region: &str,
    settings: &ChannelSettings,
    time: SystemTime,
) -> Result<Vec<(String, String)>, String> {
    let wrong = |e: &dyn std::fmt::Display| format!("the request can't be signed: {e}");
    let secret = settings.get("secret_access_key");
    let identity = Credentials::new(settings.get("access_key_id"), secret, None, None, "channel").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sns")
        .time(time.max(UNIX_EPOCH + Duration::from_secs(1)))
        .settings(SigningSettings::default())
        .build()
        .map_err(|e| wrong(&e))?
        .into();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let request = SignableRequest::new("POST", url, kind.into_iter(), SignableBody::Bytes(body))
        .map_err(|e| wrong(&e))?;
    let (instructions, _) = sign(request, &params).map_err(|e| wrong(&e))?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
