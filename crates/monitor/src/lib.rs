//! Monitors: a rule of JSON, a pure evaluation, a schedule, notices that get through, and the same evaluation run over the past.
//!
//! The one idea: [`evaluate`](mod@evaluate) is a pure function of rule, state and what was measured at a moment. Live, replay and "why did it
//! fire" call that same function with frames of the same query road that draws charts, so that they can't disagree.
//!
//! ```text
//! Schedule ─▶ Watch (one a distinct query) ─▶ Measured ─▶ evaluate ─▶ one transaction: states, transitions, notices
//!                                                                     notices ─▶ content, once ─▶ deliveries ─▶ channels
//! ```
//!
//! Never here: HTTP handlers, files of telemetry, another clock than the one given.

pub mod channel;
pub mod content;
pub mod deliver;
pub mod downtime;
mod error;
pub mod evaluate;
pub mod handle;
pub mod measure;
pub mod measured;
pub mod notice;
pub mod outage;
pub mod picture;
pub mod recurrence;
pub mod replay;
pub mod rule;
pub mod runtime;
pub mod schedule;
pub mod slo;
pub mod source;
pub mod status;
pub mod template;
pub mod watch;
pub mod why;

pub use deliver::{Notifier, NotifierOptions};
pub use error::{Error, Result};
pub use evaluate::{MonitorState, evaluate};
pub use rule::Rule;

#[cfg(test)]
mod testing;
