//! A filter on the columns of a block: the same meaning as on a row, a block at a time.
//!
//! Only the rows still alive are tested: an `And` narrows them from part to part, cheap parts first, an `Or` leaves out those
//! that an earlier part took. A column that no alive row needs is never decoded; a dictionary's words are tested once each.

use super::Filter;
use super::check::{Check, Scalar};
use super::required::{Required, each_holding};
use super::words::Finder;
use super::{Test, Words};
use crate::row::{Column, Core, Field};
use arrow_array::types::Int32Type;
use arrow_array::{Array, BooleanArray, DictionaryArray, StringArray};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use std::collections::BTreeSet;

/// The columns of a block, decoded when asked for.
pub trait Columns {
    fn rows(&self) -> usize;

    /// A field over all rows of the block.
    fn column(&self, field: &Field) -> Column;

    /// Every field that some row of the block may have: what [`Filter::Anywhere`] looks through. Core fields may be left out.
    fn every_field(&self) -> Vec<Field>;
}

impl Filter {
    /// Which rows of the block are wanted.
    pub fn select(&self, block: &dyn Columns) -> BooleanArray {
        let all = BooleanBuffer::new_set(block.rows());
        BooleanArray::new(self.narrow(block, &all), None)
    }

    /// Those of the alive rows that are wanted.
    fn narrow(&self, block: &dyn Columns, alive: &BooleanBuffer) -> BooleanBuffer {
        match self {
            Self::All => alive.clone(),
            Self::And(all) => {
                let mut left = alive.clone();
                for part in cheapest_first(all) {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    left = part.narrow(block, &left);
                }
                left
            }
            Self::Or(any) => {
                let (mut left, mut found) = (alive.clone(), BooleanBuffer::new_unset(alive.len()));
                for part in cheapest_first(any) {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    let more = part.narrow(block, &left);
                    left = &left & &!&more;
                    found = &found | &more;
                }
                found
            }
            Self::Not(not) => alive & &!&not.narrow(block, alive),
            Self::Is(field, test) => passing(&block.column(field), &Check::new(test), alive),
            Self::Words(words) if words.0.is_empty() => alive.clone(),
            Self::Words(words) => {
                holding(&block.column(&Field::Core(Core::Message)), &Finder::new(words), alive)
            }
            Self::Anywhere(words) => anywhere(block, words, alive),
        }
    }

    /// The fields it looks at; `Anywhere` looks at all of them, which [`Filter::looks_anywhere`] says.
    pub fn fields(&self) -> BTreeSet<Field> {
        let mut out = BTreeSet::new();
        self.add_fields(&mut out);
        out
    }

    fn add_fields(&self, out: &mut BTreeSet<Field>) {
        match self {
            Self::All | Self::Anywhere(_) => {}
            Self::And(all) | Self::Or(all) => all.iter().for_each(|f| f.add_fields(out)),
            Self::Not(not) => not.add_fields(out),
            Self::Is(field, _) => drop(out.insert(field.clone())),
            Self::Words(_) => drop(out.insert(Field::Core(Core::Message))),
        }
    }

    /// Whether it has an [`Filter::Anywhere`].
    pub fn looks_anywhere(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::looks_anywhere),
            Self::Not(not) => not.looks_anywhere(),
            Self::Anywhere(_) => true,
            Self::All | Self::Is(..) | Self::Words(_) => false,
        }
    }

    /// A rank by what testing a row costs: words of dictionaries, then numbers and ids, then texts.
    fn cost(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::And(all) | Self::Or(all) => all.iter().map(Self::cost).max().unwrap_or(0),
            Self::Not(not) => not.cost(),
            Self::Is(Field::Core(Core::Message), _) => 6,
            Self::Is(Field::Core(core), _) if core.text_index().is_some() => 1,
            Self::Is(Field::Core(_), _) => 2,
            Self::Is(_, Test::Exists | Test::Equals(_) | Test::Range(_)) => 3,
            Self::Is(..) => 4,
            Self::Words(_) => 5,
            Self::Anywhere(_) => 7,
        }
    }
}

fn cheapest_first(parts: &[Filter]) -> Vec<&Filter> {
    let mut parts: Vec<&Filter> = parts.iter().collect();
    parts.sort_by_key(|part| part.cost());
    parts
}

/// The alive rows that a test takes.
fn keep(alive: &BooleanBuffer, mut test: impl FnMut(usize) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(alive.len(), |row| alive.value(row) && test(row))
}

/// The alive rows that have a value.
fn present(alive: &BooleanBuffer, array: &dyn Array) -> BooleanBuffer {
    array.nulls().map_or_else(|| alive.clone(), |nulls| alive & nulls.inner())
}

fn passing(column: &Column, check: &Check<'_>, alive: &BooleanBuffer) -> BooleanBuffer {
    match column {
        Column::Absent => BooleanBuffer::new_unset(alive.len()),
        Column::Words(words) => {
            by_word(words, &present(alive, words), |word| check.passes(Scalar::Text(word)))
        }
        Column::Texts(a) => texts(a, check, &present(alive, a)),
        Column::Ints(a) => {
            let (alive, values) = (present(alive, a), a.values());
            match check {
                Check::Exists => alive,
                // Whole bounds of a narrow loop: what most searches by number are.
                Check::Numbers(bounds) => keep(&alive, |i| bounds.hold(values[i] as f64)),
                _ => keep(&alive, |i| check.passes(Scalar::Int(values[i]))),
            }
        }
        Column::Uints(a) => keep(&present(alive, a), |i| check.passes(Scalar::Uint(a.value(i)))),
        Column::Floats(a) => {
            let (alive, values) = (present(alive, a), a.values());
            match check {
                Check::Exists => alive,
                Check::Numbers(bounds) => keep(&alive, |i| bounds.hold(values[i])),
                _ => keep(&alive, |i| check.passes(Scalar::Float(values[i]))),
            }
        }
        Column::Bools(a) => keep(&present(alive, a), |i| check.passes(Scalar::Bool(a.value(i)))),
        Column::TraceIds(ids) => keep(alive, |i| ids[i] != 0 && check.passes(Scalar::TraceId(ids[i]))),
        Column::SpanIds(ids) => keep(alive, |i| ids[i] != 0 && check.passes(Scalar::SpanId(ids[i]))),
        Column::Mixed(values) => keep(alive, |i| Scalar::any(&values[i], &mut |value| check.passes(value))),
    }
}

fn texts(array: &StringArray, check: &Check<'_>, alive: &BooleanBuffer) -> BooleanBuffer {
    match check {
        Check::Exists => alive.clone(),
        Check::Equals(wanted) => keep(alive, |i| array.value(i) == wanted.text),
        Check::Other(test) if is_searched(array, alive) => searched(array, test, alive),
        _ => keep(alive, |i| check.passes(Scalar::Text(array.value(i)))),
    }
}

/// Rows that hold the text which a pattern requires are found by one search; the pattern is run on them alone.
fn searched(array: &StringArray, test: &Test, alive: &BooleanBuffer) -> BooleanBuffer {
    let (check, required) = (Check::Other(test), Required::of(test));
    let passes = |row: usize| check.passes(Scalar::Text(array.value(row)));
    let Some(literal) = required.literals.first() else { return keep(alive, passes) };
    let mut found = BooleanBufferBuilder::new(array.len());
    found.append_n(array.len(), false);
    each_holding(array, literal, |row| {
        if alive.value(row) && (required.is_enough || passes(row)) {
            found.set_bit(row, true);
        }
    });
    found.finish()
}

/// Tests each distinct word that an alive row has, once.
fn by_word(
    column: &DictionaryArray<Int32Type>,
    alive: &BooleanBuffer,
    mut test: impl FnMut(&str) -> bool,
) -> BooleanBuffer {
    let Some(words) = column.downcast_dict::<StringArray>() else {
        return BooleanBuffer::new_unset(alive.len());
    };
    let (keys, values) = (words.keys().values(), words.values());
    let mut known: Vec<Option<bool>> = vec![None; values.len()];
    keep(alive, |i| {
        let Ok(key) = usize::try_from(keys[i]) else { return false };
        let Some(slot) = known.get_mut(key) else { return false };
        *slot.get_or_insert_with(|| values.is_valid(key) && test(values.value(key)))
    })
}

/// The alive rows whose text view, or an element's, has the words.
fn holding(column: &Column, finder: &Finder<'_>, alive: &BooleanBuffer) -> BooleanBuffer {
    let mut scratch = String::new();
    match column {
        Column::Words(words) => {
            by_word(words, &present(alive, words), |word| finder.is_in(word, &mut scratch))
        }
        Column::Texts(a) => texts_holding(a, finder, &present(alive, a)),
        Column::Mixed(values) => {
            keep(alive, |i| Scalar::any(&values[i], &mut |value| finder.is_in(&value.text(), &mut scratch)))
        }
        Column::Absent => BooleanBuffer::new_unset(alive.len()),
        other => keep(alive, |i| {
            let value = other.value(i);
            Scalar::any(&value, &mut |value| finder.is_in(&value.text(), &mut scratch))
        }),
    }
}

/// Texts that are searched through all at once, at least: below it, making the search costs more than it saves.
const SEARCHED_ROWS_MIN: usize = 256;

/// Where most rows are out already, the others are looked at one by one.
fn is_searched(texts: &StringArray, alive: &BooleanBuffer) -> bool {
    alive.count_set_bits() >= SEARCHED_ROWS_MIN.max(texts.len() / 4)
}

fn texts_holding(texts: &StringArray, finder: &Finder<'_>, alive: &BooleanBuffer) -> BooleanBuffer {
    if is_searched(texts, alive) {
        let mut found = BooleanBufferBuilder::new(texts.len());
        found.append_n(texts.len(), false);
        if finder.each_in(texts, |row| found.set_bit(row, true)) {
            return alive & &found.finish();
        }
    }
    let mut scratch = String::new();
    keep(alive, |i| finder.is_in(texts.value(i), &mut scratch))
}

fn anywhere(block: &dyn Columns, words: &Words, alive: &BooleanBuffer) -> BooleanBuffer {
    if words.0.is_empty() {
        return alive.clone();
    }
    let finder = Finder::new(words);
    let core = Core::ALL.into_iter().take(Core::TEXTS).map(Field::Core);
    let rest = block.every_field().into_iter().filter(|field| !matches!(field, Field::Core(_)));
    let (mut left, mut found) = (alive.clone(), BooleanBuffer::new_unset(alive.len()));
    for field in core.chain(rest) {
        if left.count_set_bits() == 0 {
            break;
        }
        let more = holding(&block.column(&field), &finder, &left);
        left = &left & &!&more;
        found = &found | &more;
    }
    found
}
