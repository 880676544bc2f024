//! Conditions as filters. That they mean the same is tested over a store; here is what is taken over at all.

use super::*;
use datafusion::common::ScalarValue;
use datafusion::prelude::{col, lit};

fn columns() -> Vec<TableColumn> {
    let column = |name: &str, kind| TableColumn { name: name.into(), kind };
    vec![
        column("timestamp", Kind::Time),
        column("service", Kind::Text(Field::Core(Core::Service))),
        column("duration", Kind::Duration),
        column("list", Kind::Mixed { field: Field::attr("list"), lists: true }),
    ]
}

fn exactness(condition: &Expr) -> Option<bool> {
    push(&columns(), condition).map(|pushed| pushed.exact)
}

#[test]
fn texts_are_exact_and_floats_are_not() {
    assert_eq!(exactness(&col("service").eq(lit("web"))), Some(true));
    assert_eq!(exactness(&lit("web").lt(col("service"))), Some(true));
    assert_eq!(exactness(&col("duration").gt(lit(5_i64))), Some(false));
    assert_eq!(exactness(&col("list").eq(lit("[1]"))), None);
    assert_eq!(exactness(&col("service").eq(lit(ScalarValue::Utf8(None)))), None);
    assert_eq!(exactness(&col("service").eq(lit("web")).not()), Some(false));
}

trait Not {
    fn not(self) -> Expr;
}

impl Not for Expr {
    fn not(self) -> Expr {
        Expr::Not(Box::new(self))
    }
}

#[test]
fn times_become_the_range() {
    let at = |ns| lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
    let both = col("timestamp").gt(at(10)).and(at(20).gt_eq(col("timestamp")));
    assert_eq!(push(&columns(), &both).map(|p| p.range), Some(NsRange { start: 11, end: 21 }));
    let either = col("timestamp").gt(at(10)).or(col("service").eq(lit("web")));
    assert_eq!(push(&columns(), &either), None);
}

#[test]
fn a_pattern_of_like_is_a_glob() {
    let wanted = [GlobPart::Literal("a%b".into()), GlobPart::Any, GlobPart::One];
    assert_eq!(glob(r"a\%b%_", '\\').parts, wanted);
}
