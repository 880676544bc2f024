//! Traces of a few spans, drawn as text.

use super::*;

/// `(id, parent, start, duration)`; times in ns since the trace's start.
fn trace(spans: &[(u64, u64, i64, i64)]) -> Trace {
    let raw = |&(id, parent, start_ns, duration_ns): &(u64, u64, i64, i64)| Raw {
        id,
        parent,
        start_ns: 1_000 + start_ns,
        duration_ns,
        error: false,
        words: [0; WORD_FIELDS.len()],
    };
    arrange(Gathered { spans: spans.iter().map(raw).collect(), words: Default::default() })
}

fn path(trace: &Trace) -> Vec<(u64, i64, i64)> {
    critical_path(trace).iter().map(|s| (trace.id[s.span], s.from_ns, s.to_ns)).collect()
}

#[test]
fn spans_find_their_parents_whatever_order_they_came_in() {
    let t = trace(&[(3, 2, 20, 5), (2, 1, 10, 50), (1, 0, 0, 100), (9, 77, 30, 1)]);
    assert_eq!(t.id, [1, 2, 3, 9]);
    assert_eq!(t.parent, [-1, 0, 1, -1]);
    assert_eq!((t.start_ns, t.end_ns), (1_000, 1_100));
}

#[test]
fn a_span_that_came_twice_shows_once_and_circles_are_cut() {
    let t = trace(&[(1, 2, 0, 10), (2, 1, 1, 5), (2, 1, 1, 5), (5, 5, 2, 1)]);
    assert_eq!(t.id, [1, 2, 5]);
    assert_eq!(t.parent.iter().filter(|&&p| p < 0).count(), 2);
}

#[test]
fn the_path_follows_whoever_was_waited_for() {
    // 1: 0..100, calls 2 (10..40) and 3 (20..90) side by side; 3 calls 4 (30..60).
    let t = trace(&[(1, 0, 0, 100), (2, 1, 10, 30), (3, 1, 20, 70), (4, 3, 30, 30)]);
    assert_eq!(path(&t), [(1, 0, 20), (3, 20, 30), (4, 30, 60), (3, 60, 90), (1, 90, 100)]);
}

#[test]
fn a_child_that_ends_after_its_parent_was_not_waited_for() {
    let t = trace(&[(1, 0, 0, 50), (2, 1, 10, 100), (3, 1, 5, 10)]);
    assert_eq!(path(&t), [(1, 0, 5), (3, 5, 15), (1, 15, 50)]);
}

#[test]
fn a_path_covers_its_root_without_gaps() {
    let spans: Vec<(u64, u64, i64, i64)> = (1..200_u64)
        .map(|i| (i, i / 2, (i as i64 * 37) % 400, 20 + (i as i64 * 13) % 300))
        .chain([(1_000, 0, 0, 5_000)])
        .collect();
    let t = trace(&spans);
    let found = critical_path(&t);
    assert!(found.windows(2).all(|w| w[0].to_ns == w[1].from_ns), "{found:?}");
    assert_eq!(found.iter().map(|s| s.to_ns - s.from_ns).sum::<i64>(), 5_000);
}
