//! Where OpenTelemetry and syslog are taken.

use super::address;
use crate::Outcome;
use crate::cli::HostFlags;
use crate::file::SettingsFile;
use oriel_model::Limits;
use oriel_server::{SyslogOptions, SyslogTls, syslog_networks};
use std::net::SocketAddr;

/// Addresses that server and agent listen on alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntakeSettings {
    pub(crate) otlp_grpc: Option<SocketAddr>,
    pub(crate) otlp_http: Option<SocketAddr>,
    syslog: Option<SocketAddr>,
    syslog_tls: Option<(SocketAddr, SyslogTls)>,
    syslog_from: String,
}

impl IntakeSettings {
    pub(crate) fn read(flags: &HostFlags, file: &SettingsFile) -> Outcome<Self> {
        let said = |flag: &Option<String>, key: &str| flag.clone().or(file.get(key));
        let listen = |flag: &Option<String>, key: &str, default: &str| {
            address(key, &said(flag, key).unwrap_or_else(|| default.to_owned()))
        };
        let files = said(&flags.tls_cert, "tls-cert").zip(said(&flags.tls_key, "tls-key"));
        let syslog_tls = match (listen(&flags.syslog_tls, "syslog-tls", "off")?, files) {
            (None, _) => None,
            (Some(at), Some((cert, key))) => Some((at, SyslogTls { cert: cert.into(), key: key.into() })),
            (Some(_), None) => return Err("syslog-tls needs tls-cert and tls-key".into()),
        };
        let syslog_from = said(&flags.syslog_from, "syslog-from").unwrap_or_default();
        syslog_networks(&syslog_from).map_err(|e| format!("syslog-from: {e}"))?;
        Ok(Self {
            otlp_grpc: listen(&flags.otlp_grpc, "otlp-grpc", "127.0.0.1:4317")?,
            otlp_http: listen(&flags.otlp_http, "otlp-http", "127.0.0.1:4318")?,
            syslog: listen(&flags.syslog, "syslog", "127.0.0.1:5514")?,
            syslog_tls,
            syslog_from,
        })
    }

    pub(crate) fn syslog(&self, hostname: &str) -> SyslogOptions {
        SyslogOptions {
            plain: self.syslog,
            tls: self.syslog_tls.clone(),
            // It has been read once without an error.
            from: syslog_networks(&self.syslog_from).unwrap_or_default(),
            default_host: hostname.to_owned(),
            limits: Limits::default(),
        }
    }
}
