//! Sensitive data, taken out of rows before anything of them is stored.
//!
//! Rules are regular expressions over messages, names, resources, attributes and tags. One set of all expressions decides which
//! rows are touched at all; the others are copied. What a rule puts in place is never itself a match, so a row that was scrubbed
//! once stays as it is when it is scrubbed again.

mod event;
mod preset;
mod redact;

pub use preset::{PRESETS, Preset};

use crate::pipelines::Parse;
use crate::rebuild::Rebuild;
use crate::{Error, Result};
use oriel_model::{Core, Field, Filter, Limits, Row, RowBatch, Signal, TimeRange, Value, ValueRef};
use redact::{Action, Redaction};
use regex::{RegexSet, RegexSetBuilder};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// Rules of one organisation: each text meets all of them.
const RULES_MAX: usize = 200;
/// All expressions together, compiled.
const SET_BYTES_MAX: usize = 32 << 20;
/// Core texts that hold what applications write; the others are names that people gave.
const TEXTS: [Core; 3] = [Core::Message, Core::Resource, Core::Name];

/// A rule as people write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScrubDefinition {
    #[serde(default)]
    pub id: String,
    pub name: String,
    /// An expression; a group named `secret` is what is taken out of a match. Empty with a preset.
    #[serde(default)]
    pub pattern: String,
    /// One of [`PRESETS`], instead of a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// `logs`, `spans`, `events`; all of them without one.
    #[serde(default)]
    pub signal: Option<String>,
    /// Which rows; all when empty.
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub action: ScrubAction,
    #[serde(default = "replacement")]
    pub replacement: String,
    #[serde(default = "enabled")]
    pub enabled: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScrubAction {
    #[default]
    Redact,
    Hash,
    DropField,
}

fn replacement() -> String {
    "[redacted]".to_owned()
}

fn enabled() -> bool {
    true
}

/// Compiled rules.
#[derive(Default)]
pub struct Scrubber {
    rules: Vec<Rule>,
    /// Every expression, to find out whether a text is touched by any; none when they are too large together, and each is asked.
    set: Option<RegexSet>,
}

struct Rule {
    id: String,
    signal: Option<Signal>,
    filter: Filter,
    redaction: Redaction,
    matches: AtomicU64,
}

impl Scrubber {
    /// Compiles the enabled rules; counts of matches go on from `before`.
    pub fn compile(definitions: &[ScrubDefinition], parse: Parse<'_>, before: Option<&Self>) -> Result<Self> {
        if definitions.len() > RULES_MAX {
            return Err(Error::TooMany { what: "scrub rules", n: definitions.len(), max: RULES_MAX });
        }
        let mut rules = Vec::new();
        for definition in definitions {
            let rule = Rule::compile(definition, parse)?;
            if let Some(old) = before.and_then(|b| b.rules.iter().find(|r| r.id == rule.id)) {
                rule.matches.store(old.matches.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            if definition.enabled {
                rules.push(rule);
            }
        }
        let patterns = rules.iter().map(|r| r.redaction.pattern());
        let set = RegexSetBuilder::new(patterns).size_limit(SET_BYTES_MAX).build().ok();
        Ok(Self { rules, set })
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Matches so far of each enabled rule, by its id.
    pub fn matches(&self) -> Vec<(String, u64)> {
        self.rules.iter().map(|r| (r.id.clone(), r.matches.load(Ordering::Relaxed))).collect()
    }

    /// The batch without what the rules take out.
    pub fn run(&self, batch: RowBatch, limits: &Limits) -> RowBatch {
        let applies = |r: &Rule| r.signal.is_none_or(|s| s == batch.signal);
        if batch.is_empty() || !self.rules.iter().any(applies) {
            return batch;
        }
        let touched: Vec<bool> = self.touched(&batch);
        if !touched.contains(&true) {
            return batch;
        }
        let mut rebuild = Rebuild::new(&batch, limits, TimeRange::all());
        for (at, &is_touched) in touched.iter().enumerate() {
            if !is_touched {
                rebuild.copy(at);
                continue;
            }
            let mut row = batch.row(at);
            self.apply(&mut row, batch.signal);
            rebuild.push_or_empty(&row);
        }
        rebuild.finish()
    }

    /// Takes out of one row what the rules say; whether anything was.
    pub fn apply(&self, row: &mut Row, signal: Signal) -> bool {
        self.each(row, signal, |rule, n| {
            rule.matches.fetch_add(n, Ordering::Relaxed);
        })
    }

    /// The same without counting, for samples.
    pub fn apply_quietly(&self, row: &mut Row, signal: Signal) -> bool {
        self.each(row, signal, |_, _| {})
    }

    fn each(&self, row: &mut Row, signal: Signal, found: impl Fn(&Rule, u64)) -> bool {
        let mut any = false;
        for rule in self.rules.iter().filter(|r| r.signal.is_none_or(|s| s == signal)) {
            if rule.filter.matches(row) {
                let n = rule.scrub(row);
                found(rule, n);
                any |= n > 0;
            }
        }
        any
    }

    /// Which rows have a text that any expression matches.
    fn touched(&self, batch: &RowBatch) -> Vec<bool> {
        let words = |core: Core| -> Vec<bool> {
            batch.words[core as usize].values.iter().map(|v| self.is_match(v)).collect()
        };
        let by_word = [(Core::Resource, words(Core::Resource)), (Core::Name, words(Core::Name))];
        (0..batch.len())
            .map(|row| {
                let in_words = by_word.iter().any(|(core, hits)| {
                    let word = batch.words[*core as usize].rows.get(row);
                    word.is_some_and(|&w| hits.get(w as usize).copied().unwrap_or(false))
                });
                in_words
                    || self.is_match(batch.message.get(row))
                    || batch.entries(row).any(|(_, value)| self.touches(value))
            })
            .collect()
    }

    fn is_match(&self, text: &str) -> bool {
        match &self.set {
            Some(set) => set.is_match(text),
            None => self.rules.iter().any(|r| r.redaction.is_match(text)),
        }
    }

    fn touches(&self, value: ValueRef<'_>) -> bool {
        match value {
            ValueRef::Text(text) => self.is_match(text),
            ValueRef::Int(n) => self.is_match(&n.to_string()),
            ValueRef::Uint(n) => self.is_match(&n.to_string()),
            ValueRef::Float(x) => self.is_match(&x.to_string()),
            // Its JSON has escapes that its elements have not: each element is looked at when the row is.
            ValueRef::List(_) => true,
            ValueRef::Null | ValueRef::Bool(_) => false,
        }
    }
}

impl Rule {
    fn compile(definition: &ScrubDefinition, parse: Parse<'_>) -> Result<Self> {
        let of = format!("scrub rule {:?}", definition.name);
        if definition.name.trim().is_empty() {
            return Err(Error::Form("the scrub rule has no \"name\"; add one".to_owned()));
        }
        let signal = match definition.signal.as_deref() {
            None | Some("" | "all") => None,
            Some(word) => {
                let signal = Signal::parse(word).filter(|s| Signal::WIDE.contains(s));
                let why =
                    || Error::Form(format!("{of}: \"signal\" is {word:?}; write logs, spans, events or all"));
                Some(signal.ok_or_else(why)?)
            }
        };
        let action = match definition.action {
            ScrubAction::Redact => Action::Redact(definition.replacement.clone()),
            ScrubAction::Hash => Action::Hash,
            ScrubAction::DropField => Action::DropField,
        };
        let preset = match definition.preset.as_deref().filter(|p| !p.is_empty()) {
            Some(name) => Some(preset::find(name).ok_or_else(|| Error::Form(preset::unknown(&of, name)))?),
            None => None,
        };
        let pattern = preset.map_or(definition.pattern.as_str(), |p| p.pattern);
        let redaction = Redaction::compile(&of, pattern, preset.is_some_and(|p| p.luhn), action)?;
        Ok(Self {
            id: definition.id.clone(),
            signal,
            filter: crate::pipelines::filter(&of, &definition.query, parse)?,
            redaction,
            matches: AtomicU64::new(0),
        })
    }

    /// How many matches were taken out.
    fn scrub(&self, row: &mut Row) -> u64 {
        let mut found = 0;
        for core in TEXTS {
            if let Some((text, n)) = self.redaction.text(row.text(core)) {
                row.set_text(core, text.unwrap_or_default());
                found += n;
            }
        }
        let mut dropped: Vec<Field> = Vec::new();
        for (field, value) in &mut row.attributes {
            match self.redaction.value(value) {
                Some((Some(new), n)) => {
                    *value = new;
                    found += n;
                }
                Some((None, n)) => {
                    dropped.push(field.clone());
                    found += n;
                }
                None => {}
            }
        }
        for field in dropped {
            row.remove_attribute(&field);
        }
        found
    }
}

impl Redaction {
    /// The new value and how many matches it had; no value to drop it, nothing when it has no match.
    fn value(&self, value: &Value) -> Option<(Option<Value>, u64)> {
        match value {
            Value::Null | Value::Bool(_) => None,
            Value::List(list) => self.list(list),
            scalar => {
                let (text, n) = self.text(&scalar.text()?)?;
                Some((text.map(|t| Value::Text(t.into())), n))
            }
        }
    }

    fn list(&self, list: &[Value]) -> Option<(Option<Value>, u64)> {
        let (mut out, mut found) = (Vec::with_capacity(list.len()), 0);
        for element in list {
            match self.value(element) {
                None => out.push(element.clone()),
                Some((new, n)) => {
                    out.extend(new);
                    found += n;
                }
            }
        }
        (found > 0).then_some((Some(Value::List(out)), found))
    }
}
