//! What PostgreSQL's errors mean for the person who configured the check.

use super::query::Query;
use super::settings::Settings;
use crate::check::Failure;

/// Whether the connection is no more, rather than one query wrong.
pub(super) fn is_connection(e: &sqlx::Error) -> bool {
    match e {
        // 57P01 to 57P03: the server is going down, has crashed, or is starting; class 08: connection exceptions.
        sqlx::Error::Database(db) => db.code().is_some_and(|c| c.starts_with("57P") || c.starts_with("08")),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed => true,
        _ => false,
    }
}

/// Why there is no connection, and what to do.
pub(super) fn describe(e: &sqlx::Error, settings: &Settings) -> Failure {
    let (place, user, db) = (settings.place(), &settings.username, &settings.dbname);
    let code = match e {
        sqlx::Error::Database(e) => e.code().map(|c| c.into_owned()).unwrap_or_default(),
        _ => String::new(),
    };
    match code.as_str() {
        "28P01" => Failure::new(format!("{place} refused the password of user {user}"))
            .hint(format!("correct `username` and `password`, or: alter role {user} password '…'")),
        "28000" => Failure::new(format!("{place} does not let user {user} in: {}", plain(e)))
            .hint(format!("create role {user} login password '…', and see pg_hba.conf")),
        "3D000" => Failure::new(format!("{place} has no database {db}")).hint("correct `dbname`"),
        "42501" => Failure::new(format!("{place}: {}", plain(e)))
            .hint(format!("grant connect on database {db} to {user}")),
        "53300" => Failure::new(format!("{place} has no connection left: {}", plain(e)))
            .hint("raise max_connections, or find who holds them"),
        "57P03" => Failure::new(format!("{place} is starting up")),
        _ => Failure::new(format!("can't connect to {place}: {}", plain(e)))
            .hint("is the server up, and are `host`, `port` and `ssl` right?"),
    }
}

/// One query that failed while the others go on.
pub(super) fn warning(query: &Query, e: &sqlx::Error, settings: &Settings) -> String {
    let code = match e {
        sqlx::Error::Database(e) => e.code().map(|c| c.into_owned()).unwrap_or_default(),
        _ => String::new(),
    };
    let what_to_do = match code.as_str() {
        "42501" => format!("; as a superuser: grant {} to {}", query.grant, settings.username),
        "57014" => "; it took longer than `query_timeout`".to_owned(),
        _ => String::new(),
    };
    format!("no {}: {}{what_to_do}", query.about, plain(e))
}

/// The server's own words, without sqlx's preamble.
fn plain(e: &sqlx::Error) -> String {
    match e {
        sqlx::Error::Database(e) => e.message().to_owned(),
        sqlx::Error::Io(e) => e.to_string(),
        other => other.to_string(),
    }
}
