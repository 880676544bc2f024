//! Whether a row of a batch can pass a filter, told from its columns alone.
//!
//! Tests on core words (`source:nginx`, `service:web`) are decided once for each different word of the batch; whatever else a
//! filter asks is left to the whole row. "May pass" is therefore never wrong about a row that passes.

use oriel_model::{Core, Field, Filter, Row, RowBatch};

/// See the module's head.
pub(crate) struct Admission<'a> {
    batch: &'a RowBatch,
    rule: Rule,
}

enum Rule {
    /// Needs the whole row, or takes all.
    Perhaps,
    /// By the word of a core column: whether each passes.
    Word(usize, Vec<bool>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
}

impl<'a> Admission<'a> {
    pub(crate) fn new(filter: &Filter, batch: &'a RowBatch) -> Self {
        Self { rule: rule(filter, batch), batch }
    }

    pub(crate) fn may_pass(&self, row: usize) -> bool {
        passes(&self.rule, self.batch, row)
    }
}

fn passes(rule: &Rule, batch: &RowBatch, row: usize) -> bool {
    match rule {
        Rule::Perhaps => true,
        Rule::Word(column, passing) => {
            let word = batch.words[*column].rows.get(row).map_or(0, |&w| w as usize);
            passing.get(word).copied().unwrap_or(true)
        }
        Rule::All(rules) => rules.iter().all(|r| passes(r, batch, row)),
        Rule::Any(rules) => rules.iter().any(|r| passes(r, batch, row)),
    }
}

fn rule(filter: &Filter, batch: &RowBatch) -> Rule {
    match filter {
        Filter::And(all) => Rule::All(all.iter().map(|f| rule(f, batch)).collect()),
        Filter::Or(any) => Rule::Any(any.iter().map(|f| rule(f, batch)).collect()),
        Filter::Is(Field::Core(core), _) => by_word(filter, *core, batch),
        Filter::Not(inner) => match &**inner {
            Filter::Is(Field::Core(core), _) => by_word(filter, *core, batch),
            _ => Rule::Perhaps,
        },
        Filter::All | Filter::Is(..) | Filter::Words(_) | Filter::Anywhere(_) => Rule::Perhaps,
    }
}

/// Asks the filter about a row that has nothing but the word.
fn by_word(filter: &Filter, core: Core, batch: &RowBatch) -> Rule {
    let Some(column) = core.text_index().filter(|&i| i < Core::WORDS) else { return Rule::Perhaps };
    let mut row = Row::new(0);
    let mut passing = Vec::with_capacity(batch.words[column].values.len());
    for word in &batch.words[column].values {
        row.set_text(core, word.as_ref());
        passing.push(filter.matches(&row));
    }
    if passing.is_empty() {
        // No row has a word: all are the empty one.
        passing.push(filter.matches(&row));
    }
    Rule::Word(column, passing)
}
