//! What numbers read like.

use super::*;

fn unit(family: &str, name: &str, short_name: &str, scale_factor: f64, per: Option<&str>) -> Unit {
    Unit {
        family: family.into(),
        name: name.into(),
        short_name: short_name.into(),
        scale_factor,
        per: per.map(str::to_owned),
    }
}

#[test]
fn values_read_as_people_say_them() {
    let byte = unit("bytes", "byte", "B", 1.0, None);
    let byte_rate = unit("bytes", "byte", "B", 1.0, Some("s"));
    let milli = unit("time", "millisecond", "ms", 0.001, None);
    let second = unit("time", "second", "s", 1.0, None);
    let percent = unit("percentage", "percent", "%", 1.0, None);
    let fraction = unit("percentage", "fraction", "fraction", 1.0, None);
    let request = unit("network", "request", "req", 1.0, Some("s"));
    let cases: [(f64, Option<&Unit>, &str); 19] = [
        (0.0, None, "0"),
        (812.3, None, "812"),
        (1234.0, None, "1.23k"),
        (999_960.0, None, "1M"),
        (-2_500_000.0, None, "-2.5M"),
        (0.05, None, "0.05"),
        (1e-9, None, "1.00e-9"),
        (3e22, None, "3.00e22"),
        (f64::NAN, None, "–"),
        (f64::INFINITY, None, "–"),
        (1536.0, Some(&byte), "1.5 KiB"),
        (1_610_612_736.0, Some(&byte_rate), "1.5 GiB/s"),
        (0.25, Some(&milli), "250 µs"),
        (90_000.0, Some(&milli), "90 s"),
        (0.0, Some(&second), "0 s"),
        (97.26, Some(&percent), "97.3 %"),
        (0.5, Some(&fraction), "50 %"),
        (3400.0, Some(&request), "3.4k req/s"),
        (12.0, Some(&request), "12 req/s"),
    ];
    for (value, unit, expected) in cases {
        assert_eq!(value_text(value, unit), expected, "{value} {unit:?}");
    }
}

#[test]
fn neighbours_on_an_axis_are_told_apart() {
    let plain = AxisText::new(None, 12_500.0);
    assert_eq!(plain.tick(12.5, 2.5), "12.5k");
    assert_eq!(plain.tick(0.0, 2.5), "0");
    let tiny = AxisText::new(None, 4e-7);
    assert_eq!(tiny.tick(2e-7, 1e-7), "2e-7");
    let byte = unit("bytes", "byte", "B", 1.0, None);
    assert_eq!(AxisText::new(Some(&byte), 3.0 * 1_073_741_824.0).tick(1.5, 0.5), "1.5 GiB");
}
