//! What each kind of channel is set up with, which of it is secret, and what may be read back.

use crate::handle::Kind;
use crate::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One setting of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelField {
    pub name: &'static str,
    pub label: &'static str,
    pub is_secret: bool,
    pub is_required: bool,
    pub hint: &'static str,
}

const fn field(name: &'static str, label: &'static str, hint: &'static str) -> ChannelField {
    ChannelField { name, label, is_secret: false, is_required: false, hint }
}

const fn required(name: &'static str, label: &'static str, hint: &'static str) -> ChannelField {
    ChannelField { name, label, is_secret: false, is_required: true, hint }
}

const fn secret(name: &'static str, label: &'static str, hint: &'static str) -> ChannelField {
    ChannelField { name, label, is_secret: true, is_required: true, hint }
}

const EMAIL: &[ChannelField] = &[required("to", "Addresses", "ops@example.com, chief@example.com")];
const SLACK: &[ChannelField] = &[
    secret("url", "Incoming webhook URL", "https://hooks.slack.com/services/…"),
    field("username", "Name shown", "Oriel"),
];
const TEAMS: &[ChannelField] =
    &[secret("url", "Workflow webhook URL", "of a Teams workflow \"when a webhook request is received\"")];
const DISCORD: &[ChannelField] = &[
    secret("url", "Webhook URL", "https://discord.com/api/webhooks/…"),
    field("username", "Name shown", "Oriel"),
];
const REGION: ChannelField = field("region", "Region", "us or eu");
const PAGERDUTY: &[ChannelField] = &[
    secret("routing_key", "Integration key", "of an Events API v2 integration, 32 characters"),
    REGION,
    field("base_url", "Base URL", "https://events.pagerduty.com, or https://events.eu.pagerduty.com"),
];
const OPSGENIE: &[ChannelField] = &[
    secret("api_key", "API key", "of an API integration"),
    REGION,
    field("base_url", "Base URL", "https://api.opsgenie.com, or https://api.eu.opsgenie.com"),
];
const SNS: &[ChannelField] = &[
    required("topic_arn", "Topic ARN", "arn:aws:sns:eu-west-1:123456789012:alerts"),
    required("access_key_id", "Access key id", "of a user that may sns:Publish"),
    secret("secret_access_key", "Secret access key", ""),
    field("base_url", "Base URL", "https://sns.REGION.amazonaws.com"),
];
const TELEGRAM: &[ChannelField] = &[
    secret("bot_token", "Bot token", "123456:ABC… of @BotFather"),
    required("chat_id", "Chat id", "-1001234567890, or @channelname"),
    field("base_url", "Base URL", "https://api.telegram.org"),
];
const WEBHOOK: &[ChannelField] = &[
    required("url", "URL", "https://example.com/alerts"),
    field("payload", "Payload", "JSON with $EVENT_TITLE, $ALERT_STATUS …; empty for the usual one"),
    field("custom_headers", "Custom headers", "JSON: {\"Authorization\": \"…\"}"),
    field("encode_as", "Encode as", "json or form"),
    ChannelField {
        name: "secret",
        label: "Signing secret",
        is_secret: true,
        is_required: false,
        hint: "signs each request: X-Oriel-Signature",
    },
];

impl Kind {
    /// What a channel of this kind is set up with.
    pub fn fields(self) -> &'static [ChannelField] {
        match self {
            Self::Email => EMAIL,
            Self::Slack => SLACK,
            Self::Teams => TEAMS,
            Self::Discord => DISCORD,
            Self::PagerDuty => PAGERDUTY,
            Self::Opsgenie => OPSGENIE,
            Self::Sns => SNS,
            Self::Telegram => TELEGRAM,
            Self::Webhook => WEBHOOK,
        }
    }
}

/// The settings of one channel. Printed without its values: some are secret.
#[derive(Clone, PartialEq, Default)]
pub struct ChannelSettings(pub Map<String, Value>);

impl std::fmt::Debug for ChannelSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A setting's text: templates of payloads are the longest.
const VALUE_BYTES_MAX: usize = 64 << 10;

impl ChannelSettings {
    /// What a person gave, checked; secrets that are not given anew stay as they were.
    pub fn read(kind: Kind, given: &Value, old: Option<&Self>) -> Result<Self> {
        let empty = Map::new();
        let given = match given {
            Value::Object(given) => given,
            Value::Null => &empty,
            _ => return Err(Error::invalid("settings: must be an object")),
        };
        let mut errors = Vec::new();
        for name in given.keys() {
            if !kind.fields().iter().any(|f| f.name == name) {
                errors.push(format!("settings.{name}: {} has no such setting", kind.as_str()));
            }
        }
        let mut kept = Map::new();
        for field in kind.fields() {
            let before = old.and_then(|old| old.0.get(field.name)).filter(|_| field.is_secret);
            let value = match given.get(field.name) {
                None | Some(Value::Null | Value::Object(_)) => before.cloned(),
                Some(Value::String(text)) if text.trim().is_empty() => None,
                Some(Value::String(text)) if text.len() <= VALUE_BYTES_MAX => Some(json!(text.trim())),
                Some(Value::Number(number)) => Some(json!(number.to_string())),
                Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
                    let all: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                    (!all.is_empty()).then(|| json!(all.join(", ")))
                }
                Some(_) => {
                    errors.push(format!("settings.{}: must be a text", field.name));
                    continue;
                }
            };
            match value {
                Some(value) => {
                    check(field, value.as_str().unwrap_or_default(), &mut errors);
                    kept.insert(field.name.to_owned(), value);
                }
                None if field.is_required => errors.push(format!("settings.{} is missing", field.name)),
                None => {}
            }
        }
        if errors.is_empty() { Ok(Self(kept)) } else { Err(Error::Invalid(errors)) }
    }

    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What may be read back: of a secret, that it is set.
    pub fn readable(&self, kind: Kind) -> Value {
        let mut out = Map::new();
        for field in kind.fields() {
            if let Some(value) = self.0.get(field.name) {
                let value = if field.is_secret { json!({ "set": true }) } else { value.clone() };
                out.insert(field.name.to_owned(), value);
            }
        }
        Value::Object(out)
    }

    /// The service's address with a path: that of a region (`eu` after the first word of the host), or one of the channel's own.
    pub(super) fn base_url(&self, usual: &str, path: &str) -> String {
        let base = match (self.get("base_url"), self.get("region")) {
            ("", "eu") => usual.replacen('.', ".eu.", 1),
            ("", _) => usual.to_owned(),
            (own, _) => own.trim_end_matches('/').to_owned(),
        };
        format!("{base}{path}")
    }
}

fn check(field: &ChannelField, text: &str, errors: &mut Vec<String>) {
    let name = field.name;
    let is_url = |text: &str| {
        reqwest::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
    };
    match name {
        // A webhook's URL may hold variables, which are no letters of a URL before they are filled in.
        "url" | "base_url" if !is_url(&text.replace('$', "x")) => {
            errors.push(format!("settings.{name}: is not a URL; write https://host/path"));
        }
        "to" if super::mail::addresses(text).is_err() => {
            errors.push(format!("settings.{name}: {text:?} is not a list of addresses"));
        }
        "topic_arn" if super::sns::region(text).is_none() => {
            errors.push(format!("settings.{name}: {text:?} is not the ARN of a topic"));
        }
        "region" if !matches!(text, "us" | "eu") => {
            errors.push(format!("settings.{name}: is us or eu"));
        }
        "encode_as" if !matches!(text, "json" | "form") => {
            errors.push(format!("settings.{name}: is json or form"));
        }
        "custom_headers" if super::webhook::headers(text).is_err() => {
            errors.push(format!("settings.{name}: must be a JSON object of texts"));
        }
        _ => {}
    }
}
