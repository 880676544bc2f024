//! Numbers as they are written.

use super::*;

#[test]
fn numbers_are_written_as_people_do() {
    for (value, text) in
        [(812.34567, "812.346"), (800.0, "800"), (0.05, "0.05"), (1e9, "1000000000"), (-2.5, "-2.5")]
    {
        assert_eq!(number(value), text);
    }
    assert_eq!(compared(Comparator::Above, 812.3, 800.0), "812.3 > 800");
}
