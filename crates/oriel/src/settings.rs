//! From texts of three places to what the rooms take: addresses, spans, sizes, folders. Each error names its setting.

mod intakes;

pub(crate) use intakes::IntakeSettings;

use crate::Outcome;
use crate::cli::{AgentRunFlags, HostFlags, ServerFlags};
use crate::file::SettingsFile;
use crate::measure::{size_bytes, span_ms};
use oriel_agent::AgentOptions;
use oriel_server::{ApmPolicy, Fixed, Tls};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// What `oriel server` runs with.
pub(crate) struct ServerSettings {
    pub(crate) data: PathBuf,
    pub(crate) http: SocketAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) statsd: StatsdSettings,
    pub(crate) apm: HttpSettings,
    pub(crate) apm_policy: ApmPolicy,
    pub(crate) intakes: IntakeSettings,
    /// `None` with `--no-agent`.
    pub(crate) agent: Option<AgentOptions>,
    pub(crate) hostname: String,
    pub(crate) retention: Retention,
    pub(crate) memory_bytes: usize,
    pub(crate) fixed: Fixed,
    /// Whether channels of notices may lead into private networks.
    pub(crate) webhook_allow_private: bool,
    pub(crate) smtp_url: Option<String>,
}

/// How long each signal's rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    pub(crate) metrics_ms: i64,
    pub(crate) events_ms: i64,
    pub(crate) logs_ms: i64,
    pub(crate) spans_ms: i64,
}

/// What `oriel agent` runs with.
pub(crate) struct AgentSettings {
    pub(crate) server: String,
    pub(crate) api_key: String,
    pub(crate) data: PathBuf,
    pub(crate) buffer_bytes: u64,
    pub(crate) statsd: StatsdSettings,
    pub(crate) apm: HttpSettings,
    pub(crate) intakes: IntakeSettings,
    pub(crate) options: AgentOptions,
}

/// Where DogStatsD listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatsdSettings {
    pub(crate) udp: Option<SocketAddr>,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) stream_socket: Option<PathBuf>,
}

/// Where a loopback HTTP intake listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpSettings {
    pub(crate) tcp: Option<SocketAddr>,
    pub(crate) socket: Option<PathBuf>,
}

pub(crate) fn server(flags: ServerFlags, file: &SettingsFile) -> Outcome<ServerSettings> {
    let data = data(flags.data, file)?;
    let said = |flag: &Option<String>, key: &str| flag.clone().or(file.get(key));
    let tls = match (said(&flags.host.tls_cert, "tls-cert"), said(&flags.host.tls_key, "tls-key")) {
        (Some(cert), Some(key)) => Some(Tls { cert: cert.into(), key: key.into() }),
        (None, None) => None,
        _ => return Err("tls-cert and tls-key belong together; give both or none".into()),
    };
    let http = flags.http.or(file.get("http")).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let http = address("http", &http)?.ok_or("http can't be off: it is how pages and API are reached")?;
    let retention = retention(flags.retention.or(file.get("retention")).as_deref().unwrap_or_default())?;
    let no_agent = flags.no_agent || file.get("no-agent").is_some_and(|v| v == "true");
    let options = agent_options(&flags.host, file, &data)?;
    Ok(ServerSettings {
        http,
        tls,
        statsd: statsd(&flags.host, file)?,
        apm: apm(&flags.host, file)?,
        intakes: IntakeSettings::read(&flags.host, file)?,
        apm_policy: ApmPolicy {
            target_tps: number("apm-target-tps", flags.apm_target_tps.or(file.get("apm-target-tps")))?,
            keep_unsampled: flags.apm_keep_unsampled
                || file.get("apm-keep-unsampled").is_some_and(|v| v == "true"),
        },
        hostname: options.hostname.clone(),
        agent: (!no_agent).then_some(options),
        retention,
        memory_bytes: memory(flags.memory.or(file.get("memory")))?,
        fixed: Fixed {
            api_key: secret("ORIEL_API_KEY").or(file.get("api-key")),
            app_key: secret("ORIEL_APP_KEY").or(file.get("app-key")),
            admin_password: secret("ORIEL_ADMIN_PASSWORD").or(file.get("admin-password")),
        },
        webhook_allow_private: flags.webhook_allow_private
            || file.get("webhook-allow-private").is_some_and(|v| v == "true"),
        smtp_url: flags.smtp_url.or(file.get("smtp-url")),
        data,
    })
}

pub(crate) fn agent(flags: AgentRunFlags, file: &SettingsFile) -> Outcome<AgentSettings> {
    let data = data(flags.data, file)?;
    let server = flags.server.or(file.get("server"));
    let api_key = flags.api_key.or(file.get("api-key"));
    let buffer = flags.buffer.or(file.get("buffer")).unwrap_or_else(|| "1GiB".to_owned());
    Ok(AgentSettings {
        server: server.ok_or("--server is missing; give the URL of an Oriel server, as http://host:8080")?,
        api_key: api_key.ok_or("--api-key is missing; make one under Settings of the server's pages")?,
        buffer_bytes: size_bytes(&buffer).map_err(|e| format!("buffer: {e}"))? as u64,
        statsd: statsd(&flags.host, file)?,
        apm: apm(&flags.host, file)?,
        intakes: IntakeSettings::read(&flags.host, file)?,
        options: agent_options(&flags.host, file, &data)?,
        data,
    })
}

/// The data folder: as said, else under the user's home.
pub(crate) fn data(said: Option<String>, file: &SettingsFile) -> Outcome<PathBuf> {
    if let Some(text) = said.or(file.get("data")) {
        return Ok(text.into());
    }
    if let Some(base) = std::env::var_os("XDG_DATA_HOME").filter(|b| Path::new(b).is_absolute()) {
        return Ok(Path::new(&base).join("oriel"));
    }
    let home = std::env::var_os("HOME").ok_or("HOME is not set; name a data folder with --data")?;
    Ok(Path::new(&home).join(".local/share/oriel"))
}

fn agent_options(flags: &HostFlags, file: &SettingsFile, data: &Path) -> Outcome<AgentOptions> {
    let said = |flag: &Option<String>, key: &str| flag.clone().or(file.get(key));
    let tags = said(&flags.tags, "tags").unwrap_or_default();
    let split = tags.split([',', ' ']).map(str::trim).filter(|t| !t.is_empty());
    let hostname = match said(&flags.hostname, "hostname") {
        Some(name) => name,
        None => machine_name()?,
    };
    Ok(AgentOptions {
        hostname,
        config_dir: said(&flags.agent_config, "agent-config")
            .map_or_else(|| data.join("agent"), PathBuf::from),
        data_dir: data.to_owned(),
        python: said(&flags.python, "python").map(PathBuf::from),
        tags: split.map(str::to_owned).collect(),
    })
}

fn statsd(flags: &HostFlags, file: &SettingsFile) -> Outcome<StatsdSettings> {
    let said = |flag: &Option<String>, key: &str| flag.clone().or(file.get(key));
    let path = |text: Option<String>| text.filter(|t| t != "off" && !t.is_empty()).map(PathBuf::from);
    let udp = said(&flags.statsd, "statsd").unwrap_or_else(|| "127.0.0.1:8125".to_owned());
    Ok(StatsdSettings {
        udp: address("statsd", &udp)?,
        socket: path(said(&flags.statsd_socket, "statsd-socket")),
        stream_socket: path(said(&flags.statsd_stream_socket, "statsd-stream-socket")),
    })
}

fn apm(flags: &HostFlags, file: &SettingsFile) -> Outcome<HttpSettings> {
    let said = |flag: &Option<String>, key: &str| flag.clone().or(file.get(key));
    let tcp = said(&flags.apm, "apm").unwrap_or_else(|| "127.0.0.1:8126".to_owned());
    let socket = said(&flags.apm_socket, "apm-socket").filter(|t| t != "off" && !t.is_empty());
    Ok(HttpSettings { tcp: address("apm", &tcp)?, socket: socket.map(PathBuf::from) })
}

fn number(name: &str, text: Option<String>) -> Outcome<Option<f64>> {
    let parse = |text: String| match text.trim().parse::<f64>() {
        Ok(n) if n.is_finite() && n >= 0.0 => Ok(n),
        _ => Err(format!("{name}: {text:?} is not a number; expected one as 10 or 0.5").into()),
    };
    text.map(parse).transpose()
}

/// An address, or `None` for `off`. A port alone means loopback.
fn address(name: &str, text: &str) -> Outcome<Option<SocketAddr>> {
    let text = text.trim();
    if text == "off" {
        return Ok(None);
    }
    let whole = match text.strip_prefix(':').unwrap_or(text).parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => text.to_owned(),
    };
    let found = whole.to_socket_addrs().ok().and_then(|mut all| all.next());
    found
        .map(Some)
        .ok_or_else(|| format!("{name}: {text:?} is not an address; expected 127.0.0.1:8080, or off").into())
}

/// One span for all, or one a signal.
fn retention(text: &str) -> Outcome<Retention> {
    let rows = span_ms("30d")?;
    let mut kept = Retention { metrics_ms: span_ms("15mo")?, events_ms: rows, logs_ms: rows, spans_ms: rows };
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let span = |text: &str| span_ms(text).map_err(|e| format!("retention: {e}"));
        match part.split_once('=') {
            None => {
                let all = span(part)?;
                kept = Retention { metrics_ms: all, events_ms: all, logs_ms: all, spans_ms: all };
            }
            Some(("metrics", text)) => kept.metrics_ms = span(text)?,
            Some(("events", text)) => kept.events_ms = span(text)?,
            Some(("logs", text)) => kept.logs_ms = span(text)?,
            Some(("spans", text)) => kept.spans_ms = span(text)?,
            Some((other, _)) => {
                let expected = "expected metrics, logs, spans or events";
                return Err(format!("retention: {other:?} is not kept; {expected}").into());
            }
        }
    }
    Ok(kept)
}

/// A quarter of the machine, at most 4 GiB, unless said.
fn memory(said: Option<String>) -> Outcome<usize> {
    const MOST: usize = 4 << 30;
    /// Under this nothing of use fits: two large bodies and a head.
    const LEAST: usize = 128 << 20;
    let bytes = match said {
        Some(text) => size_bytes(&text).map_err(|e| format!("memory: {e}"))?,
        None => (machine_memory_bytes().unwrap_or(4 * MOST) / 4).min(MOST),
    };
    Ok(bytes.max(LEAST))
}

fn machine_memory_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn machine_name() -> Outcome<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        Err("the machine has no name; give one with --hostname".into())
    } else {
        Ok(name.to_owned())
    }
}

fn secret(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests;
