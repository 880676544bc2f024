//! The commands and their flags. A flag wins over its `ORIEL_…` variable, the variable over `oriel.toml`; values stay text
//! here, because all three places say them alike, and `settings` reads them.

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER: &str = "Every flag is also a variable (--statsd-socket: ORIEL_STATSD_SOCKET) and a key of oriel.toml (statsd-socket).\n\
A flag wins over a variable, a variable over the file. Spans: 90s, 15m, 36h, 30d, 2w, 15mo, 1y. Sizes: 512MiB, 4GiB.";

/// Metrics, events and dashboards on your own machine: change one URL in your Datadog or Prometheus client.
#[derive(Parser)]
#[command(name = "oriel", version, after_help = AFTER, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Settings file [default: ./oriel.toml, else ~/.config/oriel/oriel.toml, else /etc/oriel/oriel.toml]
    #[arg(long, global = true, env = "ORIEL_CONFIG", value_name = "FILE", hide_env = true)]
    pub(crate) config: Option<PathBuf>,

    /// What is logged: error, warn, info, debug, or by module as in info,oriel_store=debug
    #[arg(long, global = true, env = "ORIEL_LOG", value_name = "LEVEL", hide_env = true)]
    pub(crate) log: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Everything on one machine: intakes, store, queries, pages, and the agent in its process
    Server(Box<ServerFlags>),
    /// The collector alone: checks and DogStatsD, buffered on disk and forwarded to a server
    Agent(Box<AgentFlags>),
    /// Ask a running server: a metric query, a search or SQL as a table, JSON, CSV or Arrow
    Query(QueryFlags),
    /// Seal and compact now, and say what it did
    Compact(ClientFlags),
    /// Verify files, catalog and log of a data folder that no server has open
    Check {
        /// The data folder [default: ~/.local/share/oriel]
        #[arg(long, env = "ORIEL_DATA", value_name = "DIR", hide_env = true)]
        data: Option<String>,
    },
}

/// Flags that server and agent share.
#[derive(Args, Clone, Default)]
pub(crate) struct HostFlags {
    /// DogStatsD over UDP, or off [default: 127.0.0.1:8125]
    #[arg(long, env = "ORIEL_STATSD", value_name = "ADDR", hide_env = true)]
    pub(crate) statsd: Option<String>,

    /// DogStatsD over a unix datagram socket
    #[arg(long, env = "ORIEL_STATSD_SOCKET", value_name = "PATH", hide_env = true)]
    pub(crate) statsd_socket: Option<String>,

    /// DogStatsD over a unix stream socket
    #[arg(long, env = "ORIEL_STATSD_STREAM_SOCKET", value_name = "PATH", hide_env = true)]
    pub(crate) statsd_stream_socket: Option<String>,

    /// Trace agent API, or off [default: 127.0.0.1:8126]
    #[arg(long, env = "ORIEL_APM", value_name = "ADDR", hide_env = true)]
    pub(crate) apm: Option<String>,

    /// Trace agent API over a unix socket
    #[arg(long, env = "ORIEL_APM_SOCKET", value_name = "PATH", hide_env = true)]
    pub(crate) apm_socket: Option<String>,

    /// OpenTelemetry over gRPC, or off [default: 127.0.0.1:4317]
    #[arg(long, env = "ORIEL_OTLP_GRPC", value_name = "ADDR", hide_env = true)]
    pub(crate) otlp_grpc: Option<String>,

    /// OpenTelemetry over HTTP, or off [default: 127.0.0.1:4318]
    #[arg(long, env = "ORIEL_OTLP_HTTP", value_name = "ADDR", hide_env = true)]
    pub(crate) otlp_http: Option<String>,

    /// Syslog over UDP and TCP, or off [default: 127.0.0.1:5514]
    #[arg(long, env = "ORIEL_SYSLOG", value_name = "ADDR", hide_env = true)]
    pub(crate) syslog: Option<String>,

    /// Syslog over TLS; needs --tls-cert and --tls-key
    #[arg(long, env = "ORIEL_SYSLOG_TLS", value_name = "ADDR", hide_env = true)]
    pub(crate) syslog_tls: Option<String>,

    /// Networks that may send syslog besides this machine, as 10.0.0.0/8,192.0.2.7
    #[arg(long, env = "ORIEL_SYSLOG_FROM", value_name = "NETWORKS", hide_env = true)]
    pub(crate) syslog_from: Option<String>,

    /// Certificate chain of --http and --syslog-tls, PEM; needs --tls-key
    #[arg(long, env = "ORIEL_TLS_CERT", value_name = "FILE", hide_env = true)]
    pub(crate) tls_cert: Option<String>,

    /// Private key of --http and --syslog-tls, PEM; needs --tls-cert
    #[arg(long, env = "ORIEL_TLS_KEY", value_name = "FILE", hide_env = true)]
    pub(crate) tls_key: Option<String>,

    /// The host of what the agent sends [default: the machine's]
    #[arg(long, env = "ORIEL_HOSTNAME", value_name = "NAME", hide_env = true)]
    pub(crate) hostname: Option<String>,

    /// Tags of this host, as env:prod,role:db
    #[arg(long, env = "ORIEL_TAGS", value_name = "TAGS", hide_env = true)]
    pub(crate) tags: Option<String>,

    /// Holds conf.d/ and checks.d/; read again when a file changes [default: DATA/agent]
    #[arg(long, env = "ORIEL_AGENT_CONFIG", value_name = "DIR", hide_env = true)]
    pub(crate) agent_config: Option<String>,

    /// Runs the Python checks [default: the python3 of a venv in DATA, made when there is a Python check]
    #[arg(long, env = "ORIEL_PYTHON", value_name = "PATH", hide_env = true)]
    pub(crate) python: Option<String>,
}

#[derive(Args, Default)]
pub(crate) struct ServerFlags {
    /// The data folder, locked by the running process [default: ~/.local/share/oriel]
    #[arg(long, env = "ORIEL_DATA", value_name = "DIR", hide_env = true)]
    pub(crate) data: Option<String>,

    /// Pages, API, and every HTTP intake by path [default: 127.0.0.1:8080]
    #[arg(long, env = "ORIEL_HTTP", value_name = "ADDR", hide_env = true)]
    pub(crate) http: Option<String>,

    #[command(flatten)]
    pub(crate) host: HostFlags,

    /// Server without the agent
    #[arg(long, env = "ORIEL_NO_AGENT", hide_env = true)]
    pub(crate) no_agent: bool,

    /// Traces a second that tracers are asked to send, all services together [default: every one]
    #[arg(long, env = "ORIEL_APM_TARGET_TPS", value_name = "NUMBER", hide_env = true)]
    pub(crate) apm_target_tps: Option<String>,

    /// Keep traces that their tracer decided against too
    #[arg(long, env = "ORIEL_APM_KEEP_UNSAMPLED", hide_env = true)]
    pub(crate) apm_keep_unsampled: bool,

    /// Let webhooks and other channels of notices reach private addresses
    #[arg(long, env = "ORIEL_WEBHOOK_ALLOW_PRIVATE", hide_env = true, value_parser = BoolishValueParser::new())]
    pub(crate) webhook_allow_private: bool,

    /// Mail server of notices, as smtp://user:password@host:587?tls=starttls&from=oriel@example.com, or smtps://…; Settings win
    #[arg(long, env = "ORIEL_SMTP_URL", value_name = "URL", hide_env = true, hide_env_values = true)]
    pub(crate) smtp_url: Option<String>,

    /// How long data is kept: 6mo, or by signal as metrics=15mo,logs=7d [default: metrics=15mo, logs, spans and events 30d]
    #[arg(long, env = "ORIEL_RETENTION", value_name = "SPAN", hide_env = true)]
    pub(crate) retention: Option<String>,

    /// The memory budget [default: a quarter of the machine, at most 4 GiB]
    #[arg(long, env = "ORIEL_MEMORY", value_name = "SIZE", hide_env = true)]
    pub(crate) memory: Option<String>,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgentFlags {
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,

    #[command(flatten)]
    pub(crate) run: AgentRunFlags,
}

#[derive(Subcommand)]
pub(crate) enum AgentCommand {
    /// Checks, their last run and error, buffer, forwarder
    Status {
        /// The data folder of the running agent or server [default: ~/.local/share/oriel]
        #[arg(long, env = "ORIEL_DATA", value_name = "DIR", hide_env = true)]
        data: Option<String>,
    },
}

#[derive(Args, Default)]
pub(crate) struct AgentRunFlags {
    /// Where to send: http://host:8080
    #[arg(long, env = "ORIEL_SERVER", value_name = "URL", hide_env = true)]
    pub(crate) server: Option<String>,

    /// The server's API key
    #[arg(long, env = "ORIEL_API_KEY", value_name = "KEY", hide_env_values = true, hide_env = true)]
    pub(crate) api_key: Option<String>,

    /// The agent's folder: buffer, Python environment, status socket [default: ~/.local/share/oriel]
    #[arg(long, env = "ORIEL_DATA", value_name = "DIR", hide_env = true)]
    pub(crate) data: Option<String>,

    /// Kept on disk while the server is away; the oldest goes first past it [default: 1GiB]
    #[arg(long, env = "ORIEL_BUFFER", value_name = "SIZE", hide_env = true)]
    pub(crate) buffer: Option<String>,

    #[command(flatten)]
    pub(crate) host: HostFlags,
}

/// Which server, and with which keys.
#[derive(Args, Default)]
pub(crate) struct ClientFlags {
    /// The server [default: http://127.0.0.1:8080]
    #[arg(long, env = "ORIEL_SERVER", value_name = "URL", hide_env = true)]
    pub(crate) server: Option<String>,

    /// An API key of the server
    #[arg(long, env = "ORIEL_API_KEY", value_name = "KEY", hide_env_values = true, hide_env = true)]
    pub(crate) api_key: Option<String>,
}

#[derive(Args)]
pub(crate) struct QueryFlags {
    /// The query: avg:system.load.1{*} by {host}, or SELECT service, count(*) FROM logs GROUP BY 1, or a search with --signal
    pub(crate) query: String,

    /// What a search looks through
    #[arg(long, default_value = "metrics", value_name = "SIGNAL")]
    pub(crate) signal: Signal,

    /// From when: now-1h, or seconds since the epoch
    #[arg(long, default_value = "now-1h", value_name = "TIME")]
    pub(crate) from: String,

    /// Until when
    #[arg(long, default_value = "now", value_name = "TIME")]
    pub(crate) to: String,

    /// How the answer is written
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,

    /// An application key of the server
    #[arg(long, env = "ORIEL_APP_KEY", value_name = "KEY", hide_env_values = true, hide_env = true)]
    pub(crate) app_key: Option<String>,

    #[command(flatten)]
    pub(crate) client: ClientFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    /// An Arrow IPC stream, of SQL
    Arrow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signal {
    Metrics,
    Logs,
    Spans,
    Events,
}

impl Signal {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Spans => "spans",
            Self::Events => "events",
        }
    }
}
