//! `PATCH /api/v1/synthetics/tests/{id}`: single changes to a test, as JSON Patch (RFC 6902).

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct Patch {
    pub(super) data: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    op: Op,
    path: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    value: Value,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

/// The document after all operations; the first that can't be done is named.
pub(super) fn patched(mut document: Value, operations: Vec<Operation>) -> Result<Value, String> {
    for operation in operations {
        let Operation { op, path, from, value } = operation;
        match op {
            Op::Add => add(&mut document, &path, value)?,
            Op::Remove => drop(remove(&mut document, &path)?),
            Op::Replace => *at(&mut document, &path)? = value,
            Op::Move => {
                let moved = remove(&mut document, &from)?;
                add(&mut document, &path, moved)?;
            }
            Op::Copy => {
                let copied = at(&mut document, &from)?.clone();
                add(&mut document, &path, copied)?;
            }
            Op::Test if *at(&mut document, &path)? == value => {}
            Op::Test => return Err(format!("{path} is not {value}")),
        }
    }
    Ok(document)
}

fn missing(path: &str) -> String {
    format!("{path} is not there; a path is written as /config/assertions/0")
}

fn at<'a>(document: &'a mut Value, path: &str) -> Result<&'a mut Value, String> {
    document.pointer_mut(path).ok_or_else(|| missing(path))
}

/// What holds a place, and the place's name in it.
fn parent<'a>(document: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), String> {
    let (above, name) = path.rsplit_once('/').ok_or_else(|| missing(path))?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Ok((at(document, above)?, name))
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let (parent, name) = parent(document, path)?;
    match parent {
        Value::Object(fields) => {
            fields.insert(name, value);
        }
        Value::Array(list) => {
            let index = if name == "-" { Some(list.len()) } else { name.parse().ok() };
            let index: usize = index.filter(|i| *i <= list.len()).ok_or_else(|| missing(path))?;
            list.insert(index, value);
        }
        _ => return Err(missing(path)),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let (parent, name) = parent(document, path)?;
    let removed = match parent {
        Value::Object(fields) => fields.shift_remove(&name),
        Value::Array(list) => name.parse().ok().filter(|i| *i < list.len()).map(|i: usize| list.remove(i)),
        _ => None,
    };
    removed.ok_or_else(|| missing(path))
}

#[cfg(test)]
mod tests;
