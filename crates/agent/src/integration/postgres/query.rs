//! A query as data: what it asks, which columns are tags, which are samples and of which kind.

use crate::check::SampleKind;

/// What is known of the server since the connection was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    /// `server_version_num`: 150004 is 15.4.
    pub(super) version: i32,
    pub(super) in_recovery: bool,
}

/// Columns come in this order: labels as text, values as float8. A value that is null is left out.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// What the rows are, for warnings.
    pub(super) about: &'static str,
    pub(super) sql: String,
    pub(super) binds: Vec<Vec<String>>,
    pub(super) labels: &'static [&'static str],
    pub(super) values: &'static [(&'static str, SampleKind)],
    /// The rows are about the database that the instance names, which becomes their tag `db`.
    pub(super) per_database: bool,
    /// What to grant when the server says that a right is missing.
    pub(super) grant: &'static str,
}
