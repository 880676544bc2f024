//! Live and replayed evaluation are equal.
