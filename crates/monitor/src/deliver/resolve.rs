//! Who handles are: channels, webhooks and mail settings of an organisation, read together.

use crate::Result;
use crate::channel::webhook::Webhook;
use crate::channel::{ChannelSettings, Destination, MailSettings};
use crate::handle::{self, Kind, Target};
use oriel_model::OrgId;
use oriel_state::{Document, DocumentKind, State};
use serde_json::Value;
use std::collections::BTreeMap;

/// The setting of the state that holds an organisation's mail settings.
pub const MAIL_SETTING: &str = "mail";

/// One channel that people set up.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub settings: ChannelSettings,
}

impl Channel {
    /// Of a stored document; `None` when it can't be read.
    pub fn of_document(document: &Document) -> Option<Self> {
        let settings = match document.body.get("settings") {
            Some(Value::Object(settings)) => settings.clone(),
            _ => return None,
        };
        Some(Self {
            id: document.id.clone(),
            name: document.body.get("name")?.as_str()?.to_owned(),
            kind: Kind::parse(document.body.get("kind")?.as_str()?)?,
            settings: ChannelSettings(settings),
        })
    }

    pub fn handle(&self) -> String {
        handle_of(self.kind, &self.name)
    }
}

pub(crate) fn handle_of(kind: Kind, name: &str) -> String {
    format!("@{}-{name}", kind.as_str())
}

/// What a handle leads to.
#[derive(Clone, Debug)]
pub struct Found {
    pub kind: Option<Kind>,
    pub destination: std::result::Result<Destination, String>,
    /// Nobody bears the handle: a delivery to it fails at once. Else what is missing may be set up in time.
    pub is_unknown: bool,
}

/// See the module's head.
#[derive(Debug, Default)]
pub struct Directory {
    channels: Vec<Channel>,
    webhooks: Vec<Document>,
    variables: BTreeMap<String, String>,
    mail: Option<MailSettings>,
}

impl Directory {
    pub(super) async fn load(state: &State, org: OrgId, usual: Option<&MailSettings>) -> Result<Self> {
        let channels = state.documents(org, DocumentKind::Channel).await?;
        let mail = match state.setting(org, MAIL_SETTING).await? {
            Some(text) => serde_json::from_str(&text).ok(),
            None => usual.cloned(),
        };
        Ok(Self {
            channels: channels.iter().filter_map(Channel::of_document).collect(),
            webhooks: state.documents(org, DocumentKind::Webhook).await?,
            variables: variables(&state.documents(org, DocumentKind::WebhookVariable).await?),
            mail,
        })
    }

    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    pub fn mail(&self) -> Option<&MailSettings> {
        self.mail.as_ref()
    }

    /// Every handle that is set up, with its kind.
    pub fn handles(&self) -> Vec<(String, Kind)> {
        let webhooks = self.webhooks.iter().map(|w| (handle_of(Kind::Webhook, &w.id), Kind::Webhook));
        self.channels.iter().map(|c| (c.handle(), c.kind)).chain(webhooks).collect()
    }

    pub fn webhook(&self, name: &str) -> Option<Webhook> {
        let found = self.webhooks.iter().find(|w| w.id.eq_ignore_ascii_case(name))?;
        Some(Webhook::of_document(&found.id, &found.body, self.variables.clone()))
    }

    /// Whom a handle tells: a channel of addresses tells each by itself, so that one that is refused takes nothing from the others.
    pub(super) fn receivers(&self, handle: &str) -> Vec<String> {
        match self.named(handle) {
            Some(channel) if channel.kind == Kind::Email => {
                addresses(channel).map(|address| format!("@{address}")).collect()
            }
            _ => vec![handle.to_owned()],
        }
    }

    pub fn resolve(&self, handle: &str) -> Found {
        match handle::target(handle) {
            Target::Email(address) => self.mail_to(vec![address]),
            Target::Unknown => Found {
                kind: None,
                destination: Err(format!(
                    "nobody is {handle}; handles are @name@example.com and those under Settings, Notifications"
                )),
                is_unknown: true,
            },
            Target::Channel { kind, name } => self.channel(handle, kind, &name),
        }
    }

    fn channel(&self, handle: &str, kind: Kind, name: &str) -> Found {
        if kind == Kind::Webhook
            && let Some(webhook) = self.webhook(name)
        {
            return Found {
                kind: Some(kind),
                destination: Ok(Destination::Webhook(webhook)),
                is_unknown: false,
            };
        }
        match self.named(handle) {
            Some(channel) => self.of_channel(channel),
            None => Found {
                kind: Some(kind),
                destination: Err(format!("nobody is {handle}; set it up under Settings, Notifications")),
                is_unknown: true,
            },
        }
    }

    /// The channel that a handle names.
    fn named(&self, handle: &str) -> Option<&Channel> {
        let Target::Channel { kind, name } = handle::target(handle) else { return None };
        let mut of_kind = self.channels.iter().filter(|c| c.kind == kind);
        match name.as_str() {
            // `@pagerduty` alone is the only one there is.
            "" => of_kind.next().filter(|_| of_kind.next().is_none()),
            name => of_kind.find(|c| c.name.eq_ignore_ascii_case(name)),
        }
    }

    /// Where a channel leads.
    pub fn of_channel(&self, channel: &Channel) -> Found {
        if channel.kind != Kind::Email {
            let destination = Destination::Channel { kind: channel.kind, settings: channel.settings.clone() };
            return Found { kind: Some(channel.kind), destination: Ok(destination), is_unknown: false };
        }
        self.mail_to(addresses(channel).collect())
    }

    fn mail_to(&self, to: Vec<String>) -> Found {
        let destination = match &self.mail {
            Some(settings) => Ok(Destination::Mail { settings: settings.clone(), to }),
            None => {
                Err("no mail server is set up; see Settings, Notifications, or ORIEL_SMTP_URL".to_owned())
            }
        };
        Found { kind: Some(Kind::Email), destination, is_unknown: false }
    }
}

/// The addresses of a channel, without the names of those who read there.
fn addresses(channel: &Channel) -> impl Iterator<Item = String> {
    let all = crate::channel::mail::addresses(channel.settings.get("to")).unwrap_or_default();
    all.into_iter()
}

/// `$NAME` by name.
fn variables(documents: &[Document]) -> BTreeMap<String, String> {
    let pair = |d: &Document| Some((d.id.clone(), d.body.get("value")?.as_str()?.to_owned()));
    documents.iter().filter_map(pair).collect()
}
