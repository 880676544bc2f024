//! A workload that a crash may end at any moment, and the oracle that knows what must be there afterwards.
//!
//! Writer `w` sends requests 0, 1, 2 … one after the other: samples, and of every seven one of sketches, one event, one of logs and
//! one of spans; each has a digest of its own.
//! The content of a request follows from its number, so the oracle needs only the last one that each writer was told is stored.
//! That one and all before it must be there once; the next one wholly or not at all; nothing else.

use crate::rows::{append_rows, read_rows};
use crate::temp_store::{NOW_MS, ORG, append, append_sketches, read_all, read_sketches};
use oriel_model::{Core, Event, EventBatch, Field, Row, Signal, TimeMs, TimeRange, Value};
use oriel_store::{Error, EventFilter, RequestDigest, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Writers at once.
pub const WRITERS: usize = 4;
/// Samples of one request.
const SAMPLES: u64 = 24;
/// Of so many requests one each is an event, of sketches, of logs and of spans.
const CYCLE: u64 = 7;
/// Rows of one request of logs or spans.
const ROWS: u64 = 30;
/// What each sketch holds.
const SPREAD: [f64; 3] = [1.0, 2.0, 4.0];
const START_MS: TimeMs = NOW_MS - 86_400_000;

/// How many requests each writer was told are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acked(pub [u64; WRITERS]);

fn samples_of(writer: usize, request: u64) -> Vec<(u32, TimeMs, f64)> {
    let series = |i: u64| (writer as u64 * 100 + i % 8) as u32;
    (0..SAMPLES)
        .map(|i| (series(i), START_MS + (request * SAMPLES + i) as i64, (request * 1000 + i) as f64 + 0.25))
        .collect()
}

fn event_id(writer: usize, request: u64) -> u64 {
    (writer as u64 + 1) << 32 | request
}

/// What a request is of.
#[derive(PartialEq)]
enum Content {
    Samples,
    Sketches,
    Event,
    Rows(Signal),
}

fn content(request: u64) -> Content {
    match request % CYCLE {
        2 => Content::Sketches,
        4 => Content::Event,
        5 => Content::Rows(Signal::Logs),
        6 => Content::Rows(Signal::Spans),
        _ => Content::Samples,
    }
}

fn sketches_of(writer: usize, request: u64) -> Vec<(u32, TimeMs)> {
    (0..3).map(|i| (writer as u32 * 10 + i, START_MS + request as i64)).collect()
}

/// Each row names its request and its place in it, in a core text, an attribute and its ids.
fn rows_of(writer: usize, request: u64) -> Vec<Row> {
    let row = |i: u64| {
        let mut row = Row::new((START_MS + (request * ROWS + i) as i64) * 1_000_000 + writer as i64);
        row.set_text(Core::Service, format!("service-{}", i % 3));
        row.set_text(Core::Message, format!("row {i} of request {request} of writer {writer}"));
        row.trace_id = u128::from(event_id(writer, request));
        row.span_id = i + 1;
        row.attributes.push((Field::attr("place"), Value::Int(i as i64)));
        if i.is_multiple_of(7) {
            row.attributes.push((Field::attr(&format!("rare.{}", i % 5)), Value::Text("x".into())));
        }
        row
    };
    (0..ROWS).map(row).collect()
}

async fn send(store: &Store, writer: usize, request: u64) -> Result<(), Error> {
    let digest = u128::from(event_id(writer, request));
    match content(request) {
        Content::Samples => return append(store, &samples_of(writer, request), digest).await,
        Content::Sketches => {
            return append_sketches(store, &sketches_of(writer, request), &SPREAD, digest).await;
        }
        Content::Rows(signal) => return append_rows(store, signal, &rows_of(writer, request), digest).await,
        Content::Event => {}
    }
    let event = Event {
        id: event_id(writer, request),
        time_ms: START_MS + request as i64,
        title: format!("request {request} of writer {writer}"),
        ..Event::default()
    };
    let batch = EventBatch { org: ORG, events: vec![event], checks: vec![] };
    store.append_events(batch, Some(RequestDigest(digest))).await.map(|_| ())
}

/// Writes, seals and compacts until the process is killed; says each stored request on stdout as `writer request`.
pub async fn work(store: Arc<Store>, from: Acked, seed: u64) {
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            for request in from.0[writer].. {
                loop {
                    match send(&store, writer, request).await {
                        Ok(()) => break,
                        Err(e) if e.code().is_retryable() => {
                            tokio::time::sleep(Duration::from_millis(5)).await
                        }
                        Err(e) => panic!("writer {writer}, request {request}: {e}"),
                    }
                }
                let line = format!("{writer} {request}\n");
                std::io::stdout().lock().write_all(line.as_bytes()).expect("the parent reads");
            }
        }));
    }
    let mut state = seed;
    loop {
        tokio::time::sleep(Duration::from_millis(next(&mut state) % 60)).await;
        match next(&mut state) % 3 {
            0 => store.compact().await.map(|_| ()).expect("it compacts"),
            _ => store.seal().await.expect("it seals"),
        }
    }
}

/// A small generator (splitmix64): the same seed gives the same run of choices.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Where writers go on, as text for a child process.
pub fn resume_text(acked: &Acked) -> String {
    acked.0.map(|n| n.to_string()).join(",")
}

impl std::str::FromStr for Acked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split(',').map(str::parse).collect();
        let numbers = numbers.map_err(|e| e.to_string())?;
        Ok(Self(numbers.try_into().map_err(|_| "one number a writer".to_owned())?))
    }
}

/// What was told, line by line.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    pub acked: Acked,
}

impl Oracle {
    /// Takes a child's output in. A last line without its end was cut by the kill.
    pub fn hear(&mut self, output: &str) {
        for line in output.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let mut numbers = line.split_whitespace().map(str::parse::<u64>);
            let (Some(Ok(writer)), Some(Ok(request))) = (numbers.next(), numbers.next()) else { continue };
            let known = &mut self.acked.0[writer as usize];
            assert_eq!(*known, request, "a writer's requests come in turn");
            *known = request + 1;
        }
    }

    /// Compares the store with what was told; gives the number of samples. Whether each writer's next request is there is open,
    /// but half of it is not allowed.
    pub async fn check(&self, store: &Store) -> usize {
        let found = Found {
            samples: read_all(store),
            sketches: read_sketches(store),
            events: self.events(store).await,
            rows: found_rows(store),
        };
        let mut expected = Found::default();
        for (writer, &acked) in self.acked.0.iter().enumerate() {
            (0..acked).for_each(|request| expected.add(writer, request));
            let mut next = Found::default();
            next.add(writer, acked);
            if next.is_partly_in(&found) {
                expected.add(writer, acked);
            }
        }
        differ("samples", &found.samples, &expected.samples);
        differ("sketches", &found.sketches, &expected.sketches);
        assert_eq!(found.events, expected.events, "events");
        differ("rows", &found.rows, &expected.rows);
        found.samples.len()
    }

    /// Ids of all events; panics when one comes twice.
    async fn events(&self, store: &Store) -> BTreeSet<u64> {
        let mut ids = BTreeSet::new();
        let mut end = NOW_MS;
        loop {
            let page =
                store.events(ORG, TimeRange::new(0, end), EventFilter::default()).await.expect("events");
            let oldest = page.last().map(|e| e.time_ms);
            let is_last = page.len() < 1000;
            // A page may end in the middle of a millisecond: the next one begins with it again.
            let whole = page.into_iter().filter(|e| is_last || Some(e.time_ms) != oldest);
            for event in whole {
                assert!(ids.insert(event.id), "event {:x} twice", event.id);
            }
            match oldest {
                Some(time_ms) if !is_last => end = time_ms + 1,
                _ => return ids,
            }
        }
    }
}

/// What is in a store, or should be.
#[derive(Default)]
struct Found {
    samples: BTreeMap<(u32, TimeMs), f64>,
    sketches: BTreeMap<(u32, TimeMs), (u64, f64)>,
    events: BTreeSet<u64>,
    /// By signal, trace and span: how often they are there, and the row's identity.
    rows: BTreeMap<(u32, TimeMs), (u32, u64)>,
}

/// Where a row of the workload is kept: its signal and trace as one number, its place in the request as the other.
fn row_key(signal: Signal, row: &Row) -> ((u32, TimeMs), u64) {
    let trace = (row.trace_id as u64 >> 32) as u32 * 10 + signal as u32;
    ((trace, (row.trace_id as u64 & 0xffff_ffff) as i64 * 1_000 + row.span_id as i64), row.identity())
}

fn found_rows(store: &Store) -> BTreeMap<(u32, TimeMs), (u32, u64)> {
    let mut rows = BTreeMap::new();
    for signal in [Signal::Logs, Signal::Spans] {
        for row in read_rows(store, signal) {
            let (key, identity) = row_key(signal, &row);
            rows.entry(key).or_insert((0, identity)).0 += 1;
        }
    }
    rows
}

impl Found {
    fn add(&mut self, writer: usize, request: u64) {
        match content(request) {
            Content::Samples => {
                self.samples.extend(samples_of(writer, request).into_iter().map(|(n, t, v)| ((n, t), v)));
            }
            Content::Sketches => {
                let summary = (SPREAD.len() as u64, SPREAD.iter().sum());
                self.sketches.extend(sketches_of(writer, request).into_iter().map(|at| (at, summary)));
            }
            Content::Event => {
                self.events.insert(event_id(writer, request));
            }
            Content::Rows(signal) => {
                for row in rows_of(writer, request) {
                    let (key, identity) = row_key(signal, &row);
                    self.rows.insert(key, (1, identity));
                }
            }
        }
    }

    fn is_partly_in(&self, other: &Self) -> bool {
        self.samples.keys().any(|at| other.samples.contains_key(at))
            || self.sketches.keys().any(|at| other.sketches.contains_key(at))
            || self.events.iter().any(|id| other.events.contains(id))
            || self.rows.keys().any(|at| other.rows.contains_key(at))
    }
}

/// Panics with a few examples of what is missing, wrong or too much.
fn differ<V: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &BTreeMap<(u32, TimeMs), V>,
    expected: &BTreeMap<(u32, TimeMs), V>,
) {
    let wrong = expected.iter().filter(|(at, value)| found.get(at) != Some(value));
    let wrong: Vec<_> = wrong.map(|(at, value)| (at, value, found.get(at))).take(5).collect();
    assert!(wrong.is_empty(), "{what} told and not there, or not as sent: {wrong:?}");
    let strange: Vec<_> = found.iter().filter(|(at, _)| !expected.contains_key(at)).take(5).collect();
    assert!(strange.is_empty(), "{what} there and never sent whole: {strange:?}");
}
