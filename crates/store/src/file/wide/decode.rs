//! Pages of a wide file as values, and the cache of those that are asked for again.

use super::pack::take_delta;
use super::page::{
    DELTA, DELTA_LENGTH, DICTIONARY, PLAIN, RawPage, take_levels, take_places, take_plain_texts, take_texts,
    take_words,
};
use super::schema::Kind;
use crate::file::cache::{Cache, Held};
use crate::file::values::{Damage, Decoded};
use arrow_array::{Array, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use bytes::Bytes;
use std::sync::{Arc, LazyLock};

/// One thing of an open file, decoded.
pub(crate) enum Piece {
    Packed(Packed),
    Dictionary(Dictionary),
    /// A page of the dictionary of terms, decompressed.
    Terms(Bytes),
}

impl Held for Piece {
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Packed(packed) => packed.bytes(),
                Self::Dictionary(Dictionary::Texts(texts)) => texts.get_array_memory_size(),
                Self::Dictionary(Dictionary::Words(words)) => words.len() * 8,
                Self::Terms(bytes) => bytes.len(),
            }
    }
}

/// Decoded pieces of wide files.
pub(crate) type WideCache = Cache<Piece>;

impl WideCache {
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<WideCache> = LazyLock::new(WideCache::default);
        &SHARED
    }
}

/// Distinct values of a column chunk.
#[derive(Clone)]
pub(crate) enum Dictionary {
    Texts(Arc<StringArray>),
    Words(Arc<[u64]>),
}

/// A page's values. Rows without a value take no place.
pub(crate) struct Packed {
    pub(super) rows: usize,
    /// Which rows have a value; `None` when all have. Of the map: which slots.
    pub(super) present: Option<NullBuffer>,
    /// Of the map: whether a slot goes on with the last one's row.
    pub(super) repeats: Vec<u32>,
    pub(super) values: PackedValues,
}

pub(crate) enum PackedValues {
    Places(Vec<u32>, Arc<StringArray>),
    Texts(StringArray),
    Words(Vec<u64>),
    Ids(Vec<u128>),
}

impl PackedValues {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Places(places, _) => places.len(),
            Self::Texts(texts) => texts.len(),
            Self::Words(words) => words.len(),
            Self::Ids(ids) => ids.len(),
        }
    }

    /// A text; empty for numbers.
    pub(super) fn text(&self, i: usize) -> &str {
        match self {
            Self::Places(places, texts) => texts.value(places[i] as usize),
            Self::Texts(texts) => texts.value(i),
            Self::Words(_) | Self::Ids(_) => "",
        }
    }
}

impl Packed {
    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            PackedValues::Places(places, _) => places.len() * 4,
            PackedValues::Texts(texts) => texts.get_array_memory_size(),
            PackedValues::Words(words) => words.len() * 8,
            PackedValues::Ids(ids) => ids.len() * 16,
        };
        values + self.repeats.len() * 4 + self.present.as_ref().map_or(0, |p| p.len() / 8)
    }

    /// Shows each row that has a value with the value's place.
    pub(super) fn each_row(&self, mut show: impl FnMut(usize, usize)) {
        match &self.present {
            None => (0..self.rows).for_each(|row| show(row, row)),
            Some(present) => present.valid_indices().enumerate().for_each(|(at, row)| show(row, at)),
        }
    }
}

/// A dictionary page's values.
pub(super) fn dictionary(page: &RawPage, kind: Kind) -> Decoded<Dictionary> {
    if page.encoding != i64::from(PLAIN) {
        return Err(Damage::new("a dictionary of an unknown encoding"));
    }
    Ok(match kind {
        Kind::Text | Kind::RestKey | Kind::RestValue => {
            Dictionary::Texts(Arc::new(take_plain_texts(&page.body, page.slots)?))
        }
        _ => Dictionary::Words(take_words(&page.body, page.slots)?.into()),
    })
}

/// A data page's values. `rows` is what the head says of the block.
pub(super) fn packed(
    page: &RawPage,
    kind: Kind,
    dictionary: Option<&Dictionary>,
    rows: usize,
) -> Decoded<Packed> {
    let is_map = matches!(kind, Kind::RestKey | Kind::RestValue);
    // A slot takes a level, and those take no memory worth a bound below this: entries of one block.
    const SLOTS_MAX: usize = 8_192 * 1024;
    if page.slots > SLOTS_MAX || (!is_map && page.slots != rows) {
        return Err(Damage::new(format!("{} values in a page of {rows} rows", page.slots)));
    }
    let (repeats, body) =
        if is_map { take_levels(&page.body, page.slots)? } else { (Vec::new(), page.body.clone()) };
    if is_map && repeats.iter().filter(|r| **r == 0).count() != rows {
        return Err(Damage::new("a map of another number of rows"));
    }
    let (present, body) = match kind {
        Kind::Time => (None, body),
        _ => {
            let (levels, body) = take_levels(&body, page.slots)?;
            let nulls = NullBuffer::new(BooleanBuffer::collect_bool(levels.len(), |i| levels[i] == 1));
            (Some(nulls).filter(|n| n.null_count() > 0), body)
        }
    };
    let n = page.slots - present.as_ref().map_or(0, NullBuffer::null_count);
    let values = values((page.encoding, &body), kind, dictionary, n)?;
    if values.len() != n {
        return Err(Damage::new("a page of another number of values"));
    }
    Ok(Packed { rows, present, repeats, values })
}

fn values(
    (encoding, body): (i64, &Bytes),
    kind: Kind,
    dictionary: Option<&Dictionary>,
    n: usize,
) -> Decoded<PackedValues> {
    let is = |code: u8| encoding == i64::from(code);
    if is(DICTIONARY) {
        return match dictionary {
            Some(Dictionary::Texts(texts)) => {
                Ok(PackedValues::Places(take_places(body, texts.len(), n)?, Arc::clone(texts)))
            }
            Some(Dictionary::Words(words)) => {
                let places = take_places(body, words.len(), n)?;
                Ok(PackedValues::Words(places.iter().map(|&p| words[p as usize]).collect()))
            }
            None => Err(Damage::new("a page without its dictionary")),
        };
    }
    match kind {
        Kind::Text | Kind::Message | Kind::RestKey | Kind::RestValue if is(DELTA_LENGTH) => {
            Ok(PackedValues::Texts(take_texts(body, n)?))
        }
        Kind::Time | Kind::Int | Kind::Uint if is(DELTA) => {
            let (numbers, _) = take_delta(body, n)?;
            Ok(PackedValues::Words(numbers.into_iter().map(|n| n as u64).collect()))
        }
        Kind::TraceId if is(PLAIN) && body.len() == n.saturating_mul(16) => {
            Ok(PackedValues::Ids(body.as_chunks::<16>().0.iter().map(|b| u128::from_be_bytes(*b)).collect()))
        }
        Kind::Bool if is(PLAIN) && body.len() == n.div_ceil(8) => {
            Ok(PackedValues::Words((0..n).map(|i| u64::from(body[i / 8] >> (i % 8) & 1)).collect()))
        }
        Kind::Int | Kind::Uint | Kind::Float | Kind::SpanId if is(PLAIN) => {
            Ok(PackedValues::Words(take_words(body, n)?))
        }
        _ => Err(Damage::new(format!("a page of encoding {encoding} where it can't be"))),
    }
}
