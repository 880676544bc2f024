//! A filter on one whole row: for processors, live tails and retention, and as the plain statement of what it means.

use super::Filter;
use crate::row::Row;

impl Filter {
    /// Whether the row is wanted.
    pub fn matches(&self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::And(all) => all.iter().all(|f| f.matches(row)),
            Self::Or(any) => any.iter().any(|f| f.matches(row)),
            Self::Not(not) => !not.matches(row),
            Self::Is(..) | Self::Words(_) | Self::Anywhere(_) => false,
        }
    }
}
