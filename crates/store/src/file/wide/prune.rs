//! Which blocks may hold rows that a filter wants: bounds of how many, from the index alone (STORE 33).
//!
//! Each part of a filter gives, for each block, how many rows pass it at least and at most; `And`, `Or` and `Not` follow from
//! that. A block that at most none pass is left out; where both bounds meet, the count is exact.

use super::index::{id_hash, rest_term, value_of};
use super::open::WideFile;
use super::schema::Source;
use super::terms::{CORE, KEY, Postings, TERM_BYTES_MAX, TOKEN, VALUE, hash};
use crate::Result;
use crate::rows::{BlockAsk, BlockRef, Candidates, ShowValue};
use oriel_model::{Bounds, Core, Field, Filter, Row, Signal, Test, Value, Word, Words, text};

/// How many rows of a block pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) least: u32,
    pub(super) most: u32,
}

/// By block of the asked ones.
pub(super) type Passes = Vec<Pass>;

/// The blocks of a file that overlap the range and may hold wanted rows.
pub(super) fn candidates(file: &WideFile, ask: &BlockAsk<'_>) -> Result<Candidates> {
    let mut found = Candidates::default();
    if file.head.schema.org != ask.org {
        return Ok(found);
    }
    let overlaps = |b: &super::head::BlockPlace| b.first_ns < ask.range.end && b.last_ns >= ask.range.start;
    let numbers: Vec<u32> =
        (0..file.head.blocks.len() as u32).filter(|&b| overlaps(&file.head.blocks[b as usize])).collect();
    found.pruned = (file.head.blocks.len() - numbers.len()) as u64;
    if numbers.is_empty() {
        return Ok(found);
    }
    let passes = Asked { file, numbers: &numbers }.passes(ask.filter)?;
    for (&number, pass) in numbers.iter().zip(passes) {
        if pass.most == 0 {
            found.pruned += 1;
            continue;
        }
        let place = &file.head.blocks[number as usize];
        let is_exact = pass.least == pass.most && !file.weighted;
        found.blocks.push(BlockRef {
            number,
            rows: place.rows,
            first_ns: place.first_ns,
            last_ns: place.last_ns,
            exact: is_exact.then_some(pass.most),
            all_match: pass.least == place.rows,
        });
    }
    Ok(found)
}

/// See [`crate::rows::RowSource::values`]. A field without a column has no value in any row.
pub(super) fn values_of(file: &WideFile, core: Core, show: &mut ShowValue<'_>) -> Result<bool> {
    let is_of = |source: &Source| matches!(source, Source::Core(of) if *of == core);
    let Some(column) = file.head.schema.columns.iter().position(|spec| is_of(&spec.source)) else {
        return Ok(!file.weighted);
    };
    if !file.head.complete[column] || file.weighted {
        return Ok(false);
    }
    let prefix = [&[CORE], core.as_str().as_bytes(), &[0]].concat();
    file.terms_of(&prefix, |value, postings| {
        if let Ok(value) = std::str::from_utf8(value) {
            show(value, &postings);
        }
    })?;
    Ok(true)
}

pub(super) struct Asked<'a> {
    pub(super) file: &'a WideFile,
    /// Of the asked blocks, ascending.
    pub(super) numbers: &'a [u32],
}

impl Asked<'_> {
    fn rows(&self) -> impl Iterator<Item = u32> {
        self.numbers.iter().map(|&b| self.file.head.blocks[b as usize].rows)
    }

    pub(super) fn unknown(&self) -> Passes {
        self.rows().map(|rows| Pass { least: 0, most: rows }).collect()
    }

    fn none(&self) -> Passes {
        vec![Pass { least: 0, most: 0 }; self.numbers.len()]
    }

    fn passes(&self, filter: &Filter) -> Result<Passes> {
        match filter {
            Filter::All => Ok(self.rows().map(|rows| Pass { least: rows, most: rows }).collect()),
            Filter::And(all) => self.fold(all, |a, b, rows| Pass {
                least: (a.least + b.least).saturating_sub(rows),
                most: a.most.min(b.most),
            }),
            Filter::Or(any) if any.is_empty() => Ok(self.none()),
            Filter::Or(any) => self.fold(any, |a, b, rows| Pass {
                least: a.least.max(b.least),
                most: (a.most + b.most).min(rows),
            }),
            Filter::Not(not) => {
                let passes = self.passes(not)?;
                let flip = |(p, rows): (Pass, u32)| Pass { least: rows - p.most, most: rows - p.least };
                Ok(passes.into_iter().zip(self.rows()).map(flip).collect())
            }
            Filter::Is(field, test) => self.field(filter, field, test),
            Filter::Words(words) => self.words(words),
            Filter::Anywhere(_) => Ok(self.unknown()),
        }
    }

    fn fold(&self, parts: &[Filter], join: impl Fn(Pass, Pass, u32) -> Pass) -> Result<Passes> {
        let Some((first, rest)) = parts.split_first() else { return self.passes(&Filter::All) };
        let mut passes = self.passes(first)?;
        for part in rest {
            let more = self.passes(part)?;
            for ((pass, more), rows) in passes.iter_mut().zip(more).zip(self.rows()) {
                *pass = join(*pass, more, rows);
            }
        }
        Ok(passes)
    }

    /// Rows by block as exact numbers.
    fn of_postings(&self, postings: &Postings) -> Passes {
        let mut passes = self.none();
        for &(block, rows) in postings {
            if let Ok(at) = self.numbers.binary_search(&block) {
                let rows = rows.min(self.file.head.blocks[block as usize].rows);
                passes[at] = Pass { least: rows, most: rows };
            }
        }
        passes
    }

    /// What the blocks' filters say of a hash.
    fn filtered(&self, of_ids: bool, hash: u64) -> Result<Passes> {
        let mut passes = self.none();
        for (pass, &number) in passes.iter_mut().zip(self.numbers) {
            let block = &self.file.head.blocks[number as usize];
            let filter = if of_ids { &block.ids } else { &block.terms };
            if self.file.may_have(filter, hash)? {
                pass.most = block.rows;
            }
        }
        Ok(passes)
    }

    /// A term of the dictionary or of the filters of rare ones.
    pub(super) fn term(&self, term: &[u8]) -> Result<Passes> {
        match self.file.postings(term)? {
            Some(postings) => Ok(self.of_postings(&postings)),
            None if self.file.head.known.rare => self.filtered(false, hash(term)),
            None => Ok(self.unknown()),
        }
    }

    fn words(&self, words: &Words) -> Result<Passes> {
        let head = &self.file.head;
        if words.0.is_empty() || head.known.text_version != text::VERSION {
            return Ok(self.unknown());
        }
        let is_event = head.schema.signal == Signal::Events;
        let tokens = words.0.iter().filter_map(|word| match word {
            Word::Token(token) => Some([&[TOKEN], token.as_bytes()].concat()),
            Word::Glob(_) => None,
        });
        let mut passes = self.unknown();
        for token in tokens {
            for (pass, more) in passes.iter_mut().zip(self.term(&token)?) {
                pass.most = pass.most.min(more.most);
                // A lone token of the message is counted as it is.
                if words.0.len() == 1 && !is_event {
                    pass.least = more.least;
                }
            }
        }
        Ok(passes)
    }

    fn field(&self, filter: &Filter, field: &Field, test: &Test) -> Result<Passes> {
        match field {
            Field::Core(Core::Time) => Ok(self.unknown()),
            Field::Core(Core::Message) => self.message(test),
            Field::Core(core @ (Core::TraceId | Core::SpanId)) => self.id(*core, test),
            Field::Core(Core::ParentId) => Ok(self.unknown()),
            Field::Core(_) => self.columns(filter, field, test),
            Field::Attr(_) | Field::Tag(_) => {
                let mut passes = self.columns(filter, field, test)?;
                for ((pass, more), rows) in passes.iter_mut().zip(self.rest(field, test)?).zip(self.rows()) {
                    pass.least = pass.least.max(more.least);
                    pass.most = (pass.most + more.most).min(rows);
                }
                Ok(passes)
            }
        }
    }

    /// A trace's or span's id, by all that its text may mean.
    fn id(&self, core: Core, test: &Test) -> Result<Passes> {
        if self.file.head.column(&Source::Core(core)).is_none() {
            return Ok(self.none());
        }
        let Test::Equals(text) = test else { return Ok(self.unknown()) };
        if !self.file.head.known.ids {
            return Ok(self.unknown());
        }
        let hex = u128::from_str_radix(text, 16).ok().map(|id| id as u64);
        let decimal = text.parse::<u128>().ok().map(|id| id as u64);
        let mut passes = self.none();
        for low in hex.into_iter().chain(decimal) {
            for (pass, more) in passes.iter_mut().zip(self.filtered(true, id_hash(low))?) {
                pass.most = pass.most.max(more.most);
            }
        }
        Ok(passes)
    }

    /// What the promoted columns of a field say, or the one column of a core field.
    fn columns(&self, filter: &Filter, field: &Field, test: &Test) -> Result<Passes> {
        let head = &self.file.head;
        let mut passes = self.none();
        for (column, spec) in head.schema.columns.iter().enumerate() {
            let is_of = match (&spec.source, field) {
                (Source::Core(core), Field::Core(of)) => core == of,
                (Source::Attribute(f), field) => f == field,
                _ => false,
            };
            if !is_of {
                continue;
            }
            let more = match (head.complete[column], test) {
                (true, _) => self.values(filter, field, column)?,
                (false, Test::Range(bounds)) => self.range(column, bounds),
                (false, Test::Equals(text)) => self.equals(column, text),
                (false, _) => self.unknown(),
            };
            for ((pass, more), rows) in passes.iter_mut().zip(more).zip(self.rows()) {
                pass.least = (pass.least + more.least).min(rows);
                pass.most = (pass.most + more.most).min(rows);
            }
        }
        Ok(passes)
    }

    /// A column all of whose values are terms: each is tested as the row that has nothing else.
    fn values(&self, filter: &Filter, field: &Field, column: usize) -> Result<Passes> {
        let letter = self.file.head.schema.columns[column].kind.letter().to_ascii_uppercase() as u8;
        let prefix = match field {
            Field::Core(core) => [&[CORE], core.as_str().as_bytes(), &[0]].concat(),
            _ => {
                let name = super::head::stored_name(field);
                [&[VALUE], name.as_bytes(), &[0, letter]].concat()
            }
        };
        let mut passes = self.none();
        self.file.terms_of(&prefix, |value, postings| {
            let Ok(value) = std::str::from_utf8(value) else { return };
            let mut row = Row::new(0);
            match field {
                Field::Core(core) => row.set_text(*core, value),
                _ => row.attributes.extend(value_of(letter, value).map(|v| (field.clone(), v))),
            }
            if !filter.matches(&row) {
                return;
            }
            for (pass, more) in passes.iter_mut().zip(self.of_postings(&postings)) {
                pass.least += more.least;
                pass.most += more.most;
            }
        })?;
        Ok(passes)
    }

    /// Numbers in a range: blocks whose own range lies outside have none.
    fn range(&self, column: usize, bounds: &Bounds) -> Passes {
        let mut passes = self.unknown();
        let ends = [&bounds.low, &bounds.high].map(|b| b.as_ref().map(|b| b.number));
        // A bound that is no number is compared as text.
        if ends.contains(&Some(None)) {
            return passes;
        }
        let [low, high] = ends.map(Option::flatten);
        self.rule_out(column, &mut passes, |least, most| {
            low.is_some_and(|low| most < low) || high.is_some_and(|high| least > high)
        });
        passes
    }

    fn equals(&self, column: usize, text: &str) -> Passes {
        let mut passes = self.unknown();
        let number: Option<f64> = text.parse().ok();
        self.rule_out(column, &mut passes, |least, most| match number {
            Some(x) => x < least || x > most,
            None => false,
        });
        passes
    }

    /// Takes blocks of a column of numbers out by their ranges; those without numbers anyway.
    fn rule_out(&self, column: usize, passes: &mut Passes, is_out: impl Fn(f64, f64) -> bool) {
        let ranges = &self.file.head.ranges[column];
        for (pass, &number) in passes.iter_mut().zip(self.numbers) {
            match ranges.get(number as usize) {
                Some((least, most)) if least.is_nan() || is_out(*least, *most) => pass.most = 0,
                _ => {}
            }
        }
    }

    /// What the map says of a field.
    fn rest(&self, field: &Field, test: &Test) -> Result<Passes> {
        let head = &self.file.head;
        let in_rest = match head.field(field) {
            Some(counts) => counts.rest > 0,
            None => !head.fields_complete,
        };
        if !in_rest {
            return Ok(self.none());
        }
        if !head.known.rare {
            return Ok(self.unknown());
        }
        let name = super::head::stored_name(field);
        let has_key = self.term(&[&[KEY], name.as_bytes()].concat())?;
        let most = match test {
            Test::Equals(text) if text.len() <= TERM_BYTES_MAX => self.rest_equals(&name, text)?,
            _ => self.unknown(),
        };
        let least_of = |(key, most): (Pass, Pass)| Pass { least: 0, most: key.most.min(most.most) };
        Ok(has_key.into_iter().zip(most).map(least_of).collect())
    }

    fn rest_equals(&self, name: &str, text: &str) -> Result<Passes> {
        let mut meant = vec![Value::Text(text.into())];
        meant.extend(text.parse().ok().filter(|x: &f64| x.is_finite()).map(Value::Float));
        meant.extend(["true", "false"].iter().position(|b| *b == text).map(|i| Value::Bool(i == 0)));
        let mut passes = self.none();
        let mut term = Vec::new();
        for value in meant {
            rest_term(name.as_bytes(), &value, &mut term);
            for ((pass, more), rows) in passes.iter_mut().zip(self.term(&term)?).zip(self.rows()) {
                pass.most = (pass.most + more.most).min(rows);
            }
        }
        Ok(passes)
    }
}
