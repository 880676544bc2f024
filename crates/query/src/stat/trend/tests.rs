//! Lines against textbook sums, and where the memories differ.

use super::*;
use proptest::prelude::*;

#[test]
fn a_line_is_drawn_on() {
    let line: Vec<f64> = (0..100).map(|i| 5.0 + 2.0 * f64::from(i)).collect();
    for memory in [Memory::Whole, Memory::Fading, Memory::Recent] {
        let trend = Trend::fit(&line, memory).unwrap();
        assert!((trend.at(0.0) - 205.0).abs() < 1e-6 && (trend.at(50.0) - 305.0).abs() < 1e-6, "{memory:?}");
        assert!(trend.spread_at(10.0) < 1e-6);
    }
    assert!(Trend::fit(&[1.0, f64::NAN, 2.0], Memory::Whole).is_none());
}

#[test]
fn memories_differ_where_the_line_bends() {
    let bent: Vec<f64> =
        (0..200).map(|i| if i < 180 { 100.0 } else { 100.0 + 5.0 * f64::from(i - 180) }).collect();
    let at = |memory| Trend::fit(&bent, memory).unwrap().at(20.0);
    assert!(at(Memory::Recent) > at(Memory::Whole) + 20.0);
    let spiked: Vec<f64> = (0..200).map(|i| if i % 20 == 0 { 900.0 } else { f64::from(i) }).collect();
    let off = |memory| (Trend::fit(&spiked, memory).unwrap().at(0.0) - 200.0).abs();
    assert!(
        off(Memory::Fading) < 5.0 && off(Memory::Whole) > 10.0,
        "{} {}",
        off(Memory::Fading),
        off(Memory::Whole)
    );
}

proptest! {
    /// Least squares by its textbook sums.
    #[test]
    fn the_whole_memory_is_least_squares(values in prop::collection::vec(-1e3..1e3f64, 3..60), ahead in 0.0..100.0f64) {
        let n = values.len() as f64;
        let xs: Vec<f64> = (0..values.len()).map(|i| i as f64 - n).collect();
        let (sx, sy) = (xs.iter().sum::<f64>(), values.iter().sum::<f64>());
        let sxx = xs.iter().map(|x| x * x).sum::<f64>();
        let sxy = xs.iter().zip(&values).map(|(x, y)| x * y).sum::<f64>();
        let slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
        let expected = (sy - slope * sx) / n + slope * ahead;
        let trend = Trend::fit(&values, Memory::Whole).unwrap();
        prop_assert!((trend.at(ahead) - expected).abs() < 1e-6 * (1.0 + expected.abs()));
        prop_assert!(trend.spread_at(ahead + 10.0) >= trend.spread_at(ahead));
    }
}
