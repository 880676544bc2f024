//! What the pages of monitors ask for.

pub(crate) mod bulk;
pub(crate) mod list;
