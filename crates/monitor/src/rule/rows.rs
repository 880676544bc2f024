//! Log, span, event and process queries: `logs("…").index("*").rollup("count").by("a,b").last("5m") > 5`.
//!
//! What can be added up over buckets (counts, sums, the least, the most) is read in buckets of a minute, so that the past is
//! tried with one read; percentiles, averages and distinct values are computed over the whole window each time.

use super::chain::Chain;
use super::formula::{self, Leaves};
use super::metric::{delay_ms, split_comparison, starts};
use super::processes;
use super::read::Reader;
use super::series::{Reduction, SeriesRule, TimeAggregation, step_of};
use super::window::Window;
use super::{Found, Kind, Target};
use oriel_model::{Field, Signal};
use oriel_query::rows::{Aggregation, Compute, GroupBy};
use oriel_query::{Named, NamedRows, Reducer, RowQuery};

/// Groups of one field that a monitor looks at: the largest first.
const GROUPS_MAX: usize = 1_000;

const METHODS: &[&str] = &["index", "rollup", "by", "last", "current"];

pub(super) fn parse(kind: Kind, query: &str, reader: &mut Reader<'_>) -> Result<Found, String> {
    let (left, comparator, critical) = split_comparison(query)?;
    let left = left.trim();
    let target = match kind {
        _ if left.starts_with("formula(") => return formula::parse(left, comparator, critical, reader),
        Kind::Process => process(left, reader)?,
        Kind::Event => event(left, reader)?,
        _ => target(kind, left, reader)?,
    };
    Ok(Found { target, comparator, critical: Some(critical) })
}

/// The name that stands before a type's searches.
fn head(kind: Kind) -> (&'static str, Signal) {
    match kind {
        Kind::TraceAnalytics => ("trace-analytics", Signal::Spans),
        Kind::EventV2 | Kind::Event => ("events", Signal::Events),
        _ => ("logs", Signal::Logs),
    }
}

/// One chain, or several with arithmetic between them.
fn target(kind: Kind, left: &str, reader: &mut Reader<'_>) -> Result<Target, String> {
    let (word, signal) = head(kind);
    let mut leaves = Leaves::default();
    let mut formula = String::new();
    let mut rest = left;
    let mut found: Vec<(NamedRows, Vec<String>, Window)> = Vec::new();
    while let Some(at) = rest.find(word) {
        formula.push_str(&rest[..at]);
        let (chain, left) = Chain::read(&rest[at..])?;
        rest = left;
        let name = format!("query{}", found.len() + 1);
        formula.push_str(&name);
        let (query, by, window) = chained(signal, &chain)?;
        warn_of_indexes(&chain.list("index"), reader);
        found.push((NamedRows { name, query }, by, window));
    }
    formula.push_str(rest);
    let Some((_, _, window)) = found.first() else { return Err(format!("it starts with {word}(\"…\")")) };
    let window = window.clone();
    if found.iter().any(|(_, _, other)| *other != window) {
        return Err("all searches look at one window".to_owned());
    }
    if formula.trim() == "query1"
        && let Some((named, by, _)) = found.pop()
    {
        return Ok(single(named, by, starts(window, reader), reader));
    }
    for (named, by, _) in found {
        leaves.push_rows(named, &by)?;
    }
    let window = starts(window, reader);
    formula::assemble(leaves, &formula, window, reader)
}

/// There is one store of logs.
pub(super) fn warn_of_indexes(named: &[String], reader: &mut Reader<'_>) {
    if !named.is_empty() {
        reader.warn(format!(
            "there are no indexes here: all logs are looked at, not those of {}",
            named.join(", ")
        ));
    }
}

/// What one `logs("…")…` says.
fn chained(signal: Signal, chain: &Chain) -> Result<(RowQuery, Vec<String>, Window), String> {
    chain.check(METHODS)?;
    let window = window_of(chain)?;
    let rollup = chain.arguments("rollup").unwrap_or_default();
    let word = rollup.first().map_or("count", String::as_str);
    let compute = compute(signal, word, rollup.get(1).map(String::as_str))?;
    let (query, keys) = query(signal, &chain.argument, compute, &chain.list("by"))?;
    Ok((query, keys, window))
}

fn single(named: NamedRows, group_by: Vec<String>, window: Window, reader: &mut Reader<'_>) -> Target {
    let compute = named.query.compute.clone();
    let delay_ms = delay_ms(reader);
    Target::Series(SeriesRule {
        queries: Vec::new(),
        row_queries: vec![named],
        formula: None,
        group_by,
        step_ms: Some(step_ms(&window, delay_ms)),
        window,
        reduction: Reduction::Window(TimeAggregation(reducer(&compute))),
        count_like: counts(&compute),
        adds_up: counts(&compute) || compute.aggregation == Aggregation::Sum,
        local: is_summable(&compute),
        row_totals: !is_summable(&compute),
        rollup_ms: None,
        delay_ms,
    })
}

/// Buckets of a minute, or of what divides the delay; longer windows take the step that metrics have.
fn step_ms(window: &Window, delay_ms: i64) -> i64 {
    let fine = if delay_ms % 60_000 == 0 { 60_000 } else { 1000 * gcd(60, delay_ms / 1000) };
    match window {
        Window::Last { ms } if *ms >= 86_400_000 => step_of(window).unwrap_or(600_000),
        Window::Current { .. } => step_of(window).unwrap_or(fine),
        _ => fine,
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// `.last("5m")` or `.current("1h")`.
pub(super) fn window_of(chain: &Chain) -> Result<Window, String> {
    match (chain.one("last"), chain.one("current")) {
        (Some(last), None) => window(last),
        (None, Some(current)) => Window::current(current),
        (Some(_), Some(_)) => Err(".last() and .current() exclude each other".to_owned()),
        (None, None) => Err(".last(\"5m\") is missing".to_owned()),
    }
}

/// `5m`, `last_5m`, `current_1d`.
fn window(text: &str) -> Result<Window, String> {
    let text = text.trim();
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit());
    match if is_plain { Window::parse(&format!("last_{text}"))? } else { Window::parse(text)? } {
        Window::Next { .. } => Err(format!("{text} has not come yet; write 5m")),
        window => Ok(window),
    }
}

pub(super) fn compute(signal: Signal, word: &str, field: Option<&str>) -> Result<Compute, String> {
    let aggregation = Aggregation::parse(word).ok_or_else(|| {
        format!("{word} is not a rollup; count, cardinality, avg, sum, min, max, median and pc95 are")
    })?;
    let field = field.map(str::trim).filter(|f| !f.is_empty() && *f != "*" && *f != "count");
    match field {
        None if aggregation.needs_field() => {
            Err(format!("rollup(\"{word}\", …) needs a field: \"@duration\""))
        }
        field => Ok(Compute { aggregation, field: field.map(|f| Field::parse(signal, f)) }),
    }
}

/// The query, and the keys of its groups as answers name them.
pub(super) fn query(
    signal: Signal,
    search: &str,
    compute: Compute,
    by: &[String],
) -> Result<(RowQuery, Vec<String>), String> {
    let filter = oriel_query::search::parse(signal, search)
        .map_err(|e| format!("search: {} (position {} of it)", e.message, e.position))?;
    let fields: Vec<Field> = by.iter().map(|key| Field::parse(signal, key)).collect();
    let keys = fields.iter().map(ToString::to_string).collect();
    let group_by =
        fields.into_iter().map(|field| GroupBy { limit: GROUPS_MAX, ..GroupBy::new(field) }).collect();
    let query = RowQuery { signal, filter, search: search.to_owned(), compute, group_by, interval_ms: None };
    Ok((query, keys))
}

/// Whether values of buckets can be put together to that of the window.
pub(super) fn is_summable(compute: &Compute) -> bool {
    matches!(compute.aggregation, Aggregation::Count | Aggregation::Sum | Aggregation::Min | Aggregation::Max)
}

/// Nothing found is a zero.
pub(super) fn counts(compute: &Compute) -> bool {
    matches!(compute.aggregation, Aggregation::Count | Aggregation::Cardinality)
}

pub(super) fn reducer(compute: &Compute) -> Reducer {
    match compute.aggregation {
        Aggregation::Count | Aggregation::Sum => Reducer::Sum,
        Aggregation::Min => Reducer::Min,
        Aggregation::Max => Reducer::Max,
        // Each bucket holds the whole window's.
        _ => Reducer::Last,
    }
}

/// `processes("nginx").over("host:x").by("host").rollup("count").last("5m") < 1`: the agents' gauge of processes.
fn process(left: &str, reader: &mut Reader<'_>) -> Result<Target, String> {
    let (chain, rest) = Chain::read(left)?;
    if chain.head != "processes" || !rest.trim().is_empty() {
        return Err(
            "write processes(\"nginx\").over(\"host:web-1\").by(\"host\").rollup(\"count\").last(\"5m\") < 1"
                .to_owned(),
        );
    }
    chain.check(&["over", "by", "rollup", "last", "current"])?;
    if chain.one("rollup").is_some_and(|word| word != "count") {
        return Err(".rollup(\"count\") is what processes have".to_owned());
    }
    let window = window_of(&chain)?;
    let by = chain.list("by");
    let whole = |term: String| if term.contains(' ') { format!("({term})") } else { term };
    let mut filter: Vec<String> = chain.list("over").into_iter().map(whole).collect();
    filter.extend(processes::filter(&chain.argument)?);
    let scope = if filter.is_empty() { "*".to_owned() } else { filter.join(" AND ") };
    let groups = if by.is_empty() { String::new() } else { format!(" by {{{}}}", by.join(",")) };
    let metric = format!("sum:oriel.processes{{{scope}}}{groups}");
    oriel_query::parse(&metric).map_err(|e| format!("processes: {e}"))?;
    Ok(Target::Series(SeriesRule {
        queries: vec![Named::new("query", metric)],
        row_queries: Vec::new(),
        formula: None,
        group_by: by,
        step_ms: step_of(&window),
        window,
        // The newest count: processes are not events that add up.
        reduction: Reduction::Window(TimeAggregation(Reducer::Last)),
        count_like: true,
        adds_up: true,
        local: true,
        row_totals: false,
        rollup_ms: None,
        delay_ms: delay_ms(reader),
    }))
}

/// The older event monitors: the same call with other words for fields.
fn event(left: &str, reader: &mut Reader<'_>) -> Result<Target, String> {
    let (mut chain, rest) = Chain::read(left)?;
    if chain.head != "events" || !rest.trim().is_empty() {
        return Err(
            "write events(\"source:nagios status:error\").rollup(\"count\").last(\"1h\") > 5".to_owned()
        );
    }
    let mut terms = Vec::new();
    for term in chain.argument.split_whitespace() {
        terms.extend(event_term(term)?);
    }
    chain.argument = terms.join(" ");
    let (query, by, window) = chained(Signal::Events, &chain)?;
    let window = starts(window, reader);
    reader.warn("an event alert is read as an event-v2 alert");
    Ok(single(NamedRows { name: "query1".to_owned(), query }, by, window, reader))
}

fn event_term(term: &str) -> Result<Option<String>, String> {
    let Some((key, values)) = term.split_once(':') else { return Ok(Some(term.to_owned())) };
    let key = match key {
        "priority" if values == "all" => return Ok(None),
        // How a list of events is shown, not which are in it.
        "unaggregated" => return Ok(None),
        "sources" => "source",
        "hosts" => "host",
        "tags" => {
            let tags: Vec<&str> = values.split(',').collect();
            return Ok(Some(format!("({})", tags.join(" OR "))));
        }
        "source" | "host" | "status" | "priority" | "service" | "env" | "event_source" => key,
        _ => {
            return Err(format!(
                "{key}: is not known in an event alert; make it an event-v2 alert, whose search is that of the events page"
            ));
        }
    };
    let values: Vec<&str> = values.split(',').collect();
    Ok(Some(match values.as_slice() {
        [one] => format!("{key}:{one}"),
        many => format!("{key}:({})", many.join(" OR ")),
    }))
}
