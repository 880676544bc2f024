//! Values of the residual map as JSON texts: typed, and the same value back (STORE 30).
//!
//! A whole number has neither point nor exponent, any other has one; a list is its text as it came.

use oriel_model::{Value, ValueRef};
use std::io::Write;

/// Appends a value's JSON.
pub(super) fn put(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Bool(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        // Writing into memory does not fail.
        ValueRef::Int(n) => drop(write!(out, "{n}")),
        ValueRef::Uint(n) => drop(write!(out, "{n}")),
        ValueRef::Float(x) => drop(write!(out, "{x:?}")),
        ValueRef::Text(text) => drop(serde_json::to_writer(&mut *out, text)),
        ValueRef::List(json) if json.starts_with('[') => out.extend_from_slice(json.as_bytes()),
        ValueRef::List(_) => put_owned(&value.to_value(), out),
    }
}

fn put_owned(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => put(ValueRef::Null, out),
        Value::Bool(b) => put(ValueRef::Bool(*b), out),
        Value::Int(n) => put(ValueRef::Int(*n), out),
        Value::Uint(n) => put(ValueRef::Uint(*n), out),
        Value::Float(x) => put(ValueRef::Float(*x), out),
        Value::Text(text) => put(ValueRef::Text(text), out),
        Value::List(_) => out.extend_from_slice(value.to_json().to_string().as_bytes()),
    }
}

/// Shows the value of a JSON text; texts are unescaped into `scratch`. What is no JSON is shown as the text that it is.
pub(super) fn with<T>(json: &str, scratch: &mut String, show: impl FnOnce(ValueRef<'_>) -> T) -> T {
    match json.as_bytes().first() {
        Some(b'"') => {
            let inner = json.get(1..json.len().max(2) - 1).unwrap_or("");
            if !inner.contains('\\') {
                return show(ValueRef::Text(inner));
            }
            *scratch = serde_json::from_str(json).unwrap_or_else(|_| inner.to_owned());
            show(ValueRef::Text(scratch))
        }
        Some(b'[') => show(ValueRef::List(json)),
        _ => show(scalar(json)),
    }
}

fn scalar(json: &str) -> ValueRef<'_> {
    match json {
        "null" => return ValueRef::Null,
        "true" => return ValueRef::Bool(true),
        "false" => return ValueRef::Bool(false),
        _ => {}
    }
    if json.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        return json.parse().map_or(ValueRef::Text(json), ValueRef::Float);
    }
    match (json.parse(), json.parse()) {
        (Ok(n), _) => ValueRef::Int(n),
        (_, Ok(n)) => ValueRef::Uint(n),
        _ => ValueRef::Text(json),
    }
}

/// The owned value of a JSON text.
pub(super) fn value(json: &str) -> Value {
    with(json, &mut String::new(), |value| value.to_value())
}
