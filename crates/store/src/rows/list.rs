//! Lists: the first rows in an order, page by page.
//!
//! Two steps. The first goes over blocks with no more than the filter's columns and the key's, and keeps the places of the best
//! keys; for lists by time it ends once what is left is beyond them (STORE 32). The second fetches whole rows for the winners,
//! and for those that share the last one's key: they are ordered by their ids.

use super::run::{Ask, At, Direction, for_each, run};
use super::view::RowsView;
use super::{Cursor, ListRequest, ListedRow, NsRange, Order, RowId, RowPage, ScanStats};
use crate::{Cancel, Error, Result};
use oriel_model::{Row, Value};
use parking_lot::Mutex;
use std::cmp::{Ordering, Reverse};
use std::sync::atomic::{self, AtomicI64};

/// One page's rows at most.
pub(super) const LIMIT_MAX: usize = 10_000;
/// Places of rows that may be winners: rows of one equal key are kept until their ids are known. 4 million are 128 MiB.
const PLACES_MAX: usize = 4 << 20;
/// Whole rows that are held at once besides the winners.
const ROWS_AT_ONCE: usize = 4_096;

/// A value as lists are sorted: numbers before texts, rows without one last.
#[derive(Clone, Debug)]
enum Key {
    Time(i64),
    Number(f64),
    Text(Box<str>),
    None,
}

impl Key {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::None,
            Value::Int(n) => Self::Number(*n as f64),
            Value::Uint(n) => Self::Number(*n as f64),
            Value::Float(x) => Self::Number(*x),
            other => other.text().map_or(Self::None, |text| Self::Text(text.into())),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Time(ns) => Value::Int(*ns),
            Self::Number(x) => Value::Float(*x),
            Self::Text(text) => Value::Text(text.clone()),
            Self::None => Value::Null,
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Time(_) | Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::None => 2,
        }
    }

    /// Numbers come before texts in either direction.
    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => return a.kind().cmp(&b.kind()),
        };
        if descending { order.reverse() } else { order }
    }
}

#[derive(Clone, Debug)]
struct Place {
    key: Key,
    piece: u32,
    row: u32,
    block: super::source::BlockRef,
}

/// What the first step has found so far.
struct Best {
    places: Vec<Place>,
    limit: usize,
    descending: bool,
    /// Rows that share the cursor's key: which of them come after it their ids say.
    at_cursor: Vec<Place>,
}

impl Best {
    /// Keeps the best `limit`, and all that share the last one's key; gives that key once there are so many.
    fn cut(&mut self) -> Option<&Key> {
        if self.places.len() < self.limit {
            return None;
        }
        let descending = self.descending;
        let (_, last, _) =
            self.places.select_nth_unstable_by(self.limit - 1, |a, b| a.key.compare(&b.key, descending));
        let last = last.key.clone();
        self.places.retain(|place| place.key.compare(&last, descending) != Ordering::Greater);
        self.places.iter().map(|place| &place.key).max_by(|a, b| a.compare(b, descending))
    }

    fn check(&self) -> Result<()> {
        let places = self.places.len() + self.at_cursor.len();
        if places <= PLACES_MAX {
            return Ok(());
        }
        let needed = places * size_of::<Place>();
        Err(Error::QueryMemory { needed, free: PLACES_MAX * size_of::<Place>() })
    }
}

/// How a list's order is kept.
struct Plan<'a> {
    request: &'a ListRequest,
    descending: bool,
    direction: Direction,
    by_time: bool,
    cursor: Option<(Key, &'a Cursor)>,
}

impl<'a> Plan<'a> {
    fn new(request: &'a ListRequest) -> Self {
        let (descending, direction, by_time) = match &request.order {
            Order::Newest => (true, Direction::Newest, true),
            Order::Oldest => (false, Direction::Oldest, true),
            Order::By { descending, .. } => (*descending, Direction::Newest, false),
        };
        let key = |cursor: &Cursor| if by_time { Key::Time(cursor.id.time_ns) } else { Key::of(&cursor.key) };
        let cursor = request.after.as_ref().map(|cursor| (key(cursor), cursor));
        Self { request, descending, direction, by_time, cursor }
    }

    /// The request's range, from the cursor on where that is a time.
    fn range(&self) -> NsRange {
        let mut range = self.request.range;
        if let (true, Some((_, cursor))) = (self.by_time, &self.cursor) {
            match self.direction {
                Direction::Newest => range.end = range.end.min(cursor.id.time_ns.saturating_add(1)),
                Direction::Oldest => range.start = range.start.max(cursor.id.time_ns),
            }
        }
        range
    }

    /// Where a key lies to the cursor: before it, at it or after it.
    fn to_cursor(&self, key: &Key) -> Ordering {
        self.cursor.as_ref().map_or(Ordering::Greater, |(at, _)| key.compare(at, self.descending))
    }
}

/// See [`super::RowSnapshot::list`].
pub(super) fn list(view: &RowsView, request: &ListRequest, cancel: &Cancel) -> Result<RowPage> {
    let plan = Plan::new(request);
    // One more than asked for says whether there is more.
    let limit = request.limit.clamp(1, LIMIT_MAX) + 1;
    let best = Best { places: Vec::new(), limit, descending: plan.descending, at_cursor: Vec::new() };
    let best = Mutex::new(best);
    let stats = first_step(view, &plan, &best, cancel)?;
    let mut best = best.into_inner();
    best.cut();
    let rows = second_step(view, &plan, best, cancel)?;
    Ok(page(&plan, rows, limit - 1, stats))
}

fn first_step(view: &RowsView, plan: &Plan<'_>, best: &Mutex<Best>, cancel: &Cancel) -> Result<ScanStats> {
    let range = plan.range();
    // The rank of the last key that can still enter, for lists by time.
    let bound = AtomicI64::new(i64::MIN);
    let ask = Ask { range, filter: &plan.request.filter, direction: plan.direction };
    let read = |found: &mut Vec<Place>, at: &At<'_>, stats: &mut ScanStats| {
        found.clear();
        let open = at.piece.source()?;
        let rows = open.open(&at.block)?;
        let selected = at.piece.select((&at.block, &*rows), range, &plan.request.filter)?;
        let wanted = super::places(selected.as_ref(), at.block.rows);
        stats.rows_matched += wanted.len() as u64;
        if wanted.is_empty() {
            return Ok(());
        }
        keys(plan, &*rows, &wanted, &mut |row, key| {
            let piece = u32::try_from(at.number).unwrap_or(u32::MAX);
            found.push(Place { key, piece, row, block: at.block });
        })?;
        rows.check()?;
        if let Some(last) = take(plan, found, &mut best.lock())? {
            bound.fetch_max(plan.direction.rank((last, last)), atomic::Ordering::Relaxed);
        }
        Ok(())
    };
    let is_beyond = |rank: i64| plan.by_time && rank < bound.load(atomic::Ordering::Relaxed);
    let (_, stats) = run(view, (&ask, cancel), Vec::new, read, is_beyond)?;
    Ok(stats)
}

/// Shows the key of each wanted row.
fn keys(
    plan: &Plan<'_>,
    rows: &dyn super::source::BlockRows,
    wanted: &[u32],
    show: &mut dyn FnMut(u32, Key),
) -> Result<()> {
    match &plan.request.order {
        Order::Newest | Order::Oldest => {
            let times = rows.times()?;
            wanted.iter().for_each(|&row| show(row, Key::Time(times[row as usize])));
        }
        Order::By { field, .. } => {
            let column = rows.column_at(field, wanted);
            let value = |i: usize| Key::of(&column.value(i));
            wanted.iter().enumerate().for_each(|(i, &row)| show(row, value(i)));
        }
    }
    Ok(())
}

/// Adds a block's places; gives the time of the last one that can still enter once that is known.
fn take(plan: &Plan<'_>, found: &mut Vec<Place>, best: &mut Best) -> Result<Option<i64>> {
    for place in found.drain(..) {
        match plan.to_cursor(&place.key) {
            Ordering::Less => {}
            Ordering::Equal => best.at_cursor.push(place),
            Ordering::Greater => best.places.push(place),
        }
    }
    best.check()?;
    let last = match best.cut() {
        Some(Key::Time(ns)) => Some(*ns),
        _ => None,
    };
    Ok(last)
}

/// A winner, with its whole row where there was room to keep it.
struct Winner {
    id: RowId,
    place: Place,
    row: Option<Row>,
}

fn second_step(view: &RowsView, plan: &Plan<'_>, best: Best, cancel: &Cancel) -> Result<Vec<Winner>> {
    let limit = best.limit;
    let places: Vec<Place> = best.at_cursor.into_iter().chain(best.places).collect();
    let keeps = places.len() <= limit + ROWS_AT_ONCE;
    let mut winners = fetch(view, places, keeps, cancel)?;
    winners.sort_by(|a, b| {
        a.place.key.compare(&b.place.key, plan.descending).then_with(|| order_of_ids(plan, a.id, b.id))
    });
    if let Some((_, cursor)) = &plan.cursor {
        let mut equal = 0;
        winners.retain(|winner| {
            if plan.to_cursor(&winner.place.key) != Ordering::Equal {
                return true;
            }
            match order_of_ids(plan, winner.id, cursor.id) {
                Ordering::Less => false,
                Ordering::Greater => true,
                Ordering::Equal => {
                    equal += 1;
                    equal > cursor.skip
                }
            }
        });
    }
    winners.truncate(limit);
    if keeps { Ok(winners) } else { refetch(view, plan, winners, cancel) }
}

/// Rows of equal keys: the newer first where the list is newest first, then by hash.
fn order_of_ids(plan: &Plan<'_>, a: RowId, b: RowId) -> Ordering {
    let by_time = match plan.direction {
        Direction::Newest => Reverse(a.time_ns).cmp(&Reverse(b.time_ns)),
        Direction::Oldest => a.time_ns.cmp(&b.time_ns),
    };
    by_time.then(a.hash.cmp(&b.hash))
}

fn refetch(view: &RowsView, plan: &Plan<'_>, winners: Vec<Winner>, cancel: &Cancel) -> Result<Vec<Winner>> {
    let places = winners.into_iter().map(|winner| winner.place).collect();
    let mut winners = fetch(view, places, true, cancel)?;
    winners.sort_by(|a, b| {
        a.place.key.compare(&b.place.key, plan.descending).then_with(|| order_of_ids(plan, a.id, b.id))
    });
    Ok(winners)
}

/// Reads whole rows, block by block, for their ids; keeps them where that is asked for.
fn fetch(view: &RowsView, mut places: Vec<Place>, keeps: bool, cancel: &Cancel) -> Result<Vec<Winner>> {
    places.sort_unstable_by_key(|place| (place.piece, place.block.number, place.row));
    let is_near = |a: &Place, b: &Place| (a.piece, a.block.number) == (b.piece, b.block.number);
    let groups: Vec<&[Place]> =
        places.chunk_by(is_near).flat_map(|of_block| of_block.chunks(ROWS_AT_ONCE)).collect();
    let read = |group: &&[Place]| -> Result<Vec<Winner>> {
        let source = view.pieces[group[0].piece as usize].source()?;
        let open = source.open(&group[0].block)?;
        let numbers: Vec<u32> = group.iter().map(|place| place.row).collect();
        let rows = open.whole(&numbers)?;
        let winner = |(place, row): (&Place, Row)| {
            let id = RowId { time_ns: row.time_ns, hash: row.identity() };
            Winner { id, place: place.clone(), row: keeps.then_some(row) }
        };
        Ok(group.iter().zip(rows).map(winner).collect())
    };
    let parts = for_each(&view.turns, &groups, cancel, read)?;
    Ok(parts.into_iter().flatten().collect())
}

fn page(plan: &Plan<'_>, mut winners: Vec<Winner>, limit: usize, stats: ScanStats) -> RowPage {
    let has_more = winners.len() > limit;
    winners.truncate(limit);
    let next = match winners.last() {
        Some(last) if has_more => Some(cursor_after(plan, &winners, last)),
        _ => None,
    };
    let listed = |winner: Winner| Some(ListedRow { id: winner.id, row: winner.row? });
    RowPage { rows: winners.into_iter().filter_map(listed).collect(), next, stats }
}

fn cursor_after(plan: &Plan<'_>, winners: &[Winner], last: &Winner) -> Cursor {
    let key = last.place.key.to_value();
    let equal = winners.iter().rev().take_while(|winner| winner.id == last.id).count();
    let mut skip = u32::try_from(equal).unwrap_or(u32::MAX);
    if let Some((_, before)) = &plan.cursor
        && before.id == last.id
        && equal == winners.len()
    {
        skip = skip.saturating_add(before.skip);
    }
    Cursor { key, id: last.id, skip }
}
