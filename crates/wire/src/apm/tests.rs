//! Rules that the captured bodies don't show.
