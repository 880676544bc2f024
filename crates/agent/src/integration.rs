//! Checks of services, in Rust, under the names and settings of the Datadog agent's integrations.

mod postgres;

use crate::check::Check;
use crate::config::InstanceConfig;

/// The integration that a configuration asks for; none: it is a Python check.
pub(crate) fn check(config: &InstanceConfig) -> Option<Box<dyn Check>> {
    match config.check.as_str() {
        "postgres" => Some(postgres::check(config)),
        _ => None,
    }
}
