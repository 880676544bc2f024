//! Every captured body of a tracer or agent: traces as rows, statistics as groups.

use crate::golden::{captured, compare};
use oriel_model::{
    Core, Field, Limits, OrgId, RowBatch, RowBatchBuilder, Signal, TimeRange, Value, format_span_id,
    format_trace_id,
};
use oriel_wire::apm::{self, Chunk, ClientStats, SpanOptions};
use oriel_wire::{Result, body};
use std::fmt::Write;

const NOW_NS: i64 = 1_800_000_000_000_000_000;

pub(crate) fn options(top_level_marked: bool) -> SpanOptions<'static> {
    SpanOptions {
        now_ns: NOW_NS,
        default_host: "the-host",
        default_env: "none",
        language: "go",
        top_level_marked,
        obfuscate_sql: |text| text.contains("'x'").then(|| text.replace("'x'", "?")),
    }
}

pub(crate) fn decode(
    body: &[u8],
    options: SpanOptions<'_>,
    decode: impl FnOnce(&[u8], SpanOptions<'_>, &mut RowBatchBuilder) -> Result<Vec<Chunk>>,
) -> (RowBatch, Vec<Chunk>) {
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    let chunks = decode(body, options, &mut builder).unwrap();
    let (batch, rejections) = builder.finish();
    assert!(rejections.is_empty(), "{rejections:?}");
    assert_eq!(chunks.iter().map(|c| c.rows).sum::<usize>(), batch.len());
    (batch, chunks)
}

fn write_rows(batch: &RowBatch, chunks: &[Chunk], out: &mut String) {
    for chunk in chunks {
        writeln!(out, "chunk priority={:?} error={}", chunk.priority, chunk.has_error).unwrap();
        for row in chunk.first..chunk.first + chunk.rows {
            let row = batch.row(row);
            let ids =
                (format_trace_id(row.trace_id), format_span_id(row.span_id), format_span_id(row.parent_id));
            write!(out, "  {} {} < {} {}+{}", ids.0, ids.1, ids.2, row.time_ns, row.duration_ns).unwrap();
            for core in Core::ALL.into_iter().take(Core::TEXTS).filter(|c| !row.text(*c).is_empty()) {
                write!(out, " {}={:?}", core.as_str(), row.text(core)).unwrap();
            }
            out.push('\n');
            let mut attributes: Vec<String> = row.attributes.iter().map(attribute).collect();
            attributes.sort();
            writeln!(out, "    {}", attributes.join(" ")).unwrap();
        }
    }
}

fn attribute((field, value): &(Field, Value)) -> String {
    let text = value.to_json().to_string();
    // Stacks are long, and the same in every one.
    let cut = text.char_indices().nth(120).map_or(text.as_str(), |(i, _)| &text[..i]);
    format!("{field}={cut}")
}

fn write_stats(all: &[ClientStats], out: &mut String) {
    for stats in all {
        let ClientStats { hostname, env, version, service, language, .. } = stats;
        writeln!(
            out,
            "stats host={hostname} env={env} version={version} service={service} language={language}"
        )
        .unwrap();
        for bucket in &stats.buckets {
            writeln!(out, "  bucket {}+{}", bucket.start_ns, bucket.duration_ns).unwrap();
            for g in &bucket.groups {
                let p50 = |s: &oriel_model::Sketch| {
                    if s.is_empty() { 0.0 } else { (s.quantile(0.5) / 1e3).round() }
                };
                writeln!(
                    out,
                    "    {} {} {:?} type={} kind={} status={} hits={} errors={} top={} duration={} ok={}@{}us error={}@{}us",
                    g.service,
                    g.name,
                    g.resource,
                    g.kind,
                    g.span_kind,
                    g.http_status,
                    g.hits,
                    g.errors,
                    g.top_level_hits,
                    g.duration_ns,
                    g.ok.count,
                    p50(&g.ok),
                    g.error.count,
                    p50(&g.error)
                )
                .unwrap();
            }
        }
    }
}

#[test]
fn captured_traces_and_stats_decode_as_told() {
    let mut out = String::new();
    for folder in ["ddtrace-py-4.16.0", "dd-trace-js-6.21.0", "agent-synthetic"] {
        for (name, raw, meta) in captured(folder) {
            let path = meta["path"].as_str().unwrap_or_default();
            let headers: Vec<(String, String)> =
                serde_json::from_value(meta["headers"].clone()).unwrap_or_default();
            let header = |name: &str| {
                headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
            };
            let body = body::decode(header("content-encoding"), &raw, 64 << 20).unwrap();
            let marked = header("datadog-client-computed-top-level").is_some();
            let (batch, chunks) = match path {
                "/v0.4/traces" => decode(&body, options(marked), apm::traces_v04),
                "/v0.5/traces" => decode(&body, options(marked), apm::traces_v05),
                "/api/v0.2/traces" => decode(&body, options(marked), apm::agent_payload),
                "/v0.6/stats" => {
                    writeln!(out, "== {folder}/{name}").unwrap();
                    write_stats(&[apm::client_stats(&body).unwrap()], &mut out);
                    continue;
                }
                "/api/v0.2/stats" => {
                    writeln!(out, "== {folder}/{name}").unwrap();
                    write_stats(&apm::agent_stats(&body).unwrap(), &mut out);
                    continue;
                }
                _ => continue,
            };
            writeln!(out, "== {folder}/{name}").unwrap();
            write_rows(&batch, &chunks, &mut out);
            if let Some(count) = header("x-datadog-trace-count") {
                assert_eq!(count.parse(), Ok(chunks.len()), "{name}");
            }
        }
    }
    compare("apm.txt", &out);
}

/// A v0.5 payload of 200 traces of 14 spans over six services, as a busy process sends one each second.
fn busy_payload() -> Vec<u8> {
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend([0xd9, text.len() as u8]);
        out.extend(text.as_bytes());
    };
    let words = [
        "",
        "web",
        "checkout",
        "redis",
        "http.request",
        "env",
        "prod",
        "version",
        "1.4.2",
        "_dd.hostname",
        "ip-10-0-1-12",
        "language",
        "python",
        "http.status_code",
        "200",
        "db.system",
        "postgresql",
        "web",
        "db.row_count",
        "SELECT id, name, price FROM items WHERE id = ?",
        "POST /internal/checkout",
    ];
    let mut out = vec![0x92, 0xdc, 0, words.len() as u8];
    words.iter().for_each(|w| text(w, &mut out));
    out.extend([0xdc, 0, 200]);
    for trace in 0..200_u64 {
        out.push(0x9e);
        for span in 0..14_u64 {
            out.extend([0x9c, 1 + (span % 3) as u8, 4, 19 + (span % 2) as u8]);
            let id = (trace << 8 | span).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for n in
                [trace + 1, id, if span == 0 { 0 } else { (trace << 8).wrapping_mul(0x9e37_79b9_7f4a_7c15) }]
            {
                out.push(0xcf);
                out.extend(n.to_be_bytes());
            }
            for n in [NOW_NS as u64 - trace * 1000, 20_000_000] {
                out.push(0xcf);
                out.extend(n.to_be_bytes());
            }
            out.extend([0, 0x86, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x81, 18, 0xcb]);
            out.extend(42.0_f64.to_be_bytes());
            out.push(17);
        }
    }
    out
}

/// The whole of an intake of spans is to take 10 µs a span; decoding may have a tenth of it.
#[test]
#[ignore = "measures: cargo test --release -p oriel-wire -- --ignored a_span_is_decoded"]
fn a_span_is_decoded_within_a_microsecond() {
    let body = busy_payload();
    let (batch, _) = decode(&body, options(false), apm::traces_v05);
    let begin = std::time::Instant::now();
    let rounds = 200;
    for _ in 0..rounds {
        std::hint::black_box(decode(&body, options(false), apm::traces_v05));
    }
    let ns = begin.elapsed().as_nanos() / (rounds * batch.len() as u128);
    println!("{ns} ns a span of {} bytes", body.len() / batch.len());
    assert!(ns < 1_000, "{ns} ns a span");
}
