//! Pipelines in order: which rows pass through which, and what comes out.
//!
//! Invariants: a row is never lost (one that its pipelines would make unacceptable is kept as it came); a row that no filter
//! takes is copied column by column and never made a [`Row`]; without enabled pipelines a batch is not touched at all.

use crate::admit::Admission;
use crate::definition::{PipelineDefinition, ProcessorDefinition};
use crate::explain::{Explained, Recorder};
use crate::process::{Done, Step};
use crate::rebuild::Rebuild;
use crate::{Error, Result};
use oriel_model::{Filter, Limits, Row, RowBatch, TimeRange};

/// Parses a search query.
pub type Parse<'a> = &'a dyn Fn(&str) -> std::result::Result<Filter, String>;

/// Pipelines of one organisation.
pub const PIPELINES_MAX: usize = 500;
/// Processors of one pipeline; the product people know advises at most 20.
const PROCESSORS_MAX: usize = 200;

/// Compiled pipelines, in their order.
#[derive(Default)]
pub struct Pipelines {
    enabled: Vec<Nested>,
}

/// A filter and what is done with the rows it takes.
pub(crate) struct Nested {
    filter: Filter,
    name: String,
    steps: Vec<Step>,
}

impl Pipelines {
    /// Compiles those that are enabled; all of them must be in order.
    pub fn compile(definitions: &[PipelineDefinition], parse: Parse<'_>) -> Result<Self> {
        if definitions.len() > PIPELINES_MAX {
            return Err(Error::TooMany { what: "pipelines", n: definitions.len(), max: PIPELINES_MAX });
        }
        let mut enabled = Vec::new();
        for definition in definitions {
            let query = definition.filter.as_ref().map_or("", |f| f.query.as_str());
            let of = format!("pipeline {:?}", definition.name);
            let compiled = Nested::compile(&of, query, &definition.processors, parse)?;
            if definition.is_enabled {
                enabled.push(Nested { name: definition.name.clone(), ..compiled });
            }
        }
        Ok(Self { enabled })
    }

    pub fn is_empty(&self) -> bool {
        self.enabled.is_empty()
    }

    /// Passes a row through; whether any pipeline took it.
    pub fn apply(&self, row: &mut Row) -> bool {
        let mut done = Done::default();
        let mut taken = false;
        for pipeline in &self.enabled {
            taken |= pipeline.apply(row, &mut done);
        }
        taken
    }

    /// Passes a batch through. Rows that would break `limits` or leave `accepted` stay as they came.
    pub fn run(&self, batch: RowBatch, limits: &Limits, accepted: TimeRange) -> RowBatch {
        if self.enabled.is_empty() || batch.is_empty() {
            return batch;
        }
        let admissions: Vec<Admission<'_>> =
            self.enabled.iter().map(|p| Admission::new(&p.filter, &batch)).collect();
        let may_pass = |row: usize| admissions.iter().any(|a| a.may_pass(row));
        if !(0..batch.len()).any(may_pass) {
            return batch;
        }
        let mut rebuild = Rebuild::new(&batch, limits, accepted);
        for at in 0..batch.len() {
            if !may_pass(at) {
                rebuild.copy(at);
                continue;
            }
            let mut row = batch.row(at);
            if self.apply(&mut row) {
                rebuild.push_or_copy(&row, at);
            } else {
                rebuild.copy(at);
            }
        }
        rebuild.finish()
    }

    /// Passes a row through and tells what each processor did.
    pub fn explain(&self, mut row: Row) -> Explained {
        let mut recorder = Recorder::default();
        let mut done = Done::default();
        for pipeline in &self.enabled {
            pipeline.explain(&mut row, &mut done, &mut recorder);
        }
        recorder.finish(row)
    }
}

impl Nested {
    pub(crate) fn compile(
        of: &str,
        query: &str,
        processors: &[ProcessorDefinition],
        parse: Parse<'_>,
    ) -> Result<Self> {
        if processors.len() > PROCESSORS_MAX {
            let n = processors.len();
            return Err(Error::TooMany { what: "processors of a pipeline", n, max: PROCESSORS_MAX });
        }
        let filter = filter(of, query, parse)?;
        let mut steps = Vec::new();
        for processor in processors {
            let step = Step::compile(processor, parse)?;
            // Off ones are compiled too, so that switching one on is no surprise.
            if processor.is_enabled {
                steps.push(step);
            }
        }
        Ok(Self { filter, name: of.to_owned(), steps })
    }

    pub(crate) fn apply(&self, row: &mut Row, done: &mut Done) -> bool {
        if !self.filter.matches(row) {
            return false;
        }
        for step in &self.steps {
            step.apply(row, done);
        }
        true
    }

    pub(crate) fn explain(&self, row: &mut Row, done: &mut Done, recorder: &mut Recorder) {
        let taken = self.filter.matches(row);
        recorder.pipeline(&self.name, taken);
        if !taken {
            return;
        }
        for step in &self.steps {
            recorder.step(step, row, done);
        }
    }
}

/// A filter of a definition; an empty query takes every row.
pub(crate) fn filter(of: &str, query: &str, parse: Parse<'_>) -> Result<Filter> {
    if matches!(query.trim(), "" | "*") {
        return Ok(Filter::All);
    }
    parse(query).map_err(|why| Error::Query { of: of.to_owned(), query: query.to_owned(), why })
}
