//! A notice as plain text: what a mail program without HTML shows, and what telephones read out.

use super::Content;
use super::words::Preset;
use std::fmt::Write;

pub(super) fn text(content: &Content, preset: &Preset) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", content.subject);
    if preset.has_footer {
        let _ = writeln!(out, "See it as it was: {}\n", content.link);
    }
    if !content.message.is_empty() {
        let _ = writeln!(out, "{}\n", content.message);
    }
    for (name, value) in &content.facts {
        let _ = writeln!(out, "{name}: {value}");
    }
    if !content.differences.is_empty() {
        let _ = writeln!(out, "\nWhat is different from before");
        for d in &content.differences {
            let _ =
                writeln!(out, "  {}:{}  {} (before {})", d.field, d.value, percent(d.now), percent(d.before));
        }
    }
    if !content.logs.is_empty() {
        let _ = writeln!(out, "\nMatching rows");
        for sample in &content.logs {
            let _ = writeln!(out, "  {} {}", stamp(sample.at_ms), one_line(&sample.text));
        }
    }
    if preset.has_footer {
        let _ = writeln!(out, "\nMute for an hour: {}", content.mute_link);
        let _ = writeln!(out, "The monitor: {}", content.monitor_link);
        if !preset.hides_handles && !content.handles.is_empty() {
            let _ = writeln!(out, "Notified: {}", content.handles.join(", "));
        }
    }
    out
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

pub(super) fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
