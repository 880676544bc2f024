//! Who is odd, and when nobody is.

use super::*;
use proptest::prelude::*;

fn lines(count: usize, value: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    (0..count).map(|s| (0..60).map(|i| value(s, i)).collect()).collect()
}

fn flags(lines: &[Vec<f64>], how: Outlying, share: Option<f64>) -> Vec<usize> {
    let columns: Vec<&[f64]> = lines.iter().map(Vec::as_slice).collect();
    let flags = share.map_or_else(|| dbscan(&columns, how), |share| mad(&columns, how, share));
    flags.iter().enumerate().filter(|(_, odd)| **odd).map(|(i, _)| i).collect()
}

fn wiggle(s: usize, i: usize) -> f64 {
    ((s * 7 + i * 13) % 11) as f64 / 11.0
}

const PLAIN: Outlying = Outlying { tolerance: 3.0, scaled: false };
const SCALED: Outlying = Outlying { tolerance: 3.0, scaled: true };

#[test]
fn the_odd_one_is_found() {
    let odd = lines(8, |s, i| 100.0 + wiggle(s, i) + if s == 5 { 9.0 } else { 0.0 });
    assert_eq!(flags(&odd, PLAIN, None), [5]);
    assert_eq!(flags(&odd, PLAIN, Some(0.2)), [5]);
    // 9 of 100 is no difference once it must be a part of the magnitude.
    assert!(flags(&odd, SCALED, None).is_empty() && flags(&odd, SCALED, Some(0.2)).is_empty());
    let far = lines(8, |s, i| 100.0 + wiggle(s, i) + if s == 5 { 40.0 } else { 0.0 });
    assert_eq!((flags(&far, SCALED, None), flags(&far, SCALED, Some(0.2))), (vec![5], vec![5]));
    assert!(flags(&lines(8, |s, i| 100.0 + wiggle(s, i)), PLAIN, None).is_empty());
}

#[test]
fn mad_asks_for_a_share_of_the_points() {
    let sometimes = lines(8, |s, i| 100.0 + wiggle(s, i) + if s == 2 && i < 12 { 9.0 } else { 0.0 });
    assert_eq!(flags(&sometimes, PLAIN, Some(0.1)), [2]);
    assert!(flags(&sometimes, PLAIN, Some(0.5)).is_empty());
}

#[test]
fn two_lines_tell_nothing_and_equal_ones_are_no_outliers() {
    assert!(flags(&lines(2, |s, _| s as f64 * 1e6), PLAIN, None).is_empty());
    assert!(flags(&lines(2, |s, _| s as f64 * 1e6), PLAIN, Some(0.1)).is_empty());
    assert!(flags(&lines(5, |_, _| 7.0), PLAIN, None).is_empty());
    assert!(flags(&lines(5, |_, _| 7.0), PLAIN, Some(0.1)).is_empty());
    // Halves that differ: neither is the odd one.
    assert!(flags(&lines(6, |s, i| wiggle(s, i) + if s < 3 { 0.0 } else { 100.0 }), PLAIN, None).is_empty());
    let gone = lines(5, |s, i| if s == 1 { f64::NAN } else { 50.0 + wiggle(s, i) });
    assert!(flags(&gone, PLAIN, None).is_empty() && flags(&gone, PLAIN, Some(0.2)).is_empty());
}

proptest! {
    #[test]
    fn order_does_not_matter(values in prop::collection::vec(prop::collection::vec(0.0..10.0f64, 5), 3..12), by in 0usize..12) {
        let mut turned = values.clone();
        let by = by % values.len();
        turned.rotate_left(by);
        let (a, b) = (flags(&values, PLAIN, None), flags(&turned, PLAIN, None));
        let mut back: Vec<usize> = b.iter().map(|i| (i + by) % values.len()).collect();
        back.sort_unstable();
        prop_assert_eq!(a, back);
    }
}
