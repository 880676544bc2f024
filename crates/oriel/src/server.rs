//! `oriel server`: binds first, so that a taken port costs no work; then opens, starts what collects, tells what a first start
//! made, and answers until it is asked to leave.

use crate::Outcome;
use crate::settings::ServerSettings;
use oriel_agent::{AgentHandle, TestDocument, TestSource, TestsFuture};
use oriel_model::{Clock, SystemClock};
use oriel_server::{Bootstrap, Listener, LocalTests, Options, Server, bind, iso_8601};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long leaving may take: a seal of a full head is under five seconds on a slow disk.
const LEAVE: Duration = Duration::from_secs(25);

pub(crate) async fn run(settings: ServerSettings) -> Outcome {
    let listener = bind("http", settings.http).await?;
    let address = listener.local_addr()?;
    let base_url = base_url(&settings, address);
    let clock = clock();
    let server = open_server(&settings, &base_url, Arc::clone(&clock)).await?;
    server.show_listener(Listener {
        name: "http".to_owned(),
        addr: address.to_string(),
        state: "listening",
        error: None,
    });
    let statsd = settings.statsd.clone();
    server.start_statsd(statsd.udp, statsd.socket, statsd.stream_socket);
    server.start_apm(settings.apm.tcp, settings.apm.socket.clone(), settings.apm_policy);
    server.start_otlp(settings.intakes.otlp_grpc, settings.intakes.otlp_http);
    server.start_syslog(settings.intakes.syslog(&settings.hostname));
    let agent = start_agent(&settings, &server, clock);
    print_ready(&base_url, server.bootstrap());
    let mut failure = None;
    let stop = async {
        tokio::select! {
            () = asked_to_leave() => {}
            reason = server.failed() => failure = Some(reason),
        }
    };
    server.serve(listener, settings.tls.as_ref(), stop).await?;
    match failure {
        // Nothing can be sealed any more; the log is replayed at the next start.
        Some(reason) => {
            Err(format!("the store has stopped: {reason}; see to the disk and start again").into())
        }
        None => leave(server, agent).await,
    }
}

async fn open_server(settings: &ServerSettings, base_url: &str, clock: Arc<dyn Clock>) -> Outcome<Server> {
    let options = Options {
        data: settings.data.clone(),
        hostname: settings.hostname.clone(),
        memory_bytes: settings.memory_bytes,
        metrics_retention_ms: settings.retention.metrics_ms,
        events_retention_ms: settings.retention.events_ms,
        logs_retention_ms: settings.retention.logs_ms,
        spans_retention_ms: settings.retention.spans_ms,
        base_url: base_url.to_owned(),
        statsd_addr: settings.statsd.udp.map(|a| a.to_string()),
        statsd_socket: settings.statsd.socket.clone(),
        agent: settings.agent.is_some(),
        webhook_allow_private: settings.webhook_allow_private,
        smtp_url: settings.smtp_url.clone(),
    };
    // A certificate that can't be read is told before anything is opened.
    if let Some(tls) = &settings.tls {
        tls.check()?;
    }
    Ok(Server::open(options, &settings.fixed, clock).await?)
}

fn start_agent(settings: &ServerSettings, server: &Server, clock: Arc<dyn Clock>) -> Option<AgentHandle> {
    let options = settings.agent.clone()?;
    let mut agent = oriel_agent::start(options, server.sink("agent"), clock);
    agent.follow_logs(server.request_sink());
    agent.run_synthetics(Arc::new(Tests(server.synthetic_tests())));
    Some(agent)
}

/// The server's own synthetic tests.
struct Tests(LocalTests);

impl TestSource for Tests {
    fn tests(&self) -> TestsFuture<'_> {
        Box::pin(async {
            let tests = self.0.tests().await?;
            Ok(tests.into_iter().map(|(public_id, document)| TestDocument { public_id, document }).collect())
        })
    }

    /// A new test runs at once, as its page expects; without one this is a statement that finds nothing.
    fn ask_every(&self) -> Duration {
        Duration::from_secs(2)
    }
}

/// The machine's clock. A development build's may run faster, for tests of what takes minutes.
#[cfg(not(debug_assertions))]
fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

#[cfg(debug_assertions)]
fn clock() -> Arc<dyn Clock> {
    let rate = std::env::var("ORIEL_TEST_CLOCK_RATE").ok().and_then(|rate| rate.parse().ok());
    // A start after a kill goes on from the same origin, so that time does not go back.
    let origin_ms = std::env::var("ORIEL_TEST_CLOCK_ORIGIN_MS").ok().and_then(|ms| ms.parse().ok());
    match (rate, origin_ms) {
        (Some(rate), Some(origin_ms)) => Arc::new(oriel_model::FastClock::since(origin_ms, rate)),
        (Some(rate), None) => Arc::new(oriel_model::FastClock::new(rate)),
        (None, _) => Arc::new(SystemClock),
    }
}

/// How people reach the address; one that means every interface is reached by the machine's name.
fn base_url(settings: &ServerSettings, address: SocketAddr) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    if address.ip().is_unspecified() {
        format!("{scheme}://{}:{}", settings.hostname, address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

/// Secrets are told here once; the store keeps hashes.
fn print_ready(base_url: &str, made: &Bootstrap) {
    println!("Oriel {} answers at {base_url}", oriel_server::VERSION);
    if let Some(token) = &made.login_token {
        println!("\n  Log in, once, with this link:\n\n    {base_url}/login?token={token}\n");
    }
    let secrets = [
        ("password of admin", &made.admin_password),
        ("API key", &made.api_key),
        ("application key", &made.app_key),
    ];
    for (name, secret) in secrets {
        if let Some(secret) = secret {
            println!("  {name:18} {secret}");
        }
    }
    if made.first_start && (made.api_key.is_some() || made.admin_password.is_some()) {
        println!("\n  These are told this once and kept hashed. {}", iso_8601(now_ms()));
    }
}

fn now_ms() -> i64 {
    SystemClock.now_ms()
}

/// Done at SIGTERM or ctrl-c.
pub(crate) async fn asked_to_leave() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        tracing::warn!("SIGTERM can't be caught; leave with ctrl-c");
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("leaving: finishing requests, then sealing");
}

/// What collects hands over first, then the store seals.
async fn leave(server: Server, agent: Option<AgentHandle>) -> Outcome {
    let all = async {
        if let Some(agent) = agent {
            agent.shutdown().await;
        }
        server.close().await
    };
    match tokio::time::timeout(LEAVE, all).await {
        Ok(closed) => Ok(closed?),
        Err(_) => Err(
            "leaving took too long; what was acknowledged is in the log and is replayed at the next start"
                .into(),
        ),
    }
}
