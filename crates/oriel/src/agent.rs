//! `oriel agent`: the collector alone, with a buffer on disk between it and its server; and `oriel agent status`.

use crate::Outcome;
use crate::server::asked_to_leave;
use crate::settings::AgentSettings;
use oriel_agent::{AgentHandle, Forwarder, ForwarderOptions, ServerTests};
use oriel_model::{AggregatorLimits, Limits, SystemClock};
use oriel_server::{
    GrpcHandle, GrpcOptions, HttpHandle, HttpOptions, StatsdHandle, StatsdOptions, start_grpc, start_http,
    start_statsd, start_syslog,
};
use std::path::Path;
use std::sync::Arc;

pub(crate) async fn run(settings: AgentSettings) -> Outcome {
    let forwarder = open_forwarder(&settings)?;
    let statsd = start_listeners(&settings, &forwarder)?;
    forwarder.feed_lines_to(statsd.feeder());
    let apm = start_apm(&settings, &forwarder);
    let otlp = start_otlp(&settings, &forwarder);
    let options = settings.intakes.syslog(&settings.options.hostname);
    let syslog = start_syslog(options, forwarder.clone(), Arc::new(SystemClock));
    let mut agent = oriel_agent::start(settings.options.clone(), forwarder.clone(), Arc::new(SystemClock));
    agent.follow_logs(forwarder.clone());
    let own = &settings.options.hostname;
    if let Some(tests) = ServerTests::new(&settings.server, &settings.api_key, own) {
        agent.run_synthetics(Arc::new(tests));
    }
    agent.show_forwarder(Arc::clone(&forwarder));
    println!(
        "Oriel agent {} sends to {} as {}",
        oriel_server::VERSION,
        settings.server,
        settings.options.hostname
    );
    asked_to_leave().await;
    // What collects hands over first, then the buffer is sent as far as that goes.
    apm.shutdown().await;
    otlp.shutdown().await;
    syslog.shutdown().await;
    statsd.shutdown().await;
    agent.shutdown().await;
    forwarder.shutdown().await;
    Ok(())
}

fn open_forwarder(settings: &AgentSettings) -> Outcome<Arc<Forwarder>> {
    std::fs::create_dir_all(&settings.data).map_err(|e| format!("{}: {e}", settings.data.display()))?;
    let options = ForwarderOptions {
        server_url: settings.server.trim_end_matches('/').to_owned(),
        api_key: settings.api_key.clone(),
        buffer_dir: settings.data.join("buffer"),
        buffer_bytes_max: settings.buffer_bytes,
        hostname: settings.options.hostname.clone(),
    };
    Ok(Forwarder::open(options)?)
}

fn start_listeners(settings: &AgentSettings, forwarder: &Arc<Forwarder>) -> Outcome<StatsdHandle> {
    let options = StatsdOptions {
        udp: settings.statsd.udp,
        socket: settings.statsd.socket.clone(),
        stream_socket: settings.statsd.stream_socket.clone(),
        default_host: settings.options.hostname.clone(),
        limits: Limits::default(),
        aggregator: AggregatorLimits::default(),
    };
    Ok(start_statsd(options, forwarder.clone(), Arc::new(SystemClock))?)
}

/// An agent has no keys to check others' by: loopback and socket only.
fn start_apm(settings: &AgentSettings, forwarder: &Arc<Forwarder>) -> HttpHandle {
    let options = HttpOptions {
        name: "apm",
        tcp: settings.apm.tcp,
        socket: settings.apm.socket.clone(),
        key_check: None,
        body_bytes_max: Limits::default().body_bytes,
    };
    start_http(options, forwarder.clone())
}

/// OTLP over gRPC and HTTP.
struct Otlp {
    grpc: Option<GrpcHandle>,
    http: HttpHandle,
}

impl Otlp {
    async fn shutdown(self) {
        if let Some(grpc) = self.grpc {
            grpc.shutdown().await;
        }
        self.http.shutdown().await;
    }
}

fn start_otlp(settings: &AgentSettings, forwarder: &Arc<Forwarder>) -> Otlp {
    let body_bytes_max = Limits::default().body_bytes;
    let options = HttpOptions {
        name: "otlp-http",
        tcp: settings.intakes.otlp_http,
        socket: None,
        key_check: None,
        body_bytes_max,
    };
    let http = start_http(options, forwarder.clone());
    let grpc = settings.intakes.otlp_grpc.map(|address| {
        let options = GrpcOptions { address, key_check: None, message_bytes_max: body_bytes_max };
        start_grpc(options, forwarder.clone())
    });
    Otlp { grpc, http }
}

/// Asks the agent that runs on a data folder.
pub(crate) async fn status(data: &Path) -> Outcome {
    let status = AgentHandle::status_of(data).await?;
    crate::show(&status.to_string())
}
