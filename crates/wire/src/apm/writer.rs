//! Rows out of spans, whatever format they came in: names normalised as the agent does it, defaults filled in, and each
//! distinct text and key looked at once a payload.
//!
//! The agent's rules: a service without a name is `unnamed-LANGUAGE-service`, an operation `unnamed_operation`, a resource takes
//! its operation's name; a negative duration is 0; a start before the year 2000 means that the span has just ended.

use super::head::{Head, Whole, top_level};
use super::keys::{Place, place};
use super::{CHUNK_SPANS_MAX, CHUNKS_MAX, Chunk, SpanOptions, too_many_chunks};
use crate::Result;
use crate::msgpack::Number;
use hashbrown::HashMap;
use oriel_model::{Core, KeyId, Reason, RowBatchBuilder, ValueRef, normalise_metric, normalise_tag};
use std::borrow::Cow;

/// 2000-01-01: the agent's own bound for a start that is one.
const YEAR_2000_NS: i64 = 946_684_800_000_000_000;
/// The agent's bounds for names, in bytes.
const NAME_BYTES_MAX: usize = 100;
const RESOURCE_BYTES_MAX: usize = 15_000;
/// The longest text of an attribute, below what a row may have; the longest stack traces are about 100 KB.
const TEXT_BYTES_MAX: usize = 200 << 10;
/// Whole numbers below this have one form as a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a core text is made from; SQL resources are read otherwise than others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    Service,
    Name,
    Resource,
    SqlResource,
    Kind,
    Env,
    Version,
    Host,
}

/// See the module's head. `'a` is the body's life.
pub(super) struct SpanWriter<'a, 'b> {
    builder: &'b mut RowBatchBuilder,
    options: SpanOptions<'b>,
    words: HashMap<(Slot, &'a str), u32>,
    places: HashMap<&'a str, Place>,
    top_level: Vec<bool>,
    top_level_key: KeyId,
    origin_key: KeyId,
    ok: u32,
    error: u32,
    chunks: Vec<Chunk>,
    /// Which of the open row's defaults are to be filled in.
    has_env: bool,
    has_version: bool,
    has_host: bool,
}

impl<'a, 'b> SpanWriter<'a, 'b> {
    pub(super) fn new(builder: &'b mut RowBatchBuilder, options: SpanOptions<'b>) -> Self {
        let (top_level_key, origin_key) = (builder.attr_key("_top_level"), builder.attr_key("_dd.origin"));
        let ok = builder.word(Core::Status, "ok").unwrap_or(0);
        let error = builder.word(Core::Status, "error").unwrap_or(0);
        Self {
            builder,
            options,
            words: HashMap::new(),
            places: HashMap::new(),
            top_level: Vec::new(),
            top_level_key,
            origin_key,
            ok,
            error,
            chunks: Vec::new(),
            has_env: false,
            has_version: false,
            has_host: false,
        }
    }

    /// Writes a chunk; `attributes` writes what a span has besides its head.
    pub(super) fn chunk(
        &mut self,
        heads: &[Head<'a>],
        whole: &Whole<'a>,
        mut attributes: impl FnMut(&mut Self, &Head<'a>) -> Result<()>,
    ) -> Result<()> {
        if self.chunks.len() == CHUNKS_MAX {
            return Err(too_many_chunks());
        }
        let first = self.builder.len();
        let mut marks = std::mem::take(&mut self.top_level);
        top_level(heads, self.options.top_level_marked, &mut marks);
        let mut has_error = false;
        for (i, (head, &enters)) in heads.iter().zip(&marks).enumerate() {
            self.begin(head, whole);
            if enters {
                self.builder.attr(self.top_level_key, ValueRef::Int(1));
            }
            if i == 0 && !whole.origin.is_empty() {
                self.builder.attr(self.origin_key, ValueRef::Text(whole.origin));
            }
            attributes(self, head)?;
            has_error |= head.error;
            self.end(whole);
        }
        self.top_level = marks;
        let rows = self.builder.len() - first;
        if rows > 0 {
            let (priority, dropped) = (whole.priority, whole.dropped);
            self.chunks.push(Chunk { first, rows, priority, has_error, dropped });
        }
        Ok(())
    }

    /// Whether a chunk may have one more span; counts it as refused when not.
    pub(super) fn has_room(&mut self, spans: usize) -> bool {
        if spans < CHUNK_SPANS_MAX {
            return true;
        }
        self.builder.reject(Reason::TooManyRows, || format!("a trace has more than {CHUNK_SPANS_MAX} spans"));
        false
    }

    pub(super) fn finish(self) -> Vec<Chunk> {
        self.chunks
    }

    fn begin(&mut self, head: &Head<'a>, whole: &Whole<'a>) {
        let duration = head.duration.max(0);
        let start = match head.start {
            start if start >= YEAR_2000_NS => start,
            _ => self.options.now_ns.saturating_sub(duration),
        };
        self.builder.begin(start);
        if head.start < YEAR_2000_NS {
            self.builder.note_filled_time();
        }
        self.word(Core::Service, Slot::Service, head.service);
        self.word(Core::Name, Slot::Name, head.name);
        let resource = if head.resource.trim().is_empty() { head.name } else { head.resource };
        let slot = if is_sql(head.kind) { Slot::SqlResource } else { Slot::Resource };
        self.word(Core::Resource, slot, resource);
        if !head.kind.is_empty() {
            self.word(Core::Type, Slot::Kind, head.kind);
        }
        self.builder.set_word(Core::Status, if head.error { self.error } else { self.ok });
        let high = if head.trace_id_high != 0 { head.trace_id_high } else { whole.trace_id_high };
        self.builder.set_trace_id(u128::from(high) << 64 | u128::from(head.trace_id));
        self.builder.set_span_id(head.span_id);
        self.builder.set_parent_id(head.parent_id);
        self.builder.set_duration(duration);
        (self.has_env, self.has_version, self.has_host) = (false, false, false);
    }

    fn end(&mut self, whole: &Whole<'a>) {
        if !self.has_env {
            match whole.env {
                "" => self.builder.set_text(Core::Env, self.options.default_env),
                env => self.word(Core::Env, Slot::Env, env),
            }
        }
        if !self.has_version && !whole.version.is_empty() {
            self.word(Core::Version, Slot::Version, whole.version);
        }
        if !self.has_host {
            match whole.host {
                "" => self.builder.set_text(Core::Host, self.options.default_host),
                host => self.word(Core::Host, Slot::Host, host),
            }
        }
        self.builder.end();
    }

    /// The place of a key, remembered over the payload.
    pub(super) fn place(&mut self, key: &'a str) -> Place {
        if let Some(&known) = self.places.get(key) {
            return known;
        }
        let found = place(key, self.builder);
        self.places.insert(key, found);
        found
    }

    /// A value of meta.
    pub(super) fn text(&mut self, place: Place, value: &'a str) {
        match place {
            Place::Attribute(key) => self.builder.attr(key, ValueRef::Text(clip(value, TEXT_BYTES_MAX))),
            Place::Number(key) => match value.parse() {
                Ok(n) => self.builder.attr(key, ValueRef::Int(n)),
                Err(_) => self.builder.attr(key, ValueRef::Text(clip(value, TEXT_BYTES_MAX))),
            },
            Place::Sql(key) => {
                let plain = (self.options.obfuscate_sql)(value);
                let text = plain.as_deref().unwrap_or(value);
                self.builder.attr(key, ValueRef::Text(clip(text, TEXT_BYTES_MAX)));
            }
            Place::Env => {
                self.has_env = true;
                self.word(Core::Env, Slot::Env, value);
            }
            Place::Version => {
                self.has_version = true;
                self.word(Core::Version, Slot::Version, value);
            }
            Place::Host => {
                self.has_host = true;
                self.word(Core::Host, Slot::Host, value);
            }
            Place::Known => {}
        }
    }

    /// A value of meta that may be no text: what is not UTF-8 in it is replaced.
    pub(super) fn bytes(&mut self, place: Place, value: &'a [u8]) {
        match std::str::from_utf8(value) {
            Ok(text) => self.text(place, text),
            Err(_) => {
                if let Place::Attribute(key) | Place::Number(key) | Place::Sql(key) = place {
                    let text = String::from_utf8_lossy(value);
                    self.builder.attr(key, ValueRef::Text(clip(&text, TEXT_BYTES_MAX)));
                }
            }
        }
    }

    /// A value of metrics. Whole numbers are integers, in whatever form they came.
    pub(super) fn number(&mut self, place: Place, value: Number) {
        let (Place::Attribute(key) | Place::Number(key) | Place::Sql(key)) = place else { return };
        let value = match value {
            Number::Int(n) => ValueRef::Int(n),
            Number::Uint(n) => ValueRef::Uint(n),
            Number::Float(x) if x.fract() == 0.0 && x.abs() < EXACT => ValueRef::Int(x as i64),
            Number::Float(x) => ValueRef::Float(x),
        };
        self.builder.attr(key, value);
    }

    pub(super) fn flag(&mut self, place: Place, value: bool) {
        if let Place::Attribute(key) | Place::Number(key) | Place::Sql(key) = place {
            self.builder.attr(key, ValueRef::Bool(value));
        }
    }

    /// A structure as JSON text under a key of our own or the span's.
    pub(super) fn json(&mut self, key: &str, json: &serde_json::Value) {
        let text = json.to_string();
        if text.len() <= TEXT_BYTES_MAX && !key.is_empty() {
            let key = self.builder.attr_key(key);
            self.builder.attr(key, ValueRef::Text(&text));
        }
    }

    fn word(&mut self, core: Core, slot: Slot, raw: &'a str) {
        if let Some(&known) = self.words.get(&(slot, raw)) {
            return self.builder.set_word(core, known);
        }
        let text = self.named(slot, raw);
        // All are cut to less than a word may have.
        let word = self.builder.word(core, &text).unwrap_or(0);
        self.words.insert((slot, raw), word);
        self.builder.set_word(core, word);
    }

    fn named(&self, slot: Slot, raw: &'a str) -> Cow<'a, str> {
        match slot {
            Slot::Service => match tag(raw) {
                name if name.is_empty() => unnamed(self.options.language).into(),
                name => name,
            },
            Slot::Name => operation(raw),
            Slot::SqlResource => match (self.options.obfuscate_sql)(raw) {
                Some(text) => clip(&text, RESOURCE_BYTES_MAX).to_owned().into(),
                None => clip(raw, RESOURCE_BYTES_MAX).into(),
            },
            Slot::Resource if raw.is_empty() => operation(raw),
            Slot::Resource => clip(raw, RESOURCE_BYTES_MAX).into(),
            Slot::Env => tag(raw),
            Slot::Kind | Slot::Version | Slot::Host => clip(raw, 255).into(),
        }
    }
}

/// As tags are: lower case, no blanks.
fn tag(raw: &str) -> Cow<'_, str> {
    match normalise_tag(clip(raw, NAME_BYTES_MAX)) {
        // What was cut or replaced at the end says nothing.
        text if text.ends_with('_') && !raw.ends_with('_') => text.trim_end_matches('_').to_owned().into(),
        text => text,
    }
}

/// As metric names are, since there will be `trace.NAME.hits`.
fn operation(raw: &str) -> Cow<'_, str> {
    normalise_metric(clip(raw, NAME_BYTES_MAX)).unwrap_or(Cow::Borrowed("unnamed_operation"))
}

fn unnamed(language: &str) -> String {
    match normalise_tag(language) {
        language if language.is_empty() => "unnamed-service".to_owned(),
        language => format!("unnamed-{language}-service"),
    }
}

/// Types whose resource is a statement.
fn is_sql(kind: &str) -> bool {
    matches!(kind, "sql" | "cassandra")
}

/// A name; what follows damage in it is cut.
pub(super) fn name(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes)
        .unwrap_or_else(|e| std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default())
}

/// The longest start of a text that fits.
pub(super) fn clip(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let end = (0..=bytes_max).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    &text[..end]
}
