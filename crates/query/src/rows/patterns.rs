//! Patterns: messages that differ only in values, as one line with a count. Mined from the newest rows.
//!
//! Messages with the same fixed words are one pattern; patterns of the same shape that share most words become one with a
//! placeholder where they differ.

use super::source::{Rows, RowsOf};
use super::template::{PartKind, Piece, pieces};
use crate::Result;
use hashbrown::HashMap;
use oriel_model::{Core, Row, Signal};
use oriel_store::{Cancel, ListRequest, ListedRow, Order};
use std::collections::BTreeMap;

/// Rows that are looked at: what the store lists at once.
const SAMPLE: usize = 10_000;
/// Patterns of an answer, and of one shape that are compared with each other.
const PATTERNS_MAX: usize = 200;
const SHAPE_MAX: usize = 500;
/// Values shown of a placeholder.
const EXAMPLES: usize = 5;
/// Share of words that two patterns must have in common to be one.
const ALIKE: f64 = 0.6;

#[derive(Clone, Debug, Default)]
pub struct Patterns {
    pub sampled: usize,
    /// Rows of the search in all.
    pub total: f64,
    /// By count, the largest first.
    pub patterns: Vec<PatternGroup>,
}

#[derive(Clone, Debug)]
pub struct PatternGroup {
    /// One line, placeholders as `<number>`.
    pub pattern: String,
    pub parts: Vec<Part>,
    /// Of the sampled rows, by weight.
    pub count: f64,
    pub status: BTreeMap<String, f64>,
    /// The most frequent first.
    pub services: Vec<String>,
    /// The newest row.
    pub example: ListedRow,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Value { kind: PartKind, examples: Vec<String> },
}

/// Mines patterns.
pub fn patterns<R: Rows>(rows: &R, of: &RowsOf, cancel: &Cancel) -> Result<Patterns> {
    let request = ListRequest {
        range: of.range,
        filter: of.filter.clone(),
        order: Order::Newest,
        limit: SAMPLE,
        after: None,
    };
    let page = rows.list(&request, cancel)?;
    let sampled = page.rows.len();
    let total = match page.next {
        Some(_) => rows.count(of.range, &of.filter, cancel)?,
        None => page.rows.iter().map(|listed| f64::from(listed.row.weight)).sum(),
    };
    let signal = rows.signal();
    let bytes: usize = page.rows.iter().map(|listed| text_of(signal, &listed.row).len()).sum();
    let _memory = rows.reserve(2 * bytes)?;
    let mut clusters = exact(signal, &page.rows);
    clusters = joined(clusters);
    clusters.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.first.cmp(&b.first)));
    clusters.truncate(PATTERNS_MAX);
    let patterns = clusters.into_iter().map(|cluster| cluster.shown(&page.rows)).collect();
    Ok(Patterns { sampled, total, patterns })
}

/// What a pattern is of.
fn text_of(signal: Signal, row: &Row) -> &str {
    let title = match signal {
        Signal::Spans => Core::Resource,
        Signal::Events => Core::Name,
        _ => Core::Message,
    };
    if row.text(title).is_empty() { row.text(Core::Message) } else { row.text(title) }
}

/// A place of a pattern.
enum Place<'a> {
    Gap(&'a str),
    Word(&'a str),
    Value(PartKind, Vec<&'a str>),
}

struct Cluster<'a> {
    places: Vec<Place<'a>>,
    count: f64,
    status: BTreeMap<&'a str, f64>,
    services: HashMap<&'a str, f64>,
    /// Its newest row.
    first: usize,
}

/// Rows by their fixed words.
fn exact(signal: Signal, rows: &[ListedRow]) -> Vec<Cluster<'_>> {
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, listed) in rows.iter().enumerate() {
        let row = &listed.row;
        let pieces = pieces(text_of(signal, row));
        let place = *known.entry(key(&pieces)).or_insert_with(|| {
            clusters.push(Cluster::new(&pieces, index));
            clusters.len() - 1
        });
        clusters[place].add(&pieces, row);
    }
    clusters
}

fn key(pieces: &[Piece<'_>]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Gap(text) | Piece::Word(text) => out.push_str(text),
            Piece::Value(kind, _) => {
                out.push('\u{1}');
                out.push_str(kind.as_str());
            }
        }
    }
    out
}

impl<'a> Cluster<'a> {
    fn new(pieces: &[Piece<'a>], first: usize) -> Self {
        let place = |piece: &Piece<'a>| match piece {
            Piece::Gap(text) => Place::Gap(text),
            Piece::Word(text) => Place::Word(text),
            Piece::Value(kind, _) => Place::Value(*kind, Vec::new()),
        };
        let places = pieces.iter().map(place).collect();
        Self { places, count: 0.0, status: BTreeMap::new(), services: HashMap::new(), first }
    }

    fn add(&mut self, pieces: &[Piece<'a>], row: &'a Row) {
        let weight = f64::from(row.weight);
        self.count += weight;
        *self.status.entry(row.text(Core::Status)).or_default() += weight;
        *self.services.entry(row.text(Core::Service)).or_default() += weight;
        for (place, piece) in self.places.iter_mut().zip(pieces) {
            if let (Place::Value(_, examples), Piece::Value(_, value)) = (place, piece) {
                note(examples, value);
            }
        }
    }

    /// What two patterns must share to be compared: their gaps, and what kinds of values stand where.
    fn shape(&self) -> String {
        let mut out = String::new();
        for place in &self.places {
            match place {
                Place::Gap(text) => out.push_str(text),
                Place::Word(_) => out.push('\u{2}'),
                Place::Value(kind, _) => {
                    // Words that hold digits stand where others do.
                    out.push(if *kind == PartKind::Word { '\u{2}' } else { '\u{1}' });
                }
            }
        }
        out
    }

    fn is_like(&self, other: &Self) -> bool {
        let (mut same, mut all) = (0, 0);
        for pair in self.places.iter().zip(&other.places) {
            match pair {
                (Place::Word(a), Place::Word(b)) => {
                    all += 1;
                    same += usize::from(a == b);
                }
                (Place::Word(_), Place::Value(..)) | (Place::Value(..), Place::Word(_)) => all += 1,
                _ => {}
            }
        }
        same > 0 && f64::from(same as u32) >= ALIKE * f64::from(all as u32)
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        other.status.into_iter().for_each(|(status, n)| *self.status.entry(status).or_default() += n);
        other.services.into_iter().for_each(|(service, n)| *self.services.entry(service).or_default() += n);
        for (mine, theirs) in self.places.iter_mut().zip(other.places) {
            match (&mut *mine, theirs) {
                (Place::Word(a), Place::Word(b)) if *a != b => {
                    *mine = Place::Value(PartKind::Word, vec![*a, b])
                }
                (Place::Word(a), Place::Value(_, mut examples)) => {
                    note(&mut examples, a);
                    *mine = Place::Value(PartKind::Word, examples);
                }
                (Place::Value(_, examples), Place::Word(b)) => note(examples, b),
                (Place::Value(kind, examples), Place::Value(other, more)) => {
                    if *kind != other {
                        *kind = PartKind::Word;
                    }
                    more.into_iter().for_each(|value| note(examples, value));
                }
                _ => {}
            }
        }
    }

    fn shown(self, rows: &[ListedRow]) -> PatternGroup {
        let mut parts: Vec<Part> = Vec::new();
        let mut pattern = String::new();
        for place in self.places {
            match place {
                Place::Gap(text) | Place::Word(text) => {
                    pattern.push_str(text);
                    match parts.last_mut() {
                        Some(Part::Text(before)) => before.push_str(text),
                        _ => parts.push(Part::Text(text.to_owned())),
                    }
                }
                Place::Value(kind, examples) => {
                    pattern.push_str(&format!("<{}>", kind.as_str()));
                    let examples = examples.into_iter().map(str::to_owned).collect();
                    parts.push(Part::Value { kind, examples });
                }
            }
        }
        let mut services: Vec<(&str, f64)> =
            self.services.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        services.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        PatternGroup {
            pattern,
            parts,
            count: self.count,
            status: self
                .status
                .into_iter()
                .filter(|(s, _)| !s.is_empty())
                .map(|(s, n)| (s.to_owned(), n))
                .collect(),
            services: services.into_iter().map(|(name, _)| name.to_owned()).collect(),
            example: rows[self.first].clone(),
        }
    }
}

fn note<'a>(examples: &mut Vec<&'a str>, value: &'a str) {
    if examples.len() < EXAMPLES && !examples.contains(&value) {
        examples.push(value);
    }
}

/// Patterns that are alike, put together; the largest lead.
fn joined(mut clusters: Vec<Cluster<'_>>) -> Vec<Cluster<'_>> {
    clusters.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.first.cmp(&b.first)));
    let mut shapes: HashMap<String, Vec<Cluster<'_>>> = HashMap::new();
    for cluster in clusters {
        let alike = shapes.entry(cluster.shape()).or_default();
        match alike.iter_mut().take(SHAPE_MAX).find(|other| other.is_like(&cluster)) {
            Some(other) => other.join(cluster),
            None => alike.push(cluster),
        }
    }
    shapes.into_values().flatten().collect()
}
