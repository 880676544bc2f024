//! Datadog's intakes: series, sketches, checks, events and host metadata, as agents and API clients send them; and the
//! encoders of the same, for the agent's forwarder.
//!
//! Names are put in Datadog's form here, before identity. The host slot is filled by the `host:` tag, else by the field or
//! resource; `device`, which agents take out of the tags, goes back into them. One bad row costs its neighbours nothing.

mod checks;
mod distribution;
pub mod encode;
mod event_v2;
mod events;
mod intake;
mod json;
mod names;
mod series_json;
mod series_protobuf;
mod sketches;

pub use checks::check_run;
pub use distribution::distribution_points;
pub use event_v2::event_v2;
pub use events::event_v1;
pub use intake::intake;
pub use names::{Names, series_def};
pub use series_json::{series_v1, series_v2_json};
pub use series_protobuf::series_v2_protobuf;
pub use sketches::sketches;
