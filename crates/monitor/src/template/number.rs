//! How messages write numbers: as people would say them, the same in the pager, the mail and the chart's caption.

/// A number without needless digits: whole ones as they are, others with three decimals, small ones with four significant digits.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "n/a".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size >= 1e15 {
        return format!("{value:e}");
    }
    if size == 0.0 {
        return "0".to_owned();
    }
    if size >= 1.0 {
        return trimmed(format!("{value:.3}"));
    }
    if size < 1e-6 {
        return format!("{value:.3e}");
    }
    // Below 1 the place of the first digit that counts decides: 0.0001234 keeps four digits.
    let mut decimals = 4;
    let mut scaled = size;
    while scaled < 0.1 {
        scaled *= 10.0;
        decimals += 1;
    }
    trimmed(format!("{value:.decimals$}"))
}

fn trimmed(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// Bytes or bits in the largest unit that leaves at least 1: `1.5 GiB` by 1024, `1.5 Gbit` by 1000.
pub fn human_bytes(value: f64, is_bits: bool) -> String {
    const BYTES: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    const BITS: [&str; 7] = ["bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit", "Ebit"];
    let (units, base) = if is_bits { (BITS, 1000.0) } else { (BYTES, 1024.0) };
    let mut scaled = value;
    let mut unit = 0;
    while scaled.abs() >= base && unit + 1 < units.len() {
        scaled /= base;
        unit += 1;
    }
    format!("{} {}", trimmed(format!("{scaled:.2}")), units[unit])
}

#[cfg(test)]
mod tests {
    use super::{human_bytes, number};

    #[test]
    fn numbers_as_people_say_them() {
        let cases = [
            (812.3, "812.3"),
            (800.0, "800"),
            (0.1 + 0.2, "0.3"),
            (0.000_123_45, "0.0001234"),
            (-0.000_000_001, "-1.000e-9"),
            (99.95, "99.95"),
            (1234.56789, "1234.568"),
            (f64::NAN, "n/a"),
            (-0.0, "0"),
            (1e18, "1e18"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(human_bytes(1536.0, false), "1.5 KiB");
        assert_eq!(human_bytes(2_500_000.0, true), "2.5 Mbit");
        assert_eq!(human_bytes(12.0, false), "12 B");
    }
}
