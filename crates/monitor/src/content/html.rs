//! A notice as HTML for mails: one column, tables for old programs, colours for light and dark.

use super::Content;
use super::markdown::escape;
use super::plain::{one_line, percent, stamp};
use super::words::Preset;
use crate::status::Status;
use std::fmt::Write;

/// The colours are the pages' own; programs that know no `prefers-color-scheme` show the light ones.
const STYLE: &str = "body{margin:0;padding:0;background:#f4f5f7;color:#1d2330}\
.wrap{max-width:640px;margin:0 auto;padding:16px;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}\
.card{background:#ffffff;border:1px solid #dfe2e8;border-radius:8px;overflow:hidden}\
.bar{height:6px}.in{padding:16px 20px}h1{font-size:18px;line-height:1.35;margin:0 0 4px}\
.badge{display:inline-block;padding:2px 8px;border-radius:4px;color:#ffffff;font-size:13px;font-weight:600;margin-bottom:8px}\
table{border-collapse:collapse;width:100%}td{padding:3px 12px 3px 0;vertical-align:top;font-size:14px;overflow-wrap:anywhere}\
td.k{color:#5b6475;white-space:nowrap;width:1%}h2{font-size:14px;margin:18px 0 6px;color:#5b6475}\
.chart{display:block;width:100%;max-width:600px;height:auto;margin:14px 0;border-radius:4px}\
.row{font:12px/1.45 ui-monospace,Menlo,Consolas,monospace;padding:3px 0;border-top:1px solid #eceef2;overflow-wrap:anywhere}\
.foot{font-size:13px;color:#5b6475;margin-top:18px}a{color:#1a5fd0}\
.go{display:inline-block;padding:8px 14px;border-radius:6px;background:#1a5fd0;color:#ffffff;text-decoration:none;margin:14px 8px 0 0}\
.quiet{background:transparent;color:#1a5fd0;border:1px solid #b9c4d8;padding:7px 13px}\
@media (prefers-color-scheme:dark){body{background:#11141a;color:#e3e7ef}.card{background:#1a1f29;border-color:#2d3442}\
td.k,h2,.foot{color:#98a2b5}.row{border-color:#2a303c}a{color:#7fb0ff}.go{background:#2f6fe0;color:#ffffff}\
.quiet{background:transparent;color:#7fb0ff;border-color:#3b4658}}";

fn colour(status: Status) -> &'static str {
    match status {
        Status::Alert => "#c62828",
        Status::Warn => "#b26a00",
        Status::NoData | Status::Unknown => "#5b6475",
        Status::Ok | Status::Ignored | Status::Skipped => "#237a3b",
    }
}

pub(super) fn html(content: &Content, preset: &Preset, cid: &str) -> String {
    let mut out = String::with_capacity(8 << 10);
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style></head><body><div class=\"wrap\"><div class=\"card\">\
         <div class=\"bar\" style=\"background:{c}\"></div><div class=\"in\"><span class=\"badge\" style=\"background:{c}\">{}</span><h1>{}</h1>",
        escape(&content.subject),
        escape(&content.word),
        escape(&content.monitor_name),
        c = colour(content.to),
    );
    if preset.has_footer {
        links(&mut out, content);
    }
    out.push_str(&content.message_html);
    if content.has_chart {
        let _ = write!(
            out,
            "<img class=\"chart\" src=\"cid:{cid}\" alt=\"{}\" width=\"{}\" height=\"{}\">",
            escape(&format!(
                "Chart of {}: {}",
                content.monitor_name,
                content.comparison.as_deref().unwrap_or("as it was")
            )),
            oriel_draw::WIDTH,
            oriel_draw::HEIGHT
        );
    }
    if !content.facts.is_empty() {
        out.push_str("<table role=\"presentation\">");
        for (name, value) in &content.facts {
            let _ = write!(out, "<tr><td class=\"k\">{}</td><td>{}</td></tr>", escape(name), escape(value));
        }
        out.push_str("</table>");
    }
    evidence(&mut out, content);
    if preset.has_footer {
        footer(&mut out, content, preset);
    }
    out.push_str("</div></div></div></body></html>\n");
    out
}

fn evidence(out: &mut String, content: &Content) {
    if !content.differences.is_empty() {
        out.push_str("<h2>What is different from before</h2><table role=\"presentation\">");
        for d in &content.differences {
            let _ = write!(
                out,
                "<tr><td>{}:{}</td><td>{}</td><td class=\"k\">before {}</td></tr>",
                escape(&d.field),
                escape(&d.value),
                percent(d.now),
                percent(d.before)
            );
        }
        out.push_str("</table>");
    }
    if !content.logs.is_empty() {
        out.push_str("<h2>Matching rows</h2>");
        for sample in &content.logs {
            let origin = [sample.service.as_str(), sample.host.as_str()];
            let origin = origin.into_iter().filter(|o| !o.is_empty()).collect::<Vec<_>>().join(" · ");
            let _ = write!(
                out,
                "<div class=\"row\">{} {} {}</div>",
                stamp(sample.at_ms),
                escape(&origin),
                escape(&one_line(&sample.text))
            );
        }
    }
}

/// First of all: who is woken wants to look.
fn links(out: &mut String, content: &Content) {
    let _ = write!(
        out,
        "<div><a class=\"go\" href=\"{}\">See it as it was</a><a class=\"go quiet\" href=\"{}\">Mute for an hour</a></div>",
        escape(&content.link),
        escape(&content.mute_link)
    );
}

fn footer(out: &mut String, content: &Content, preset: &Preset) {
    let _ = write!(out, "<div class=\"foot\"><a href=\"{}\">The monitor</a>", escape(&content.monitor_link));
    if !preset.hides_handles && !content.handles.is_empty() {
        let _ = write!(out, " · Notified: {}", escape(&content.handles.join(", ")));
    }
    out.push_str("</div>");
}
