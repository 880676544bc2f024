//! One log from its text into the builder: attributes as they are read, reserved ones when the row is whole.

use super::held::{Held, Waiting};
use super::paths::{NONE, NodeId, Paths, ROOT};
use super::reserved::Target;
use super::scan::{Bad, Scalar, Scan};
use super::status::{says_only, status_of, status_of_number};
use super::time::{time_of_float, time_of_number, time_of_text};
use super::{Defaults, split_tags};
use crate::cut;
use oriel_model::{Core, Reason, RowBatchBuilder, ValueRef, parse_span_id, parse_trace_id};
use std::borrow::Cow;

/// Objects within each other that are flattened; what lies deeper is kept as JSON text. Logs seen nest four deep.
const DEPTH_MAX: usize = 20;

/// What another protocol says of a log before its message; empty for what it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head<'a> {
    pub(crate) time_ns: Option<i64>,
    pub(crate) status: &'a str,
    pub(crate) service: &'a str,
    pub(crate) host: &'a str,
    pub(crate) source: &'a str,
    pub(crate) message: &'a str,
}

/// Reads the rows of one body.
pub(crate) struct RowReader<'b> {
    builder: &'b mut RowBatchBuilder,
    defaults: &'b Defaults,
    tags: Vec<Cow<'b, str>>,
    paths: Paths,
    /// How the last span id that left no doubt was written.
    span_ids_hex: Option<bool>,
    rows: usize,
}

impl<'b> RowReader<'b> {
    pub(crate) fn new(defaults: &'b Defaults, builder: &'b mut RowBatchBuilder) -> Self {
        let tags = split_tags(&defaults.tags).collect();
        Self { builder, defaults, tags, paths: Paths::new(), span_ids_hex: None, rows: 0 }
    }

    /// Rows that could be read, taken or not.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn refuse(&mut self, bad: &Bad, text: &str) {
        super::refuse(self.builder, bad, text);
    }

    /// One element of a body: an object, or a text that is the whole message. Anything else is no log.
    pub(super) fn value(&mut self, scan: &mut Scan<'_>) -> Result<(), Bad> {
        match scan.peek() {
            Some(b'{') => self.object(scan),
            Some(b'"') => {
                let message = scan.string()?;
                self.plain(&message);
                Ok(())
            }
            _ => scan.bad("expected an object"),
        }
    }

    /// A log that is only a message.
    pub(super) fn plain(&mut self, message: &str) {
        if !self.room() {
            return;
        }
        self.builder.begin(self.defaults.now_ns);
        let mut held = Held::default();
        held.set(Target::Message, Scalar::Text(Cow::Borrowed(message)));
        self.finish(held);
    }

    /// A log whose head another protocol has read; its message may still be a JSON object, which counts more.
    pub(crate) fn with_head(&mut self, head: &Head<'_>, attributes: impl FnOnce(&mut RowBatchBuilder)) {
        if !self.room() {
            return;
        }
        self.builder.begin(self.defaults.now_ns);
        attributes(self.builder);
        let mut held = Held::default();
        if let Some(ns) = head.time_ns {
            held.set(Target::Time, Scalar::Int(ns));
        }
        for (target, text) in [
            (Target::Message, head.message),
            (Target::Status, head.status),
            (Target::Service, head.service),
            (Target::Host, head.host),
            (Target::Source, head.source),
        ] {
            if !text.is_empty() {
                held.set(target, Scalar::Text(Cow::Borrowed(text)));
            }
        }
        self.finish(held);
    }

    fn object(&mut self, scan: &mut Scan<'_>) -> Result<(), Bad> {
        let mut held = Held::default();
        self.builder.begin(self.defaults.now_ns);
        scan.bump();
        if scan.peek() == Some(b'}') {
            // The agent asks with `{}` whether there is somebody.
            scan.bump();
            self.rows += 1;
            return Ok(());
        }
        self.fields(scan, ROOT, 0, &mut held)?;
        if self.room() {
            self.finish(held);
        }
        Ok(())
    }

    /// Whether a request may have one row more; counts it as read.
    fn room(&mut self) -> bool {
        self.rows += 1;
        let most = self.builder.limits().rows_per_request;
        if self.builder.len() < most {
            return true;
        }
        self.builder.reject(Reason::TooManyRows, || format!("a request may have {most} rows"));
        false
    }

    /// The fields of an object whose brace is read.
    fn fields<'a>(
        &mut self,
        scan: &mut Scan<'a>,
        parent: NodeId,
        depth: usize,
        held: &mut Held<'a>,
    ) -> Result<(), Bad> {
        let mut previous = NONE;
        if scan.peek() == Some(b'}') {
            scan.bump();
            return Ok(());
        }
        loop {
            let node = self.key(scan, parent, previous)?;
            previous = node;
            match scan.peek() {
                Some(b'{') if depth < DEPTH_MAX => {
                    scan.bump();
                    self.fields(scan, node, depth + 1, held)?;
                }
                Some(b'{') => {
                    let json = scan.json()?;
                    self.attribute(node, &Scalar::Text(Cow::Borrowed(json)));
                }
                Some(first) => {
                    let value = scan.scalar(first)?;
                    self.put(node, value, held);
                }
                None => return scan.bad("a value is cut off"),
            }
            match scan.peek() {
                Some(b',') => {
                    scan.bump();
                    scan.peek();
                }
                Some(b'}') => {
                    scan.bump();
                    return Ok(());
                }
                _ => return scan.bad("expected a comma or a brace"),
            }
        }
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self, scan: &mut Scan<'_>, parent: NodeId, previous: NodeId) -> Result<NodeId, Bad> {
        let node = match self.paths.likely(parent, previous) {
            Some((node, name)) if scan.take_key(name) => node,
            _ => {
                let name = scan.string()?;
                self.paths.child(parent, previous, &name)
            }
        };
        scan.expect(b':', "expected a colon")?;
        Ok(node)
    }

    #[inline]
    fn put<'a>(&mut self, node: NodeId, value: Scalar<'a>, held: &mut Held<'a>) {
        match self.paths.role(node) {
            None => self.attribute(node, &value),
            Some(role) if matches!(value, Scalar::Json(_)) && role.target != Target::Tags => {
                self.attribute(node, &value);
            }
            Some(_) if value == Scalar::Null => {}
            Some(role) => {
                if let Some(other) = held.offer(role, node, value) {
                    self.attribute(other.node, &other.value);
                }
            }
        }
    }

    fn attribute(&mut self, node: NodeId, value: &Scalar<'_>) {
        // What another protocol's head said has no name of its own.
        if node == ROOT {
            return;
        }
        let key = self.paths.key(node, self.builder);
        let value = match value {
            Scalar::Null => ValueRef::Null,
            Scalar::Bool(b) => ValueRef::Bool(*b),
            Scalar::Int(n) => ValueRef::Int(*n),
            Scalar::Uint(n) => ValueRef::Uint(*n),
            Scalar::Float(x) => ValueRef::Float(*x),
            Scalar::Json(json) => ValueRef::List(json),
            Scalar::Text(text) => return cut::attribute(self.builder, key, text),
        };
        self.builder.attr(key, value);
    }

    /// Everything is read: the reserved attributes go to their places, and the row is taken.
    fn finish(&mut self, mut held: Held<'_>) {
        let message = held.take(Target::Message);
        let text = message.as_ref().map(|m| text_of(&m.value)).unwrap_or_default();
        if text.trim_start().starts_with('{') && is_object(&text) {
            self.finish_json(&text, held);
        } else {
            cut::message(self.builder, &text);
            self.reserved(held, None);
        }
        self.builder.end();
    }

    /// The message is an object: what it says counts more than what stands around it.
    fn finish_json(&mut self, text: &str, outer: Held<'_>) {
        let mut inner = Held::default();
        let mut scan = Scan::new(text);
        scan.peek();
        scan.bump();
        // It has been looked at whole before.
        let _ = self.fields(&mut scan, ROOT, 0, &mut inner);
        match inner.take(Target::Message) {
            Some(message) => cut::message(self.builder, &text_of(&message.value)),
            None => cut::message(self.builder, text),
        }
        self.reserved(inner, Some(outer));
    }

    fn reserved<'a>(&mut self, mut held: Held<'a>, mut outer: Option<Held<'a>>) {
        let mut behind = outer.as_mut();
        self.time(held.take(Target::Time), behind.as_mut().and_then(|o| o.take(Target::Time)));
        self.status(held.take(Target::Status), behind.as_mut().and_then(|o| o.take(Target::Status)));
        for (target, core) in [
            (Target::Service, Core::Service),
            (Target::Host, Core::Host),
            (Target::Source, Core::Source),
            (Target::Env, Core::Env),
            (Target::Version, Core::Version),
        ] {
            let waiting = held.get(target).or_else(|| behind.as_ref().and_then(|o| o.get(target)));
            let text = waiting.map(|w| text_of(&w.value)).unwrap_or_default();
            if !text.is_empty() {
                cut::word(self.builder, core, &text);
            }
        }
        self.ids_and_tags(&mut held);
        if let Some(outer) = behind {
            self.ids_and_tags(outer);
        }
        self.defaults();
    }

    fn time(&mut self, own: Option<Waiting<'_>>, outer: Option<Waiting<'_>>) {
        let now_ns = self.defaults.now_ns;
        let mut found = None;
        for waiting in [own, outer].into_iter().flatten() {
            let read = match &waiting.value {
                Scalar::Int(n) => time_of_number(*n),
                Scalar::Float(x) => time_of_float(*x),
                Scalar::Text(text) => time_of_text(text, now_ns),
                _ => None,
            };
            match read {
                Some(ns) => found = found.or(Some(ns)),
                None => self.attribute(waiting.node, &waiting.value),
            }
        }
        match found {
            Some(ns) => self.builder.set_time(ns),
            None => self.builder.note_filled_time(),
        }
    }

    fn status(&mut self, own: Option<Waiting<'_>>, outer: Option<Waiting<'_>>) {
        let Some(waiting) = own.or(outer) else {
            return self.builder.set_text(Core::Status, "info");
        };
        let (status, kept) = match &waiting.value {
            Scalar::Int(n) => (status_of_number(*n), false),
            Scalar::Text(text) => {
                let status = status_of(text);
                (status, says_only(text, status))
            }
            _ => ("info", false),
        };
        self.builder.set_text(Core::Status, status);
        if !kept {
            self.attribute(waiting.node, &waiting.value);
        }
    }

    fn ids_and_tags(&mut self, held: &mut Held<'_>) {
        self.ids(held);
        if let Some(tags) = held.take(Target::Tags) {
            self.tags(&tags.value);
        }
    }

    /// Ids that can't be read stay attributes; the zero that a logger writes outside of a span is none.
    fn ids(&mut self, held: &mut Held<'_>) {
        if let Some(waiting) = held.take(Target::TraceId) {
            let text = text_of(&waiting.value);
            match parse_trace_id(text.trim()) {
                Some(id) => self.builder.set_trace_id(id),
                None if is_zero(&text) => {}
                None => self.attribute(waiting.node, &waiting.value),
            }
        }
        if let Some(waiting) = held.take(Target::SpanId) {
            let text = text_of(&waiting.value);
            match self.span_id(text.trim(), waiting.node) {
                Some(id) => self.builder.set_span_id(id),
                None if is_zero(&text) => {}
                None => self.attribute(waiting.node, &waiting.value),
            }
        }
    }

    /// Sixteen digits may be decimal or hexadecimal: as the ids of the same body were, else as the attribute's name has it.
    fn span_id(&mut self, text: &str, node: NodeId) -> Option<u64> {
        let open = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit());
        if !open {
            let id = parse_span_id(text);
            self.span_ids_hex = id.map(|_| text.len() == 16).or(self.span_ids_hex);
            return id;
        }
        let hex = self.span_ids_hex.unwrap_or_else(|| !self.paths.decimal_ids(node));
        let id = if hex { u64::from_str_radix(text, 16).ok() } else { text.parse().ok() };
        id.filter(|&id| id != 0)
    }

    fn tags(&mut self, value: &Scalar<'_>) {
        match value {
            Scalar::Json(json) => {
                let list: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
                for tag in list.iter().filter_map(serde_json::Value::as_str) {
                    split_tags(tag).for_each(|t| self.builder.tag(&t));
                }
            }
            other => split_tags(&text_of(other)).for_each(|t| self.builder.tag(&t)),
        }
    }

    fn defaults(&mut self) {
        let defaults = self.defaults;
        for (core, text) in [
            (Core::Source, &defaults.source),
            (Core::Service, &defaults.service),
            (Core::Host, &defaults.host),
        ] {
            if !text.is_empty() && self.builder.text(core).is_empty() {
                self.builder.set_text(core, text);
            }
        }
        for tag in &self.tags {
            self.builder.tag(tag);
        }
    }
}

/// Whether the text is one JSON object and nothing else.
fn is_object(text: &str) -> bool {
    let mut scan = Scan::new(text);
    scan.peek();
    scan.json().is_ok() && scan.peek().is_none()
}

/// A scalar as text; empty for null.
fn text_of<'v>(value: &'v Scalar<'_>) -> Cow<'v, str> {
    match value {
        Scalar::Null => Cow::Borrowed(""),
        Scalar::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        Scalar::Int(n) => Cow::Owned(n.to_string()),
        Scalar::Uint(n) => Cow::Owned(n.to_string()),
        Scalar::Float(x) => Cow::Owned(x.to_string()),
        Scalar::Text(text) => Cow::Borrowed(text),
        Scalar::Json(json) => Cow::Borrowed(json),
    }
}

fn is_zero(text: &str) -> bool {
    text.trim().bytes().all(|b| b == b'0')
}
