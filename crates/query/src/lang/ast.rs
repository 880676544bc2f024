//! The tree of a metric query. Positions are byte offsets into the query's text.

/// A parsed query or formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub text: String,
    pub root: Expr,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Number(f64),
    /// A named query, in a formula.
    Name {
        name: String,
        position: usize,
    },
    Metric(Box<MetricQuery>),
    Negative(Box<Expr>),
    Binary {
        op: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
        position: usize,
    },
    Call(Call),
    /// A modifier after something that is not a metric, or a further one after a metric: another layer.
    Modified {
        input: Box<Expr>,
        modifier: Modifier,
        position: usize,
    },
    /// `max(…) by {env}`: a further layer of space aggregation.
    Grouped {
        input: Box<Expr>,
        aggregator: Aggregator,
        by: Vec<String>,
        position: usize,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: String,
    pub arguments: Vec<Argument>,
    pub position: usize,
    /// Where the closing parenthesis stands.
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Expr {
        expr: Expr,
        position: usize,
    },
    /// `'text'`, `"text"` or a bare word where no query can be meant.
    Text {
        value: String,
        position: usize,
    },
    /// `name=value`.
    Option {
        name: String,
        value: String,
        position: usize,
    },
    /// `{env,team}`.
    Keys {
        keys: Vec<String>,
        position: usize,
    },
}

impl Argument {
    pub fn position(&self) -> usize {
        match self {
            Self::Expr { position, .. }
            | Self::Text { position, .. }
            | Self::Option { position, .. }
            | Self::Keys { position, .. } => *position,
        }
    }
}

/// `avg:metric{filter} by {keys}.modifier()`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricQuery {
    /// Missing in the text means avg.
    pub aggregator: Aggregator,
    pub metric: String,
    pub filter: Filter,
    /// The filter as written, without its braces.
    pub filter_text: String,
    pub by: Vec<String>,
    /// At most one of each; a second rollup becomes a layer around the metric.
    pub modifiers: Vec<Modifier>,
    pub position: usize,
    /// Where the metric's name stands.
    pub metric_position: usize,
}

/// How series are put together at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregator {
    Avg,
    Sum,
    Min,
    Max,
    Count,
    Stddev,
    /// 0 to 100.
    Percentile(f64),
}

impl Aggregator {
    /// Reads `avg`, `p95`, `p99.9` …
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "avg" => Self::Avg,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "count" => Self::Count,
            "stddev" => Self::Stddev,
            _ => {
                let digits = word.strip_prefix('p')?;
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                    return None;
                }
                let percent: f64 = digits.parse().ok()?;
                (percent <= 100.0).then_some(Self::Percentile(percent))?
            }
        })
    }

    pub fn word(&self) -> String {
        match self {
            Self::Avg => "avg".into(),
            Self::Sum => "sum".into(),
            Self::Min => "min".into(),
            Self::Max => "max".into(),
            Self::Count => "count".into(),
            Self::Stddev => "stddev".into(),
            Self::Percentile(p) => format!("p{p}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RollupMethod {
    Avg,
    Sum,
    Min,
    Max,
    Count,
}

impl RollupMethod {
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "avg" => Self::Avg,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "count" => Self::Count,
            _ => return None,
        })
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FillMethod {
    Linear,
    Last,
    Zero,
    Null,
}

impl FillMethod {
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "linear" => Self::Linear,
            "last" => Self::Last,
            "zero" => Self::Zero,
            "null" => Self::Null,
            _ => return None,
        })
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Last => "last",
            Self::Zero => "zero",
            Self::Null => "null",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Modifier {
    /// The aggregator is any of the space words in a further layer; a metric's own takes avg, sum, min, max and count.
    Rollup {
        method: Option<Aggregator>,
        seconds: Option<u32>,
    },
    AsCount,
    AsRate,
    Fill {
        method: FillMethod,
        limit_s: Option<u32>,
    },
    Weighted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Operator {
    pub fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    /// Higher binds tighter.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Add | Self::Subtract => 1,
            Self::Multiply | Self::Divide => 2,
        }
    }
}

/// What stands between a metric's braces. Texts may still hold `$variables`.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    All,
    /// `key:value`, a bare tag, or `$variable`, as written.
    Tag {
        text: String,
        position: usize,
        /// In quotes: `*` means itself.
        literal: bool,
    },
    /// `key IN (a, b)`.
    In {
        key: String,
        values: Vec<String>,
        position: usize,
    },
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
}
