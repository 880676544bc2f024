//! What a scan needs of one readable piece of wide rows, be it a batch of a head or a file.
//!
//! A piece cuts itself into blocks of at most [`BLOCK_ROWS`] rows. It says which of them may hold wanted rows, which is where
//! indexes prune (STORE 33), and opens them one at a time; fields are decoded when they are asked for.

use super::{FieldInfo, NsRange};
use crate::Result;
use oriel_model::{Column, Columns, Core, Field, Filter, OrgId, Row};
use std::sync::Arc;

/// Rows of a block at most.
pub(crate) const BLOCK_ROWS: usize = 8_192;

/// What blocks are wanted for.
pub(crate) struct BlockAsk<'a> {
    pub(crate) org: OrgId,
    pub(crate) range: NsRange,
    pub(crate) filter: &'a Filter,
}

/// A block that may hold wanted rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockRef {
    /// The source's own number for it.
    pub(crate) number: u32,
    pub(crate) rows: u32,
    /// The least and greatest time in it, or bounds of them.
    pub(crate) first_ns: i64,
    /// Inclusive.
    pub(crate) last_ns: i64,
    /// How many rows of the whole block (of the asked org) the filter wants, where the index knows for certain (STORE 33) and
    /// every row of the block has weight 1. Of use only for a block that lies wholly in range.
    pub(crate) exact: Option<u32>,
    /// The index knows that every row of the block passes the filter, which then need not be looked at.
    pub(crate) all_match: bool,
}

/// The blocks that are left, and how many were ruled out.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    pub(crate) blocks: Vec<BlockRef>,
    pub(crate) pruned: u64,
}

/// Takes a value, and its rows by block.
pub(crate) type ShowValue<'a> = dyn FnMut(&str, &[(u32, u32)]) + 'a;

/// A readable piece of wide rows of one signal.
pub(crate) trait RowSource: Send + Sync {
    /// The least and greatest time in it, inclusive.
    fn span(&self) -> (i64, i64);

    fn rows(&self) -> u64;

    /// Blocks of the org that overlap the range and may hold rows that pass the filter.
    fn blocks(&self, ask: &BlockAsk<'_>) -> Result<Candidates>;

    /// Opens a block that [`RowSource::blocks`] named. Nothing is decoded yet.
    fn open<'a>(&'a self, block: &BlockRef) -> Result<Box<dyn BlockRows + 'a>>;

    /// Shows each value of a core field with its rows by block, when the index holds them all and every row stands for itself;
    /// else shows nothing and says no.
    fn values(&self, core: Core, show: &mut ShowValue<'_>) -> Result<bool> {
        let _ = (core, show);
        Ok(false)
    }

    /// Shows each attribute and tag of the org's rows, with counts of the whole piece.
    fn fields(&self, org: OrgId, add: &mut dyn FnMut(FieldInfo)) -> Result<()>;
}

/// The rows of one block. `Columns::column` can't fail: what it met is kept for [`BlockRows::check`].
pub(crate) trait BlockRows: Columns {
    /// The time of each row.
    fn times(&self) -> Result<Arc<[i64]>>;

    /// Weights of rows; `None` when each stands for itself.
    fn weights(&self) -> Result<Option<Arc<[f32]>>>;

    /// A field over some rows of the block, which come ascending.
    fn column_at(&self, field: &Field, rows: &[u32]) -> Column;

    /// Whole rows, which come ascending.
    fn whole(&self, rows: &[u32]) -> Result<Vec<Row>>;

    /// The first thing that a column met since the block was opened.
    fn check(&self) -> Result<()>;
}
