//! Mail over SMTP: HTML with the chart as an inline image, and plain text beside it. The `Message-ID` is of the notice's key, so that a
//! repeat is known as one; the notices of one episode are a thread.

use super::{Message, SendError, Sent};
use crate::Error;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// Servers that check for unwanted mail answer slowly.
const TIMEOUT: Duration = Duration::from_secs(30);
/// All of one mail: each step has its own time-out too.
const SEND_MAX: Duration = Duration::from_secs(50);
/// Addresses of one channel.
const TO_MAX: usize = 50;

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

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, SendError> {
        let host = self.host.trim().to_owned();
        let parameters = || {
            let mut builder = TlsParameters::builder(host.clone());
            if !self.ca.is_empty() {
                let ca = Certificate::from_pem(self.ca.as_bytes()).map_err(|e| {
                    SendError::Refused(format!("the CA of the mail server can't be read: {e}"))
                })?;
                builder = builder.add_root_certificate(ca);
            }
            builder.build_rustls().map_err(|e| SendError::later(format!("TLS can't be set up: {e}")))
        };
        let (tls, usual) = match self.tls {
            MailTls::None => (Tls::None, 25),
            MailTls::Starttls => (Tls::Required(parameters()?), 587),
            MailTls::Tls => (Tls::Wrapper(parameters()?), 465),
        };
        let port = if self.port == 0 { usual } else { self.port };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if !self.user.is_empty() {
            builder = builder.credentials(Credentials::new(self.user.clone(), self.password.clone()));
        }
        Ok(builder.build())
    }

    /// The domain of what is sent, for message ids.
    fn domain(&self) -> String {
        let from = self.from.parse::<Mailbox>().ok();
        from.map_or_else(|| "oriel.invalid".to_owned(), |mailbox| mailbox.email.domain().to_owned())
    }
}

/// A list of addresses.
pub(super) fn addresses(text: &str) -> Result<Vec<String>, String> {
    let all: Vec<String> =
        text.split([',', ';', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    if all.is_empty() || all.len() > TO_MAX {
        return Err(format!("1 to {TO_MAX} addresses are needed"));
    }
    for address in &all {
        address.parse::<Mailbox>().map_err(|e| format!("{address:?} is not an address: {e}"))?;
    }
    Ok(all)
}

pub(super) async fn send(settings: &MailSettings, to: &[String], message: &Message<'_>) -> Sent {
    let mail = compose(settings, to, message).map_err(SendError::Refused)?;
    let transport = settings.transport()?;
    match tokio::time::timeout(SEND_MAX, transport.send(mail)).await {
        Ok(sent) => sent.map(|_| ()).map_err(|e| of_error(&e)),
        Err(_) => {
            Err(SendError::later(format!("the mail server: no answer within {} s", SEND_MAX.as_secs())))
        }
    }
}

/// The mail of a notice.
pub(super) fn compose(
    settings: &MailSettings,
    to: &[String],
    message: &Message<'_>,
) -> Result<lettre::Message, String> {
    let content = message.content;
    let mailbox =
        |text: &str| text.parse::<Mailbox>().map_err(|e| format!("{text:?} is not an address: {e}"));
    let domain = settings.domain();
    let thread = format!("<episode-{}@{domain}>", content.cycle);
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(content.at_ms).unwrap_or(0));
    let mut builder = lettre::Message::builder()
        .from(mailbox(&settings.from)?)
        .subject(content.subject.clone())
        .date(at)
        .message_id(Some(format!("<{}@{domain}>", content.key)))
        .in_reply_to(thread.clone())
        .references(thread);
    for address in to {
        builder = builder.to(mailbox(address)?);
    }
    if !settings.reply_to.is_empty() {
        builder = builder.reply_to(mailbox(&settings.reply_to)?);
    }
    let headers = [
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Oriel-Notice", content.key.clone()),
        ("X-Oriel-Monitor", content.monitor.to_string()),
    ];
    for (name, value) in headers {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string())?;
        builder = builder.raw_header(HeaderValue::new(name, value));
    }
    let plain = SinglePart::plain(content.text.clone());
    let html = SinglePart::html(content.html.clone());
    let shown = match message.chart.filter(|_| content.has_chart) {
        Some(chart) => MultiPart::related().singlepart(html).singlepart(image(content, chart)?),
        None => MultiPart::related().singlepart(html),
    };
    builder.multipart(MultiPart::alternative().singlepart(plain).multipart(shown)).map_err(|e| e.to_string())
}

fn image(content: &crate::content::Content, chart: &[u8]) -> Result<SinglePart, String> {
    let kind = ContentType::parse("image/png").map_err(|e| e.to_string())?;
    Ok(Attachment::new_inline(content.chart_cid()).body(chart.to_vec(), kind))
}

/// A refused recipient stays refused. A refused login or an unfinished set-up may be put right within hours.
fn of_error(e: &lettre::transport::smtp::Error) -> SendError {
    let mut why = e.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(e);
    while let Some(next) = cause {
        why = format!("{why}: {next}");
        cause = next.source();
    }
    let is_about_login = e.status().is_some_and(|code| {
        let code: u16 = code.into();
        matches!(code, 530 | 534 | 535 | 538)
    });
    match e.is_permanent() && !is_about_login {
        true => SendError::Refused(format!("the mail server refused it: {why}")),
        false => SendError::later(format!("the mail server: {why}")),
    }
}
