//! From texts of three places to what the rooms take: addresses, spans, sizes, folders. Each error names its setting.

use crate::Outcome;
use crate::cli::{AgentRunFlags, HostFlags, ServerFlags};
use crate::file::SettingsFile;
use crate::measure::{size_bytes, span_ms};
use oriel_agent::AgentOptions;
use oriel_server::{Fixed, Tls};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// What `oriel server` runs with.
pub(crate) struct ServerSettings {
    pub(crate) data: PathBuf,
    pub(crate) http: SocketAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) statsd: StatsdSettings,
    /// `None` with `--no-agent`.
    pub(crate) agent: Option<AgentOptions>,
    pub(crate) hostname: String,
    pub(crate) metrics_retention_ms: i64,
    pub(crate) events_retention_ms: i64,
    pub(crate) memory_bytes: usize,
    pub(crate) fixed: Fixed,
}

/// What `oriel agent` runs with.
pub(crate) struct AgentSettings {
    pub(crate) server: String,
    pub(crate) api_key: String,
    pub(crate) data: PathBuf,
    pub(crate) buffer_bytes: u64,
    pub(crate) statsd: StatsdSettings,
    pub(crate) options: AgentOptions,
}

/// Where DogStatsD listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatsdSettings {
    pub(crate) udp: Option<SocketAddr>,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) stream_socket: Option<PathBuf>,
}

pub(crate) fn server(flags: ServerFlags, file: &SettingsFile) -> Outcome<ServerSettings> {
    let data = data(flags.data, file)?;
    let tls = match (flags.tls_cert.or(file.get("tls-cert")), flags.tls_key.or(file.get("tls-key"))) {
        (Some(cert), Some(key)) => Some(Tls { cert: cert.into(), key: key.into() }),
        (None, None) => None,
        _ => return Err("tls-cert and tls-key belong together; give both or none".into()),
    };
    let http = flags.http.or(file.get("http")).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let http = address("http", &http)?.ok_or("http can't be off: it is how pages and API are reached")?;
    let (metrics_retention_ms, events_retention_ms) =
        retention(flags.retention.or(file.get("retention")).as_deref().unwrap_or_default())?;
    let no_agent = flags.no_agent || file.get("no-agent").is_some_and(|v| v == "true");
    let options = agent_options(&flags.host, file, &data)?;
    Ok(ServerSettings {
        http,
        tls,
        statsd: statsd(&flags.host, file)?,
        hostname: options.hostname.clone(),
        agent: (!no_agent).then_some(options),
        metrics_retention_ms,
        events_retention_ms,
        memory_bytes: memory(flags.memory.or(file.get("memory")))?,
        fixed: Fixed {
            api_key: secret("ORIEL_API_KEY").or(file.get("api-key")),
            app_key: secret("ORIEL_APP_KEY").or(file.get("app-key")),
            admin_password: secret("ORIEL_ADMIN_PASSWORD").or(file.get("admin-password")),
        },
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

/// Milliseconds for metrics and events.
fn retention(text: &str) -> Outcome<(i64, i64)> {
    let (mut metrics, mut events) = (span_ms("15mo")?, span_ms("30d")?);
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let span = |text: &str| span_ms(text).map_err(|e| format!("retention: {e}"));
        match part.split_once('=') {
            None => (metrics, events) = (span(part)?, span(part)?),
            Some(("metrics", text)) => metrics = span(text)?,
            Some(("events", text)) => events = span(text)?,
            Some((other, _)) => {
                return Err(format!("retention: {other:?} is not kept; expected metrics or events").into());
            }
        }
    }
    Ok((metrics, events))
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
