//! Handing mail over by SMTP. A conversation is kept for the next mail to the same server: a storm is told by a few of them. Each
//! step has its time, so that a server that says nothing, or a letter a second, ends in an error.

use super::{MailSettings, MailTls, letter};
use crate::channel::{Message, SendError, Sent};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::{Error, client};
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Until the server has greeted us and knows who we are, and for its answer to sender and receiver.
const STEP: Duration = Duration::from_secs(30);
/// From the letter's first byte to the server's word that it has it: many look for unwanted mail before they answer, and who hangs
/// up too soon sends it again.
const TAKE: Duration = Duration::from_secs(120);
/// Whether an old conversation still goes.
const PING: Duration = Duration::from_secs(5);
/// Conversations that wait for another letter, and how long. Servers close theirs after minutes.
const IDLE_MAX: usize = 8;
const IDLE: Duration = Duration::from_secs(20);

struct Idle {
    settings: MailSettings,
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// See the module's head.
#[derive(Default)]
pub(in super::super) struct Post {
    idle: Arc<Mutex<Vec<Idle>>>,
}

impl Post {
    /// To each address by itself: that one is refused takes nothing from the others.
    pub(in super::super) async fn send(
        &self,
        settings: &MailSettings,
        to: &[String],
        message: &Message<'_>,
    ) -> Sent {
        let mut errors = Vec::new();
        for address in to {
            if let Err(e) = self.one(settings, address, message).await {
                errors.push((address, e));
            }
        }
        match errors.as_slice() {
            [] => Ok(()),
            [(_, e)] if to.len() == 1 => Err(e.clone()),
            all => {
                let why =
                    all.iter().map(|(address, e)| format!("{address}: {e}")).collect::<Vec<_>>().join("; ");
                Err(SendError::Refused(why))
            }
        }
    }

    async fn one(&self, settings: &MailSettings, to: &str, message: &Message<'_>) -> Sent {
        let mail = letter::compose(settings, to, message).map_err(SendError::Refused)?;
        let mut connection = match self.idle(settings).await {
            Some(connection) => connection,
            None => in_time(STEP, greet(settings)).await?,
        };
        let sent = hand_over(&mut connection, &mail).await;
        match &sent {
            Ok(()) => self.keep(settings, connection),
            // It is told in the background that we leave: it may be the server that hangs.
            Err(_) => drop(tokio::spawn(async move { tokio::time::timeout(PING, connection.abort()).await })),
        }
        sent
    }

    /// A conversation with this server that still goes.
    async fn idle(&self, settings: &MailSettings) -> Option<AsyncSmtpConnection> {
        loop {
            let mut found = {
                let mut idle = self.idle.lock();
                idle.retain(|i| i.since.elapsed() < IDLE);
                let at = idle.iter().position(|i| i.settings == *settings)?;
                idle.swap_remove(at).connection
            };
            if tokio::time::timeout(PING, found.test_connected()).await.unwrap_or(false) {
                return Some(found);
            }
        }
    }

    fn keep(&self, settings: &MailSettings, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock();
        if idle.len() >= IDLE_MAX {
            return;
        }
        idle.push(Idle { settings: settings.clone(), connection, since: Instant::now() });
        let all = Arc::clone(&self.idle);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            all.lock().retain(|i| i.since.elapsed() < IDLE);
        });
    }
}

/// A step that has its time.
async fn in_time<T>(
    time: Duration,
    step: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    let late = |_| SendError::later(format!("the mail server: no answer within {} s", time.as_secs()));
    tokio::time::timeout(time, step).await.map_err(late)?
}

/// Connects, protects the conversation and logs in.
async fn greet(settings: &MailSettings) -> Result<AsyncSmtpConnection, SendError> {
    let host = settings.host.trim();
    let usual = match settings.tls {
        MailTls::None => 25,
        MailTls::Starttls => 587,
        MailTls::Tls => 465,
    };
    let port = if settings.port == 0 { usual } else { settings.port };
    let me = ClientId::default();
    let tls = (settings.tls != MailTls::None).then(|| protection(settings)).transpose()?;
    let (at_once, after) = match settings.tls {
        MailTls::Tls => (tls, None),
        MailTls::None | MailTls::Starttls => (None, tls),
    };
    let connect = AsyncSmtpConnection::connect_tokio1((host, port), Some(STEP), &me, at_once, None);
    let mut connection = connect.await.map_err(|e| of_error(&e))?;
    if let Some(tls) = after {
        connection.starttls(tls, &me).await.map_err(|e| of_error(&e))?;
    }
    if !settings.user.is_empty() {
        let login = Credentials::new(settings.user.clone(), settings.password.clone());
        connection.auth(DEFAULT_MECHANISMS, &login).await.map_err(|e| of_error(&e))?;
    }
    Ok(connection)
}

fn protection(settings: &MailSettings) -> Result<TlsParameters, SendError> {
    let mut builder = client::TlsParametersBuilder::new(settings.host.trim().to_owned());
    if !settings.ca.is_empty() {
        let ca = Certificate::from_pem(settings.ca.as_bytes())
            .map_err(|e| SendError::Refused(format!("the CA of the mail server can't be read: {e}")))?;
        builder = builder.add_root_certificate(ca);
    }
    builder.build_rustls().map_err(|e| SendError::later(format!("TLS can't be set up: {e}")))
}

async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &lettre::Message) -> Sent {
    let (from, to) = (mail.envelope().from().cloned(), mail.envelope().to());
    let mut parameters = Vec::new();
    let is_plain = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    if !from.iter().chain(to).all(is_plain) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why =
                "the mail server takes no addresses of other letters than a to z (it offers no SMTPUTF8)";
            return Err(SendError::Refused(why.to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    in_time(STEP, async {
        connection.command(Mail::new(from, parameters)).await.map_err(|e| of_error(&e))?;
        for address in to {
            connection.command(Rcpt::new(address.clone(), Vec::new())).await.map_err(|e| of_error(&e))?;
        }
        connection.command(Data).await.map_err(|e| of_error(&e)).map(drop)
    })
    .await?;
    let bytes = mail.formatted();
    in_time(TAKE, async { connection.message(&bytes).await.map_err(|e| of_error(&e)).map(drop) }).await
}

/// A refused recipient stays refused. A refused login or an unfinished set-up may be put right within hours.
fn of_error(e: &Error) -> SendError {
    let mut why = e.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(e);
    while let Some(next) = cause {
        let text = next.to_string();
        if !why.contains(&text) {
            why = format!("{why}: {text}");
        }
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
