//! The table that `oriel agent status` prints.

use super::*;

#[test]
fn the_table_shows_checks_errors_and_the_forwarder() {
    let now_ms = 1_700_000_100_000;
    let ok = CheckRow {
        name: "cpu".into(),
        instance: "default".into(),
        status: CheckRunStatus::Ok,
        last_run_ms: Some(now_ms - 3_000),
        next_run_ms: Some(now_ms + 12_000),
        interval_s: 15.0,
        runs: 7,
        metrics: 11,
        ..CheckRow::default()
    };
    let broken = CheckRow {
        name: "broken_import".into(),
        instance: "conf.yaml:1".into(),
        status: CheckRunStatus::Error,
        message: "SyntaxError: invalid syntax".into(),
        file: Some("/agent/checks.d/broken_import.py".into()),
        line: Some(2),
        hint: Some("from datadog_checks.base import AgentCheck".into()),
        interval_s: 0.5,
        ..CheckRow::default()
    };
    let status = AgentStatus {
        hostname: "web-1".into(),
        version: "0.1.0".into(),
        started_ms: now_ms - 7_200_000,
        now_ms,
        config_dir: "/agent".into(),
        checks: vec![broken, ok],
        forwarder: Some(ForwarderStatus {
            server: "http://o:8080".into(),
            state: "no answer: Connection refused".into(),
            buffered_bytes: 3 << 19,
            buffered_payloads: 12,
            buffer_bytes_max: 256 << 20,
            sent_payloads: 40,
            last_sent_ms: Some(now_ms - 300_000),
            dropped: vec![("status_400".into(), 2)],
        }),
        ..AgentStatus::default()
    };
    let want = "\
oriel agent 0.1.0 on web-1, up 2 h
configuration: /agent
python: not needed

CHECK          INSTANCE     STATUS  LAST RUN  NEXT RUN  EVERY  RUNS  METRICS
broken_import  conf.yaml:1  error   -         -         0.5 s  0     0
    SyntaxError: invalid syntax
    in /agent/checks.d/broken_import.py, line 2
    try: from datadog_checks.base import AgentCheck
cpu            default      ok      3 s ago   in 12 s   15 s   7     11

forwarder to http://o:8080: no answer: Connection refused
    sent 40 payloads, the last 5 min ago
    buffered 12 payloads, 1.5 of 256 MiB
    dropped 2 payloads: status_400
";
    assert_eq!(status.to_string(), want);
}
