//! Listeners of OpenTelemetry and syslog: what each hands on takes the road of the requests of `--http`.

use super::Server;
use crate::app::Listener;
use crate::local::LocalSink;
use oriel_intake::grpc::{self, GrpcHandle, GrpcOptions};
use oriel_intake::http::HttpListener;
use oriel_intake::syslog::{self, SyslogHandle, SyslogOptions};
use oriel_model::Limits;
use oriel_state::KeyKind;
use std::net::SocketAddr;
use std::sync::Arc;

/// Running ones.
#[derive(Default)]
pub(crate) struct Listening {
    grpc: Option<GrpcHandle>,
    syslog: Option<SyslogHandle>,
}

impl Listening {
    /// Stops listening; what was read is stored.
    pub(crate) async fn shutdown(self) {
        if let Some(grpc) = self.grpc {
            grpc.shutdown().await;
        }
        if let Some(syslog) = self.syslog {
            syslog.shutdown().await;
        }
    }
}

impl Server {
    /// Starts OTLP over gRPC and HTTP. On an address that is not loopback they demand an API key.
    pub fn start_otlp(&self, grpc: Option<SocketAddr>, http: Option<SocketAddr>) {
        if http.is_some() {
            self.start_local_http("otlp-http", http, None);
        }
        let Some(address) = grpc else { return };
        let state = Arc::clone(&self.app.state);
        let is_key = move |key: &str| state.find_key(KeyKind::Api, key).is_some();
        let options = GrpcOptions {
            address,
            key_check: Some(Arc::new(is_key)),
            message_bytes_max: self.app.limits.body_bytes,
        };
        let handle = grpc::start(options, Arc::new(LocalSink::new(Arc::clone(&self.app))));
        self.show(handle.listener());
        self.app.listening.lock().grpc = Some(handle);
    }

    /// Starts syslog; nothing when no address is asked for.
    pub fn start_syslog(&self, options: SyslogOptions) {
        if options.plain.is_none() && options.tls.is_none() {
            return;
        }
        let options = SyslogOptions {
            default_host: self.app.options.hostname.clone(),
            limits: Limits::default(),
            ..options
        };
        let sink = Arc::new(LocalSink::new(Arc::clone(&self.app)));
        let handle = syslog::start(options, sink, Arc::clone(&self.app.clock));
        handle.listeners().iter().for_each(|listener| self.show(listener));
        self.app.listening.lock().syslog = Some(handle);
    }

    fn show(&self, listener: &HttpListener) {
        self.show_listener(Listener {
            name: listener.name.clone(),
            addr: listener.address.clone(),
            state: if listener.error.is_some() { "failed" } else { "listening" },
            error: listener.error.clone(),
        });
    }
}
