//! Arithmetic between expressions: columns of the same group meet; a single column or a number meets every one.

use super::table::{Column, Table, Value};
use crate::lang::{Operator, ParseError};
use crate::plan::BinaryNode;
use crate::{Error, Result};
use hashbrown::HashMap;
use std::sync::Arc;

pub(super) fn negative(value: Value) -> Value {
    match value {
        Value::Number(n) => Value::Number(-n),
        Value::Table(mut table) => {
            for column in &mut table.columns {
                column.values.iter_mut().for_each(|v| *v = -*v);
                column.band = None;
                column.outlier = None;
                column.wrap(|inner| format!("-{}", tight(inner)));
            }
            Value::Table(table)
        }
    }
}

pub(super) fn combine(node: &BinaryNode, left: Value, right: Value) -> Result<Value> {
    let op = node.op;
    Ok(match (left, right) {
        (Value::Number(a), Value::Number(b)) => Value::Number(calculate(op, a, b)),
        (Value::Table(table), Value::Number(b)) => with_number(table, op, b, false),
        (Value::Number(a), Value::Table(table)) => with_number(table, op, a, true),
        (Value::Table(left), Value::Table(right)) => Value::Table(join(node, left, right)?),
    })
}

/// Division by zero has no value.
fn calculate(op: Operator, a: f64, b: f64) -> f64 {
    let value = match op {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
    };
    if value.is_finite() { value } else { f64::NAN }
}

fn with_number(mut table: Table, op: Operator, number: f64, number_first: bool) -> Value {
    for column in &mut table.columns {
        column.band = None;
        column.outlier = None;
        if number_first {
            column.values.iter_mut().for_each(|v| *v = calculate(op, number, *v));
            column.wrap(|inner| joined(op, &number.to_string(), inner));
        } else {
            column.values.iter_mut().for_each(|v| *v = calculate(op, *v, number));
            column.wrap(|inner| joined(op, inner, &number.to_string()));
        }
    }
    Value::Table(table)
}

fn join(node: &BinaryNode, left: Table, right: Table) -> Result<Table> {
    if left.by == right.by || same_keys(&left.by, &right.by) {
        return Ok(matched(node.op, left, right));
    }
    if is_subset(&right.by, &left.by) {
        return Ok(matched(node.op, left, right));
    }
    if is_subset(&left.by, &right.by) {
        return Ok(matched_reversed(node.op, left, right));
    }
    let message = format!(
        "groups by {{{}}} and by {{{}}} can't be put together",
        left.by.join(","),
        right.by.join(",")
    );
    Err(Error::Text(ParseError::new(node.position, message, &["the same tag keys on both sides"])))
}

fn same_keys(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && is_subset(a, b)
}

fn is_subset(small: &[String], large: &[String]) -> bool {
    small.iter().all(|k| large.contains(k))
}

/// A group's values for some keys, in their order.
fn project<'a>(column: &'a Column, by: &[String], keys: &[String]) -> Vec<&'a str> {
    keys.iter().filter_map(|k| by.iter().position(|b| b == k).map(|i| column.group[i].as_str())).collect()
}

/// Each left column with the right one of its group, by the right side's keys.
fn matched(op: Operator, mut left: Table, right: Table) -> Table {
    let index: HashMap<Vec<&str>, &Column> =
        right.columns.iter().map(|c| (project(c, &right.by, &right.by), c)).collect();
    let by = left.by.clone();
    left.columns.retain_mut(|column| match index.get(&project(column, &by, &right.by)) {
        Some(other) => {
            put_together(op, column, other);
            true
        }
        None => false,
    });
    left
}

/// The left side has fewer keys: the answer has the right side's columns.
fn matched_reversed(op: Operator, left: Table, mut right: Table) -> Table {
    let index: HashMap<Vec<&str>, &Column> =
        left.columns.iter().map(|c| (project(c, &left.by, &left.by), c)).collect();
    let by = right.by.clone();
    right.columns.retain_mut(|column| match index.get(&project(column, &by, &left.by)) {
        Some(first) => {
            let mut answer = (*first).clone();
            put_together(op, &mut answer, column);
            answer.group = Arc::clone(&column.group);
            answer.scope.clone_from(&column.scope);
            *column = answer;
            true
        }
        None => false,
    });
    right
}

/// Counts and rates that one side lacks are 0 while the other side has a value.
fn put_together(op: Operator, left: &mut Column, right: &Column) {
    let (left_zero, right_zero) = (left.counts, right.counts);
    for (a, b) in left.values.iter_mut().zip(&right.values) {
        let (x, y) = match (a.is_nan(), b.is_nan()) {
            (true, false) if left_zero => (0.0, *b),
            (false, true) if right_zero => (*a, 0.0),
            _ => (*a, *b),
        };
        *a = calculate(op, x, y);
    }
    left.counts = left_zero && right_zero;
    left.band = None;
    left.outlier = None;
    left.expression = joined(op, &left.expression, &right.expression);
    if left.name != right.name {
        left.name = left.expression.as_str().into();
    }
}

fn joined(op: Operator, left: &str, right: &str) -> String {
    let multiplies = op.precedence() > 1;
    let left = if multiplies { tight(left) } else { left.to_owned() };
    let right = if multiplies || op == Operator::Subtract { tight(right) } else { right.to_owned() };
    op.join(&left, &right)
}

/// In parentheses when it is a sum, product or difference itself.
fn tight(expression: &str) -> String {
    let mut depth = 0i32;
    let mut loose = false;
    for (i, c) in expression.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ' ' if depth == 0 && i > 0 => loose = true,
            _ => {}
        }
    }
    if loose { format!("({expression})") } else { expression.to_owned() }
}
