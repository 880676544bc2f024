//! Questions about wide rows: counts and other computes by groups and over time, facets, patterns, comparisons.
//!
//! One idea: every question is a fold over the blocks of one [`Rows`] snapshot, one accumulator a worker, merged at the end.
//! Values of a group are coded once a block, so that a row costs an array access and no text. What grows with the data is
//! bounded, reserved from the query pool as it grows (STORE 35), and said in the answer's notes when it is an estimate.

mod aggregate;
mod codes;
mod compare;
mod complete;
mod distinct;
mod facets;
mod grid;
mod groups;
mod heatmap;
mod histogram;
mod memory;
mod numbers;
mod patterns;
mod quantile;
mod request;
mod slots;
mod source;
mod template;
mod top;

pub use aggregate::aggregate;
pub use compare::{Compared, Comparison, Selection, Share, compare};
pub use complete::complete_search;
pub use facets::{Facet, FacetKind, Facets, FacetsRequest, facets};
pub use grid::RowGrid;
pub use heatmap::{Heatmap, heatmap};
pub use histogram::{Histogram, HistogramRequest, HistogramSeries, histogram};
pub(crate) use numbers::each_number;
pub use patterns::{Part, PatternGroup, Patterns, patterns};
pub use request::{AggregateRequest, Aggregated, Aggregation, Compute, Group, GroupBy, Sort};
pub use source::{RowAggregator, Rows, RowsOf, StoreRows, Timed};
pub use template::PartKind;
