//! The keys of `conf.d/postgres.d/conf.yaml`, as Datadog's integration has them.

use super::relation::{Relation, relations};
use crate::collect::strings;
use crate::config::truthy;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::str::FromStr;

pub(super) struct Settings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) username: String,
    password: Option<String>,
    pub(super) dbname: String,
    ssl: PgSslMode,
    ssl_root_cert: Option<String>,
    ssl_cert: Option<String>,
    ssl_key: Option<String>,
    application_name: String,
    query_timeout_ms: u64,
    tags: Vec<String>,
    pub(super) relations: Vec<Relation>,
    pub(super) max_relations: i64,
    pub(super) ignore_databases: Vec<String>,
    pub(super) only_dbname: bool,
    pub(super) database_size: bool,
    pub(super) counts: bool,
    pub(super) activity: bool,
    pub(super) wal: bool,
}

impl Settings {
    pub(super) fn read(instance: &Value) -> Result<Self, String> {
        let text = |key: &str| match instance.get(key) {
            Some(Value::String(s)) if !s.is_empty() => Some(s.clone()),
            Some(Value::Number(n)) => Some(n.to_string()),
            _ => None,
        };
        let number = |key: &str, default: u64| match instance.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(v) => v
                .as_u64()
                .or_else(|| v.as_str().and_then(|s| s.trim().parse().ok()))
                .ok_or_else(|| format!("`{key}` is not a number: {v}")),
        };
        let is_set =
            |key: &str, default: bool| instance.get(key).filter(|v| !v.is_null()).map_or(default, truthy);
        let port = u16::try_from(number("port", 5432)?).map_err(|_| "`port` is over 65535".to_owned())?;
        Ok(Self {
            host: text("host").ok_or("`host` is missing: a name, an address or a socket's folder")?,
            port,
            username: text("username").unwrap_or_else(|| "datadog".to_owned()),
            password: text("password"),
            dbname: text("dbname").unwrap_or_else(|| "postgres".to_owned()),
            ssl: ssl_mode(instance.get("ssl"))?,
            ssl_root_cert: text("ssl_root_cert"),
            ssl_cert: text("ssl_cert"),
            ssl_key: text("ssl_key"),
            application_name: text("application_name").unwrap_or_else(|| "oriel-agent".to_owned()),
            query_timeout_ms: number("query_timeout", 5000)?.max(1),
            tags: strings(instance.get("tags")),
            relations: relations(instance.get("relations"))?,
            max_relations: i64::try_from(number("max_relations", 300)?).unwrap_or(i64::MAX),
            ignore_databases: match instance.get("ignore_databases") {
                None => ["template%", "rdsadmin", "azure_maintenance"].map(str::to_owned).to_vec(),
                some => strings(some),
            },
            only_dbname: is_set("dbstrict", false),
            database_size: is_set("collect_database_size_metrics", true),
            counts: is_set("collect_count_metrics", true),
            activity: is_set("collect_activity_metrics", true),
            wal: is_set("collect_wal_metrics", true),
        })
    }

    pub(super) fn options(&self) -> Result<PgConnectOptions, String> {
        // Without a password the passfile and the server's own rules decide.
        let base = match &self.password {
            Some(password) => PgConnectOptions::new_without_pgpass().password(password),
            None => PgConnectOptions::new(),
        };
        let mut options = base
            .port(self.port)
            .username(&self.username)
            .database(&self.dbname)
            .application_name(&self.application_name)
            .ssl_mode(self.ssl)
            .options([("statement_timeout", format!("{}ms", self.query_timeout_ms))]);
        options = if self.is_socket() { options.socket(&self.host) } else { options.host(&self.host) };
        if let Some(path) = &self.ssl_root_cert {
            options = options.ssl_root_cert(path);
        }
        if let (Some(cert), Some(key)) = (&self.ssl_cert, &self.ssl_key) {
            options = options.ssl_client_cert(cert).ssl_client_key(key);
        }
        Ok(options)
    }

    fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    /// The server as a person would say it.
    pub(super) fn place(&self) -> String {
        if self.is_socket() {
            format!("PostgreSQL at {}/.s.PGSQL.{}", self.host, self.port)
        } else {
            format!("PostgreSQL at {}:{}", self.host, self.port)
        }
    }

    /// The instance's tags, with the database where there is one.
    pub(super) fn tags_of(&self, database: Option<&str>) -> Vec<String> {
        let mut tags = self.tags.clone();
        if !self.is_socket() {
            tags.push(format!("port:{}", self.port));
        }
        tags.extend(database.map(|db| format!("db:{db}")));
        tags
    }
}

fn ssl_mode(value: Option<&Value>) -> Result<PgSslMode, String> {
    match value {
        None | Some(Value::Null) => Ok(PgSslMode::Prefer),
        Some(Value::Bool(true)) => Ok(PgSslMode::Require),
        Some(Value::Bool(false)) => Ok(PgSslMode::Disable),
        Some(other) => {
            let text = other.as_str().unwrap_or_default();
            PgSslMode::from_str(text).map_err(|_| {
                format!(
                    "`ssl` is {other}; it may be disable, allow, prefer, require, verify-ca or verify-full"
                )
            })
        }
    }
}
