//! How fast lines are decoded: `cargo test -p oriel-wire speed -- --ignored --nocapture`, with optimisation.

use super::*;
use std::time::Instant;

/// Lines as a service behind a proxy writes them: nested, with ids, a third of the bytes in the message.
fn lines(rows: usize) -> String {
    let mut out = String::new();
    for i in 0..rows as u64 {
        let id = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let time = 1_763_600_000_000 + i;
        let line = if i % 2 == 0 {
            format!(
                r#"{{"timestamp":{time},"hostname":"ip-10-0-{}-12","env":"prod","service":"nginx","status":"info","http":{{"method":"GET","status_code":200,"url":"/api/v1/items/{}","useragent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"}},"network":{{"client_ip":"10.1.2.{}","bytes_written":{}}},"duration":0.0{},"message":"10.1.2.3 - - \"GET /api/v1/items/{} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0\" 0.04"}}"#,
                i % 4,
                i % 50_000,
                i % 255,
                i % 48_000,
                i % 999 + 1,
                i % 50_000,
                i % 48_000
            )
        } else {
            format!(
                r#"{{"timestamp":{time},"hostname":"ip-10-0-{}-12","env":"prod","service":"checkout","status":"warn","dd":{{"trace_id":"{:032x}","span_id":"{id:016x}"}},"usr":{{"id":{}}},"thread":"worker-{}","version":"1.4.2","message":"order {} placed by user {} total={}"}}"#,
                i % 4,
                u128::from(id) << 64 | u128::from(i),
                i % 200_000,
                i % 16,
                i,
                i % 200_000,
                i % 99_999
            )
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[test]
#[ignore = "measures; run it by name"]
fn speed() {
    let body = match std::env::var("LOGS") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => lines(100_000),
    };
    let mut best = f64::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        let (rows, refused) = {
            let accepted = TimeRange::new(0, i64::MAX);
            let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), accepted);
            decode(body.as_bytes(), Form::Json, &defaults(), &mut builder).unwrap();
            let (batch, refused) = builder.finish();
            (batch.len(), refused)
        };
        best = best.min(begin.elapsed().as_secs_f64());
        assert!(rows > 0 && refused.is_empty(), "{refused:?}");
    }
    println!("{:.0} MB a second", body.len() as f64 / 1e6 / best);
}
