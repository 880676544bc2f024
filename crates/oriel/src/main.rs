//! The binary: flags, settings, start-up.
fn main() {}
