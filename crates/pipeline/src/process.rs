//! One processor, compiled: what it needs is looked up once, and a row passes through as plain calls.

mod arithmetic;
mod date;
mod lookup;
mod remap;
mod status;
mod template;
mod url;
mod useragent;

pub use date::parse_date;
pub(crate) use date::{month_of, nanoseconds, near_year};
pub use status::normalise_status;
pub(crate) use url::{details as url_details, query_map};
pub(crate) use useragent::details as useragent_details;

use crate::definition::{ProcessorDefinition, ProcessorKind};
use crate::grok::Grok;
use crate::pipelines::{Nested, Parse};
use crate::{Error, Result, place};
use arithmetic::Expression;
use lookup::Lookup;
use oriel_model::{Core, Field, Filter, Row, Value, parse_span_id, parse_trace_id};
use remap::Remap;
use template::Template;

/// Sources of one processor; nobody writes more than a handful.
const SOURCES_MAX: usize = 100;
/// Categories of one processor.
const CATEGORIES_MAX: usize = 1_000;

/// Reserved fields that a remapper has set for this row: of several remappers of a kind only the first counts, whatever
/// pipeline they are in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    date: bool,
    status: bool,
    service: bool,
    message: bool,
    trace: bool,
    span: bool,
}

/// See the module's head.
pub(crate) struct Step {
    pub(crate) kind_name: &'static str,
    pub(crate) name: String,
    pub(crate) action: Action,
}

pub(crate) enum Action {
    Grok(String, Box<Grok>),
    Date(Vec<String>),
    Status(Vec<String>),
    Service(Vec<String>),
    Message(Vec<String>),
    TraceId(Vec<String>),
    SpanId(Vec<String>),
    Remap(Remap),
    Url { sources: Vec<String>, target: String, trim: bool },
    UserAgent { sources: Vec<String>, target: String, encoded: bool },
    Category { target: String, categories: Vec<(Filter, String)> },
    Arithmetic { target: String, expression: Expression, replace_missing: bool },
    Template { target: String, template: Template, replace_missing: bool },
    Lookup(Lookup),
    Nested(Nested),
}

impl Step {
    pub(crate) fn compile(definition: &ProcessorDefinition, parse: Parse<'_>) -> Result<Self> {
        let kind_name = definition.kind_name();
        let name = definition.name.clone().unwrap_or_default();
        let of = if name.is_empty() { kind_name.to_owned() } else { format!("{kind_name} {name:?}") };
        let action = Action::compile(&definition.kind, &of, parse)?;
        Ok(Self { kind_name, name, action })
    }

    /// Changes the row; whether it found what it looks for.
    pub(crate) fn apply(&self, row: &mut Row, done: &mut Done) -> bool {
        self.action.apply(row, done)
    }
}

impl Action {
    fn compile(kind: &ProcessorKind, of: &str, parse: Parse<'_>) -> Result<Self> {
        Ok(match kind {
            ProcessorKind::GrokParser { source, grok, .. } => {
                Self::Grok(source.clone(), Box::new(Grok::compile(of, grok)?))
            }
            ProcessorKind::DateRemapper { sources } => Self::Date(bounded(sources)?),
            ProcessorKind::StatusRemapper { sources } => Self::Status(bounded(sources)?),
            ProcessorKind::ServiceRemapper { sources } => Self::Service(bounded(sources)?),
            ProcessorKind::MessageRemapper { sources } => Self::Message(bounded(sources)?),
            ProcessorKind::TraceIdRemapper { sources } => Self::TraceId(or(sources, "dd.trace_id")?),
            ProcessorKind::SpanIdRemapper { sources } => Self::SpanId(or(sources, "dd.span_id")?),
            ProcessorKind::AttributeRemapper(remap) => Self::Remap(Remap::compile(of, remap)?),
            ProcessorKind::UrlParser { sources, target, normalize_ending_slashes } => Self::Url {
                sources: or(sources, "http.url")?,
                target: target_of(of, target)?,
                trim: normalize_ending_slashes.unwrap_or(false),
            },
            ProcessorKind::UserAgentParser { sources, target, is_encoded } => Self::UserAgent {
                sources: or(sources, "http.useragent")?,
                target: target_of(of, target)?,
                encoded: *is_encoded,
            },
            ProcessorKind::CategoryProcessor { target, categories } => {
                if categories.len() > CATEGORIES_MAX {
                    let n = categories.len();
                    return Err(Error::TooMany { what: "categories of a processor", n, max: CATEGORIES_MAX });
                }
                let compiled = categories.iter().map(|c| {
                    let filter = crate::pipelines::filter(of, &c.filter.query, parse)?;
                    Ok((filter, c.name.clone()))
                });
                Self::Category {
                    target: target_of(of, target)?,
                    categories: compiled.collect::<Result<_>>()?,
                }
            }
            ProcessorKind::ArithmeticProcessor { target, expression, is_replace_missing } => {
                Self::Arithmetic {
                    target: target_of(of, target)?,
                    expression: Expression::parse(expression).map_err(|why| Error::pattern(of, why))?,
                    replace_missing: *is_replace_missing,
                }
            }
            ProcessorKind::StringBuilderProcessor { target, template, is_replace_missing } => {
                Self::Template {
                    target: target_of(of, target)?,
                    template: Template::parse(template).map_err(|why| Error::pattern(of, why))?,
                    replace_missing: *is_replace_missing,
                }
            }
            ProcessorKind::LookupProcessor { source, target, lookup_table, default_lookup } => Self::Lookup(
                Lookup::compile(of, (source, &target_of(of, target)?), lookup_table, default_lookup)?,
            ),
            ProcessorKind::Pipeline { filter, processors } => {
                let query = filter.as_ref().map_or("", |f| f.query.as_str());
                Self::Nested(Nested::compile(of, query, processors, parse)?)
            }
        })
    }

    fn apply(&self, row: &mut Row, done: &mut Done) -> bool {
        match self {
            Self::Grok(source, grok) => grok_row(row, source, grok),
            Self::Date(sources) => first(&mut done.date, || {
                let value = sources.iter().find_map(|s| place::read(row, s))?;
                row.time_ns = parse_date(&value, row.time_ns)?;
                Some(())
            }),
            Self::Status(sources) => first(&mut done.status, || {
                let value = sources.iter().find_map(|s| place::read(row, s))?;
                row.set_text(Core::Status, normalise_status(&value));
                Some(())
            }),
            Self::Service(sources) => first(&mut done.service, || set_core(row, sources, Core::Service)),
            Self::Message(sources) => first(&mut done.message, || set_core(row, sources, Core::Message)),
            Self::TraceId(sources) => first(&mut done.trace, || {
                row.trace_id = sources.iter().find_map(|s| parse_trace_id(&place::read_text(row, s)?))?;
                Some(())
            }),
            Self::SpanId(sources) => first(&mut done.span, || {
                row.span_id = sources.iter().find_map(|s| parse_span_id(&place::read_text(row, s)?))?;
                Some(())
            }),
            Self::Remap(remap) => remap.apply(row),
            Self::Url { sources, target, trim } => {
                parsed(row, sources, target, |text| url::details(text, *trim))
            }
            Self::UserAgent { sources, target, encoded } => {
                parsed(row, sources, target, |text| useragent::details(text, *encoded))
            }
            Self::Category { target, categories } => {
                let Some((_, name)) = categories.iter().find(|(filter, _)| filter.matches(row)) else {
                    return false;
                };
                row.set_attribute(Field::attr(target), Value::Text(name.as_str().into()));
                true
            }
            Self::Arithmetic { target, expression, replace_missing } => {
                let value = expression.evaluate(&|path| place::read(row, path)?.number(), *replace_missing);
                value.is_some_and(|v| set(row, target, v))
            }
            Self::Template { target, template, replace_missing } => {
                let text = template.render(row, *replace_missing);
                text.is_some_and(|t| set(row, target, Value::Text(t.into())))
            }
            Self::Lookup(lookup) => lookup.apply(row),
            Self::Nested(nested) => nested.apply(row, done),
        }
    }
}

fn grok_row(row: &mut Row, source: &str, grok: &Grok) -> bool {
    let Some(text) = place::read_text(row, source) else { return false };
    let Some(found) = grok.parse(&text, row.time_ns) else { return false };
    for (path, json) in &found {
        place::write_json(row, path, json);
    }
    true
}

/// Runs a remapper unless one of its kind has found something before.
fn first(done: &mut bool, run: impl FnOnce() -> Option<()>) -> bool {
    if *done {
        return false;
    }
    *done = run().is_some();
    *done
}

fn set_core(row: &mut Row, sources: &[String], core: Core) -> Option<()> {
    let text = sources.iter().find_map(|s| place::read_text(row, s))?;
    row.set_text(core, text);
    Some(())
}

fn set(row: &mut Row, target: &str, value: Value) -> bool {
    row.set_attribute(Field::attr(target), value);
    true
}

fn parsed(
    row: &mut Row,
    sources: &[String],
    target: &str,
    parse: impl Fn(&str) -> Option<serde_json::Value>,
) -> bool {
    let Some(details) = sources.iter().find_map(|s| parse(&place::read_text(row, s)?)) else { return false };
    place::write_json(row, target, &details);
    true
}

fn bounded(sources: &[String]) -> Result<Vec<String>> {
    if sources.len() > SOURCES_MAX {
        return Err(Error::TooMany { what: "sources of a processor", n: sources.len(), max: SOURCES_MAX });
    }
    Ok(sources.to_vec())
}

fn or(sources: &[String], default: &str) -> Result<Vec<String>> {
    if sources.is_empty() { Ok(vec![default.to_owned()]) } else { bounded(sources) }
}

/// A target names one attribute.
fn target_of(of: &str, target: &str) -> Result<String> {
    let path = place::path_of(target.trim());
    if path.is_empty() || path.contains([' ', ':', ',']) {
        return Err(Error::Form(format!(
            "{of}: the target {target:?} must be a name without blanks, colons and commas"
        )));
    }
    Ok(path.to_owned())
}
