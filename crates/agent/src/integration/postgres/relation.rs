//! Which tables are looked at one by one: the `relations` key.

use crate::collect::strings;
use serde_json::Value;

/// One entry: a name or a regular expression, in all or some schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pattern: Pattern,
    schemas: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Name(String),
    Regex(String),
}

pub(super) fn relations(value: Option<&Value>) -> Result<Vec<Relation>, String> {
    let Some(Value::Array(list)) = value else { return Ok(Vec::new()) };
    list.iter().map(relation).collect()
}

fn relation(value: &Value) -> Result<Relation, String> {
    if let Value::String(name) = value {
        return Ok(Relation { pattern: Pattern::Name(name.clone()), schemas: Vec::new() });
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let pattern = match (text("relation_name"), text("relation_regex")) {
        (Some(name), _) => Pattern::Name(name),
        (None, Some(regex)) => Pattern::Regex(regex),
        _ => return Err(format!("an entry of `relations` needs relation_name or relation_regex: {value}")),
    };
    // The word that means every schema in Datadog's own examples.
    let schemas = strings(value.get("schemas")).into_iter().filter(|s| s != "ALL").collect();
    Ok(Relation { pattern, schemas })
}

/// A condition on a schema column and a name column, with its values to bind from `$first` on.
pub(super) fn condition(
    relations: &[Relation],
    (schema, name): (&str, &str),
    first: usize,
) -> (String, Vec<Vec<String>>) {
    let mut binds: Vec<Vec<String>> = Vec::new();
    let mut parts = Vec::new();
    for relation in relations {
        let (operator, text) = match &relation.pattern {
            Pattern::Name(text) => ("=", text),
            Pattern::Regex(text) => ("~", text),
        };
        binds.push(vec![text.clone()]);
        let mut part = format!("{name} {operator} any(${})", first + binds.len() - 1);
        if !relation.schemas.is_empty() {
            binds.push(relation.schemas.clone());
            part.push_str(&format!(" and {schema} = any(${})", first + binds.len() - 1));
        }
        parts.push(format!("({part})"));
    }
    (format!("({})", parts.join(" or ")), binds)
}
