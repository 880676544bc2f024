//! Prometheus: the text exposition with timestamps, and remote write 1.
//!
//! Labels are kept byte-exact as tags `label:value`; `host` fills the host slot, `instance` stays a tag, an empty label is
//! absent. What a name means comes from TYPE lines or metadata, else from its ending.

mod kind;
mod remote;
mod text;

pub use kind::{MetricMetadata, declared};
pub use remote::remote_write;
pub use text::text;
