//! Fuzzes the search parser: it ends in a filter or in an error whose position lies in the text, at a character's start; and a
//! filter can be asked of a row.
//!
//! The parser is taken from its folder instead of its crate, which would bring store, DataFusion and SQLite into the build.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports)] // only one of the parser's calls is made here

#[path = "../../crates/query/src/lang/mod.rs"]
mod lang;

use oriel_model::{Core, Field, Row, Signal, Value};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut row = Row::new(1_700_000_000_000_000_000);
    row.set_text(Core::Message, text);
    row.set_attribute(Field::attr("a"), Value::Text(text.into()));
    for signal in Signal::WIDE {
        match lang::search::parse(signal, text) {
            Ok(filter) => {
                filter.matches(&row);
                filter.fields();
            }
            Err(e) => assert!(text.is_char_boundary(e.position), "{} is no place in {text:?}", e.position),
        }
    }
});
