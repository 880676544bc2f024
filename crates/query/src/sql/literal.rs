//! Literals of a plan as the texts, numbers and times that filters compare with.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

/// A literal that is not null.
pub(super) fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) if !value.is_null() => Some(value),
        _ => None,
    }
}

pub(super) fn text(value: &ScalarValue) -> Option<&str> {
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::LargeUtf8(Some(text))
        | ScalarValue::Utf8View(Some(text)) => Some(text),
        ScalarValue::Dictionary(_, inner) => self::text(inner),
        _ => None,
    }
}

pub(super) fn number(value: &ScalarValue) -> Option<f64> {
    Some(match value {
        ScalarValue::Float64(Some(x)) => *x,
        ScalarValue::Float32(Some(x)) => f64::from(*x),
        ScalarValue::Int64(Some(n)) => *n as f64,
        ScalarValue::Int32(Some(n)) => f64::from(*n),
        ScalarValue::UInt64(Some(n)) => *n as f64,
        ScalarValue::UInt32(Some(n)) => f64::from(*n),
        _ => return None,
    })
}

/// Nanoseconds since the epoch.
pub(super) fn time_ns(value: &ScalarValue) -> Option<i64> {
    match value {
        ScalarValue::TimestampNanosecond(Some(ns), _) => Some(*ns),
        ScalarValue::TimestampMicrosecond(Some(us), _) => us.checked_mul(1_000),
        ScalarValue::TimestampMillisecond(Some(ms), _) => ms.checked_mul(1_000_000),
        ScalarValue::TimestampSecond(Some(s), _) => s.checked_mul(1_000_000_000),
        _ => None,
    }
}
