//! What is SQL, and how rows are laid out.

use super::*;

#[test]
fn sql_is_told_by_its_first_word() {
    assert!(is_sql("SELECT count(*) FROM logs"));
    assert!(is_sql("  with x as (select 1) select * from x"));
    assert!(is_sql("drop table logs"), "which the server refuses by name");
    assert!(!is_sql("avg:system.load.1{*}"));
    assert!(!is_sql("select"));
    assert!(!is_sql("selected:yes"));
}

#[test]
fn rows_as_a_table_and_as_csv() {
    let answer = json!({
        "columns": [{ "name": "service", "type": "text" }, { "name": "n", "type": "int" }],
        "rows": [{ "service": "a,b", "n": 3 }, { "service": null, "n": 10 }],
    });
    assert_eq!(show(&answer, Format::Table).unwrap(), "service  n\na,b      3\n         10\n");
    assert_eq!(show(&answer, Format::Csv).unwrap(), "service,n\n\"a,b\",3\n,10\n");
}

#[test]
fn a_bad_search_is_an_error() {
    let answer = json!({ "error": { "message": "nothing closes this", "position": 3 } });
    assert!(show(&answer, Format::Table).unwrap_err().to_string().contains("nothing closes this"));
}
