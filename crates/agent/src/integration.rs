//! Checks of services, in Rust, under the names and settings of the Datadog agent's integrations.

use crate::check::Check;
use crate::config::InstanceConfig;

/// The integration that a configuration asks for; none: it is a Python check.
pub(crate) fn check(_config: &InstanceConfig) -> Option<Box<dyn Check>> {
    None
}
