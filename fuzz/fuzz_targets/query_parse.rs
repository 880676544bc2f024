//! Fuzzes the query parser: it ends in a query or in an error whose position lies in the text, at a character's start.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for parsed in [oriel_query::parse(text), oriel_query::parse_formula(text)] {
        if let Err(e) = parsed {
            assert!(text.is_char_boundary(e.position), "{} is no place in {text:?}", e.position);
        }
    }
});
