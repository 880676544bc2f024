//! Which service calls which: a span whose parent ran in another service is an edge.
//!
//! Parent and child of different processes come in different payloads, mostly the child first. The services of recent spans are
//! remembered in a table of fixed size (sets of four, the oldest replaced), and spans whose parent has not come wait in a bounded
//! queue. What is forgotten loses an edge's count and nothing else.

use super::ApmLimits;
use super::scan::word;
use hashbrown::HashMap;
use oriel_model::{Core, RowBatch, TimeMs};
use std::collections::VecDeque;

/// Services by number; see [`Edges::service`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) env: Box<str>,
}

/// One call over an edge.
pub(crate) struct Call {
    pub(crate) edge: Edge,
    pub(crate) bucket: TimeMs,
    pub(crate) duration_ns: i64,
    pub(crate) is_error: bool,
}

/// What edges need of one span.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EdgeSpan {
    key: u64,
    /// 0 for a root.
    parent: u64,
    /// Numbers of names in [`EdgeSpans`].
    service: u32,
    base: u32,
    env: u32,
    bucket: TimeMs,
    duration_ns: i64,
    is_error: bool,
}

/// The spans of a batch and the names that they point to.
#[derive(Default)]
pub(crate) struct EdgeSpans {
    services: Vec<Box<str>>,
    envs: Vec<Box<str>>,
    spans: Vec<EdgeSpan>,
}

impl EdgeSpan {
    /// What is known of a span besides its ids and names.
    pub(crate) fn new(bucket: TimeMs, duration_ns: i64, is_error: bool) -> Self {
        Self { bucket, duration_ns, is_error, ..Self::default() }
    }
}

impl EdgeSpans {
    pub(crate) fn new(batch: &RowBatch) -> Self {
        let names = |core: Core| core.text_index().map(|i| batch.words[i].values.clone()).unwrap_or_default();
        Self {
            services: names(Core::Service),
            envs: names(Core::Env),
            spans: Vec::with_capacity(batch.len()),
        }
    }

    /// Adds a row; `span` has what is known of it already.
    pub(crate) fn push(&mut self, batch: &RowBatch, row: usize, span: EdgeSpan, base: Option<&str>) {
        let Some(&id) = batch.span_id.get(row) else { return };
        let trace = batch.trace_id.get(row).map_or(0, |&id| id as u64);
        let parent = batch.parent_id.get(row).copied().unwrap_or(0);
        let service = word(batch, Core::Service, row);
        let base = base.map_or(service, |name| self.name(name));
        self.spans.push(EdgeSpan {
            key: key(trace, id),
            parent: if parent == 0 { 0 } else { key(trace, parent) },
            service,
            base,
            env: word(batch, Core::Env, row),
            ..span
        });
    }

    /// Services that spans were renamed from are few.
    fn name(&mut self, service: &str) -> u32 {
        let found = self.services.iter().rposition(|name| &**name == service);
        let place = found.unwrap_or_else(|| {
            self.services.push(service.into());
            self.services.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}

/// A span that waits for its parent.
struct Waiting {
    to: u32,
    env: Box<str>,
    bucket: TimeMs,
    duration_ns: i64,
    is_error: bool,
}

#[derive(Clone, Copy, Default)]
struct Known {
    /// 0 for a free place.
    key: u64,
    service: u32,
    /// The service that the span really ran in, when it was renamed.
    base: u32,
}

/// Places of a set.
const WAYS: usize = 4;
/// No service, or one that had no room.
const NONE: u32 = 0;

pub(crate) struct Edges {
    services: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u32>,
    services_max: usize,
    known: Vec<Known>,
    /// Which place of a set is next.
    turn: usize,
    waiting: HashMap<u64, Vec<Waiting>>,
    queue: VecDeque<u64>,
    queue_max: usize,
    overflow_services: u64,
    overflow_pending: u64,
}

impl Edges {
    pub(crate) fn new(limits: &ApmLimits) -> Self {
        let places = limits.spans_remembered.next_power_of_two().max(WAYS);
        Self {
            services: vec!["".into()],
            by_name: HashMap::new(),
            services_max: limits.services,
            known: vec![Known::default(); places],
            turn: 0,
            waiting: HashMap::new(),
            queue: VecDeque::new(),
            queue_max: limits.spans_pending,
            overflow_services: 0,
            overflow_pending: 0,
        }
    }

    /// The name of a service.
    pub(crate) fn service(&self, number: u32) -> &str {
        self.services.get(number as usize).map_or("", AsRef::as_ref)
    }

    /// Spans that had no edge because of a bound: of services, of waiting.
    pub(crate) fn overflow(&self) -> (u64, u64) {
        (self.overflow_services, self.overflow_pending)
    }

    /// Remembers the spans of a batch and shows the calls that they complete: their own, and those of children that waited.
    pub(crate) fn apply(&mut self, spans: &EdgeSpans, mut show: impl FnMut(Call)) {
        let numbers: Vec<u32> = spans.services.iter().map(|name| self.number(name)).collect();
        let number = |i: u32| numbers.get(i as usize).copied().unwrap_or(NONE);
        for span in &spans.spans {
            self.remember(Known { key: span.key, service: number(span.service), base: number(span.base) });
        }
        for span in &spans.spans {
            let env = spans.envs.get(span.env as usize).map_or("", AsRef::as_ref);
            self.wake(span.key, number(span.base), &mut show);
            if span.parent != 0 {
                self.follow(span, number(span.service), env, &mut show);
            }
        }
    }

    fn remember(&mut self, span: Known) {
        let set = self.set(span.key);
        let turn = self.turn;
        self.turn = (turn + 1) % WAYS;
        let places = &mut self.known[set..set + WAYS];
        let place = places.iter().position(|k| k.key == span.key || k.key == 0).unwrap_or(turn);
        places[place] = span;
    }

    /// Shows the calls of the children that waited for a span. They ran in other processes, so a renamed span's real service
    /// has called them.
    fn wake(&mut self, key: u64, from: u32, show: &mut impl FnMut(Call)) {
        if self.waiting.is_empty() {
            return;
        }
        let Some(children) = self.waiting.remove(&key) else { return };
        for child in children.into_iter().filter(|c| from != NONE && c.to != from) {
            let Waiting { to, env, bucket, duration_ns, is_error } = child;
            show(Call { edge: Edge { from, to, env }, bucket, duration_ns, is_error });
        }
    }

    fn follow(&mut self, span: &EdgeSpan, to: u32, env: &str, show: &mut impl FnMut(Call)) {
        let &EdgeSpan { bucket, duration_ns, is_error, .. } = span;
        if to == NONE {
            return;
        }
        let Some(parent) = self.find(span.parent) else {
            return self.wait(span.parent, Waiting { to, env: env.into(), bucket, duration_ns, is_error });
        };
        // What a renamed span does within its own process is that process's: web calls users, not "requests" calls web.
        let from = if parent.base == to { to } else { parent.service };
        if from != NONE && from != to {
            show(Call { edge: Edge { from, to, env: env.into() }, bucket, duration_ns, is_error });
        }
    }

    fn wait(&mut self, parent: u64, span: Waiting) {
        if self.queue.len() >= self.queue_max
            && let Some(oldest) = self.queue.pop_front()
            && let Some(mut children) = self.waiting.remove(&oldest)
        {
            // One of them; the others have their own places in the queue.
            children.pop();
            self.overflow_pending += 1;
            if !children.is_empty() {
                self.waiting.insert(oldest, children);
            }
        }
        self.queue.push_back(parent);
        self.waiting.entry(parent).or_default().push(span);
    }

    fn number(&mut self, service: &str) -> u32 {
        if service.is_empty() {
            return NONE;
        }
        if let Some(&known) = self.by_name.get(service) {
            return known;
        }
        if self.services.len() > self.services_max {
            self.overflow_services += 1;
            return NONE;
        }
        let number = u32::try_from(self.services.len()).unwrap_or(NONE);
        self.services.push(service.into());
        self.by_name.insert(service.into(), number);
        number
    }

    fn set(&self, key: u64) -> usize {
        (key as usize) & (self.known.len() - 1) & !(WAYS - 1)
    }

    fn find(&self, key: u64) -> Option<Known> {
        let set = self.set(key);
        self.known[set..set + WAYS].iter().find(|k| k.key == key).copied()
    }
}

/// A span's name: two numbers, of which both are random in real traces, mixed so that one of them suffices.
fn key(trace: u64, span: u64) -> u64 {
    // The multiplier of the golden ratio spreads ids that are small numbers.
    let mixed = (trace.rotate_left(32) ^ span).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).max(1)
}
