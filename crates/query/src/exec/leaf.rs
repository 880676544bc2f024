//! A metric query: select, resolve groups, reserve memory, scan, and make columns of what comes.

use super::Session;
use super::groups::{Grouping, Groups, Selection};
use super::reading::Reading;
use super::sample::Buckets;
use super::scan::SampleJob;
use super::sketch::SketchJob;
use super::space::GroupColumns;
use super::table::{Column, Table};
use crate::lang::{Aggregator, ParseError};
use crate::plan::{Convert, Fill, Grid, Leaf};
use crate::{Error, Result};
use oriel_model::{HostTags, Kind};
use oriel_store::{Matcher, SeriesEntry};
use std::sync::Arc;

/// How far before the range the total is looked for that the first increase starts from: Prometheus' own look-back.
const LOOK_BACK_MS: i64 = 300_000;

/// What a leaf found.
struct Found {
    entries: Vec<SeriesEntry>,
    name: Arc<str>,
    kind: Kind,
}

impl Session<'_> {
    pub(super) fn leaf(&mut self, leaf: &Leaf, grid: Grid) -> Result<Table> {
        let reading = Reading::new(leaf, grid.step_ms);
        let widest = Pads::of(leaf, grid, true).buckets(grid).range();
        let host_tags = self.host_tags(leaf, grid);
        let selection = Selection::of(&leaf.matcher, &host_tags, grid.data());
        let (entries, name) = self.select(&leaf.metric, &selection.matcher, widest)?;
        let found = self.of_one_kind(entries, name);
        let grouping = Grouping {
            by: &leaf.by,
            matcher: &leaf.matcher,
            exact: selection.exact,
            grid,
            host_tags: &host_tags,
        };
        let groups = grouping.resolve(&found.entries);
        if groups.members.is_empty() {
            self.notes.push(format!("no series of {} match in this range", leaf.metric));
            return Ok(Table { grid, by: leaf.by.clone(), columns: Vec::new() });
        }
        check_aggregator(leaf, found.kind)?;
        if found.kind == Kind::Distribution {
            return self.sketches(leaf, grid, found, groups);
        }
        let interpolates = leaf.fill.is_some() || found.entries.iter().any(|e| e.kind == Kind::Gauge);
        let pads = Pads::of(leaf, grid, interpolates);
        let buckets = pads.buckets(grid);
        let mut range = buckets.range();
        range.end = range.end.min(self.as_of_ms);
        if found.entries.iter().any(|e| reading.takes_increases(e.kind)) {
            range.start -= LOOK_BACK_MS.max(grid.step_ms);
        }
        let job = Arc::new(SampleJob {
            reader: Arc::clone(&self.reader),
            keys: found.entries.iter().map(|e| e.key).collect(),
            entries: found.entries,
            groups,
            range,
            buckets,
            pad: pads.before,
            len: grid.len,
            reading,
            fill: if self.open_gaps { opened(leaf.fill) } else { leaf.fill },
            delta: leaf.delta,
            convert: leaf.convert,
            weighted: leaf.weighted,
            aggregator: leaf.aggregator,
            cancel: self.cancel.clone(),
            deadline: self.deadline,
        });
        let parts = job.parts(self.pool.threads());
        let group_bytes = GroupColumns::bytes_per_bucket(leaf.aggregator) * parts.max(1) + 8;
        let _reserved = self
            .reader
            .reserve(job.groups.values.len() * grid.len * group_bytes + buckets.len * 32 * parts)?;
        let columns = job.run(&self.pool, parts)?;
        let column = |group: usize| columns.column(group);
        Ok(Shown { leaf, grid, name: &found.name, kind: found.kind }.table(&job.groups, &column))
    }

    fn sketches(&mut self, leaf: &Leaf, grid: Grid, found: Found, groups: Groups) -> Result<Table> {
        let job = SketchJob {
            reader: Arc::clone(&self.reader),
            keys: found.entries.iter().map(|e| e.key).collect(),
            grid,
            groups,
            aggregator: leaf.aggregator,
            convert: leaf.convert,
            fill: leaf.fill,
            delta: leaf.delta,
            cancel: self.cancel.clone(),
            deadline: self.deadline,
        };
        let _reserved = self.reader.reserve(job.bytes())?;
        let answer = job.run()?;
        if answer.mixed_mappings {
            self.notes.push(format!(
                "sketches of {} have unequal mappings and were merged by value: percentiles carry the error of both",
                found.name
            ));
        }
        let column = |group: usize| answer.columns[group].clone();
        Ok(Shown { leaf, grid, name: &found.name, kind: found.kind }.table(&job.groups, &column))
    }

    /// Samples and sketches don't add up: of a metric that has both, the more common kind is shown.
    fn of_one_kind(&mut self, entries: Vec<SeriesEntry>, name: Arc<str>) -> Found {
        let sketches = entries.iter().filter(|e| e.kind == Kind::Distribution).count();
        let shown = sketches * 2 > entries.len();
        let all = entries.len();
        let entries: Vec<SeriesEntry> =
            entries.into_iter().filter(|e| (e.kind == Kind::Distribution) == shown).collect();
        if entries.len() < all {
            self.notes.push(format!(
                "{name} is sent as a distribution and as numbers; {} of {all} series are shown",
                entries.len()
            ));
        }
        let kind = entries.first().map_or(Kind::Gauge, |e| e.kind);
        Found { entries, name, kind }
    }

    fn host_tags(&self, leaf: &Leaf, grid: Grid) -> Arc<[HostTags]> {
        let by_host_tags = leaf.by.iter().any(|k| k != "host");
        if by_host_tags || leaf.matcher != Matcher::All {
            self.reader.host_tags(grid.data())
        } else {
            Arc::from([])
        }
    }
}

/// What a leaf's columns say of themselves.
struct Shown<'a> {
    leaf: &'a Leaf,
    grid: Grid,
    name: &'a Arc<str>,
    kind: Kind,
}

impl Shown<'_> {
    /// Groups in the order of their values.
    fn table(&self, groups: &Groups, column: &dyn Fn(usize) -> Vec<f64>) -> Table {
        let mut order: Vec<usize> = (0..groups.values.len()).collect();
        order.sort_by(|a, b| groups.values[*a].cmp(&groups.values[*b]));
        let aggregator: Arc<str> = self.leaf.aggregator.word().into();
        let counts = self.leaf.convert != Convert::None && self.kind != Kind::Gauge;
        let columns = order
            .into_iter()
            .map(|group| {
                let values = &groups.values[group];
                let scope = scope(self.leaf, values);
                Column {
                    group: Arc::clone(values),
                    values: column(group),
                    band: None,
                    outlier: None,
                    kind: self.kind,
                    counts,
                    name: Arc::clone(self.name),
                    expression: expression(self.leaf, &aggregator, &scope),
                    scope,
                    aggregator: Arc::clone(&aggregator),
                }
            })
            .collect();
        Table { grid: self.grid, by: self.leaf.by.clone(), columns }
    }
}

/// What fills towards a later value fills nothing.
fn opened(fill: Option<Fill>) -> Option<Fill> {
    let linear = fill.is_none_or(|f| f.method == crate::lang::FillMethod::Linear);
    if linear { Some(Fill::new(crate::lang::FillMethod::Null, None)) } else { fill }
}

/// Buckets read beyond the grid, so that its ends interpolate and differ as its middle does.
struct Pads {
    before: usize,
    after: usize,
}

impl Pads {
    fn of(leaf: &Leaf, grid: Grid, interpolates: bool) -> Self {
        let fill = leaf.fill.unwrap_or(Fill::new(crate::lang::FillMethod::Linear, None));
        let reach = (fill.limit_ms / grid.step_ms) as usize;
        let pad = if interpolates && reach >= 2 && !leaf.weighted { reach - 1 } else { 0 };
        // What is held on to fills up to its whole reach, and looks at nothing later.
        let holds = matches!(fill.method, crate::lang::FillMethod::Last | crate::lang::FillMethod::Zero);
        let before = if holds && !leaf.weighted { reach } else { pad };
        Self { before: before + usize::from(leaf.delta.is_some()), after: pad }
    }

    fn buckets(&self, grid: Grid) -> Buckets {
        let data = grid.data();
        Buckets {
            start_ms: data.start - self.before as i64 * grid.step_ms,
            step_ms: grid.step_ms,
            len: self.before + grid.len + self.after,
        }
    }
}

fn check_aggregator(leaf: &Leaf, kind: Kind) -> Result<()> {
    if matches!(leaf.aggregator, Aggregator::Percentile(_)) && kind != Kind::Distribution {
        let message = format!(
            "{} needs a distribution, and {} is a {}; a further layer can: p95_by(…) or .rollup(p95)",
            leaf.aggregator.word(),
            leaf.metric,
            kind.as_str()
        );
        return Err(Error::Text(ParseError::new(
            leaf.position,
            message,
            &["avg", "sum", "min", "max", "count", "stddev"],
        )));
    }
    Ok(())
}

/// The group's tags and the filter: `host:a,env:prod`; `*` when there is neither.
fn scope(leaf: &Leaf, group: &[String]) -> String {
    let mut parts: Vec<String> = leaf.by.iter().zip(group).map(|(k, v)| format!("{k}:{v}")).collect();
    if leaf.filter_text != "*" && !leaf.filter_text.is_empty() && !parts.contains(&leaf.filter_text) {
        parts.push(leaf.filter_text.clone());
    }
    if parts.is_empty() { "*".to_owned() } else { parts.join(",") }
}

fn expression(leaf: &Leaf, aggregator: &str, scope: &str) -> String {
    let metric = format!("{aggregator}:{}{{{scope}}}{}", leaf.metric, leaf.modifiers_text);
    match leaf.delta {
        Some(delta) => crate::function::delta_text(delta, &metric),
        None => metric,
    }
}
