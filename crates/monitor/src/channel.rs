//! Channels: how a rendered notice reaches people. Each kind is a pure function from content to a request; [`Sender`] makes it.
//!
//! An address that people configure may not lead into the network of the server ([`web`]) unless that is allowed. Secrets of channels are
//! kept to be sent, never logged, and never read back ([`settings`]).

pub mod mail;
pub mod settings;
pub mod signature;
pub mod webhook;

mod discord;
mod opsgenie;
mod pagerduty;
mod slack;
mod sns;
mod teams;
mod telegram;
mod web;

pub use mail::{MailSettings, MailTls};
pub use settings::{ChannelField, ChannelSettings};
pub use web::is_public;

use crate::content::Content;
use crate::handle::Kind;
use mail::Post;
use oriel_model::TimeMs;
use serde_json::Value;
use std::time::Duration;
use web::Web;

/// Why a notice was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be taken later: nobody answered, or the receiver asks to wait.
    #[error("{why}")]
    Later { why: String, after: Option<Duration> },
    /// It will never be taken as it is.
    #[error("{0}")]
    Refused(String),
}

impl SendError {
    pub(crate) fn later(why: impl Into<String>) -> Self {
        Self::Later { why: why.into(), after: None }
    }
}

pub(crate) type Sent = Result<(), SendError>;

/// What is sent, and when.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub content: &'a Content,
    /// PNG.
    pub chart: Option<&'a [u8]>,
    pub now_ms: TimeMs,
}

/// Where a handle leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    Mail { settings: MailSettings, to: Vec<String> },
    Channel { kind: Kind, settings: ChannelSettings },
    Webhook(webhook::Webhook),
}

/// Makes the requests.
pub struct Sender {
    web: Web,
    post: Post,
}

impl Sender {
    /// With `allow_private`, addresses of the server's own network may be reached.
    pub fn new(allow_private: bool) -> crate::Result<Self> {
        Ok(Self {
            web: Web::new(allow_private).map_err(|e| crate::Error::Source(format!("no HTTP client: {e}")))?,
            post: Post::default(),
        })
    }

    pub async fn send(&self, destination: &Destination, message: &Message<'_>) -> Sent {
        match destination {
            Destination::Mail { settings, to } => self.post.send(settings, to, message).await,
            Destination::Webhook(webhook) => self.webhook(webhook, message).await,
            Destination::Channel { kind, settings } => self.channel(*kind, settings, message).await,
        }
    }

    async fn channel(&self, kind: Kind, settings: &ChannelSettings, message: &Message<'_>) -> Sent {
        match kind {
            Kind::Slack => self.slack(settings, message).await,
            Kind::Teams => self.web.json(settings.get("url"), &[], &teams::body(message.content)).await,
            Kind::Discord => {
                let (kind, body) = discord::body(message, settings);
                self.web.post(settings.get("url"), &[("content-type", kind)], body).await
            }
            Kind::PagerDuty => {
                let url = settings.base_url("https://events.pagerduty.com", "/v2/enqueue");
                self.web.json(&url, &[], &pagerduty::body(message.content, settings.get("routing_key"))).await
            }
            Kind::Opsgenie => {
                let (path, body) = opsgenie::request(message.content);
                let url = settings.base_url("https://api.opsgenie.com", &path);
                let key = format!("GenieKey {}", settings.get("api_key"));
                self.web.json(&url, &[("authorization", key)], &body).await
            }
            Kind::Sns => {
                let request = sns::request(message, settings).map_err(SendError::Refused)?;
                let headers: Vec<(&str, String)> =
                    request.headers.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
                self.web.post(&request.url, &headers, request.body).await
            }
            Kind::Telegram => {
                let (method, content_type, body) = telegram::request(message, settings.get("chat_id"));
                let path = format!("/bot{}/{method}", settings.get("bot_token"));
                let url = settings.base_url("https://api.telegram.org", &path);
                self.web.post(&url, &[("content-type", content_type)], body).await
            }
            Kind::Email | Kind::Webhook => {
                Err(SendError::Refused("this kind has a way of its own".to_owned()))
            }
        }
    }

    /// A picture that Slack can't fetch makes it refuse the whole: then it goes without.
    async fn slack(&self, settings: &ChannelSettings, message: &Message<'_>) -> Sent {
        let url = settings.get("url");
        let first = self.web.json(url, &[], &slack::body(message.content, settings, true)).await;
        match first {
            Err(SendError::Refused(why)) if why.contains("invalid_blocks") || why.contains("image") => {
                self.web.json(url, &[], &slack::body(message.content, settings, false)).await
            }
            other => other,
        }
    }

    async fn webhook(&self, webhook: &webhook::Webhook, message: &Message<'_>) -> Sent {
        let request = webhook.request(message.content, message.now_ms).map_err(SendError::Refused)?;
        let headers: Vec<(&str, String)> =
            request.headers.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        self.web.post(&request.url, &headers, request.body).await
    }
}

/// A request that a pure function made.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// At most so many characters, with a mark when it was cut. Counted as those services count that count most: a sign beyond the
/// basic plane (an emoji) is two.
fn short(text: &str, chars_max: usize) -> String {
    written(text, chars_max, |_, _| false)
}

/// The same with signs written differently, cut between signs: `write` writes one and says so, or leaves it as it is.
fn written(text: &str, chars_max: usize, write: impl Fn(char, &mut String) -> bool) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max).saturating_mul(2));
    let mut length = 0;
    // Where the mark still fits.
    let mut end = 0;
    for c in text.chars() {
        let start = out.len();
        if !write(c, &mut out) {
            out.push(c);
        }
        length += out[start..].chars().map(char::len_utf16).sum::<usize>();
        if length > chars_max {
            out.truncate(end);
            out.push('…');
            return out;
        }
        if length < chars_max {
            end = out.len();
        }
    }
    out
}

/// Signs of markdown as the signs that they are, at most so many characters: what comes from values makes no links and no bold.
fn unmarked(text: &str, chars_max: usize) -> String {
    written(text, chars_max, |c, out| {
        let is_sign = matches!(c, '*' | '_' | '[' | ']' | '`' | '\\' | '~' | '|' | '<' | '>' | '#');
        if is_sign {
            out.push('\\');
            out.push(c);
        }
        is_sign
    })
}

/// Names of people in chats, told without calling them: an invisible sign stands after each @.
fn uncalled(text: &str) -> String {
    text.replace('@', "@\u{2060}")
}

/// A form with files, for receivers that take pictures so. The boundary is the notice's key: random enough, and stable.
struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    fn new(key: &str) -> Self {
        Self { boundary: format!("oriel-{key}"), body: Vec::new() }
    }

    fn part(&mut self, disposition: &str, content_type: Option<&str>, body: &[u8]) {
        let kind = content_type.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
        let head =
            format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(body);
        self.body.extend_from_slice(b"\r\n");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.part(&format!("name=\"{name}\""), None, value.as_bytes());
    }

    fn json(&mut self, name: &str, value: &Value) {
        self.part(&format!("name=\"{name}\""), Some("application/json"), value.to_string().as_bytes());
    }

    fn png(&mut self, name: &str, file: &str, bytes: &[u8]) {
        self.part(&format!("name=\"{name}\"; filename=\"{file}\""), Some("image/png"), bytes);
    }

    /// The content type and the body.
    fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }
}

#[cfg(test)]
mod tests;
