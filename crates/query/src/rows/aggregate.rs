//! Computes by groups, in all and over time.
//!
//! One scan when groups × buckets are few; else two: the first finds the groups that stay, the second lays only those on the
//! grid, so that a field with a million values costs memory by its values and not by values times buckets.

use super::RowGrid;
use super::codes::{Codes, NONE};
use super::groups::{Assigned, Groups, fill_missing};
use super::memory::Memory;
use super::request::{AggregateRequest, Aggregated, Aggregation, Compute, Group, GroupBy};
use super::slots::{Cell, Slots};
use super::source::Rows;
use super::top::{Ranking, Total, top};
use crate::{Error, Result};
use oriel_model::Field;
use oriel_store::{Block, Cancel, ScanRequest, ScanStats};
use std::sync::atomic::{AtomicBool, Ordering};

/// Groups × buckets × computes of one worker that are laid on the grid at once: 8 MiB of counts.
const CELLS_MAX: usize = 1 << 20;
/// Computes and fields of one request; the largest tables have a handful.
const COMPUTES_MAX: usize = 32;
const FIELDS_MAX: usize = 16;

/// Answers a request. Blocks and is CPU-bound: call it off the I/O runtime.
pub fn aggregate<R: Rows>(rows: &R, request: &AggregateRequest, cancel: &Cancel) -> Result<Aggregated> {
    check(request)?;
    if let Some(counted) = count_only(rows, request, cancel)? {
        return Ok(counted);
    }
    let Some(grid) = request.grid else {
        return Ok(Run::new(rows, request, None).scan(cancel, None)?.answer(request));
    };
    let run = Run::new(rows, request, Some(grid));
    match run.scan(cancel, None) {
        Err(_) if run.overflowed.load(Ordering::Relaxed) => {}
        done => return Ok(done?.answer(request)),
    }
    let totals = Run::new(rows, request, None).scan(cancel, None)?.answer(request);
    let wanted: Vec<Vec<String>> = totals.groups.iter().map(|group| group.by.clone()).collect();
    let mut answer = Run::new(rows, request, Some(grid)).scan(cancel, Some(&wanted))?.answer(request);
    answer.total_groups = totals.total_groups;
    Ok(answer)
}

fn check(request: &AggregateRequest) -> Result<()> {
    let problem = if request.computes.is_empty() {
        "there is nothing to compute; ask for count at least".to_owned()
    } else if request.computes.len() > COMPUTES_MAX || request.group_by.len() > FIELDS_MAX {
        format!("a request has at most {COMPUTES_MAX} computes and {FIELDS_MAX} fields to group by")
    } else if request.computes.iter().any(|c| c.aggregation.needs_field() && c.field.is_none()) {
        "every compute but count needs the field that it computes from".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Request(problem))
}

/// A plain count, which the store may know without reading rows.
fn count_only<R: Rows>(rows: &R, request: &AggregateRequest, cancel: &Cancel) -> Result<Option<Aggregated>> {
    let plain = |c: &Compute| *c == Compute::count();
    if request.grid.is_some() || !request.group_by.is_empty() || !request.computes.iter().all(plain) {
        return Ok(None);
    }
    let count = rows.count(request.range, &request.filter, cancel)?;
    let group = Group { totals: vec![count; request.computes.len()], ..Group::default() };
    Ok(Some(Aggregated { groups: vec![group], total_groups: 1, ..Aggregated::default() }))
}

/// One scan.
struct Run<'r, R> {
    rows: &'r R,
    scan: ScanRequest,
    group_by: &'r [GroupBy],
    units: Units,
    grid: Option<RowGrid>,
    /// A worker had more cells than a grid may have at once.
    overflowed: AtomicBool,
}

/// What the computes need, each once: percentiles of one field share its values, a sum and an average their sum.
#[derive(Clone)]
struct Units {
    /// An aggregation that stands for all that need the same, and where its field is among the scanned ones.
    list: Vec<(Aggregation, Option<usize>)>,
    /// Of each compute.
    of_compute: Vec<usize>,
}

impl Units {
    fn of(computes: &[Compute], place: &mut impl FnMut(&Field) -> usize) -> Self {
        let mut made = Self { list: Vec::new(), of_compute: Vec::new() };
        for compute in computes {
            let aggregation = match compute.aggregation {
                Aggregation::Percentile(_) => Aggregation::Percentile(0.5),
                Aggregation::Avg => Aggregation::Sum,
                other => other,
            };
            let unit = (aggregation, compute.field.as_ref().map(&mut *place));
            let known = made.list.iter().position(|known| *known == unit);
            made.of_compute.push(known.unwrap_or(made.list.len()));
            if known.is_none() {
                made.list.push(unit);
            }
        }
        made
    }
}

/// One worker's part, and after merging everybody's.
struct Partial {
    groups: Groups,
    slots: Vec<Slots>,
    memory: Memory,
}

/// What a scan found: cells by unit and slot.
struct Scanned {
    units: Units,
    groups: Groups,
    cells: Vec<Vec<Cell>>,
    memory: Memory,
    stats: ScanStats,
    grid: Option<RowGrid>,
}

impl<'r, R: Rows> Run<'r, R> {
    fn new(rows: &'r R, request: &'r AggregateRequest, grid: Option<RowGrid>) -> Self {
        let mut fields: Vec<Field> = request.group_by.iter().map(|by| by.field.clone()).collect();
        let mut place = |field: &Field| {
            fields.iter().position(|f| f == field).unwrap_or_else(|| {
                fields.push(field.clone());
                fields.len() - 1
            })
        };
        let units = Units::of(&request.computes, &mut place);
        Self {
            rows,
            scan: ScanRequest { range: request.range, filter: request.filter.clone(), fields },
            group_by: &request.group_by,
            units,
            grid,
            overflowed: AtomicBool::new(false),
        }
    }

    fn buckets(&self) -> usize {
        self.grid.map_or(1, |grid| grid.len)
    }

    /// Over all rows, or over those of some groups.
    fn scan(&self, cancel: &Cancel, only: Option<&[Vec<String>]>) -> Result<Scanned> {
        let make = || Partial {
            groups: only.map_or_else(
                || Groups::new(self.group_by.len()),
                |only| Groups::only(self.group_by.len(), only),
            ),
            slots: self.units.list.iter().map(|(aggregation, _)| Slots::new(*aggregation)).collect(),
            memory: Memory::default(),
        };
        let fold = |partial: &mut Partial, block: &Block| self.fold(partial, block, only.is_some());
        let (partials, stats) = self.rows.scan(&self.scan, cancel, make, fold)?;
        let mut partials = partials.into_iter();
        let first = partials.next().unwrap_or_else(make);
        let mut found = Scanned::new(self.rows, first, (self.grid, stats), &self.units)?;
        for partial in partials {
            found.add(self.rows, partial)?;
        }
        Ok(found)
    }

    fn fold(&self, partial: &mut Partial, block: &Block, bounded: bool) -> oriel_store::Result<()> {
        let mut codes: Vec<Codes<'_>> =
            block.columns.iter().take(self.group_by.len()).map(|c| Codes::of(c, block.rows())).collect();
        for (codes, by) in codes.iter_mut().zip(self.group_by) {
            if let Some(name) = &by.missing {
                fill_missing(codes, name);
            }
        }
        let mut assigned = match self.group_by.is_empty() {
            true => Assigned { rows: vec![0; block.rows()], more: Vec::new() },
            false => partial.groups.assign(&codes, block.rows()),
        };
        let cells = partial.groups.len() * self.buckets();
        if self.grid.is_some()
            && !bounded
            && !self.group_by.is_empty()
            && cells * self.units.list.len() > CELLS_MAX
        {
            self.overflowed.store(true, Ordering::Relaxed);
            return Err(oriel_store::Error::Cancelled);
        }
        if let Some(grid) = self.grid {
            lay_on(&mut assigned, grid, &block.time_ns);
        }
        partial.resize(self.buckets());
        for (slots, (_, input)) in partial.slots.iter_mut().zip(&self.units.list) {
            slots.add(&assigned, input.map(|at| &block.columns[at]), block);
        }
        let bytes = partial.groups.bytes() + partial.slots.iter().map(Slots::bytes).sum::<usize>();
        partial.memory.grow(self.rows, bytes)
    }
}

/// Groups become slots: a group's buckets lie side by side.
fn lay_on(assigned: &mut Assigned, grid: RowGrid, times: &[i64]) {
    let mut clock = grid.clock();
    let len = grid.len as u32;
    for (group, time) in assigned.rows.iter_mut().zip(times) {
        if *group != NONE {
            *group = *group * len + clock.bucket(*time) as u32;
        }
    }
    for (row, group) in &mut assigned.more {
        *group = *group * len + clock.bucket(times[*row as usize]) as u32;
    }
}

impl Partial {
    fn resize(&mut self, buckets: usize) {
        let slots = self.groups.len() * buckets;
        self.slots.iter_mut().for_each(|s| s.resize(slots));
    }
}

impl Scanned {
    fn new<R: Rows>(
        rows: &R,
        mut partial: Partial,
        (grid, stats): (Option<RowGrid>, ScanStats),
        units: &Units,
    ) -> Result<Self> {
        let buckets = grid.map_or(1, |grid| grid.len);
        partial.resize(buckets);
        let len = partial.groups.len() * buckets;
        let cells =
            partial.slots.iter_mut().map(|slots| (0..len).map(|at| slots.cell(at)).collect()).collect();
        let mut made =
            Self { units: units.clone(), groups: partial.groups, cells, memory: partial.memory, stats, grid };
        made.reserve(rows)?;
        Ok(made)
    }

    fn buckets(&self) -> usize {
        self.grid.map_or(1, |grid| grid.len)
    }

    fn reserve<R: Rows>(&mut self, rows: &R) -> Result<()> {
        let cells: usize = self.cells.iter().map(Vec::len).sum();
        Ok(self.memory.grow(rows, self.groups.bytes() + cells * size_of::<Cell>())?)
    }

    /// Adds another worker's part.
    fn add<R: Rows>(&mut self, rows: &R, mut other: Partial) -> Result<()> {
        let buckets = self.buckets();
        other.resize(buckets);
        for from in 0..other.groups.len() {
            let to = self.groups.group_of(&other.groups.texts(from));
            if to == NONE {
                continue;
            }
            let (from, to) = (from * buckets, to as usize * buckets);
            for (slots, cells) in other.slots.iter_mut().zip(&mut self.cells) {
                let aggregation = slots.aggregation;
                if cells.len() < to + buckets {
                    cells.resize(to + buckets, Cell::empty(aggregation));
                }
                (0..buckets).for_each(|i| cells[to + i].merge(slots.cell(from + i), aggregation));
            }
        }
        self.memory.join(other.memory);
        self.reserve(rows)
    }

    fn answer(mut self, request: &AggregateRequest) -> Aggregated {
        let totals = self.totals();
        let mut notes: Vec<String> = Vec::new();
        for note in totals.iter().flat_map(|total| total.cells.iter().filter_map(Cell::estimate)) {
            if !notes.iter().any(|known| known == note) {
                notes.push(note.to_owned());
            }
        }
        let ranking = Ranking { computes: &request.computes, units: &self.units.of_compute };
        let groups = top(&totals, &request.group_by, &ranking)
            .into_iter()
            .map(|index| self.group(&totals[index], &request.computes))
            .collect();
        Aggregated {
            groups,
            total_groups: totals.len(),
            times: self.grid.map(|grid| grid.times()).unwrap_or_default(),
            step_ms: self.grid.map_or(0, |grid| grid.step_ms),
            notes,
            stats: self.stats,
        }
    }

    /// Every group over the whole range. Without a grid a group's one cell is that, and is moved.
    fn totals(&mut self) -> Vec<Total> {
        let (buckets, has_grid) = (self.buckets(), self.grid.is_some());
        let (units, cells, groups) = (&self.units, &mut self.cells, &self.groups);
        let mut total = |group: usize, unit: usize| {
            let aggregation = units.list[unit].0;
            let slots = &mut cells[unit][group * buckets..(group + 1) * buckets];
            let mut all = Cell::empty(aggregation);
            for slot in slots {
                let cell =
                    if has_grid { slot.clone() } else { std::mem::replace(slot, Cell::empty(aggregation)) };
                all.merge(cell, aggregation);
            }
            all
        };
        (0..groups.len())
            .map(|group| Total {
                by: groups.texts(group).into_iter().map(str::to_owned).collect(),
                group,
                cells: (0..units.list.len()).map(|unit| total(group, unit)).collect(),
            })
            .collect()
    }

    fn group(&self, total: &Total, computes: &[Compute]) -> Group {
        let buckets = self.buckets();
        let with_units = || computes.iter().zip(&self.units.of_compute);
        let values = |(compute, unit): (&Compute, &usize)| {
            let slots = &self.cells[*unit][total.group * buckets..(total.group + 1) * buckets];
            slots.iter().map(|cell| cell.value(compute.aggregation)).collect()
        };
        Group {
            by: total.by.clone(),
            totals: with_units().map(|(c, unit)| total.cells[*unit].value(c.aggregation)).collect(),
            series: if self.grid.is_some() { with_units().map(values).collect() } else { Vec::new() },
        }
    }
}
