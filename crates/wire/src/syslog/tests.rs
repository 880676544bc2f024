//! Captured frames, forms that are neither RFC's, and framing under every split.

use super::*;
use oriel_model::{Core, Field, Limits, OrgId, Row, Signal, TimeRange, Value};
use proptest::prelude::*;

/// 2026-11-20T18:23:12Z.
const NOW_NS: i64 = 1_795_198_992_000_000_000;

fn rows(frames: &[&[u8]]) -> Vec<Row> {
    let mut builder =
        RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::new(0, i64::MAX));
    let defaults = Defaults { now_ns: NOW_NS, ..Defaults::default() };
    let mut decoder = Decoder::new(&defaults, &mut builder);
    for frame in frames {
        decoder.frame(frame, &Received { now_ns: NOW_NS, host: "peer", offset_s: 0 });
    }
    let (batch, refused) = builder.finish();
    assert!(refused.is_empty(), "{refused:?}");
    (0..batch.len()).map(|i| batch.row(i)).collect()
}

fn row(frame: &str) -> Row {
    rows(&[frame.as_bytes()]).remove(0)
}

/// Status, host, service, message.
fn told(row: &Row) -> [&str; 4] {
    [Core::Status, Core::Host, Core::Service, Core::Message].map(|core| row.text(core))
}

fn attr(row: &Row, path: &str) -> Option<Value> {
    row.attribute(&Field::attr(path)).cloned()
}

fn framed(stream: &[u8], chunk: usize) -> Vec<Vec<u8>> {
    let mut framer = Framer::new(1 << 20);
    let mut frames = Vec::new();
    for part in stream.chunks(chunk.max(1)) {
        framer.push(part, |frame| frames.push(frame.to_vec()));
    }
    framer.flush(|frame| frames.push(frame.to_vec()));
    frames
}

/// The captured reads: `udp b'…'` and `tcp b'…'`, as Python writes bytes.
fn samples() -> Vec<(bool, Vec<u8>)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/syslog/syslog-samples.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let unescape = |text: &str| {
        let mut out = Vec::new();
        let mut bytes = text.bytes();
        while let Some(b) = bytes.next() {
            let escaped = if b == b'\\' { bytes.next() } else { None };
            match escaped {
                None => out.push(b),
                Some(b'n') => out.push(b'\n'),
                Some(b'x') => {
                    let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                    out.push(u8::from_str_radix(&hex, 16).unwrap());
                }
                Some(other) => out.push(other),
            }
        }
        out
    };
    text.lines()
        .filter_map(|line| {
            let (transport, repr) = line.split_once(" b'")?;
            Some((transport == "tcp", unescape(repr.strip_suffix('\'')?)))
        })
        .collect()
}

#[test]
fn every_captured_read_is_understood() {
    let samples = samples();
    assert_eq!(samples.len(), 13);
    let mut all = Vec::new();
    for (tcp, read) in &samples {
        let frames = if *tcp { framed(read, read.len()) } else { vec![read.clone()] };
        all.extend(rows(&frames.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    }
    let lines: Vec<String> = all.iter().map(|r| told(r).join(" | ").replace('\n', "⏎")).collect();
    let traceback = "failed⏎Traceback (most recent call last):⏎  File \"/srv/t_syslog.py\", line 21, in <module>⏎    try: 1/0⏎         ~^~⏎ZeroDivisionError: division by zero";
    let expected = [
        "warn | peer |  | payment slow",
        &format!("error | peer | shop | {traceback}"),
        "critical | peer | shop | crit ünïcode",
        "info | app-host-01 | shop | INFO papertrail style",
        "warn | peer |  | payment slow",
        &format!("error | peer | shop | {traceback}"),
        "critical | peer | shop | crit ünïcode",
        "info | app-host-01 | shop | INFO papertrail style",
        "error | app-host-01 | shop | hello world",
        "error | app-host-01 | shop | hello world",
        "error | app-host-01 | shop | hello world",
        "error | app-host-01 | shop | hello world",
        "error | app-host-01 | shop | hello world",
        "error | app-host-01 | shop | hello world",
    ];
    assert_eq!(lines, expected);
    assert!(all.iter().all(|r| r.text(Core::Source) == "syslog"));
}

#[test]
fn structured_data_and_ids() {
    let row = row(
        "<165>1 2026-11-20T18:23:10.003Z mymachine evntslog 8710 ID47 [ex@32473 iut=\"3\" quote=\"a \\\"b\\\" \\] \\\\\"][two] \u{feff}An application event",
    );
    assert_eq!(told(&row), ["notice", "mymachine", "evntslog", "An application event"]);
    assert_eq!(row.time_ns, 1_795_198_990_003_000_000);
    assert_eq!(attr(&row, "syslog.facility"), Some(Value::Text("local4".into())));
    assert_eq!(attr(&row, "syslog.procid"), Some(Value::Int(8710)));
    assert_eq!(attr(&row, "syslog.msgid"), Some(Value::Text("ID47".into())));
    assert_eq!(attr(&row, "syslog.ex@32473.iut"), Some(Value::Text("3".into())));
    assert_eq!(attr(&row, "syslog.ex@32473.quote"), Some(Value::Text("a \"b\" ] \\".into())));
}

#[test]
fn forms_that_are_neither() {
    let cases = [
        (
            "<34>Nov 20 18:23:10 mymachine su: 'su root' failed",
            ["critical", "mymachine", "su", "'su root' failed"],
        ),
        ("<13>Nov  5 18:23:10 fe80::1 app[1]: x", ["notice", "fe80::1", "app", "x"]),
        // No host.
        ("<13>Nov 20 18:23:10 cron[7]: job", ["notice", "peer", "cron", "job"]),
        // rsyslog's precise times.
        (
            "<30>2026-11-20T18:23:10.327868+00:00 web-1 systemd[1]: Started",
            ["info", "web-1", "systemd", "Started"],
        ),
        // A year, before and behind.
        ("<30>Nov 20 2026 18:23:10 fw : %ASA-6-1: Built", ["info", "fw", "", ": %ASA-6-1: Built"]),
        ("<30>Nov 20 18:23:10 2026 web app: m", ["info", "web", "app", "m"]),
        // Cisco.
        (
            "<189>29: *Nov 20 18:23:10.123: %SYS-5-CONFIG_I: Configured",
            ["notice", "peer", "%SYS-5-CONFIG_I", "Configured"],
        ),
        // No priority, a bad one, none of the syntax.
        ("plain text", ["notice", "peer", "", "plain text"]),
        ("<999>text", ["notice", "peer", "", "<999>text"]),
        ("<14>error: not a program", ["info", "peer", "", "error: not a program"]),
        ("<14>myapp: a program", ["info", "peer", "myapp", "a program"]),
        ("<14>1 not a time at all", ["info", "peer", "", "1 not a time at all"]),
        ("<14>1 - - - - - -", ["info", "peer", "", ""]),
        ("<14>1 2026-11-20T18:23:10Z h a p m [broken k=v] text", ["info", "h", "a", "[broken k=v] text"]),
    ];
    for (frame, expected) in cases {
        assert_eq!(told(&row(frame)), expected, "{frame}");
    }
    assert!(rows(&[b"", b"\0", b"\n", b"  "]).is_empty());
}

#[test]
fn a_message_that_is_json_is_read() {
    let row = row("<14>Nov 20 18:23:10 web app: {\"level\":\"error\",\"msg\":\"boom\",\"user\":{\"id\":7}}");
    assert_eq!(told(&row), ["error", "web", "app", "boom"]);
    assert_eq!(attr(&row, "user.id"), Some(Value::Int(7)));
}

#[test]
fn times_without_year_or_zone() {
    let at = |text: &str, now: &str, offset_s: i32| {
        let ns = |t: &str| i64::try_from(t.parse::<jiff::Timestamp>().unwrap().as_nanosecond()).unwrap();
        let received = Received { now_ns: ns(now), host: "", offset_s };
        let time_ns = rfc3164::header(text, &received).time_ns.unwrap();
        jiff::Timestamp::from_nanosecond(i128::from(time_ns)).unwrap().to_string()
    };
    // Around the turn of the year, on both sides.
    assert_eq!(at("Dec 31 23:59:58 h a: m", "2027-01-01T00:00:05Z", 0), "2026-12-31T23:59:58Z");
    assert_eq!(at("Jan  1 00:00:03 h a: m", "2026-12-31T23:59:59Z", 0), "2027-01-01T00:00:03Z");
    assert_eq!(at("Feb 29 12:00:00 h a: m", "2028-03-01T00:00:00Z", 0), "2028-02-29T12:00:00Z");
    // The listener's zone, a named one, and one that can only be further east.
    assert_eq!(at("Nov 20 19:23:10 h a: m", "2026-11-20T18:23:12Z", 3600), "2026-11-20T18:23:10Z");
    assert_eq!(at("Nov 20 20:23:10 +0200 h a: m", "2026-11-20T18:23:12Z", 0), "2026-11-20T18:23:10Z");
    assert_eq!(at("Nov 20 23:53:10 h a: m", "2026-11-20T18:23:12Z", 0), "2026-11-20T18:23:10Z");
    assert_eq!(at("Nov 20 15:23:10 h a: m", "2026-11-20T18:23:12Z", 0), "2026-11-20T15:23:10Z");
}

#[test]
fn lines_without_priority_are_lines() {
    assert_eq!(framed(b"one\ntwo\r\nthree", 4), [b"one".to_vec(), b"two\r".to_vec(), b"three".to_vec()]);
}

#[test]
fn counted_frames_beyond_the_bound_are_cut() {
    let mut framer = Framer::new(10);
    let mut frames = Vec::new();
    framer.push(b"20 <1>4567890XXXXXXXXXX5 <1>ab", |f| frames.push(f.to_vec()));
    assert_eq!(frames, [b"<1>4567890".to_vec(), b"<1>ab".to_vec()]);
    assert!(!framer.is_waiting());
    framer.push(b"<1>4567890123", |f| frames.push(f.to_vec()));
    assert_eq!(frames.len(), 3);
}

proptest! {
    /// Whatever the framing of each message and wherever reads end, the messages come out.
    #[test]
    fn framing_is_told_for_each_frame(
        messages in prop::collection::vec(("[a-z <>0-9]{0,30}", 0..2_u8), 1..8),
        chunk in 1..40_usize,
    ) {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for (text, framing) in &messages {
            let frame = format!("<13>m{text}e");
            match framing {
                0 => stream.extend_from_slice(format!("{} {frame}", frame.len()).as_bytes()),
                _ => stream.extend_from_slice(format!("{frame}\n").as_bytes()),
            }
            expected.push(frame.into_bytes());
        }
        prop_assert_eq!(framed(&stream, chunk), expected);
    }

    /// NUL ends messages of several lines.
    #[test]
    fn messages_of_lines_end_with_nul(
        messages in prop::collection::vec("[a-z \n]{0,30}", 1..8),
        chunk in 1..40_usize,
    ) {
        let frames: Vec<Vec<u8>> = messages.iter().map(|m| format!("<13>m{m}e").into_bytes()).collect();
        let mut stream = Vec::new();
        for frame in &frames {
            stream.extend_from_slice(frame);
            stream.push(0);
        }
        prop_assert_eq!(framed(&stream, chunk), frames);
    }

    /// No bytes make it fail, and none is dropped but what frames are made of.
    #[test]
    fn anything_becomes_rows(frame in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(rows(&[&frame]).len() <= 1);
    }
}
