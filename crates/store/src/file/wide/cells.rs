//! The values of one column in the row group that is being written.
//!
//! Values are packed: a row without one takes no place. `rows` says which row of the group each value is of.

use super::dictionary::Dictionary;
use super::pack::put_delta;
use super::page::{
    DELTA, DELTA_LENGTH, DICTIONARY, PLAIN, PageBody, put_levels, put_places, put_plain_texts, put_texts,
    put_words,
};
use super::schema::Kind;
use hashbrown::HashMap;
use std::ops::Range;

/// Distinct values past this make a dictionary that costs its readers more than it saves.
const DICTIONARY_MAX: usize = 16 << 10;
/// Bytes of a dictionary's texts, at most.
const DICTIONARY_BYTES_MAX: usize = 1 << 20;

#[derive(Default)]
pub(super) struct Cells {
    pub(super) rows: Vec<u32>,
    pub(super) values: Values,
}

pub(super) enum Values {
    /// Places in a dictionary of all texts.
    Texts(Vec<u32>, Dictionary),
    /// Texts as they come, and where each ends.
    Bytes(Vec<u8>, Vec<u32>),
    /// Numbers and truth values as 64 bits.
    Words(Vec<u64>),
    Ids(Vec<u128>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Words(Vec::new())
    }
}

/// How a column chunk's pages lie.
pub(super) enum Plan {
    Plain,
    /// Distinct numbers, and the place of each value.
    Numbers(Vec<u64>, Vec<u32>),
    Texts,
    Lengths,
    Delta,
}

impl Cells {
    pub(super) fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text | Kind::RestKey | Kind::RestValue => Values::Texts(Vec::new(), Dictionary::default()),
            Kind::Message => Values::Bytes(Vec::new(), Vec::new()),
            Kind::TraceId => Values::Ids(Vec::new()),
            _ => Values::Words(Vec::new()),
        };
        Self { rows: Vec::new(), values }
    }

    /// Adds a text; how many bytes it takes.
    pub(super) fn text(&mut self, row: u32, text: &[u8]) -> usize {
        self.rows.push(row);
        match &mut self.values {
            Values::Texts(ids, dictionary) => ids.push(dictionary.id(text)),
            Values::Bytes(bytes, ends) => {
                bytes.extend_from_slice(text);
                ends.push(bytes.len() as u32);
            }
            Values::Words(_) | Values::Ids(_) => {}
        }
        text.len()
    }

    /// Where the dictionary has the text that was added last.
    pub(super) fn last_place(&self) -> u32 {
        match &self.values {
            Values::Texts(ids, _) => ids.last().copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// Adds a text that the dictionary has.
    pub(super) fn place(&mut self, row: u32, id: u32) {
        self.rows.push(row);
        if let Values::Texts(ids, _) = &mut self.values {
            ids.push(id);
        }
    }

    pub(super) fn word(&mut self, row: u32, bits: u64) {
        self.rows.push(row);
        if let Values::Words(words) = &mut self.values {
            words.push(bits);
        }
    }

    pub(super) fn id(&mut self, row: u32, id: u128) {
        self.rows.push(row);
        if let Values::Ids(ids) = &mut self.values {
            ids.push(id);
        }
    }

    /// The values of some rows of the group.
    pub(super) fn of_rows(&self, rows: &Range<u32>) -> Range<usize> {
        let begin = self.rows.partition_point(|&r| r < rows.start);
        begin..begin + self.rows[begin..].partition_point(|&r| r < rows.end)
    }

    /// Decides on the layout once all values are here.
    pub(super) fn plan(&self, kind: Kind) -> Plan {
        match &self.values {
            Values::Texts(ids, dictionary) => {
                let total: usize = ids.len() * (4 + dictionary.text_bytes() / dictionary.len().max(1));
                let fits = !ids.is_empty()
                    && dictionary.len() <= DICTIONARY_MAX
                    && dictionary.text_bytes() <= DICTIONARY_BYTES_MAX;
                if fits && dictionary.text_bytes() * 2 <= total { Plan::Texts } else { Plan::Lengths }
            }
            Values::Bytes(..) => Plan::Lengths,
            Values::Ids(_) => Plan::Plain,
            Values::Words(words) => match kind {
                Kind::Time => Plan::Delta,
                Kind::Bool | Kind::SpanId => Plan::Plain,
                kind => match numbers(words) {
                    Some((distinct, places)) => Plan::Numbers(distinct, places),
                    None if kind == Kind::Int && small_steps(words) => Plan::Delta,
                    None => Plan::Plain,
                },
            },
        }
    }

    /// The dictionary page, where the plan has one.
    pub(super) fn dictionary_page(&self, plan: &Plan) -> Option<PageBody> {
        let mut page = PageBody { encoding: PLAIN, ..PageBody::default() };
        match (plan, &self.values) {
            (Plan::Numbers(distinct, _), _) => {
                page.slots = distinct.len();
                put_words(distinct.iter().copied(), &mut page.bytes);
            }
            (Plan::Texts, Values::Texts(_, dictionary)) => {
                page.slots = dictionary.len();
                put_plain_texts(dictionary.iter(), &mut page.bytes);
            }
            _ => return None,
        }
        Some(page)
    }

    /// The page of some rows; `levels` are written for every row.
    pub(super) fn page(&self, kind: Kind, plan: &Plan, rows: &Range<u32>) -> PageBody {
        let values = self.of_rows(rows);
        let mut page = PageBody { slots: rows.len(), ..PageBody::default() };
        match kind {
            Kind::Time => {}
            Kind::RestKey | Kind::RestValue => page.slots = self.put_repeats(rows, &values, &mut page.bytes),
            _ => self.put_presence(rows, &values, &mut page.bytes),
        }
        page.encoding = self.put_values(kind, plan, values, &mut page.bytes);
        page
    }

    fn put_presence(&self, rows: &Range<u32>, values: &Range<usize>, out: &mut Vec<u8>) {
        let mut levels = vec![0; rows.len()];
        self.rows[values.clone()].iter().for_each(|row| levels[(row - rows.start) as usize] = 1);
        put_levels(&levels, out);
    }

    /// Repetition and definition levels of the map; how many there are.
    fn put_repeats(&self, rows: &Range<u32>, values: &Range<usize>, out: &mut Vec<u8>) -> usize {
        let (mut repeats, mut present) = (Vec::new(), Vec::new());
        let mut at = values.start;
        for row in rows.clone() {
            let begin = at;
            while at < values.end && self.rows[at] == row {
                repeats.push(u32::from(at > begin));
                present.push(1);
                at += 1;
            }
            if at == begin {
                repeats.push(0);
                present.push(0);
            }
        }
        put_levels(&repeats, out);
        put_levels(&present, out);
        repeats.len()
    }

    fn put_values(&self, kind: Kind, plan: &Plan, range: Range<usize>, out: &mut Vec<u8>) -> u8 {
        match (plan, &self.values) {
            (Plan::Numbers(distinct, places), _) => {
                put_places(&places[range], distinct.len(), out);
                DICTIONARY
            }
            (Plan::Texts, Values::Texts(ids, dictionary)) => {
                put_places(&ids[range], dictionary.len(), out);
                DICTIONARY
            }
            (Plan::Delta, Values::Words(words)) => {
                let numbers: Vec<i64> = words[range].iter().map(|&w| w as i64).collect();
                put_delta(&numbers, out);
                DELTA
            }
            (_, Values::Texts(ids, dictionary)) => {
                put_texts(ids[range].iter().map(|&id| dictionary.get(id)), out);
                DELTA_LENGTH
            }
            (_, Values::Bytes(..)) => {
                put_texts(range.map(|i| self.bytes(i)), out);
                DELTA_LENGTH
            }
            (_, Values::Ids(ids)) => {
                ids[range].iter().for_each(|id| out.extend_from_slice(&id.to_be_bytes()));
                PLAIN
            }
            (_, Values::Words(words)) if kind == Kind::Bool => {
                let bits = words[range].chunks(8);
                out.extend(
                    bits.map(|bits| bits.iter().rev().fold(0u8, |byte, &b| byte << 1 | u8::from(b != 0))),
                );
                PLAIN
            }
            (_, Values::Words(words)) => {
                put_words(words[range].iter().copied(), out);
                PLAIN
            }
        }
    }

    /// The text of one value.
    pub(super) fn bytes(&self, i: usize) -> &[u8] {
        match &self.values {
            Values::Texts(ids, dictionary) => dictionary.get(ids[i]),
            Values::Bytes(bytes, ends) => {
                let begin = if i == 0 { 0 } else { ends[i - 1] as usize };
                &bytes[begin..ends[i] as usize]
            }
            Values::Words(_) | Values::Ids(_) => &[],
        }
    }
}

/// Distinct numbers and the place of each, when a dictionary pays: a place takes at most 14 bits.
fn numbers(words: &[u64]) -> Option<(Vec<u64>, Vec<u32>)> {
    let mut index: HashMap<u64, u32> = HashMap::new();
    let (mut distinct, mut places) = (Vec::new(), Vec::with_capacity(words.len()));
    for &word in words {
        let next = distinct.len() as u32;
        let place = *index.entry(word).or_insert_with(|| {
            distinct.push(word);
            next
        });
        places.push(place);
        let many =
            distinct.len() > DICTIONARY_MAX || (distinct.len() > 1024 && distinct.len() * 4 > words.len());
        if many {
            return None;
        }
    }
    (!words.is_empty()).then_some((distinct, places))
}

/// Whether neighbours differ by less than the numbers themselves take.
fn small_steps(words: &[u64]) -> bool {
    words.windows(2).all(|w| (w[1] as i64).wrapping_sub(w[0] as i64).unsigned_abs() < 1 << 40)
}
