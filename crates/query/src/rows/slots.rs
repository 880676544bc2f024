//! Running computes: one array a compute, one slot for each group and bucket.

use super::codes::NONE;
use super::distinct::Distinct;
use super::groups::Assigned;
use super::numbers::each_number;
use super::quantile::Quantiles;
use super::request::Aggregation;
use oriel_model::Column;
use oriel_store::Block;
use xxhash_rust::xxh3::xxh3_64;

/// Values that one worker keeps for exact percentiles, over all slots: 16 MiB. Past it a slot keeps a tenth of them at most,
/// then a tenth of that, and what has more goes into a sketch.
const EXACT_VALUES_MAX: usize = 1 << 21;

/// One slot's state, apart from its array: merged for totals and between workers.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// A sum and the weight of what was summed.
    Sum {
        sum: f64,
        weight: f64,
    },
    /// The least or the most.
    Extreme(f64),
    Quantiles(Quantiles),
    Distinct(Distinct),
}

impl Cell {
    pub(super) fn empty(aggregation: Aggregation) -> Self {
        match aggregation {
            Aggregation::Count | Aggregation::Sum | Aggregation::Avg => Self::Sum { sum: 0.0, weight: 0.0 },
            Aggregation::Min | Aggregation::Max => Self::Extreme(f64::NAN),
            Aggregation::Percentile(_) => Self::Quantiles(Quantiles::default()),
            Aggregation::Cardinality => Self::Distinct(Distinct::default()),
        }
    }

    pub(super) fn merge(&mut self, other: Self, aggregation: Aggregation) {
        match (self, other) {
            (Self::Sum { sum, weight }, Self::Sum { sum: s, weight: w }) => {
                *sum += s;
                *weight += w;
            }
            (Self::Extreme(mine), Self::Extreme(theirs)) => {
                *mine = if aggregation == Aggregation::Min { mine.min(theirs) } else { mine.max(theirs) };
            }
            (Self::Quantiles(mine), Self::Quantiles(theirs)) => mine.merge(theirs),
            (Self::Distinct(mine), Self::Distinct(theirs)) => mine.merge(theirs),
            _ => {}
        }
    }

    /// NaN where there was nothing to compute from, but 0 for counts.
    pub(super) fn value(&self, aggregation: Aggregation) -> f64 {
        match (self, aggregation) {
            (Self::Sum { weight, .. }, Aggregation::Count) => *weight,
            (Self::Sum { weight, .. }, _) if *weight == 0.0 => f64::NAN,
            (Self::Sum { sum, weight }, Aggregation::Avg) => sum / weight,
            (Self::Sum { sum, .. }, _) => *sum,
            (Self::Extreme(x), _) => *x,
            (Self::Quantiles(quantiles), Aggregation::Percentile(q)) => quantiles.quantile(q),
            (Self::Quantiles(_), _) => f64::NAN,
            (Self::Distinct(distinct), _) => distinct.count(),
        }
    }

    /// What makes the value an estimate, if it is one.
    pub(super) fn estimate(&self) -> Option<&'static str> {
        match self {
            Self::Quantiles(q) if q.is_estimate() => Some("percentiles of many values are within 1 %"),
            Self::Distinct(d) if d.is_estimate() => {
                Some("counts of more than 16,384 distinct values are within about 2 %")
            }
            _ => None,
        }
    }
}

/// One compute's slots.
pub(super) struct Slots {
    pub(super) aggregation: Aggregation,
    sums: Vec<f64>,
    weights: Vec<f64>,
    quantiles: Vec<Quantiles>,
    distinct: Vec<Distinct>,
    /// Values held for percentiles, bytes held for distinct values.
    held: usize,
    exact_of_slot: usize,
}

impl Slots {
    pub(super) fn new(aggregation: Aggregation) -> Self {
        Self {
            aggregation,
            sums: Vec::new(),
            weights: Vec::new(),
            quantiles: Vec::new(),
            distinct: Vec::new(),
            held: 0,
            exact_of_slot: EXACT_VALUES_MAX,
        }
    }

    pub(super) fn resize(&mut self, slots: usize) {
        match self.aggregation {
            Aggregation::Count => self.weights.resize(slots, 0.0),
            Aggregation::Sum | Aggregation::Avg => {
                self.sums.resize(slots, 0.0);
                self.weights.resize(slots, 0.0);
            }
            Aggregation::Min | Aggregation::Max => self.sums.resize(slots, f64::NAN),
            Aggregation::Percentile(_) => self.quantiles.resize_with(slots, Quantiles::default),
            Aggregation::Cardinality => self.distinct.resize_with(slots, Distinct::default),
        }
    }

    /// Heap bytes, about.
    pub(super) fn bytes(&self) -> usize {
        let values = if self.distinct.is_empty() { self.held * 8 } else { self.held };
        (self.sums.len() + self.weights.len()) * 8
            + self.quantiles.len() * 64
            + self.distinct.len() * 64
            + values
    }

    /// Adds a block's rows. `slots` is each row's slot.
    pub(super) fn add(&mut self, slots: &Assigned, column: Option<&Column>, block: &Block) {
        match (self.aggregation, column) {
            (Aggregation::Count, None) => self.count_all(slots, block),
            (Aggregation::Count, Some(column)) => {
                let there = present(column, block.rows());
                each(slots, |row, slot| {
                    if there[row] {
                        self.weights[slot] += block.weight(row);
                    }
                });
            }
            (_, None) => {}
            (Aggregation::Cardinality, Some(column)) => self.add_distinct(slots, column, block.rows()),
            (aggregation, Some(column)) => each_number(column, |row, number| {
                let weight = block.weight(row);
                slots.of_row(row).for_each(|slot| self.add_number(aggregation, slot, number, weight));
            }),
        }
        self.condense_if_full();
    }

    fn count_all(&mut self, slots: &Assigned, block: &Block) {
        if block.weights.is_empty() {
            each(slots, |_, slot| self.weights[slot] += 1.0);
        } else {
            each(slots, |row, slot| self.weights[slot] += block.weight(row));
        }
    }

    fn add_number(&mut self, aggregation: Aggregation, slot: usize, number: f64, weight: f64) {
        match aggregation {
            Aggregation::Min => self.sums[slot] = self.sums[slot].min(number),
            Aggregation::Max => self.sums[slot] = self.sums[slot].max(number),
            Aggregation::Percentile(_) => {
                self.quantiles[slot].add(number, weight);
                self.held += 1;
                if self.quantiles[slot].exact() > self.exact_of_slot {
                    self.held -= self.quantiles[slot].exact();
                    self.quantiles[slot].condense();
                }
            }
            _ => {
                self.sums[slot] += number * weight;
                self.weights[slot] += weight;
            }
        }
    }

    fn add_distinct(&mut self, slots: &Assigned, column: &Column, rows: usize) {
        let codes = super::codes::Codes::of(column, rows);
        let hashes: Vec<u64> = codes.texts.iter().map(|text| xxh3_64(text.as_bytes())).collect();
        let mut note = |slot: usize, code: u32| {
            if let Some(hash) = hashes.get(code as usize) {
                let before = self.distinct[slot].bytes();
                self.distinct[slot].add(*hash);
                self.held = self.held + self.distinct[slot].bytes() - before;
            }
        };
        each(slots, |row, slot| note(slot, codes.rows[row]));
        for (row, code) in &codes.more {
            slots.of_row(*row as usize).for_each(|slot| note(slot, *code));
        }
    }

    /// Past the bound of all values, slots keep fewer and fewer of them.
    fn condense_if_full(&mut self) {
        while !self.quantiles.is_empty() && self.held > EXACT_VALUES_MAX && self.exact_of_slot > 0 {
            self.exact_of_slot /= 10;
            for quantiles in &mut self.quantiles {
                if quantiles.exact() > self.exact_of_slot {
                    quantiles.condense();
                }
            }
            self.held = self.quantiles.iter().map(Quantiles::exact).sum();
        }
    }

    /// A slot's state.
    pub(super) fn cell(&mut self, slot: usize) -> Cell {
        match self.aggregation {
            Aggregation::Count => Cell::Sum { sum: 0.0, weight: self.weights[slot] },
            Aggregation::Sum | Aggregation::Avg => {
                Cell::Sum { sum: self.sums[slot], weight: self.weights[slot] }
            }
            Aggregation::Min | Aggregation::Max => Cell::Extreme(self.sums[slot]),
            Aggregation::Percentile(_) => Cell::Quantiles(std::mem::take(&mut self.quantiles[slot])),
            Aggregation::Cardinality => Cell::Distinct(std::mem::take(&mut self.distinct[slot])),
        }
    }
}

/// Every row and slot; a row may have several.
fn each(slots: &Assigned, mut visit: impl FnMut(usize, usize)) {
    for (row, slot) in slots.rows.iter().enumerate() {
        if *slot != NONE {
            visit(row, *slot as usize);
        }
    }
    for (row, slot) in &slots.more {
        visit(*row as usize, *slot as usize);
    }
}

/// Which rows have a value.
fn present(column: &Column, rows: usize) -> Vec<bool> {
    super::codes::Codes::of(column, rows).rows.iter().map(|code| *code != NONE).collect()
}
