//! What a row group adds to its file's index: terms of every block, ranges of numbers, hashes of ids.

use super::cells::{Cells, Values};
use super::head::FieldCounts;
use super::schema::{Kind, Source};
use super::terms::{CORE, KEY, TERM_BYTES_MAX, TOKEN, TermCollector, VALUE};
use super::write::WideWriter;
use super::{head::stored_name, rest};
use hashbrown::HashMap;
use oriel_model::{Core, Signal, Value, ValueRef, text};
use std::ops::Range;

/// Bits of the filter for each rare term of a block: one block in two thousand is opened in vain, of the 3,700 of 30 million rows
/// hardly one.
pub(super) const TERM_BITS: u32 = 16;

/// The same for an id: of logs one block in eighteen, since a page of ids costs next to nothing to read; of spans, whose traces are
/// asked for by id alone, one in fifty.
pub(super) fn id_bits(signal: Signal) -> u32 {
    if signal == Signal::Spans { 8 } else { 6 }
}

/// Values of a column that get terms: what people call a facet.
const VALUES_MAX: usize = 512;
/// Fields that a head lists.
const FIELDS_MAX: usize = 16_384;

/// The hash that filters know a trace or span by: of the low half of a trace's id, which is all that some senders know.
pub(super) fn id_hash(low: u64) -> u64 {
    super::terms::hash(&low.to_le_bytes())
}

/// The fields with the most rows, and whether that is all of them.
pub(super) fn listed(mut fields: Vec<FieldCounts>) -> (Vec<FieldCounts>, bool) {
    let complete = fields.len() <= FIELDS_MAX;
    if !complete {
        fields.sort_by_key(|f| std::cmp::Reverse(f.counts.iter().sum::<u64>()));
        fields.truncate(FIELDS_MAX);
        fields.sort_by(|a, b| a.field.cmp(&b.field));
    }
    (fields, complete)
}

/// Adds a group's blocks to the writer's terms and ranges; gives the hashes of ids by block.
pub(super) fn collect_group(writer: &mut WideWriter, begins: &[u32], first_block: u32) -> Vec<Vec<u64>> {
    let columns = writer.cells.len();
    let facets: Vec<Option<Facet>> = (0..columns).map(|column| Facet::of(writer, column)).collect();
    let mut ids = Vec::with_capacity(begins.len());
    for (block, w) in begins.windows(2).enumerate() {
        let rows = w[0]..w[1];
        for (column, facet) in facets.iter().enumerate() {
            let spec = &writer.schema.columns[column];
            let cells = &writer.cells[column];
            let values = cells.of_rows(&rows);
            if let Some(facet) = facet {
                facet.add(values.clone(), &mut writer.terms);
            }
            match spec.kind {
                Kind::Int | Kind::Uint | Kind::Float => {
                    writer.ranges[column].push(range(cells, spec.kind, values.clone()));
                }
                _ => {}
            }
            if let Source::Attribute(field) = &spec.source {
                add_key(&stored_name(field), values.len(), &mut writer.terms);
            }
        }
        if writer.indexes_rows() {
            collect_rows(writer, &rows);
            ids.push(id_hashes(writer, &rows));
        }
        writer.terms.end_block(first_block + block as u32);
    }
    ids
}

fn add_key(name: &str, rows: usize, terms: &mut TermCollector) {
    if rows > 0 {
        let term = [&[KEY], name.as_bytes()].concat();
        terms.add_rows(&term, rows as u32, true);
    }
}

/// A column of few values: the term of each, and which value has which.
struct Facet<'a> {
    terms: Vec<Vec<u8>>,
    places: std::borrow::Cow<'a, [u32]>,
}

impl Facet<'static> {
    /// `None`, and the column is not complete, when it has many values.
    fn of(writer: &mut WideWriter, column: usize) -> Option<Self> {
        let spec = &writer.schema.columns[column];
        let prefix = match &spec.source {
            Source::Core(
                Core::Time | Core::Message | Core::TraceId | Core::SpanId | Core::ParentId | Core::Duration,
            ) => None,
            Source::Core(core) => Some([&[CORE], core.as_str().as_bytes(), &[0]].concat()),
            Source::Attribute(field) => {
                let mut term = [&[VALUE], stored_name(field).as_bytes(), &[0]].concat();
                term.push(spec.kind.letter().to_ascii_uppercase() as u8);
                Some(term)
            }
            Source::Weight | Source::Rest => None,
        };
        let facet = prefix
            .filter(|_| writer.complete[column])
            .and_then(|prefix| Self::of_cells(&writer.cells[column], spec.kind, &prefix));
        writer.complete[column] &= facet.is_some();
        facet
    }

    fn of_cells(cells: &Cells, kind: Kind, prefix: &[u8]) -> Option<Self> {
        match &cells.values {
            Values::Texts(places, dictionary) => {
                let fits =
                    dictionary.len() <= VALUES_MAX && dictionary.iter().all(|t| t.len() <= TERM_BYTES_MAX);
                let terms = || dictionary.iter().map(|text| [prefix, text].concat()).collect();
                fits.then(|| Self { terms: terms(), places: places.clone().into() })
            }
            Values::Words(words) => {
                let mut index: HashMap<u64, u32> = HashMap::new();
                let (mut terms, mut places) = (Vec::new(), Vec::with_capacity(words.len()));
                for &word in words {
                    let next = terms.len() as u32;
                    let place = *index.entry(word).or_insert_with(|| {
                        terms.push([prefix, plain(kind, word).as_bytes()].concat());
                        next
                    });
                    places.push(place);
                    if terms.len() > VALUES_MAX {
                        return None;
                    }
                }
                Some(Self { terms, places: places.into() })
            }
            Values::Bytes(..) | Values::Ids(_) => None,
        }
    }
}

impl Facet<'_> {
    fn add(&self, values: Range<usize>, terms: &mut TermCollector) {
        let mut counts = vec![0u32; self.terms.len()];
        self.places[values].iter().for_each(|&place| counts[place as usize] += 1);
        for (term, &rows) in self.terms.iter().zip(&counts).filter(|(_, n)| **n > 0) {
            terms.add_rows(term, rows, true);
        }
    }
}

/// A value as its term has it, such that it can be read back.
fn plain(kind: Kind, word: u64) -> String {
    match kind {
        Kind::Float => format!("{:?}", f64::from_bits(word)),
        Kind::Uint => word.to_string(),
        Kind::Bool => (word != 0).to_string(),
        _ => (word as i64).to_string(),
    }
}

/// The reverse of what a column's term holds after its letter.
pub(super) fn value_of(letter: u8, text: &str) -> Option<Value> {
    Some(match letter {
        b'I' => Value::Int(text.parse().ok()?),
        b'U' => Value::Uint(text.parse().ok()?),
        b'F' => Value::Float(text.parse().ok()?),
        b'B' => Value::Bool(text == "true"),
        b'S' => Value::Text(text.into()),
        _ => return None,
    })
}

fn range(cells: &Cells, kind: Kind, values: Range<usize>) -> (f64, f64) {
    let Values::Words(words) = &cells.values else { return (f64::NAN, f64::NAN) };
    let number = |&word: &u64| match kind {
        Kind::Float => f64::from_bits(word),
        Kind::Uint => word as f64,
        _ => word as i64 as f64,
    };
    let numbers = words[values].iter().map(number);
    numbers.fold((f64::NAN, f64::NAN), |(low, high), x| (low.min(x), high.max(x)))
}

/// Terms that are told row by row: tokens of the message, fields of the map.
fn collect_rows(writer: &mut WideWriter, rows: &Range<u32>) {
    let WideWriter { cells, schema, terms, .. } = writer;
    let is_event = schema.signal == Signal::Events;
    let mut scratch = String::new();
    let mut term = Vec::new();
    for (column, spec) in schema.columns.iter().enumerate() {
        let cells_of = &cells[column];
        let has_tokens = spec.kind == Kind::Message || (is_event && spec.source == Source::Core(Core::Name));
        if has_tokens {
            for i in cells_of.of_rows(rows) {
                let text = std::str::from_utf8(cells_of.bytes(i)).unwrap_or("");
                let mut is_like_hash = false;
                text::for_each_token(text, &mut scratch, |token| {
                    is_like_hash |= text::is_like_hash(token);
                    term.clear();
                    term.push(TOKEN);
                    term.extend_from_slice(token.as_bytes());
                    terms.add(&term, cells_of.rows[i]);
                });
                if is_like_hash && text::may_be_hashed(text) {
                    terms.note_hashed();
                }
            }
        }
        if spec.kind == Kind::RestKey {
            collect_rest((cells_of, &cells[column + 1]), rows, terms);
        }
    }
}

fn collect_rest((keys, values): (&Cells, &Cells), rows: &Range<u32>, terms: &mut TermCollector) {
    let (mut term, mut scratch) = (Vec::new(), String::new());
    for i in keys.of_rows(rows) {
        let (name, row) = (keys.bytes(i), keys.rows[i]);
        term.clear();
        term.push(KEY);
        term.extend_from_slice(name);
        terms.add(&term, row);
        let json = std::str::from_utf8(values.bytes(i)).unwrap_or("");
        rest::with(json, &mut scratch, |value| match value {
            ValueRef::List(_) => {
                if let Value::List(items) = value.to_value() {
                    items.iter().for_each(|item| add_value(name, item, row, terms));
                }
            }
            scalar => add_value(name, &scalar.to_value(), row, terms),
        });
    }
}

fn add_value(name: &[u8], value: &Value, row: u32, terms: &mut TermCollector) {
    let mut term = Vec::with_capacity(name.len() + 16);
    if rest_term(name, value, &mut term) {
        terms.add(&term, row);
    }
}

/// The term of a value in the map: numbers by their value, whatever their type. False when there is none.
pub(super) fn rest_term(name: &[u8], value: &Value, term: &mut Vec<u8>) -> bool {
    term.clear();
    term.push(VALUE);
    term.extend_from_slice(name);
    term.push(0);
    match value {
        Value::Text(text) if text.len() <= TERM_BYTES_MAX => {
            term.push(b's');
            term.extend_from_slice(text.as_bytes());
        }
        Value::Bool(b) => term.extend_from_slice(if *b { b"btrue" } else { b"bfalse" }),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            term.push(b'n');
            // One zero.
            let number = value.number().unwrap_or(0.0) + 0.0;
            term.extend_from_slice(format!("{number:?}").as_bytes());
        }
        _ => return false,
    }
    true
}

/// Hashes of a block's ids, each once.
fn id_hashes(writer: &WideWriter, rows: &Range<u32>) -> Vec<u64> {
    let mut out = Vec::new();
    for (spec, cells) in writer.schema.columns.iter().zip(&writer.cells) {
        if !matches!(spec.source, Source::Core(Core::TraceId | Core::SpanId)) {
            continue;
        }
        let values = cells.of_rows(rows);
        match &cells.values {
            Values::Ids(ids) => out.extend(ids[values].iter().map(|&id| id_hash(id as u64))),
            Values::Words(words) => out.extend(words[values].iter().map(|&id| id_hash(id))),
            _ => {}
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}
