//! Fuzzes the language of messages: nothing panics, places of issues lie in the message, a rendering keeps its bound, and its values lie
//! at characters' starts.
//!
//! The language is taken from its folder instead of its crate, which would bring store, Parquet and SQLite into the build.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports)] // only some of the language's calls are made here

#[path = "../../crates/monitor/src"]
mod room {
    pub mod handle;
    pub mod template;
}
use room::handle;
use room::template::{Fact, OUTPUT_BYTES_MAX, Template, Values};

/// Every name has the second half of the input as its value.
struct Given<'a>(&'a str);

impl Values for Given<'_> {
    fn value(&self, name: &str) -> Option<Fact> {
        match name.len() % 4 {
            0 => None,
            1 => Some(Fact::Text(self.0.to_owned())),
            2 => Some(Fact::Number(self.0.len() as f64)),
            _ => Some(Fact::Time(self.0.len() as i64)),
        }
    }

    fn holds(&self, condition: &str) -> Option<bool> {
        Some(condition.len() % 2 == 0)
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (source, value) = text.split_once('\0').unwrap_or((text, "v"));
    let given = Given(value);
    let template = Template::parse(source);
    let rendered = template.render(&given);
    assert!(rendered.text.len() <= OUTPUT_BYTES_MAX);
    let units = source.encode_utf16().count();
    assert!(template.check(&given).iter().chain(&rendered.issues).all(|issue| issue.position <= units));
    assert!(rendered.values.iter().all(|range| rendered.text.get(range.clone()).is_some()));
    let cut = rendered.without_handles();
    assert!(cut.values.iter().all(|range| cut.text.get(range.clone()).is_some()));
});
