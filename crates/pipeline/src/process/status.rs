//! The status that a sender's word or number stands for, by the rules of the product people know.

use oriel_model::Value;

/// Syslog's severities, 0 to 7.
const SEVERITIES: [&str; 8] = ["emergency", "alert", "critical", "error", "warn", "notice", "info", "debug"];

/// One of `emergency alert critical error warn notice info debug ok`; what is not understood is `info`.
pub fn normalise_status(value: &Value) -> &'static str {
    let text = value.text().unwrap_or_default();
    let text = text.trim();
    if let Some(severity) = text.parse::<f64>().ok().filter(|n| n.fract() == 0.0 && (0.0..8.0).contains(n)) {
        return SEVERITIES[severity as usize];
    }
    let lower = text.to_ascii_lowercase();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|b| lower.starts_with(b));
    match () {
        () if begins(&["emerg", "f"]) => "emergency",
        () if begins(&["a"]) => "alert",
        () if begins(&["c"]) => "critical",
        () if begins(&["e"]) => "error",
        () if begins(&["w"]) => "warn",
        () if begins(&["n"]) => "notice",
        () if begins(&["i"]) => "info",
        () if begins(&["d", "t", "v"]) => "debug",
        () if begins(&["o", "s"]) => "ok",
        () => "info",
    }
}
