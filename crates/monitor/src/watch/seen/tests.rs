//! Groups come, stay, leave and are forgotten.

use super::*;

fn measured(at_ms: TimeMs, groups: &[&str]) -> Measured {
    let groups = groups.iter().map(|key| GroupMeasure::new(*key, 1.0, at_ms)).collect();
    Measured::new(at_ms, groups)
}

/// Key, first seen, last seen, whether it is there.
fn facts(measured: &Measured) -> Vec<(&str, TimeMs, TimeMs, bool)> {
    let fact = |g: &GroupMeasure| (g.first_seen_ms, g.last_seen_ms, !g.value.is_nan());
    measured.groups.iter().map(|g| (&*g.key, fact(g))).map(|(k, (f, l, p))| (k, f, l, p)).collect()
}

#[test]
fn groups_are_new_only_after_the_first_measurement_and_absent_until_their_time_is_over() {
    let mut seen = Seen::default();
    let mut join = |at_ms, groups: &[&str]| {
        let mut m = measured(at_ms, groups);
        seen.join(&mut m, 100);
        facts(&m).into_iter().map(|(k, f, l, p)| (k.to_owned(), f, l, p)).collect::<Vec<_>>()
    };
    let of = |k: &str, f, l, p| (k.to_owned(), f, l, p);
    assert_eq!(join(10, &["b", "d"]), [of("b", 0, 10, true), of("d", 0, 10, true)]);
    assert_eq!(
        join(20, &["a", "d"]),
        [of("a", 20, 20, true), of("b", 0, 10, false), of("d", 0, 20, true)],
        "a is new, b has left"
    );
    assert_eq!(join(110, &["d"]), [of("a", 20, 20, false), of("b", 0, 10, false), of("d", 0, 110, true)]);
    assert_eq!(
        join(111, &["d"]),
        [of("a", 20, 20, false), of("b", 0, 10, false), of("d", 0, 111, true)],
        "b is shown a last time"
    );
    assert_eq!(
        join(112, &["b", "d"]),
        [of("a", 20, 20, false), of("b", 112, 112, true), of("d", 0, 112, true)]
    );
}

#[test]
fn it_is_written_when_somebody_comes_or_goes_and_read_back() {
    let mut seen = Seen::default();
    assert_eq!(seen.flush(0), None, "there is nothing to say");
    seen.join(&mut measured(10, &["a"]), 100);
    let text = seen.flush(10).unwrap();
    seen.join(&mut measured(20, &["a"]), 100);
    assert_eq!(seen.flush(20), None);
    assert!(seen.flush(10 + FLUSH_MS).is_some(), "newest sights now and then");
    seen.join(&mut measured(30 + FLUSH_MS, &[]), FLUSH_MS * 2);
    assert!(seen.flush(30 + FLUSH_MS).is_some(), "a left");

    let mut read = Seen::read(&text).unwrap();
    assert_eq!((read.len(), read.take_restored(), read.take_restored()), (1, Some(10), None));
    let mut m = measured(40, &["c"]);
    read.refresh(&measured(35, &["a", "z"]));
    read.join(&mut m, 100);
    assert_eq!(facts(&m), [("a", 0, 35, false), ("c", 40, 40, true)]);
    assert!(Seen::read("{}").is_none());
}
