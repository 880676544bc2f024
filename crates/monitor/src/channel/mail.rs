//! Mail: where it goes out, what a [`letter`] is, and how the [`post`] hands it over.

mod letter;
mod post;

pub(super) use post::Post;

#[cfg(test)]
pub(super) use letter::compose;

use crate::Error;
use crate::handle::{self, Target};
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Addresses of one channel.
const TO_MAX: usize = 200;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    None,
    #[default]
    Starttls,
    Tls,
}

/// Where mail goes out. Printed without its password.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailSettings {
    pub host: String,
    /// 0 for the usual one: 25, 587 or 465.
    pub port: u16,
    pub tls: MailTls,
    pub user: String,
    pub password: String,
    pub from: String,
    pub reply_to: String,
    /// PEM of a certificate that signs the server's, beside those of the system.
    pub ca: String,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailSettings({}:{})", self.host, self.port)
    }
}

impl MailSettings {
    /// What a person gave, checked; a password and a CA that are not given anew stay.
    pub fn read(given: &Value, old: Option<&Self>) -> crate::Result<Self> {
        let mut given = given.clone();
        let has_ca = given.get("ca").is_some();
        let keeps = given.get("password").is_none_or(|p| p.is_null() || p.is_object());
        if let Some(fields) = given.as_object_mut() {
            fields.retain(|name, value| !value.is_null() && (name != "password" || !value.is_object()));
        }
        let mut read: Self = serde_json::from_value(given)
            .map_err(|e| Error::invalid(format!("the mail settings can't be read: {e}")))?;
        if let Some(old) = old {
            if keeps {
                read.password = old.password.clone();
            }
            if !has_ca {
                read.ca = old.ca.clone();
            }
        }
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> crate::Result<()> {
        let mut errors = Vec::new();
        if self.host.trim().is_empty() || self.host.contains(['/', ' ', '@']) {
            errors.push("host: give the name or address of an SMTP server".to_owned());
        }
        if self.from.parse::<Mailbox>().is_err() {
            errors.push(format!("from: {:?} is not an address", self.from));
        }
        if !self.reply_to.is_empty() && self.reply_to.parse::<Mailbox>().is_err() {
            errors.push(format!("reply_to: {:?} is not an address", self.reply_to));
        }
        if !self.ca.is_empty() && Certificate::from_pem(self.ca.as_bytes()).is_err() {
            errors.push("ca: is not a PEM certificate".to_owned());
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }

    /// `smtp://user:password@host:port?from=oriel@example.com&tls=starttls`; `smtps://` is TLS from the first byte.
    pub fn of_url(text: &str) -> crate::Result<Self> {
        let url = url::Url::parse(text).map_err(|_| {
            Error::invalid("the SMTP URL can't be read; write smtp://user:password@host:587?from=…")
        })?;
        let query = |name: &str| url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
        let tls = match (url.scheme(), query("tls").as_deref()) {
            ("smtps", _) | ("smtp", Some("tls")) => MailTls::Tls,
            ("smtp", Some("starttls")) => MailTls::Starttls,
            ("smtp", None | Some("none")) => MailTls::None,
            ("smtp", Some(_)) => return Err(Error::invalid("the SMTP URL's tls is none, starttls or tls")),
            _ => return Err(Error::invalid("the SMTP URL begins with smtp:// or smtps://")),
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let decoded = |text: &str| {
            // The form's decoding also turns `+` into a blank, which a password may hold.
            let text = text.replace('+', "%2B");
            url::form_urlencoded::parse(format!("x={text}").as_bytes())
                .next()
                .map(|(_, v)| v.into_owned())
                .unwrap_or_default()
        };
        let from = query("from").unwrap_or_else(|| format!("oriel@{host}"));
        let settings = Self {
            port: url.port().unwrap_or(0),
            tls,
            user: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
            from,
            reply_to: query("reply_to").unwrap_or_default(),
            ca: String::new(),
            host,
        };
        settings.check()?;
        Ok(settings)
    }

    /// What may be read back.
    pub fn readable(&self) -> Value {
        let password = if self.password.is_empty() { Value::Null } else { json!({ "set": true }) };
        json!({
            "host": self.host, "port": self.port, "tls": self.tls, "user": self.user, "password": password,
            "from": self.from, "reply_to": self.reply_to, "ca": self.ca,
        })
    }

    /// The domain of what is sent, for message ids.
    fn domain(&self) -> String {
        let from = self.from.parse::<Mailbox>().ok();
        from.map_or_else(|| "oriel.invalid".to_owned(), |mailbox| mailbox.email.domain().to_owned())
    }
}

/// A list of addresses, bare: a name before an address is left out.
pub(crate) fn addresses(text: &str) -> Result<Vec<String>, String> {
    let all: Vec<&str> = text.split([',', ';', '\n']).map(str::trim).filter(|t| !t.is_empty()).collect();
    if all.is_empty() || all.len() > TO_MAX {
        return Err(format!("1 to {TO_MAX} addresses are needed"));
    }
    all.into_iter()
        .map(|text| {
            let mailbox = mailbox(text)?;
            let address = mailbox.email.to_string();
            match handle::target(&format!("@{address}")) {
                Target::Email(_) => Ok(address),
                _ => Err(format!("{text:?} is not an address: its host has no dot")),
            }
        })
        .collect()
}

/// An address, with a name or without. A host of other letters is written as the mail servers know it.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    let wrong = |e: &dyn std::fmt::Display| format!("{text:?} is not an address: {e}");
    if text.is_ascii() {
        return text.parse().map_err(|e| wrong(&e));
    }
    let (before, host) = text.rsplit_once('@').ok_or_else(|| wrong(&"it has no @"))?;
    let (host, after) = host.strip_suffix('>').map_or((host, ""), |host| (host, ">"));
    let host = url::Host::parse(host).map_err(|e| wrong(&e))?;
    format!("{before}@{host}{after}").parse().map_err(|e| wrong(&e))
}
