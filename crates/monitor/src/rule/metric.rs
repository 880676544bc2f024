//! Metric queries: `avg(last_5m):avg:m{host:web-1} > 800`, `change(avg(last_5m),last_1h):…`, and the statistics around them.

use super::read::Reader;
use super::series::{Inner, Reduction, SeriesRule, Term, TimeAggregation, step_of};
use super::window::{Window, ago_ms};
use super::{Arithmetic, Comparator, Found, Target, formula};
use crate::recurrence::EvaluationWindow;
use oriel_query::{Aggregator, Argument, Call, Expr, MetricQuery, Modifier, Named, Reducer};

/// Functions whose value at a point needs that point alone.
const POINTWISE: &[&str] = &[
    "abs",
    "log2",
    "log10",
    "clamp_min",
    "clamp_max",
    "cutoff_min",
    "cutoff_max",
    "count_nonzero",
    "count_nonzero_finite",
    "count_not_null",
];

const DAY: i64 = 86_400_000;

/// Functions of whole series that a monitor compares by what they say, not by their values.
const STATISTICS: &[&str] = &["anomalies", "outliers", "forecast"];

pub(super) fn parse(query: &str, reader: &mut Reader<'_>) -> Result<Found, String> {
    let (left, comparator, critical) = split_comparison(query)?;
    if left.trim_start().starts_with("formula(") {
        return formula::parse(left, comparator, critical, reader);
    }
    let (head, metric) = split_head(left)?;
    let (aggregation, window, change) = read_head(head)?;
    let window = starts(window, reader);
    let metric = metric.trim();
    if metric.contains("count(v:") {
        return Err("count(v: v>1):… of a distribution is not supported; a percentile is: p95:…".to_owned());
    }
    let parsed = oriel_query::parse(metric).map_err(|e| place(query, metric, &e))?;
    let shape = Shape::of(&parsed.root);
    let mut rule = SeriesRule {
        queries: vec![Named::new("query", metric)],
        row_queries: Vec::new(),
        formula: None,
        group_by: shape.by.clone(),
        step_ms: step_of(&window),
        window,
        reduction: Reduction::Window(aggregation),
        count_like: shape.count_like(),
        adds_up: shape.adds_up || aggregation.adds_up(),
        local: shape.local,
        row_totals: false,
        rollup_ms: shape.rollup_ms,
        delay_ms: delay_ms(reader),
    };
    if head.contains("percentile(") {
        of_all_points(&mut rule, &parsed.root, reader)?;
    }
    match (&parsed.root, change) {
        (Expr::Call(call), None) if STATISTICS.contains(&call.name.as_str()) => {
            statistic(&mut rule, call, comparator, reader)?;
        }
        (_, Some(_)) if shape.statistic => {
            return Err("change() of anomalies, outliers or forecast means nothing".to_owned());
        }
        (_, Some((shift_ms, percent))) => {
            rule.reduction = Reduction::Change { inner: Inner { aggregation, shift_ms }, percent };
            // Without a value then there is no change; a count of nothing is none either.
            rule.count_like = false;
        }
        _ if shape.statistic => {
            return Err("anomalies, outliers and forecast stand around the whole query".to_owned());
        }
        (root, None) if shape.is_count_arithmetic(root, aggregation) => {
            counts(&mut rule, root, (metric, aggregation))?
        }
        _ => {}
    }
    if matches!(rule.window, Window::Next { .. }) != matches!(rule.reduction, Reduction::Forecast { .. }) {
        return Err("next_… is the window of forecast(…), and only of it".to_owned());
    }
    Ok(Found { target: Target::Series(rule), comparator, critical: Some(critical) })
}

/// A parser's message with its place in the whole query.
pub(super) fn place(query: &str, part: &str, error: &oriel_query::ParseError) -> String {
    let offset = query.find(part).unwrap_or(0);
    format!("{} (position {})", error.message, offset + error.position)
}

/// `avg(last_5m)` and what stands behind its colon.
fn split_head(left: &str) -> Result<(&str, &str), String> {
    let wrong =
        || "it starts with a time aggregation and its window: avg(last_5m):avg:metric{*} > 5".to_owned();
    let mut depth = 0i32;
    for (at, c) in left.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ':' if depth == 0 && left[..at].trim_end().ends_with(')') => {
                return Ok((&left[..at], &left[at + 1..]));
            }
            ':' if depth == 0 => return Err(wrong()),
            _ => {}
        }
    }
    Err(wrong())
}

/// Brackets that are tried as the end of one metric; a filter of 100 terms in parentheses has as many.
const ENDS_MAX: usize = 200;

type Head = (TimeAggregation, Window, Option<(i64, bool)>);

/// `avg(last_5m)`, `change(avg(last_5m),last_1h)`, `pct_change(…)`.
fn read_head(head: &str) -> Result<Head, String> {
    let head = head.trim();
    let percent = head.strip_prefix("pct_change(").map(|rest| (rest, true));
    let Some((inside, percent)) = percent.or_else(|| head.strip_prefix("change(").map(|rest| (rest, false)))
    else {
        let (aggregation, window) = read_aggregation(head)?;
        return Ok((aggregation, window, None));
    };
    let wrong = "write change(avg(last_5m),last_1h):…";
    let inside = inside.strip_suffix(')').ok_or(wrong)?;
    let (inner, before) = inside.rsplit_once(',').ok_or(wrong)?;
    let (aggregation, window) = read_aggregation(inner.trim())?;
    let before_ms = ago_ms(before)?;
    match &window {
        Window::Last { .. } => Ok((aggregation, window, Some((before_ms, percent)))),
        _ => Err("change() compares last_… with the time before".to_owned()),
    }
}

fn read_aggregation(text: &str) -> Result<(TimeAggregation, Window), String> {
    let (word, window) = text
        .strip_suffix(')')
        .and_then(|call| call.split_once('('))
        .ok_or_else(|| format!("{text} is not a time aggregation; write avg(last_5m)"))?;
    let word = word.trim();
    let aggregation = match word {
        "percentile" => Some(TimeAggregation(Reducer::Last)),
        _ => TimeAggregation::parse(word),
    };
    let aggregation = aggregation.ok_or_else(|| {
        format!("{word} is not a time aggregation; avg, sum, min, max, last, percentile and p95 are")
    })?;
    Ok((aggregation, Window::parse(window)?))
}

/// `percentile(last_5m):p95:…`: of everything that was sent in the window, not of its points. One bucket as long as the window
/// always ends within it.
fn of_all_points(rule: &mut SeriesRule, root: &Expr, reader: &mut Reader<'_>) -> Result<(), String> {
    let Window::Last { ms: ms @ ..=DAY } = rule.window else {
        return Err("percentile(…) looks at last_5m to last_1d".to_owned());
    };
    match root {
        Expr::Metric(metric) if matches!(metric.aggregator, Aggregator::Percentile(_)) => {}
        _ => return Err("percentile(last_5m) is of one metric by a percentile: p95:metric{*}".to_owned()),
    }
    if rule.rollup_ms.is_some() {
        return Err("percentile(last_5m) has no .rollup(): it is that of the whole window".to_owned());
    }
    (rule.step_ms, rule.rollup_ms) = (Some(ms), Some(ms));
    reader
        .warn(format!("percentile() looks at one whole stretch of {} minutes after the other", ms / 60_000));
    Ok(())
}

/// `scheduling_options.evaluation_window`: when running hours, days and months begin.
pub(super) fn starts(window: Window, reader: &mut Reader<'_>) -> Window {
    let Window::Current { unit, .. } = window else { return window };
    match EvaluationWindow::read(reader.raw("/options/scheduling_options")) {
        Ok(starts) => Window::Current { unit, starts },
        Err(error) => {
            reader.error(format!("options.scheduling_options.{error}"));
            window
        }
    }
}

/// The delay is a part of what is measured, so it is read here too.
pub(super) fn delay_ms(reader: &mut Reader<'_>) -> i64 {
    let raw = reader.raw("/options/evaluation_delay");
    let seconds = raw.as_i64().or_else(|| raw.as_str().and_then(|s| s.trim().parse().ok()));
    seconds.filter(|s| (0..=86_400).contains(s)).unwrap_or(0) * 1000
}

/// `anomalies(…)`, `outliers(…)` or `forecast(…)` around the whole query.
fn statistic(
    rule: &mut SeriesRule,
    call: &Call,
    comparator: Comparator,
    reader: &mut Reader<'_>,
) -> Result<(), String> {
    rule.local = false;
    rule.count_like = false;
    rule.step_ms = option(call, "interval").and_then(|s| s.parse::<i64>().ok()).map(|s| s * 1000);
    match call.name.as_str() {
        "outliers" => rule.reduction = Reduction::Outliers,
        "forecast" => {
            if !comparator.is_upward() && !comparator.is_downward() {
                return Err(format!("a forecast is compared by >, >=, < or <=, not {}", comparator.as_str()));
            }
            rule.step_ms = None;
            rule.reduction = Reduction::Forecast { upward: comparator.is_upward() };
        }
        _ => {
            let named = |reader: &mut Reader<'_>, name: &str| {
                let text = reader.raw("/options/threshold_windows").get(name).and_then(|v| v.as_str());
                text.map(|text| window_ms(text).map_err(|e| format!("options.threshold_windows.{name}: {e}")))
                    .transpose()
            };
            let in_query = option(call, "alert_window").map(window_ms).transpose()?;
            let trigger_ms = named(reader, "trigger_window")?.or(in_query).unwrap_or(rule.window.len_ms());
            let recovery_ms = named(reader, "recovery_window")?.unwrap_or(trigger_ms);
            if trigger_ms.max(recovery_ms) > rule.window.len_ms() {
                return Err("the windows of trigger and recovery must lie in the query's window".to_owned());
            }
            rule.reduction = Reduction::Anomalies { trigger_ms, recovery_ms };
        }
    }
    Ok(())
}

fn window_ms(text: &str) -> Result<i64, String> {
    match Window::parse(text)? {
        Window::Last { ms } => Ok(ms),
        _ => Err(format!("{text} must be last_…")),
    }
}

fn option<'a>(call: &'a Call, wanted: &str) -> Option<&'a str> {
    call.arguments.iter().find_map(|argument| match argument {
        Argument::Option { name, value, .. } if name == wanted => Some(value.as_str()),
        _ => None,
    })
}

/// Counts with arithmetic between them are first summed up each for itself, so that a ratio is that of the window.
fn counts(
    rule: &mut SeriesRule,
    root: &Expr,
    (text, aggregation): (&str, TimeAggregation),
) -> Result<(), String> {
    let mut found: Vec<MetricQuery> = Vec::new();
    let arithmetic = Arithmetic::read(root, &mut |leaf| match leaf {
        Expr::Metric(metric) => {
            let place = found.iter().position(|m| m.metric_position == metric.metric_position);
            Ok(place.unwrap_or_else(|| {
                found.push((**metric).clone());
                found.len() - 1
            }))
        }
        _ => Err("this can't be summed up".to_owned()),
    })?;
    let mut named = String::new();
    let mut copied = 0;
    rule.queries.clear();
    for (n, metric) in found.iter().enumerate() {
        let range = extent(text, metric, found.get(n + 1).map(|next| next.position));
        let name = format!("query{}", n + 1);
        named.push_str(&text[copied..range.start]);
        named.push_str(&name);
        copied = range.end;
        rule.queries.push(Named::new(name, &text[range]));
    }
    named.push_str(&text[copied..]);
    rule.formula = Some(named);
    let terms =
        found.iter().map(|m| Term { aggregation, count_like: m.modifiers.contains(&Modifier::AsCount) });
    rule.reduction = Reduction::Formula { terms: terms.collect(), arithmetic };
    // What stands around the metrics is worked out on the window's numbers.
    rule.local = true;
    Ok(())
}

/// Where a metric stands in the text: from its aggregator to its last modifier, found as the longest text that still reads as
/// this one metric. It ends with a bracket, or with its name.
fn extent(text: &str, metric: &MetricQuery, next: Option<usize>) -> std::ops::Range<usize> {
    let start = metric.position;
    let part = &text[start..next.unwrap_or(text.len())];
    let reads = |end: &usize| {
        oriel_query::parse(&part[..*end])
            .is_ok_and(|q| matches!(&q.root, Expr::Metric(m) if m.metric == metric.metric))
    };
    let brackets = part.char_indices().filter(|(_, c)| matches!(c, ')' | '}')).map(|(at, _)| at + 1);
    let mut ends: Vec<usize> = brackets.take(ENDS_MAX).collect();
    ends.reverse();
    let name = metric.metric_position - start + metric.metric.len();
    start..start + ends.into_iter().find(reads).unwrap_or(name.min(part.len()))
}

/// The step that a query asks for itself.
pub(super) fn rollup_ms(root: &Expr) -> Option<i64> {
    Shape::of(root).rollup_ms
}

/// Whether what is missing makes a metric smaller.
pub(super) fn adds_up(metric: &MetricQuery) -> bool {
    let counted = |m: &Modifier| matches!(m, Modifier::AsCount | Modifier::AsRate);
    matches!(metric.aggregator, Aggregator::Sum | Aggregator::Count) || metric.modifiers.iter().any(counted)
}

/// What a query is made of.
#[derive(Default)]
struct Shape {
    by: Vec<String>,
    metrics: usize,
    as_count: usize,
    rollup_ms: Option<i64>,
    local: bool,
    /// Holds a sum over groups, a count or a rate.
    adds_up: bool,
    /// Holds anomalies, outliers or forecast.
    statistic: bool,
}

impl Shape {
    fn of(root: &Expr) -> Self {
        let mut shape = Self { local: true, ..Self::default() };
        shape.walk(root);
        shape
    }

    fn count_like(&self) -> bool {
        self.metrics > 0 && self.as_count == self.metrics
    }

    fn is_count_arithmetic(&self, root: &Expr, aggregation: TimeAggregation) -> bool {
        self.as_count > 0
            && !matches!(root, Expr::Metric(_))
            && Arithmetic::is_plain(root)
            && matches!(aggregation.0, Reducer::Sum | Reducer::Avg)
    }

    fn add_keys(&mut self, keys: &[String]) {
        for key in keys {
            if !self.by.contains(key) {
                self.by.push(key.clone());
            }
        }
    }

    fn rollup(&mut self, modifiers: &[Modifier]) {
        for modifier in modifiers {
            if let Modifier::Rollup { seconds: Some(seconds), .. } = modifier {
                self.rollup_ms = self.rollup_ms.max(Some(i64::from(*seconds) * 1000));
            }
        }
    }

    fn walk(&mut self, expr: &Expr) {
        match expr {
            Expr::Number(_) | Expr::Name { .. } => {}
            Expr::Metric(metric) => {
                self.metrics += 1;
                self.as_count += usize::from(metric.modifiers.contains(&Modifier::AsCount));
                self.adds_up |= adds_up(metric);
                self.add_keys(&metric.by);
                self.rollup(&metric.modifiers);
            }
            Expr::Negative(inner) => self.walk(inner),
            Expr::Binary { left, right, .. } => {
                self.walk(left);
                self.walk(right);
            }
            Expr::Modified { input, modifier, .. } => {
                self.local = false;
                self.rollup(std::slice::from_ref(modifier));
                self.walk(input);
            }
            Expr::Grouped { input, by, .. } => {
                self.local = false;
                self.walk(input);
                self.by = by.clone();
            }
            Expr::Call(call) => self.walk_call(call),
        }
    }

    fn walk_call(&mut self, call: &Call) {
        self.local &= POINTWISE.contains(&call.name.as_str());
        self.statistic |= STATISTICS.contains(&call.name.as_str());
        for argument in &call.arguments {
            if let Argument::Expr { expr, .. } = argument {
                self.walk(expr);
            }
        }
        // A layer over space: `max(avg:m{*} by {host,env}, {env})`.
        if let Some(Argument::Keys { keys, .. }) =
            call.arguments.iter().find(|argument| matches!(argument, Argument::Keys { .. }))
        {
            self.by = keys.clone();
        }
        if call.name.starts_with("count_n") {
            self.by.clear();
        }
    }
}

/// `… > 5` apart: the comparison outside of quotes, braces and parentheses.
pub(super) fn split_comparison(query: &str) -> Result<(&str, Comparator, f64), String> {
    let missing = || "it ends with a comparison: … > 5".to_owned();
    let mut depth = 0i32;
    let mut quote = None;
    let mut found = None;
    let mut escaped = false;
    for (at, c) in query.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            (None, '>' | '<' | '=' | '!') if depth == 0 => found = found.or(Some(at)),
            _ => {}
        }
    }
    let at = found.ok_or_else(missing)?;
    let rest = &query[at..];
    let len = rest.find(|c| !matches!(c, '>' | '<' | '=' | '!')).ok_or_else(missing)?;
    let comparator = Comparator::parse(&rest[..len])
        .ok_or_else(|| format!("{} is not a comparison; > >= < <= == != are", &rest[..len]))?;
    let number = rest[len..].trim();
    let threshold = number.parse().ok().filter(|n: &f64| n.is_finite());
    let threshold = threshold.ok_or_else(|| format!("{number} is not a number to compare with"))?;
    Ok((query[..at].trim_end(), comparator, threshold))
}
