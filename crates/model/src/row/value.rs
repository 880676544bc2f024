//! Logical typed values: what an attribute is, wherever it is kept (STORE 30).
//!
//! A field may hold a text in one row and a number in another; both are kept. Objects are flattened into dotted paths before
//! they come here; an object inside a list is its JSON text, as the product people know searches it.

use std::borrow::Cow;

/// An owned value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    /// Only what does not fit an `Int`.
    Uint(u64),
    Float(f64),
    Text(Box<str>),
    List(Vec<Value>),
}

/// A borrowed value, as decoders hand it to a builder. A list is the text of a JSON array of scalars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(&'a str),
    List(&'a str),
}

impl Value {
    /// The number view: numbers, and texts that hold one. Lists and truth values have none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(*n as f64),
            Self::Uint(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            Self::Text(t) => t.trim().parse().ok().filter(|x: &f64| x.is_finite()),
            Self::Null | Self::Bool(_) | Self::List(_) => None,
        }
    }

    /// The text view: what a person would type to find it. Null has none; a list is its JSON.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Text(t) => Cow::Borrowed(t),
            Self::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Self::Int(n) => Cow::Owned(n.to_string()),
            Self::Uint(n) => Cow::Owned(n.to_string()),
            Self::Float(x) => Cow::Owned(float_text(*x)),
            Self::List(_) => Cow::Owned(self.to_json().to_string()),
        })
    }

    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(*b),
            Self::Int(n) => (*n).into(),
            Self::Uint(n) => (*n).into(),
            Self::Float(x) => serde_json::Number::from_f64(*x).map_or(Json::Null, Json::Number),
            Self::Text(t) => Json::String(t.to_string()),
            Self::List(list) => Json::Array(list.iter().map(Self::to_json).collect()),
        }
    }

    /// A scalar or a list; an object, also one in a list, is its JSON text.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => Self::Int(n),
                (None, Some(n)) => Self::Uint(n),
                (None, None) => n.as_f64().map_or(Self::Null, Self::Float),
            },
            Json::String(t) => Self::Text(t.as_str().into()),
            Json::Array(list) => Self::List(
                list.iter()
                    .map(|item| match item {
                        Json::Array(_) | Json::Object(_) => Self::Text(item.to_string().into()),
                        scalar => Self::from_json(scalar),
                    })
                    .collect(),
            ),
            Json::Object(_) => Self::Text(json.to_string().into()),
        }
    }
}

/// As JSON writes it, without a needless `.0`.
fn float_text(x: f64) -> String {
    format!("{x}")
}

impl ValueRef<'_> {
    /// A list whose text is no JSON array is kept as that text.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            Self::Int(n) => Value::Int(n),
            Self::Uint(n) => Value::Uint(n),
            Self::Float(x) => Value::Float(x),
            Self::Text(t) => Value::Text(t.into()),
            Self::List(json) => serde_json::from_str(json).map_or_else(
                |_| Value::Text(json.into()),
                |parsed: serde_json::Value| Value::from_json(&parsed),
            ),
        }
    }
}
