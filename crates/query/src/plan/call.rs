//! Calls to typed functions: which there are, and what arguments they take.

use super::arguments::Arguments;
use super::build::{Builder, Built, rolled_up};
use super::catalogue::functions;
use super::node::{CalendarShift, Delta, Fill, Function, GroupNode, MovingMethod, Node, RankBy, Shift};
use super::statistics;
use crate::lang::{Aggregator, Call, FillMethod, ParseError, RollupMethod};
use crate::scalar::Reducer;

const HOUR_MS: i64 = 3_600_000;
const RANK_WORDS: [&str; 7] = ["max", "mean", "min", "sum", "last", "l2norm", "area"];
const TIME_WORDS: [&str; 7] = ["avg", "sum", "min", "max", "count", "stddev", "p95"];

/// Seconds that a time shift may span: ten years.
const SHIFT_S_MAX: i64 = 3_660 * 86_400;

pub(super) fn call(builder: &mut Builder<'_>, call: &Call) -> Built<Node> {
    let mut arguments = Arguments::of(call);
    let Some(shape) = shape(&call.name) else { return Err(unknown(call)) };
    let input = builder.node(&arguments.query()?)?;
    let node = shape(&call.name, &mut arguments, input)?;
    arguments.finish()?;
    Ok(node)
}

type Shape = fn(&str, &mut Arguments, Node) -> Built<Node>;

/// How a name's arguments are read.
fn shape(name: &str) -> Option<Shape> {
    Some(match name {
        "abs"
        | "log2"
        | "log10"
        | "cumsum"
        | "integral"
        | "count_nonzero"
        | "count_nonzero_finite"
        | "count_not_null"
        | "default_zero"
        | "dt"
        | "robust_trend"
        | "trend_line"
        | "piecewise_constant"
        | "autosmooth" => plain,
        "per_second" | "per_minute" | "per_hour" | "diff" | "monotonic_diff" | "derivative"
        | "throughput" => delta,
        "clamp_min" | "clamp_max" | "cutoff_min" | "cutoff_max" => threshold,
        "exclude_null" => exclude_null,
        "fill" => fill,
        "top" | "bottom" | "top_offset" | "bottom_offset" => rank,
        "timeshift" | "hour_before" | "day_before" | "week_before" | "month_before" => shift,
        "calendar_shift" => calendar,
        "rollup" => rollup,
        "moving_rollup" => moving,
        "weighted" => weighted,
        "anomalies" => statistics::anomalies,
        "outliers" => statistics::outliers,
        "forecast" => statistics::forecast,
        "avg" | "sum" | "min" | "max" | "count" | "stddev" => layer,
        "avg_by" | "sum_by" | "min_by" | "max_by" | "count_by" | "stddev_by" | "percentile_by" => layer,
        _ if window(name).is_some() => windowed,
        _ if ranked(name).is_some() => rank_family,
        _ if Aggregator::from_word(name.trim_end_matches("_by")).is_some() => layer,
        _ => return None,
    })
}

fn unknown(call: &Call) -> ParseError {
    let near = |candidate: &str| {
        let prefix = call.name.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
        prefix >= 3 || (prefix > 0 && prefix + 1 >= call.name.len())
    };
    let mut expected: Vec<&str> = functions().iter().map(|f| f.name).filter(|n| near(n)).take(8).collect();
    if expected.is_empty() {
        expected = vec!["a function"];
    }
    ParseError::new(call.position, format!("there is no function {}()", call.name), &expected)
}

fn apply(function: Function, input: Node) -> Node {
    Node::Apply { function, input: Box::new(input) }
}

fn plain(name: &str, _: &mut Arguments, input: Node) -> Built<Node> {
    let function = match name {
        "abs" => Function::Abs,
        "log2" => Function::Log2,
        "log10" => Function::Log10,
        "cumsum" => Function::Cumsum,
        "integral" => Function::Integral,
        "count_nonzero" | "count_nonzero_finite" => Function::CountNonzero,
        "count_not_null" => Function::CountNotNull,
        "default_zero" => Function::DefaultZero,
        "dt" => Function::Dt,
        "robust_trend" => Function::RobustTrend,
        "trend_line" => Function::TrendLine,
        "piecewise_constant" => Function::PiecewiseConstant,
        _ => Function::Autosmooth,
    };
    Ok(apply(function, input))
}

/// Right around a metric it works on each series, before space aggregation.
fn delta(name: &str, _: &mut Arguments, input: Node) -> Built<Node> {
    let delta = match name {
        "per_second" => Delta::Rate(1.0),
        "derivative" => Delta::Derivative,
        "per_minute" => Delta::Rate(60.0),
        "per_hour" => Delta::Rate(3600.0),
        "diff" => Delta::Diff,
        "monotonic_diff" => Delta::MonotonicDiff,
        _ => Delta::Throughput,
    };
    Ok(match input {
        Node::Leaf(mut leaf) if leaf.delta.is_none() => {
            leaf.delta = Some(delta);
            Node::Leaf(leaf)
        }
        input => apply(Function::Delta(delta), input),
    })
}

fn threshold(name: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let number = arguments.number("a threshold")?;
    let function = match name {
        "clamp_min" => Function::ClampMin(number),
        "clamp_max" => Function::ClampMax(number),
        "cutoff_min" => Function::CutoffMin(number),
        _ => Function::CutoffMax(number),
    };
    Ok(apply(function, input))
}

fn exclude_null(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let key = if arguments.is_empty() { None } else { Some(arguments.text("a tag key")?) };
    Ok(apply(Function::ExcludeNull(key), input))
}

fn fill(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let method =
        arguments.word("a way to fill", FillMethod::from_word, &["linear", "last", "zero", "null"])?;
    let limit =
        if arguments.is_empty() { None } else { Some(arguments.whole("a limit in seconds", 1, 86_400)?) };
    Ok(apply(Function::Fill(Fill::new(method, limit.map(|s| s as u32))), input))
}

fn reducer(word: &str) -> Option<Reducer> {
    RANK_WORDS.contains(&word).then(|| Reducer::from_word(word)).flatten()
}

fn direction(word: &str) -> Option<bool> {
    match word {
        "desc" => Some(true),
        "asc" => Some(false),
        _ => None,
    }
}

/// `top(q, n[, by[, dir[, offset]]])`.
fn rank(name: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let limit = arguments.whole("how many", 1, 1_000)? as usize;
    let mut by = RankBy { reducer: Reducer::Avg, descending: name.starts_with("top"), limit, offset: 0 };
    if !arguments.is_empty() {
        by.reducer = arguments.word("an order", reducer, &RANK_WORDS)?;
    }
    if !arguments.is_empty() {
        by.descending = arguments.word("a direction", direction, &["desc", "asc"])?;
    }
    if name.ends_with("_offset") {
        by.offset = arguments.whole("how many to leave out", 0, 100_000)? as usize;
    }
    Ok(apply(Function::Rank(by), input))
}

/// `top5_mean` … `bottom20_l2norm`, `top10_offset`: direction, number, order.
fn ranked(name: &str) -> Option<(RankBy, bool)> {
    let descending = name.starts_with("top");
    let rest = name.strip_prefix(if descending { "top" } else { "bottom" })?;
    let (digits, word) = rest.split_once('_')?;
    let limit = digits.parse::<usize>().ok().filter(|n| [5, 10, 15, 20, 25, 50, 100].contains(n))?;
    let offset = word == "offset";
    let reducer = if offset { Reducer::Avg } else { reducer(word)? };
    Some((RankBy { reducer, descending, limit, offset: 0 }, offset))
}

fn rank_family(name: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let Some((mut by, offset)) = ranked(name) else { return Ok(input) };
    if offset {
        by.reducer = arguments.word("an order", reducer, &RANK_WORDS)?;
        by.descending = arguments.word("a direction", direction, &["desc", "asc"])?;
        by.offset = arguments.whole("how many to leave out", 0, 100_000)? as usize;
    }
    Ok(apply(Function::Rank(by), input))
}

/// `ewma_5`, `median_3`, `rollingavg_13`.
fn window(name: &str) -> Option<Function> {
    let (family, digits) = name.rsplit_once('_')?;
    let n: usize = digits.parse().ok()?;
    Some(match (family, n) {
        ("ewma", 3 | 5 | 7 | 10 | 20) => Function::Ewma(n),
        ("median", 3 | 5 | 7 | 9) => Function::Median(n),
        ("rollingavg", 5 | 13 | 21 | 29) => Function::RollingAvg(n),
        _ => return None,
    })
}

fn windowed(name: &str, _: &mut Arguments, input: Node) -> Built<Node> {
    Ok(match window(name) {
        Some(function) => apply(function, input),
        None => input,
    })
}

fn shift(name: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let ms = match name {
        "hour_before" => -HOUR_MS,
        "day_before" => -24 * HOUR_MS,
        "week_before" => -7 * 24 * HOUR_MS,
        "month_before" => -28 * 24 * HOUR_MS,
        _ => arguments.whole("seconds", -SHIFT_S_MAX, SHIFT_S_MAX)? * 1000,
    };
    Ok(Node::Shift { shift: Shift::Ms(ms), input: Box::new(input) })
}

/// `calendar_shift(q, '-1mo', 'UTC')`: whole days, weeks, months or years of the calendar.
fn calendar(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let spans = ["-1d", "-1w", "-1mo", "-1y"];
    let shift = arguments.word("the span", calendar_span, &spans)?;
    if !arguments.is_empty() {
        let utc = |zone: &str| matches!(zone, "UTC" | "Etc/UTC" | "GMT" | "Z").then_some(());
        arguments.word("the time zone", utc, &["UTC"])?;
    }
    Ok(Node::Shift { shift: Shift::Calendar(shift), input: Box::new(input) })
}

fn calendar_span(text: &str) -> Option<CalendarShift> {
    let unit = text.trim_start_matches(|c: char| c == '-' || c == '+' || c.is_ascii_digit());
    let n: i64 = text[..text.len() - unit.len()].parse().ok().filter(|n: &i64| n.abs() <= 3_660)?;
    Some(match unit {
        "d" => CalendarShift { months: 0, days: n },
        "w" => CalendarShift { months: 0, days: 7 * n },
        "mo" | "M" => CalendarShift { months: n, days: 0 },
        "y" => CalendarShift { months: 12 * n, days: 0 },
        _ => return None,
    })
}

fn rollup(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let method = arguments.word("a way to roll up", Aggregator::from_word, &TIME_WORDS)?;
    let seconds =
        if arguments.is_empty() { None } else { Some(arguments.whole("seconds", 1, 31_622_400)? as u32) };
    Ok(rolled_up(input, Some(method), seconds))
}

fn moving(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let seconds = arguments.whole("seconds", 1, 31_622_400)?;
    let words = ["avg", "sum", "min", "max", "count", "median"];
    let method = |word: &str| {
        Some(match RollupMethod::from_word(word) {
            Some(RollupMethod::Avg) => MovingMethod::Avg,
            Some(RollupMethod::Sum) => MovingMethod::Sum,
            Some(RollupMethod::Min) => MovingMethod::Min,
            Some(RollupMethod::Max) => MovingMethod::Max,
            Some(RollupMethod::Count) => MovingMethod::Count,
            None if word == "median" => MovingMethod::Median,
            None => return None,
        })
    };
    let method =
        if arguments.is_empty() { MovingMethod::Avg } else { arguments.word("a way", method, &words)? };
    Ok(apply(Function::MovingRollup { window_ms: seconds * 1000, method }, input))
}

fn weighted(_: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    match input {
        Node::Leaf(mut leaf) => {
            leaf.weighted = true;
            Ok(Node::Leaf(leaf))
        }
        _ => Err(ParseError::new(arguments.position(), "weighted(…) takes a metric", &["a metric"])),
    }
}

/// `max_by(q, 'env')`, `percentile_by(q, 'p95', 'env')`, `max(q, {env})`.
fn layer(name: &str, arguments: &mut Arguments, input: Node) -> Built<Node> {
    let word = name.trim_end_matches("_by");
    let aggregator = match Aggregator::from_word(word) {
        Some(aggregator) => aggregator,
        None => arguments.word("a percentile", Aggregator::from_word, &["p95"])?,
    };
    Ok(Node::Group(Box::new(GroupNode { aggregator, by: arguments.keys()?, input })))
}
