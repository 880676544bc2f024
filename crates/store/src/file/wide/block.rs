//! One block of a wide file as columns: each field decoded when it is asked for, once.

use super::columns::{self, Found};
use super::decode::{Packed, PackedValues, Piece};
use super::open::WideFile;
use super::rest;
use super::schema::{Kind, Source};
use crate::rows::BlockRows;
use crate::{Error, Result};
use oriel_model::{Column, Columns, Core, Field, Row, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) struct WideBlock<'a> {
    pub(super) file: &'a WideFile,
    number: u32,
    rows: usize,
    /// Whether what is decoded is worth a place in the cache.
    keep: bool,
    /// By column of the file.
    pieces: RefCell<Vec<Option<Arc<Piece>>>>,
    met: RefCell<Option<Error>>,
}

impl<'a> WideBlock<'a> {
    pub(super) fn new(file: &'a WideFile, number: u32, keep: bool) -> Self {
        let rows = file.head.blocks[number as usize].rows as usize;
        let pieces = RefCell::new(vec![None; file.head.schema.columns.len()]);
        Self { file, number, rows, keep, pieces, met: RefCell::new(None) }
    }

    /// The values of a column of the file.
    pub(super) fn piece(&self, column: usize) -> Result<Arc<Piece>> {
        if let Some(known) = &self.pieces.borrow()[column] {
            return Ok(Arc::clone(known));
        }
        let piece = self.file.packed(self.number, column, self.keep)?;
        self.pieces.borrow_mut()[column] = Some(Arc::clone(&piece));
        Ok(piece)
    }

    fn spec(&self, column: usize) -> (&'a Source, Kind) {
        let spec = &self.file.head.schema.columns[column];
        (&spec.source, spec.kind)
    }

    fn try_column(&self, field: &Field) -> Result<Column> {
        let Field::Core(core) = field else { return self.attribute(field) };
        let Some(column) = self.file.head.column(&Source::Core(*core)) else { return Ok(Column::Absent) };
        let piece = self.piece(column)?;
        let Some(packed) = Packed::of(&piece) else { return Ok(Column::Absent) };
        let unit_ns = if *core == Core::Time { self.file.head.schema.unit_ns } else { 1 };
        Ok(columns::of_packed(packed, self.spec(column).1, unit_ns))
    }

    /// An attribute or tag: its promoted columns, and what the map has of it.
    fn attribute(&self, field: &Field) -> Result<Column> {
        let head = &self.file.head;
        let mut found = Vec::new();
        for (column, spec) in head.schema.columns.iter().enumerate() {
            if matches!(&spec.source, Source::Attribute(f) if f == field) {
                found.push(Found::Promoted(self.piece(column)?, spec.kind));
            }
        }
        let in_rest = match head.field(field) {
            Some(counts) => counts.rest > 0,
            None => !head.fields_complete,
        };
        if in_rest {
            let values = self.rest_values(field)?;
            if !values.is_empty() {
                found.push(Found::Rest(values));
            }
        }
        Ok(columns::joined(&found, self.rows))
    }

    /// The columns of the map.
    fn rest(&self) -> Result<Option<(Arc<Piece>, Arc<Piece>)>> {
        let columns = &self.file.head.schema.columns;
        let Some(keys) = columns.iter().position(|c| c.kind == Kind::RestKey) else { return Ok(None) };
        Ok(Some((self.piece(keys)?, self.piece(keys + 1)?)))
    }

    /// A field's values in the map, by row.
    fn rest_values(&self, field: &Field) -> Result<Vec<(usize, Value)>> {
        let name = super::head::stored_name(field);
        let mut out = Vec::new();
        self.each_rest(|keys, values, row, at| {
            if keys.is(at, &name) {
                out.push((row, rest::value(values.text(at))));
            }
        })?;
        Ok(out)
    }

    /// Shows every entry of the map: its row, and its place among keys and values.
    pub(super) fn each_rest(
        &self,
        mut show: impl FnMut(&mut Keys<'_>, &PackedValues, usize, usize),
    ) -> Result<()> {
        let Some((keys, values)) = self.rest()? else { return Ok(()) };
        let (Some(keys), Some(values)) = (Packed::of(&keys), Packed::of(&values)) else { return Ok(()) };
        if keys.repeats != values.repeats || keys.values.len() != values.values.len() {
            let damage = crate::file::values::Damage::new("keys and values of a map that do not pair");
            return Err(self.file.corrupt(&damage));
        }
        let mut known = Keys { values: &keys.values, wanted: None };
        let (mut row, mut at) = (usize::MAX, 0);
        for (slot, repeat) in keys.repeats.iter().enumerate() {
            row = row.wrapping_add(usize::from(*repeat == 0));
            if keys.present.as_ref().is_none_or(|p| p.is_valid(slot)) {
                if row < self.rows {
                    show(&mut known, &values.values, row, at);
                }
                at += 1;
            }
        }
        Ok(())
    }

    fn note<T>(&self, found: Result<T>) -> Option<T> {
        found.map_err(|e| *self.met.borrow_mut() = Some(e)).ok()
    }
}

/// Keys of the map's entries; a key of a dictionary is compared once.
pub(super) struct Keys<'a> {
    pub(super) values: &'a PackedValues,
    wanted: Option<Option<u32>>,
}

impl Keys<'_> {
    fn is(&mut self, at: usize, name: &str) -> bool {
        match self.values {
            PackedValues::Places(places, texts) => {
                let find = || (0..texts_len(texts)).find(|&i| texts.value(i) == name).map(|i| i as u32);
                *self.wanted.get_or_insert_with(find) == Some(places[at])
            }
            values => values.text(at) == name,
        }
    }
}

fn texts_len(texts: &arrow_array::StringArray) -> usize {
    use arrow_array::Array;
    texts.len()
}

impl Columns for WideBlock<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, field: &Field) -> Column {
        self.note(self.try_column(field)).unwrap_or(Column::Absent)
    }

    fn every_field(&self) -> Vec<Field> {
        let mut fields = BTreeSet::new();
        for column in &self.file.head.schema.columns {
            match &column.source {
                Source::Core(core) => drop(fields.insert(Field::Core(*core))),
                Source::Attribute(field) => drop(fields.insert(field.clone())),
                Source::Weight | Source::Rest => {}
            }
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        let shown = self.each_rest(|keys, _, _, at| {
            let name = keys.values.text(at);
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        });
        self.note(shown);
        fields.extend(names.iter().map(|name| Field::from_stored(name)));
        fields.into_iter().collect()
    }
}

impl BlockRows for WideBlock<'_> {
    fn times(&self) -> Result<Arc<[i64]>> {
        let piece = self.piece(0)?;
        let unit_ns = self.file.head.schema.unit_ns;
        match Packed::of(&piece).map(|p| &p.values) {
            Some(PackedValues::Words(words)) => {
                Ok(words.iter().map(|&w| (w as i64).wrapping_mul(unit_ns)).collect())
            }
            _ => Ok(Arc::from([])),
        }
    }

    fn weights(&self) -> Result<Option<Arc<[f32]>>> {
        let Some(column) = self.file.head.column(&Source::Weight) else { return Ok(None) };
        let piece = self.piece(column)?;
        let Some(packed) = Packed::of(&piece) else { return Ok(None) };
        let PackedValues::Words(words) = &packed.values else { return Ok(None) };
        if words.is_empty() {
            return Ok(None);
        }
        let mut weights = vec![1.0f32; self.rows];
        packed.each_row(|row, at| weights[row] = f64::from_bits(words[at]) as f32);
        Ok(Some(weights.into()))
    }

    fn column_at(&self, field: &Field, rows: &[u32]) -> Column {
        columns::taken(&self.column(field), rows)
    }

    fn whole(&self, rows: &[u32]) -> Result<Vec<Row>> {
        let times = self.times()?;
        let weights = self.weights()?;
        let mut out: Vec<Row> = rows.iter().map(|&row| Row::new(times[row as usize])).collect();
        if let Some(weights) = weights {
            out.iter_mut().zip(rows).for_each(|(row, &at)| row.weight = weights[at as usize]);
        }
        for column in 0..self.file.head.schema.columns.len() {
            let (source, kind) = self.spec(column);
            if matches!(kind, Kind::Time | Kind::RestKey | Kind::RestValue) || *source == Source::Weight {
                continue;
            }
            let piece = self.piece(column)?;
            let Some(packed) = Packed::of(&piece) else { continue };
            columns::fill_rows(packed, source, kind, (rows, &mut out));
        }
        self.each_rest(|keys, values, row, at| {
            if let Ok(place) = rows.binary_search(&(row as u32)) {
                let field = Field::from_stored(keys.values.text(at));
                out[place].attributes.push((field, rest::value(values.text(at))));
            }
        })?;
        out.iter_mut().for_each(|row| row.attributes.sort_by(|a, b| a.0.cmp(&b.0)));
        Ok(out)
    }

    fn check(&self) -> Result<()> {
        self.met.borrow_mut().take().map_or(Ok(()), Err)
    }
}
