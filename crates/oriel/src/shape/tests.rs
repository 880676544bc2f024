//! Tables and CSV as people see them.

use super::*;
use serde_json::json;

fn answer() -> Value {
    json!({"series": [
        {"metric": "m", "scope": "host:a,env:x", "pointlist": [[1_700_000_000_000.0, 1.0], [1_700_000_020_000.0, 2.5]]},
        {"metric": "m", "scope": "host:b", "pointlist": [[1_700_000_020_000.0, 0.000_01]]},
    ]})
}

#[test]
fn a_table_has_a_row_a_time_and_a_column_a_series() {
    let expected = "\
time                  host:a,env:x  host:b
2023-11-14T22:13:20Z             1       -
2023-11-14T22:13:40Z        2.5000    1e-5
";
    assert_eq!(table(&answer()), expected);
    assert_eq!(table(&json!({"series": []})), "no data in this time\n");
}

#[test]
fn csv_keeps_numbers_whole_and_quotes_names() {
    let expected = "\
time,\"host:a,env:x\",host:b
2023-11-14T22:13:20Z,1,
2023-11-14T22:13:40Z,2.5,0.00001
";
    assert_eq!(csv(&answer()), expected);
}
