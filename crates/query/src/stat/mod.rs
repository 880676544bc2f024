//! Statistics of one column, or of columns beside each other: pure functions over slices, where NaN is a missing value.
//!
//! What each does to whom, and why: `docs/semantics.md` and `docs/decisions/0007-statistics.md`.

mod outlier;
mod seasonal;
mod smoothing;
mod spread;
mod trend;

pub(crate) use outlier::{Outlying, dbscan, mad};
pub(crate) use seasonal::Profile;
pub(crate) use smoothing::{Expected, smooth};
pub(crate) use spread::{median, spread};
pub(crate) use trend::{Memory, Trend};

#[cfg(test)]
mod tests;
