//! DogStatsD, protocol 1.0 to 1.6: packets of lines into the aggregator.
//!
//! A metric line is cut into borrowed pieces; name, type and tags are hashed, and parsed only when the aggregator does not
//! know them, so that the hot path allocates nothing. Decoding is lossy where clients are: bytes that are no UTF-8 become
//! U+FFFD, unknown fields are passed over, and an event's lengths are tried as UTF-16 units when they don't fit as bytes.
//!
//! `c:`, `e:` and `card:` say which container a line came from; they are read and left out, since nothing here knows
//! containers. The tags `host:`, `dd.internal.*` and `jmx_check_name:` never become tags.

mod decode;
mod event;
mod frame;
mod line;
mod tags;

pub use decode::Decoder;
pub use frame::{FRAME_BYTES_MAX, FrameTooLong, Frames};
pub use line::{MetricLine, MetricType};
