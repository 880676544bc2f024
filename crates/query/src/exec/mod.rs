//! Running a plan over one reader: leaves scan and roll up, the rest works on their columns.

mod binary;
mod calendar;
mod deltas;
mod expect;
mod forecast;
mod groups;
mod history;
mod interpolate;
mod layer;
mod leaf;
mod matching;
mod reading;
mod rows;
mod sample;
mod scan;
mod sketch;
mod space;
mod table;

pub(crate) use deltas::apply as apply_delta;
pub(crate) use interpolate::fill_gaps;
pub(crate) use table::{ABSENT, Column, Table, Value};

use crate::plan::{Function, Grid, Leaf, Node, Plan, Shift, StepRule};
use crate::pool::Pool;
use crate::request::Request;
use crate::rows::RowAggregator;
use crate::{Result, function};
use oriel_model::{Frame, Kind, TimeMs, TimeRange};
use oriel_store::{Cancel, MetricReader, SeriesEntry};
use std::sync::Arc;
use std::time::Instant;

/// One request's run: what all its leaves share.
pub(crate) struct Session<'r> {
    reader: Arc<dyn MetricReader>,
    pool: Arc<Pool>,
    cancel: Cancel,
    deadline: Option<Instant>,
    notes: Vec<String>,
    answered: Vec<Answered>,
    rows: Option<&'r dyn RowAggregator>,
    /// Row queries give the value of this range in every bucket.
    rows_of: Option<TimeRange>,
    /// See [`Request::as_of_ms`], [`Request::open_gaps`].
    as_of_ms: TimeMs,
    open_gaps: bool,
    /// What lies behind it is future.
    now_ms: TimeMs,
}

/// A leaf's table, kept for the request's other formulas: a widget often shows `a`, `b` and `a / b`.
struct Answered {
    leaf: Leaf,
    grid: Grid,
    table: Table,
    notes: Vec<String>,
}

/// Tables kept, and values of each: 16 MiB at most.
const ANSWERED_MAX: usize = 16;
const ANSWERED_VALUES_MAX: usize = 1 << 17;

/// Other names of metrics, asked only when the name itself has no series.
const OLDER_NAMES: [(&str, &str); 2] = [
    ("postgresql.table_count", "postgresql.table.count"),
    ("postgresql.table.count", "postgresql.table_count"),
];

impl<'r> Session<'r> {
    pub(crate) fn new(reader: Arc<dyn MetricReader>, pool: Arc<Pool>, request: &Request) -> Self {
        Self {
            reader,
            pool,
            cancel: request.cancel.clone(),
            deadline: request.deadline,
            notes: Vec::new(),
            answered: Vec::new(),
            rows: None,
            rows_of: request.row_totals.then_some(request.range),
            as_of_ms: request.as_of_ms.unwrap_or(TimeMs::MAX),
            open_gaps: request.open_gaps,
            now_ms: request.now_ms.min(request.as_of_ms.unwrap_or(TimeMs::MAX)),
        }
    }

    pub(crate) fn with_rows(self, rows: Option<&'r dyn RowAggregator>) -> Self {
        Self { rows, ..self }
    }

    pub(crate) fn run(&mut self, plan: &Plan) -> Result<Frame> {
        self.notes.clear();
        let mut rule = StepRule::new(plan);
        let interval_s =
            if rule.needs_interval(&plan.root) { self.interval_s(&plan.root, plan.range)? } else { 0 };
        let step_ms = rule.step_ms(&plan.root, interval_s);
        let grid = Grid::covering(plan.range, step_ms);
        let value = self.eval(&plan.root, grid, &mut rule)?;
        let table = match value {
            Value::Table(table) => table,
            Value::Number(number) => constant(number, grid),
        };
        let mut notes = std::mem::take(&mut self.notes);
        notes.append(&mut rule.notes);
        notes.dedup();
        Ok(table.into_frame(plan.now_ms, notes))
    }

    fn eval(&mut self, node: &Node, grid: Grid, rule: &mut StepRule) -> Result<Value> {
        self.check_deadline()?;
        Ok(match node {
            Node::Number(number) => Value::Number(*number),
            Node::Leaf(leaf) => Value::Table(self.answer_leaf(leaf, grid)?),
            Node::Rows(query) => Value::Table(self.row_query(query, grid)?),
            Node::Negative(inner) => binary::negative(self.eval(inner, grid, rule)?),
            Node::Apply { function: Function::Anomalies(spec), input } => {
                self.anomalies(spec, input, grid, rule)?
            }
            Node::Apply { function: Function::Forecast(spec), input } => {
                self.forecast(spec, input, grid, rule)?
            }
            Node::Apply { function, input } => {
                let back = function::look_back(function, grid.step_ms);
                let input = self.eval(input, grid.looking_back(back), rule)?;
                match function::apply(function, input) {
                    Value::Table(table) => Value::Table(table.trimmed(back)),
                    number @ Value::Number(_) => number,
                }
            }
            Node::Binary(binary) => {
                let left = self.eval(&binary.left, grid, rule)?;
                let right = self.eval(&binary.right, grid, rule)?;
                binary::combine(binary, left, right)?
            }
            Node::Shift { shift, input } => self.shifted(*shift, input, grid, rule)?,
            Node::Rollup(layer) => {
                let inner_s = self.interval_s(&layer.input, grid.data())?;
                let inner = grid.refined(rule.inner_ms(&layer.input, grid.step_ms, inner_s));
                let input = self.eval(&layer.input, inner, rule)?;
                layer::over_time(layer, input, grid)
            }
            Node::Group(layer) => {
                let input = self.eval(&layer.input, grid, rule)?;
                layer::over_groups(layer, input)
            }
        })
    }

    /// A leaf's table, read once a request.
    fn answer_leaf(&mut self, leaf: &Leaf, grid: Grid) -> Result<Table> {
        if let Some(known) = self.answered.iter().find(|a| a.grid == grid && a.leaf == *leaf) {
            self.notes.extend(known.notes.iter().cloned());
            return Ok(known.table.clone());
        }
        let noted = self.notes.len();
        let table = self.leaf(leaf, grid)?;
        if self.answered.len() < ANSWERED_MAX && table.columns.len() * grid.len <= ANSWERED_VALUES_MAX {
            let notes = self.notes[noted..].to_vec();
            self.answered.push(Answered { leaf: leaf.clone(), grid, table: table.clone(), notes });
        }
        Ok(table)
    }

    fn shifted(&mut self, shift: Shift, input: &Node, grid: Grid, rule: &mut StepRule) -> Result<Value> {
        let (by_ms, label) = match shift {
            Shift::Ms(ms) => (ms, format!("timeshift({{}}, {})", ms / 1000)),
            Shift::Calendar(span) => {
                (calendar::shift_ms(grid.start_ms, span), "calendar_shift({})".to_owned())
            }
        };
        let mut value = self.eval(input, grid.shifted(by_ms), rule)?;
        if let Value::Table(table) = &mut value {
            table.grid.shift_ms -= by_ms;
            for column in &mut table.columns {
                column.wrap(|inner| label.replace("{}", inner));
            }
        }
        Ok(value)
    }

    /// Seconds between points of an expression's metrics: of each metric the series in the middle, of them the longest.
    fn interval_s(&self, node: &Node, range: TimeRange) -> Result<u32> {
        let mut leaves = Vec::new();
        node.leaves(&mut |leaf| leaves.push(leaf));
        let mut longest = 0;
        for leaf in leaves {
            let (entries, _) = self.select(&leaf.metric, &leaf.matcher, range)?;
            let mut intervals: Vec<u32> = entries.iter().map(|e| e.interval_s).collect();
            intervals.sort_unstable();
            longest = longest.max(intervals.get(intervals.len() / 2).copied().unwrap_or(0));
        }
        Ok(longest)
    }

    /// Series of a metric by its name, else by its other name; the name that was found.
    fn select(
        &self,
        metric: &str,
        matcher: &oriel_store::Matcher,
        range: TimeRange,
    ) -> Result<(Vec<SeriesEntry>, Arc<str>)> {
        let entries = self.reader.select(metric, matcher, range)?;
        if entries.is_empty()
            && let Some((_, other)) = OLDER_NAMES.iter().find(|(name, _)| *name == metric)
        {
            let entries = self.reader.select(other, matcher, range)?;
            if !entries.is_empty() {
                return Ok((entries, Arc::from(*other)));
            }
        }
        Ok((entries, Arc::from(metric)))
    }

    fn check_deadline(&self) -> Result<()> {
        if self.cancel.is_cancelled() || self.deadline.is_some_and(|d| Instant::now() >= d) {
            return Err(oriel_store::Error::Cancelled.into());
        }
        Ok(())
    }
}

/// A number as a line.
fn constant(number: f64, grid: Grid) -> Table {
    let text = number.to_string();
    let column = Column {
        group: Arc::from([]),
        values: vec![number; grid.len],
        band: None,
        outlier: None,
        kind: Kind::Gauge,
        counts: false,
        name: Arc::from(text.as_str()),
        expression: text,
        scope: "*".to_owned(),
        aggregator: Arc::from("avg"),
    };
    Table { grid, by: Vec::new(), columns: vec![column] }
}
