//! What happens to a log line between its decoder and the store: processors in order, removal of sensitive data, metrics
//! counted from rows. Pure: rows in, rows and metrics out.
//!
//! Never here: I/O, async, storage, foreign byte formats.
