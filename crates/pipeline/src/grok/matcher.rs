//! What a token's first word stands for: an expression, and the type of what it finds.

use super::java_date::JavaDate;
use super::syntax::Call;
use serde_json::Value as Json;

/// The type that a matcher gives to its text.
pub(crate) enum Convert {
    Text,
    Integer,
    Number,
    /// The pattern of what is true.
    Boolean(Box<regex::Regex>),
    Date(Box<JavaDate>),
    Unquote,
}

const INTEGER: &str = r"[+-]?\d+";
const NUMBER: &str = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)";
const EXPONENT: &str = r"(?:[eE][+-]?\d+)?";
const IPV4: &str = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)";
/// Groups with at most one gap, and the forms that end in an IPv4 address; what fits is left to whoever reads it.
const IPV6: &str = r"(?:[0-9A-Fa-f]{1,4}:){1,7}(?:[0-9A-Fa-f]{1,4}|:)(?:(?::?[0-9A-Fa-f]{1,4}){0,6})(?:(?:\d{1,3}\.){3}\d{1,3})?|::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?(?::?(?:\d{1,3}\.){3}\d{1,3})?";
const HOSTNAME: &str = r"\b(?:[0-9A-Za-z][0-9A-Za-z_-]{0,62})(?:\.(?:[0-9A-Za-z][0-9A-Za-z_-]{0,62}))*\.?";
const UUID: &str = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}";
const MAC: &str = r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}";
const DOUBLE_QUOTED: &str = r#""(?:[^"\\]|\\.)*""#;
const SINGLE_QUOTED: &str = r"'(?:[^'\\]|\\.)*'";

pub(crate) fn compile(call: &Call) -> Result<(String, Convert), String> {
    let arg = |i: usize| call.args.get(i).map(super::syntax::Arg::text);
    let plain = |expression: &str| Ok((expression.to_owned(), Convert::Text));
    match call.name.as_str() {
        "word" => plain(r"\b\w+\b"),
        "notSpace" => plain(r"\S+"),
        "space" => plain(r"\s+"),
        "data" => plain(r"(?s:.*?)"),
        "greedyData" => plain(r"(?s:.*)"),
        "integer" => Ok((INTEGER.to_owned(), Convert::Integer)),
        "integerExt" => Ok((format!("{INTEGER}{EXPONENT}"), Convert::Integer)),
        "integerStr" => plain(INTEGER),
        "integerExtStr" => plain(&format!("{INTEGER}{EXPONENT}")),
        "number" => Ok((NUMBER.to_owned(), Convert::Number)),
        "numberExt" => Ok((format!("{NUMBER}{EXPONENT}"), Convert::Number)),
        "numberStr" => plain(NUMBER),
        "numberExtStr" => plain(&format!("{NUMBER}{EXPONENT}")),
        "ip" => plain(&format!("(?:{IPV6}|{IPV4})")),
        "ipv4" => plain(IPV4),
        "ipv6" => plain(&format!("(?:{IPV6})")),
        "hostname" => plain(HOSTNAME),
        "ipOrHost" => plain(&format!("(?:{IPV6}|{IPV4}|{HOSTNAME})")),
        "port" => plain(r"\d{1,5}"),
        "uuid" => plain(UUID),
        "mac" => plain(&format!("(?:{MAC})")),
        "quotedString" => Ok((format!("(?:{DOUBLE_QUOTED}|{SINGLE_QUOTED})"), Convert::Unquote)),
        "doubleQuotedString" => Ok((DOUBLE_QUOTED.to_owned(), Convert::Unquote)),
        "singleQuotedString" => Ok((SINGLE_QUOTED.to_owned(), Convert::Unquote)),
        "boolean" => boolean(arg(0).unwrap_or("true"), arg(1).unwrap_or("false")),
        "regex" => {
            let expression = arg(0).ok_or("regex needs its expression: %{regex(\"[a-z]+\"):name}")?;
            let expression = super::syntax::expression(expression);
            // By itself first, so that it can't reach over its own end.
            regex::Regex::new(&expression)
                .map_err(|e| format!("regex({expression:?}): {}", super::describe(&e)))?;
            Ok((format!("(?:{expression})"), Convert::Text))
        }
        "date" => {
            let pattern = arg(0).ok_or("date needs its pattern: %{date(\"yyyy-MM-dd HH:mm:ss\"):name}")?;
            let date = JavaDate::compile(pattern, arg(1))?;
            Ok((date.expression().to_owned(), Convert::Date(Box::new(date))))
        }
        name => Err(format!(
            "there is no matcher or rule {name:?}; rules can refer to support rules and to rules above them"
        )),
    }
}

fn boolean(yes: &str, no: &str) -> Result<(String, Convert), String> {
    let build =
        |text: &str| regex::Regex::new(&format!(r"(?i)\A(?:{text})\z")).map_err(|e| super::describe(&e));
    let (is_true, _) = (build(yes)?, build(no)?);
    Ok((format!("(?i:(?:{yes})|(?:{no}))"), Convert::Boolean(Box::new(is_true))))
}

impl Convert {
    pub(crate) fn value(&self, text: &str, near_ns: i64) -> Option<Json> {
        match self {
            Self::Text => Some(Json::from(text)),
            Self::Integer => integer(text),
            Self::Number => number(text),
            Self::Boolean(is_true) => Some(Json::Bool(is_true.is_match(text))),
            Self::Date(date) => date.parse_ms(text, near_ns).map(Json::from),
            Self::Unquote => Some(Json::from(text.get(1..text.len().saturating_sub(1)).unwrap_or(text))),
        }
    }
}

/// A whole number, also from one with an exponent.
pub(crate) fn integer(text: &str) -> Option<Json> {
    let text = text.trim();
    if let Ok(n) = text.parse::<i64>() {
        return Some(Json::from(n));
    }
    let x = text.parse::<f64>().ok()?;
    (x.abs() < 9.2e18).then(|| Json::from(x as i64))
}

/// A number; whole ones stay exact.
pub(crate) fn number(text: &str) -> Option<Json> {
    let text = text.trim();
    let is_number = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(is_number) {
        return None;
    }
    text.parse::<i64>().map(Json::from).ok().or_else(|| Some(Json::from(text.parse::<f64>().ok()?)))
}
