//! What happens to a text once it is matched.

use super::keyvalue::KeyValue;
use super::matcher::{integer, number};
use super::syntax::{Arg, Call};
use crate::{percent, process};
use serde_json::{Map, Value as Json};

/// Elements of one array, columns of one CSV line.
const ELEMENTS_MAX: usize = 1_000;

pub(crate) enum Filter {
    Number,
    Integer,
    Boolean,
    NullIf(String),
    Json,
    RubyHash,
    KeyValue(Box<KeyValue>),
    Csv { headers: Vec<String>, separator: char, quote: char },
    Lowercase,
    Uppercase,
    Scale(f64),
    Url,
    UserAgent { encoded: bool },
    QueryString,
    DecodeUriComponent,
    Array { open: String, close: String, separator: String, each: Option<Box<Filter>> },
}

impl Filter {
    pub(crate) fn compile(call: &Call) -> Result<Self, String> {
        let arg = |i: usize| call.args.get(i).map(Arg::text);
        Ok(match call.name.as_str() {
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "nullIf" => Self::NullIf(arg(0).ok_or("nullIf needs a text: nullIf(\"-\")")?.to_owned()),
            "json" => Self::Json,
            "rubyhash" => Self::RubyHash,
            "keyvalue" => Self::KeyValue(Box::new(KeyValue::compile([arg(0), arg(1), arg(2), arg(3)])?)),
            "csv" => csv([arg(0), arg(1), arg(2)])?,
            "lowercase" => Self::Lowercase,
            "uppercase" => Self::Uppercase,
            "scale" => {
                let factor = arg(0).and_then(|a| a.parse().ok()).filter(|f: &f64| f.is_finite());
                Self::Scale(factor.ok_or("scale needs a number: scale(1000)")?)
            }
            "url" => Self::Url,
            "useragent" => Self::UserAgent { encoded: arg(0).is_some_and(|a| a == "decodeuricomponent") },
            "querystring" => Self::QueryString,
            "decodeuricomponent" => Self::DecodeUriComponent,
            "array" => array(&call.args)?,
            name => return Err(format!("there is no filter {name:?}")),
        })
    }

    /// The new value; `None` drops it.
    pub(crate) fn apply(&self, value: Json, near_ns: i64) -> Option<Json> {
        let text = match &value {
            Json::String(text) => text.clone(),
            Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
            scalar => scalar.to_string(),
        };
        match self {
            Self::Number => number(&text),
            Self::Integer => integer(&text),
            Self::Boolean => Some(Json::Bool(text.eq_ignore_ascii_case("true"))),
            Self::NullIf(null) => (text != *null).then_some(value),
            Self::Json => serde_json::from_str(&text).ok(),
            Self::RubyHash => serde_json::from_str(&ruby_to_json(&text)).ok().filter(Json::is_object),
            Self::KeyValue(keyvalue) => Some(keyvalue.parse(&text)),
            Self::Csv { headers, separator, quote } => Some(csv_line(&text, headers, (*separator, *quote))),
            Self::Lowercase => Some(Json::from(text.to_lowercase())),
            Self::Uppercase => Some(Json::from(text.to_uppercase())),
            Self::Scale(factor) => {
                let x = number(&text)?.as_f64()? * factor;
                let whole = x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0;
                Some(if whole { Json::from(x as i64) } else { Json::from(x) })
            }
            Self::Url => process::url_details(&text, false),
            Self::UserAgent { encoded } => process::useragent_details(&text, *encoded),
            Self::QueryString => Some(process::query_map(text.strip_prefix('?').unwrap_or(&text))),
            Self::DecodeUriComponent => Some(Json::from(percent::decode(&text).into_owned())),
            Self::Array { open, close, separator, each } => {
                elements(&text, (open, close, separator), each.as_deref(), near_ns)
            }
        }
    }
}

fn csv(args: [Option<&str>; 3]) -> Result<Filter, String> {
    let headers = args[0].ok_or("csv needs its columns: csv(\"first,second\")")?;
    let headers: Vec<String> = headers.split(',').map(|h| h.trim().to_owned()).take(ELEMENTS_MAX).collect();
    let one = |text: Option<&str>, default: char| match text {
        None | Some("") => Ok(default),
        Some("tab" | "\\t") => Ok('\t'),
        Some(text) => {
            let mut chars = text.chars();
            chars
                .next()
                .filter(|_| chars.next().is_none())
                .ok_or(format!("csv: {text:?} is more than a character"))
        }
    };
    Ok(Filter::Csv { headers, separator: one(args[1], ',')?, quote: one(args[2], '"')? })
}

fn csv_line(text: &str, headers: &[String], (separator, quote): (char, char)) -> Json {
    let mut out = Map::new();
    let mut columns = Vec::new();
    let (mut column, mut quoted, mut chars) = (String::new(), false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            c if c == quote && quoted && chars.peek() == Some(&quote) => {
                column.push(quote);
                chars.next();
            }
            c if c == quote => quoted = !quoted,
            c if c == separator && !quoted && columns.len() < headers.len() => {
                columns.push(std::mem::take(&mut column));
            }
            c => column.push(c),
        }
    }
    columns.push(column);
    for (header, column) in headers.iter().zip(columns) {
        if !header.is_empty() && !column.is_empty() {
            out.insert(header.clone(), number(&column).unwrap_or(Json::from(column)));
        }
    }
    Json::Object(out)
}

/// `array([brackets][, separator][, filter])`, as texts come: brackets are two characters.
fn array(args: &[Arg]) -> Result<Filter, String> {
    let mut brackets = "[]".to_owned();
    let mut separator = ",".to_owned();
    let mut each = None;
    let texts: Vec<&str> = args.iter().filter(|a| matches!(a, Arg::Text(_))).map(Arg::text).collect();
    match texts[..] {
        [] => {}
        // One text of two characters is the brackets unless they are blanks or commas.
        [one] if one.chars().count() == 2 && !one.contains([',', ' ']) => one.clone_into(&mut brackets),
        [one] => one.clone_into(&mut separator),
        [first, second, ..] => {
            first.clone_into(&mut brackets);
            second.clone_into(&mut separator);
        }
    }
    for arg in args {
        match arg {
            Arg::Text(_) => {}
            Arg::Word(name) => {
                each = Some(Box::new(Filter::compile(&Call { name: name.clone(), args: Vec::new() })?));
            }
            Arg::Call(call) => each = Some(Box::new(Filter::compile(call)?)),
        }
    }
    let mut ends = brackets.chars();
    let open = ends.next().map_or_else(String::new, String::from);
    let close = ends.next().map_or_else(String::new, String::from);
    if separator.is_empty() {
        return Err("array: the separator is empty".to_owned());
    }
    Ok(Filter::Array { open, close, separator: separator.replace("\\n", "\n").replace("\\t", "\t"), each })
}

fn elements(
    text: &str,
    (open, close, separator): (&str, &str, &str),
    each: Option<&Filter>,
    near_ns: i64,
) -> Option<Json> {
    let inner = text.trim().strip_prefix(open)?.strip_suffix(close)?;
    if inner.trim().is_empty() {
        return Some(Json::Array(Vec::new()));
    }
    let element = |raw: &str| {
        let raw = raw.trim();
        let quoted = |q: char| raw.strip_prefix(q).and_then(|r| r.strip_suffix(q));
        let value = Json::from(quoted('"').or_else(|| quoted('\'')).unwrap_or(raw));
        match each {
            Some(filter) => filter.apply(value, near_ns),
            None => Some(value),
        }
    };
    Some(Json::Array(inner.split(separator).take(ELEMENTS_MAX).filter_map(element).collect()))
}

/// `{:a => 1, "b" => nil}` as JSON; what stands in quotes is left alone.
fn ruby_to_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => {
                out.push(c);
                out.extend(chars.next());
            }
            '"' => {
                quoted = !quoted;
                out.push(c);
            }
            c if quoted => out.push(c),
            '=' if chars.peek() == Some(&'>') => {
                chars.next();
                out.push(':');
            }
            ':' if chars.peek().is_some_and(|n| n.is_alphanumeric() || *n == '_') => {
                out.push('"');
                while let Some(n) = chars.next_if(|n| n.is_alphanumeric() || *n == '_') {
                    out.push(n);
                }
                out.push('"');
            }
            c if c.is_alphabetic() => {
                let mut word = String::from(c);
                while let Some(n) = chars.next_if(|n| n.is_alphanumeric() || *n == '_') {
                    word.push(n);
                }
                out.push_str(if word == "nil" { "null" } else { &word });
            }
            c => out.push(c),
        }
    }
    out
}
