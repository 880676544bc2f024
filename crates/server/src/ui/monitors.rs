//! What the pages of monitors ask for.

pub(crate) mod bulk;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod own;
mod parsed;
pub(crate) mod preview;
pub(crate) mod try_past;
pub(crate) mod why;
