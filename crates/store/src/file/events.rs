//! Files of events and service checks: wide rows in their simplest form, sorted by (org, time).
//!
//! Both kinds share the columns they have in common; the rest are empty. Tags are length-prefixed texts in one blob, in
//! the order they were given.

use super::row_scan::{RowScan, Rows};
use super::row_writer::{Cell, RowPlace, RowWriter};
use super::table::{ColumnSpec, Layout, Physical};
use super::times::{put_varint, take_varint};
use super::values::{Damage, Decoded};
use crate::Result;
use crate::parts::{Content, FileMeta};
use oriel_model::{
    AlertType, CheckStatus, Event, MetricId, OrgId, Priority, SeriesId, SeriesKey, ServiceCheck, TimeMs,
    TimeRange,
};
use std::path::Path;
use std::sync::Arc;

const FORMAT: &str = "events 1";

const ORG: usize = 0;
const TIME: usize = 1;
const TYPE: usize = 2;
const ID: usize = 3;
const STATUS: usize = 4;
const PRIORITY: usize = 5;
const HOST: usize = 6;
const NAME: usize = 7;
const TEXT: usize = 8;
const SOURCE: usize = 9;
const AGGREGATION_KEY: usize = 10;
const TAGS: usize = 11;

/// `type` is 0 for an event, 1 for a check. `name` is the title or the check; `text` the text or the message; `status` the
/// alert type or the check's status.
const COLUMNS: [ColumnSpec; 12] = [
    ColumnSpec::new("org", Physical::I32, Layout::Plain),
    ColumnSpec::new("time_ms", Physical::I64, Layout::Delta),
    ColumnSpec::new("type", Physical::I32, Layout::Plain),
    ColumnSpec::new("id", Physical::I64, Layout::Plain),
    ColumnSpec::new("status", Physical::I32, Layout::Plain),
    ColumnSpec::new("priority", Physical::I32, Layout::Plain),
    ColumnSpec::new("host", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("name", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("text", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("source", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("aggregation_key", Physical::Bytes, Layout::Plain),
    ColumnSpec::new("tags", Physical::Bytes, Layout::Plain),
];

const EVENT: i64 = 0;
const CHECK: i64 = 1;

const ALERTS: [AlertType; 4] = [AlertType::Info, AlertType::Warning, AlertType::Error, AlertType::Success];
const PRIORITIES: [Priority; 2] = [Priority::Normal, Priority::Low];

/// What a file holds of a range, each in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventRows {
    pub(crate) events: Vec<Event>,
    pub(crate) checks: Vec<ServiceCheck>,
}

/// One row of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EventRow {
    Event(Event),
    Check(ServiceCheck),
}

impl EventRow {
    pub(crate) fn time_ms(&self) -> TimeMs {
        match self {
            Self::Event(e) => e.time_ms,
            Self::Check(c) => c.time_ms,
        }
    }
}

/// Writes one file; rows come sorted by (org, time).
pub(crate) struct EventWriter(RowWriter);

impl EventWriter {
    pub(crate) fn create(dir: &Path, level: u8) -> Result<Self> {
        Ok(Self(RowWriter::create(dir, (Content::Events, level), FORMAT, &COLUMNS)?))
    }

    pub(crate) fn push(&mut self, org: OrgId, row: &EventRow) -> Result<()> {
        let time_ms = row.time_ms();
        let key = SeriesKey { metric: MetricId(0), series: SeriesId(0) };
        let place = RowPlace { org, key, first_ms: time_ms, last_ms: time_ms, samples: 1 };
        let org = i64::from(org.0 as i32);
        match row {
            EventRow::Event(e) => {
                let alert = ALERTS.iter().position(|a| *a == e.alert_type).unwrap_or(0) as i64;
                let priority = PRIORITIES.iter().position(|p| *p == e.priority).unwrap_or(0) as i64;
                let head = [org, time_ms, EVENT, e.id as i64, alert, priority].map(Cell::Whole);
                let texts = [&e.host, &e.title, &e.text, &e.source, &e.aggregation_key];
                self.0.push(place, cells(head, texts, &e.tags))
            }
            EventRow::Check(c) => {
                let head = [org, time_ms, CHECK, 0, c.status as i64, 0].map(Cell::Whole);
                let none = String::new();
                self.0.push(place, cells(head, [&c.host, &c.check, &c.message, &none, &none], &c.tags))
            }
        }
    }

    pub(crate) fn finish(self) -> Result<Option<FileMeta>> {
        self.0.finish()
    }
}

fn cells(head: [Cell; 6], texts: [&String; 5], tags: &[String]) -> impl Iterator<Item = Cell> {
    let texts = texts.map(|t| Cell::from(t.as_str()));
    head.into_iter().chain(texts).chain([Cell::from(encode_tags(tags))])
}

/// Writes events and checks of one org, in any order.
pub(crate) fn write_events(
    dir: &Path,
    level: u8,
    org: OrgId,
    events: &[Event],
    checks: &[ServiceCheck],
) -> Result<Option<FileMeta>> {
    let events = events.iter().cloned().map(EventRow::Event);
    let mut rows: Vec<EventRow> = events.chain(checks.iter().cloned().map(EventRow::Check)).collect();
    rows.sort_by_key(EventRow::time_ms);
    let mut writer = EventWriter::create(dir, level)?;
    for row in &rows {
        writer.push(org, row)?;
    }
    writer.finish()
}

/// What a file has of an org in a range.
pub(crate) fn read_events(dir: &Path, meta: &FileMeta, org: OrgId, range: TimeRange) -> Result<EventRows> {
    let mut scan = EventScan::open(dir, meta)?;
    let mut found = EventRows::default();
    while let Some(of) = scan.at.next() {
        if of != org || !range.contains(scan.at.whole(TIME)?) {
            continue;
        }
        match scan.read(of)? {
            EventRow::Event(event) => found.events.push(event),
            EventRow::Check(check) => found.checks.push(check),
        }
    }
    Ok(found)
}

/// Reads a file row by row, in its order.
pub(crate) struct EventScan {
    at: RowScan,
}

impl EventScan {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let rows = Rows::open(dir, meta, FORMAT, (&COLUMNS, COLUMNS.len()))?;
        Ok(Self { at: RowScan::new(Arc::new(rows)) })
    }

    pub(crate) fn next(&mut self) -> Result<Option<(OrgId, EventRow)>> {
        match self.at.next() {
            Some(org) => Ok(Some((org, self.read(org)?))),
            None => Ok(None),
        }
    }

    fn read(&mut self, org: OrgId) -> Result<EventRow> {
        let at = &mut self.at;
        let damage = |what: &str, at: &RowScan| Err(at.rows.table.corrupt(&Damage::new(what)));
        if at.whole(ORG)? as u32 != org.0 {
            return damage("an event of another org than its row group's", at);
        }
        let tags = decode_tags(at.blob(TAGS)?.data()).map_err(|e| at.rows.table.corrupt(&e))?;
        let (time_ms, status) = (at.whole(TIME)?, at.whole(STATUS)?);
        let (host, name, text) = (at.text(HOST)?, at.text(NAME)?, at.text(TEXT)?);
        match at.whole(TYPE)? {
            EVENT => Ok(EventRow::Event(Event {
                id: at.whole(ID)? as u64,
                time_ms,
                title: name,
                text,
                host,
                source: at.text(SOURCE)?,
                aggregation_key: at.text(AGGREGATION_KEY)?,
                priority: pick(&PRIORITIES, at.whole(PRIORITY)?),
                alert_type: pick(&ALERTS, status),
                tags,
            })),
            CHECK => match CheckStatus::from_code(status) {
                Some(status) => Ok(EventRow::Check(ServiceCheck {
                    time_ms,
                    check: name,
                    host,
                    status,
                    message: text,
                    tags,
                })),
                None => damage("a check without status", at),
            },
            _ => damage("a row that is neither event nor check", at),
        }
    }
}

fn pick<T: Copy + Default>(list: &[T], code: i64) -> T {
    usize::try_from(code).ok().and_then(|i| list.get(i)).copied().unwrap_or_default()
}

fn encode_tags(tags: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for tag in tags {
        put_varint(tag.len() as u64, &mut out);
        out.extend_from_slice(tag.as_bytes());
    }
    out
}

fn decode_tags(mut bytes: &[u8]) -> Decoded<Vec<String>> {
    let mut tags = Vec::new();
    while !bytes.is_empty() {
        let (len, rest) = take_varint(bytes)?;
        let text = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len));
        let (text, rest) = text.ok_or_else(|| Damage::new("a tag past the end of its blob"))?;
        let text = std::str::from_utf8(text).map_err(|_| Damage::new("a tag that is not UTF-8"))?;
        tags.push(text.to_owned());
        bytes = rest;
    }
    Ok(tags)
}

#[cfg(test)]
mod tests;
