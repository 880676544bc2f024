//! A filter on the columns of a block: the same meaning as on a row, a block at a time.

use super::Filter;
use crate::row::{Column, Field};
use arrow_array::BooleanArray;
use std::collections::BTreeSet;

/// The columns of a block, decoded when asked for.
pub trait Columns {
    fn rows(&self) -> usize;

    /// A field over all rows of the block.
    fn column(&self, field: &Field) -> Column;

    /// Every field that some row of the block may have: what [`Filter::Anywhere`] looks through.
    fn every_field(&self) -> Vec<Field>;
}

impl Filter {
    /// Which rows of the block are wanted.
    pub fn select(&self, block: &dyn Columns) -> BooleanArray {
        BooleanArray::from(vec![matches!(self, Self::All); block.rows()])
    }

    /// The fields it looks at; `Anywhere` looks at all of them, which [`Filter::looks_anywhere`] says.
    pub fn fields(&self) -> BTreeSet<Field> {
        BTreeSet::new()
    }

    /// Whether it has an [`Filter::Anywhere`].
    pub fn looks_anywhere(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::looks_anywhere),
            Self::Not(not) => not.looks_anywhere(),
            Self::Anywhere(_) => true,
            Self::All | Self::Is(..) | Self::Words(_) => false,
        }
    }
}
