//! Bounds of what checks print.

use super::*;

#[test]
fn a_window_lets_a_hundred_lines_through_and_tells_of_the_rest() {
    let t = Instant::now();
    let mut budget = Budget::new(t);
    let through = (0..250).filter(|_| budget.line(t).0).count();
    assert_eq!(through, 100);
    assert_eq!(budget.line(t + WINDOW), (true, Some(150)));
    assert_eq!(budget.line(t + WINDOW), (true, None));
}

#[tokio::test]
async fn a_line_without_end_is_read_to_the_end() {
    drain(&vec![b'x'; 1 << 20][..], "stdout").await;
}
