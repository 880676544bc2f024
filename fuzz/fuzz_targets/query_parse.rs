//! Fuzzes the query parser: it ends in a query or in an error whose position lies in the text, at a character's start.
//!
//! The parser is taken from its folder instead of its crate, which would bring store, Parquet and SQLite into the build.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports)] // only two of the parser's calls are made here

#[path = "../../crates/query/src/lang/mod.rs"]
mod lang;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for parsed in [lang::parse(text), lang::parse_formula(text)] {
        if let Err(e) = parsed {
            assert!(text.is_char_boundary(e.position), "{} is no place in {text:?}", e.position);
        }
    }
});
