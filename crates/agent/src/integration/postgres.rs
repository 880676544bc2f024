//! PostgreSQL under Datadog's names: one connection an instance, kept between runs, and a table of queries.
//!
//! A query that fails is a warning that names it and the right it needs; the others go on. A lost connection is made
//! again within the same run, so that a restarted server costs no run.

mod failure;
mod queries;
mod query;
mod relation;
mod settings;

use crate::check::{Check, Failure, Run, RunFuture, SampleKind, Signal};
use crate::config::InstanceConfig;
use oriel_model::CheckStatus;
use query::{Query, Server};
use settings::Settings;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use std::time::Duration;

/// The longest a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(5);

pub(crate) fn check(config: &InstanceConfig) -> Box<dyn Check> {
    match Settings::read(&config.instance) {
        Ok(settings) => Box::new(Postgres { settings, connection: None }),
        Err(message) => {
            let failure = Failure { file: Some(config.file.clone()), ..Failure::new(message) };
            crate::supervise::broken(failure)
        }
    }
}

struct Postgres {
    settings: Settings,
    connection: Option<(PgConnection, Server)>,
}

impl Check for Postgres {
    fn run(&mut self) -> RunFuture<'_> {
        Box::pin(self.collect())
    }
}

impl Postgres {
    async fn collect(&mut self) -> Run {
        let mut run = Run::default();
        let was_connected = self.connection.is_some();
        let mut outcome = self.try_collect(&mut run).await;
        if outcome.is_err() && was_connected {
            // The connection was from before: the server may have been restarted meanwhile.
            run = Run::default();
            outcome = self.try_collect(&mut run).await;
        }
        let (status, message) = match &outcome {
            Ok(()) => (CheckStatus::Ok, String::new()),
            Err(failure) => (CheckStatus::Critical, failure.message.clone()),
        };
        run.failure = outcome.err();
        run.signals.push(Signal {
            check: "postgres.can_connect".to_owned(),
            status,
            tags: self.settings.tags_of(Some(&self.settings.dbname)),
            host: String::new(),
            message,
        });
        run
    }

    /// Connects where needed and runs every query; an error means that the connection is no more.
    async fn try_collect(&mut self, run: &mut Run) -> Result<(), Failure> {
        let (mut connection, server) = match self.connection.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        for query in queries::all(&self.settings, &server) {
            if let Err(e) = ask(&mut connection, &query, &self.settings, run).await {
                if failure::is_connection(&e) {
                    return Err(failure::describe(&e, &self.settings));
                }
                run.warn(failure::warning(&query, &e, &self.settings));
            }
        }
        run.push(SampleKind::Count, "postgresql.running", 1.0, &self.settings.tags_of(None));
        self.connection = Some((connection, server));
        Ok(())
    }

    async fn connect(&self) -> Result<(PgConnection, Server), Failure> {
        let failed = |e: sqlx::Error| failure::describe(&e, &self.settings);
        let options = self.settings.options().map_err(Failure::new)?;
        let opening = tokio::time::timeout(CONNECT_MAX, options.connect()).await;
        let mut connection = match opening {
            Ok(opened) => opened.map_err(failed)?,
            Err(_) => {
                let message =
                    format!("{} gave no answer in {} s", self.settings.place(), CONNECT_MAX.as_secs());
                return Err(Failure::new(message).hint("is the server up, and is the port open from here?"));
            }
        };
        connection.ping().await.map_err(failed)?;
        let facts =
            "select current_setting('server_version_num')::int4, pg_is_in_recovery(), current_user::text";
        let row = sqlx::query(facts).fetch_one(&mut connection).await.map_err(failed)?;
        let read = || -> Result<Server, sqlx::Error> {
            Ok(Server { version: row.try_get(0)?, in_recovery: row.try_get(1)? })
        };
        let server = read().map_err(failed)?;
        Ok((connection, server))
    }
}

/// Runs one query and turns its rows into samples.
async fn ask(
    connection: &mut PgConnection,
    query: &Query,
    settings: &Settings,
    run: &mut Run,
) -> Result<(), sqlx::Error> {
    // The text is made of this crate's own pieces; everything from the configuration is a bound value.
    let mut asked = sqlx::query(sqlx::AssertSqlSafe(query.sql.clone()));
    for bound in &query.binds {
        asked = asked.bind(bound.clone());
    }
    for row in asked.fetch_all(connection).await? {
        let mut tags = settings.tags_of(query.per_database.then_some(settings.dbname.as_str()));
        for (i, label) in query.labels.iter().enumerate() {
            if let Some(value) = row.try_get::<Option<String>, _>(i)?.filter(|v| !v.is_empty()) {
                tags.push(format!("{label}:{value}"));
            }
        }
        for (i, (name, kind)) in query.values.iter().enumerate() {
            if let Some(value) = row.try_get::<Option<f64>, _>(query.labels.len() + i)? {
                run.push(*kind, name, value, &tags);
            }
        }
    }
    Ok(())
}
