//! Datadog's intakes, rule by rule, and the round trip of the forwarder's encoders.

use crate::support::*;
use oriel_model::{
    AlertType, CheckStatus, Event, HostMetadata, Kind, Mapping, Priority, Series, ServiceCheck, Sketch,
    SketchSeries,
};
use oriel_wire::{Error, datadog};
use proptest::prelude::*;

fn v1(body: &str) -> Vec<String> {
    lines(|b| datadog::series_v1(body.as_bytes(), NOW, b))
}

fn v2(body: &str) -> Vec<String> {
    lines(|b| datadog::series_v2_json(body.as_bytes(), NOW, b))
}

#[test]
fn v1_leaves_out_what_it_likes() {
    assert_eq!(v1(r#"{"series":[{"metric":"m","points":[[1700000000,1]]}]}"#), ["gauge m{}@ 1700000000=1"]);
    assert_eq!(
        v1(
            r#"{"series":[{"metric":"m","points":[[1700000000.5,"1.25"],[null,2]],"type":null,"interval":null,"tags":null,"host":null}]}"#
        ),
        ["gauge m{}@ 1700000000.5=1.25 now=2"]
    );
    assert_eq!(
        v1(
            r#"{"series":[{"metric":"m","points":[[1,1]],"tags":["HOST:other","a"],"host":"h","device":"sda"}]}"#
        ),
        ["gauge m{a,device:sda}@other 1=1"]
    );
    assert_eq!(v1(r#"{"series":[]}"#), [""; 0]);
    assert_eq!(v1("{}"), [""; 0]);
}

#[test]
fn store_12_a_time_that_was_filled_in_is_told() {
    let own = |body: &str| {
        let mut own = None;
        lines(|b| {
            datadog::series_v1(body.as_bytes(), NOW, b)?;
            own = Some(b.bears_own_times());
            Ok(())
        });
        own.unwrap()
    };
    assert!(own(r#"{"series":[{"metric":"m","points":[[1,1]]}]}"#));
    assert!(!own(r#"{"series":[{"metric":"m","points":[[1,1],[null,2]]}]}"#));
}

#[test]
fn values_are_exact_to_the_bit() {
    // serde_json's own parsing is one unit off for the first.
    for text in
        ["51.24817837550540999", "1e-320", "-0.0", "1.7976931348623157e308", "0.1", "12345678901234567890"]
    {
        let body = format!(r#"{{"series":[{{"metric":"m","points":[[1700000000,{text}]]}}]}}"#);
        let (_, batch, _) = batch(|b| datadog::series_v1(body.as_bytes(), NOW, b));
        let exact: f64 = text.parse().unwrap();
        assert_eq!(batch.values[0].to_bits(), exact.to_bits(), "{text}");
    }
}

#[test]
fn a_bad_row_costs_its_neighbours_nothing() {
    let got = v1(r#"{"series":[
        {"metric":"a","points":[[1,1],[2,null],["x",3],[4],[5,NaN],[6,-Infinity],7,[8,8]]},
        {"metric":"b","points":"none","tags":[{}]},
        {"metric":"c","points":[[1,1]],"type":"histogram"},
        {"metric":"","points":[[1,1]]},
        17,
        {"metric":"d [, \" ]","points":[[1,1]],"tags":["a,b","[x"]}
    ]}"#);
    assert_eq!(
        got,
        [
            "gauge a{}@ 1=1 8=8",
            "gauge d_______{_x,a_b}@ 1=1",
            "refused bad_value: [2,null]",
            "refused bad_timestamp: [\"x\",3]",
            "refused bad_value: [4]",
            "refused not_finite: value NaN at 5000 ms",
            "refused not_finite: value -inf at 6000 ms",
            "refused bad_timestamp: 7",
            got.iter().find(|l| l.contains("refused bad_syntax") && l.contains("\"b\"")).unwrap(),
            "refused unsupported_type: c: type \"histogram\"",
            "refused bad_name: a series was refused: bad_name",
            got.iter().find(|l| l.ends_with(": 17")).unwrap(),
        ]
    );
}

#[test]
fn a_body_that_is_no_json_is_refused_as_a_whole() {
    for body in ["", "[", "{\"series\":", "{\"series\":{}}", "null x", "\u{1}"] {
        let got = v1(body);
        assert!(got[0].starts_with("error: the body is not valid JSON"), "{body}: {got:?}");
    }
}

#[test]
fn v2_types_and_resources() {
    assert_eq!(
        v2(
            r#"{"series":[{"metric":"m","type":1,"interval":10,"points":[{"timestamp":1700000000,"value":2.5},{"value":3},{"timestamp":1}],
            "resources":[{"type":"host","name":"h"},{"type":"device","name":"sda"},{"type":"other","name":"x"}]}]}"#
        ),
        ["count 10s m{device:sda}@h 1700000000=2.5 now=3", "refused bad_value: {\"timestamp\":1}"]
    );
    assert_eq!(
        v2(r#"{"series":[{"metric":"m","type":"rate","points":[{"timestamp":1,"value":1}]}]}"#),
        ["rate m{}@ 1=1"]
    );
}

#[test]
fn names_over_the_limits_are_refused_by_reason() {
    let long = "n".repeat(201);
    let got = v1(&format!(
        r#"{{"series":[{{"metric":"{long}","points":[[1,1]]}},{{"metric":"m","points":[[1,1]]}}]}}"#
    ));
    assert_eq!(got[0], "gauge m{}@ 1=1");
    assert!(got[1].starts_with("refused name_too_long: nnn"), "{}", got[1]);
}

#[test]
fn protobuf_damage_is_told_and_neighbours_stay() {
    let good = datadog::encode::series_v2(&[series("a"), series("b")]);
    assert_eq!(lines(|b| datadog::series_v2_protobuf(&good, b)).len(), 2);
    // The first series' interval becomes a group, which nobody sends.
    let mut broken = good.clone();
    let inner = good[1] as usize;
    broken[2 + inner - 2] = 0x43;
    let got = lines(|b| datadog::series_v2_protobuf(&broken, b));
    assert!(
        got.iter().any(|l| l.contains(" b{")) && got.iter().any(|l| l.contains("refused bad_syntax")),
        "{got:?}"
    );
    let got = lines(|b| datadog::series_v2_protobuf(&good[..good.len() - 1], b));
    assert!(
        got.last().is_some_and(|l| l.contains("error")) || got.iter().any(|l| l.contains("error")),
        "{got:?}"
    );
}

fn series(metric: &str) -> Series {
    Series {
        metric: metric.into(),
        host: "h".into(),
        tags: vec!["x:1".into()],
        kind: Kind::Gauge,
        interval_s: 10,
        points: vec![(1_700_000_000_000, 1.0)],
    }
}

#[test]
fn store_18_sketches_add_repeated_keys_and_refuse_nonsense() {
    let mut sketch = Sketch::new(Mapping::AGENT);
    sketch.insert(5.0, 3);
    let key = sketch.bins[0].0;
    sketch.bins = vec![(key, 2), (key, 1), (key + 1, 0)];
    let one = SketchSeries {
        metric: "d".into(),
        host: "h".into(),
        tags: vec![],
        interval_s: 0,
        points: vec![(1_700_000_000_000, sketch.clone())],
    };
    let got = lines(|b| datadog::sketches(&datadog::encode::sketches(std::slice::from_ref(&one)), b));
    assert_eq!(
        got,
        [format!("distribution d{{}}@h 1700000000 n=3 sum=15 min=5 max=5 [({key}, 3), ({}, 0)]", key + 1)]
    );
    let mut bad = one;
    bad.points[0].1.sum = f64::NAN;
    let got = lines(|b| datadog::sketches(&datadog::encode::sketches(&[bad]), b));
    assert!(got[0].starts_with("refused bad_sketch"), "{got:?}");
}

#[test]
fn distribution_points_leave_out_what_is_no_number() {
    let body = r#"{"series":[{"metric":"d","host":"h","tags":["a"],"points":[[1,[1,"x",NaN,2]],[2,[]],["x",[1]],[3,5]]}]}"#;
    let got = lines(|b| datadog::distribution_points(body.as_bytes(), NOW, b));
    assert_eq!(
        got,
        [
            "distribution d{a}@h 1 n=2 sum=3 min=1 max=2 [(1338, 1), (1383, 1)]",
            "refused bad_value: \"x\"",
            "refused not_finite: \"NaN\"",
            "refused bad_timestamp: [\"x\",[1]]",
        ]
    );
}

#[test]
fn check_runs_one_or_many() {
    let of = |body: &str| {
        let (checks, refused) = datadog::check_run(body.as_bytes(), NOW).unwrap();
        checks.iter().map(check_line).chain(refused_lines(&refused)).collect::<Vec<_>>()
    };
    assert_eq!(of(r#"{"check":"c","status":0}"#), ["check \"c\" Ok @ now \"\" []"]);
    let got = of(
        r#"[{"check":"c","status":"2","timestamp":1.5,"host_name":"h"},{"check":"","status":0},{"check":"c","status":9},{"check":"c","status":1.5},{"status":{}}]"#,
    );
    assert_eq!(got.len(), 5);
    assert_eq!(got[0], "check \"c\" Critical @h 1.5 \"\" []");
    assert!(got[1].starts_with("refused bad_name") && got[2].starts_with("refused bad_value"), "{got:?}");
    assert!(got[4].starts_with("refused bad_syntax"), "{got:?}");
    assert!(matches!(datadog::check_run(b"nope", NOW), Err(Error::Syntax { .. })));
    assert!(matches!(datadog::event_v1(b"{\"text\":\"x\"}", NOW), Err(Error::Syntax { .. })));
}

#[test]
fn intake_takes_external_tags_and_agent_checks() {
    let body = r#"{"internalHostname":"h","agentVersion":"7","apiKey":"secret","agent_checks":[["cpu","cpu","cpu","OK","",{}]],
        "external_host_tags":[["vm-1",{"vsphere":["Env:X"]}],["",{}]],"events":{"api":[{"msg_title":"t","msg_text":"x"},{"msg_text":"no title"}]}}"#;
    let (submission, refused) = datadog::intake(body.as_bytes(), NOW).unwrap();
    assert_eq!(
        submission_lines(&submission),
        [
            "event \"t\" \"x\" @h now source=\"\" key=\"\" normal info []",
            "host h version \"7\" tags [] checks 1 raw [\"internalHostname\", \"agentVersion\"]",
            "host vm-1 version \"\" tags [(\"vsphere\", [\"env:x\"])] checks 0 raw []",
        ]
    );
    assert_eq!(refused.total(), 1);
}

#[test]
fn events_checks_and_metadata_go_round() {
    let event = Event {
        id: 0,
        time_ms: 1_700_000_000_000,
        title: "T \"q\"".into(),
        text: "line\nline é".into(),
        host: "h".into(),
        source: "nagios".into(),
        aggregation_key: "k".into(),
        priority: Priority::Low,
        alert_type: AlertType::Success,
        tags: vec!["a:b".into()],
    };
    let plain = Event { source: String::new(), ..event.clone() };
    let body = datadog::encode::events_intake(&[event.clone(), plain.clone()], "sender");
    assert_eq!(datadog::intake(&body, NOW).unwrap().0.events, [event, plain]);

    let check = ServiceCheck {
        time_ms: 1_700_000_000_000,
        check: "c".into(),
        host: "h".into(),
        status: CheckStatus::Unknown,
        message: "m".into(),
        tags: vec!["a:b".into()],
    };
    let body = datadog::encode::checks(std::slice::from_ref(&check));
    assert_eq!(datadog::check_run(&body, NOW).unwrap().0, [check]);

    let metadata = HostMetadata {
        host: "h".into(),
        agent_version: "7.1".into(),
        host_tags: vec![("system".into(), vec!["env:x".into()])],
        raw: serde_json::json!({"os": "linux", "gohai": "{}"}),
        agent_checks: vec![serde_json::json!(["cpu", "", "", "OK", ""])],
    };
    let body = datadog::encode::host_metadata(&metadata);
    let back = datadog::intake(&body, NOW).unwrap().0.host_metadata.remove(0);
    assert_eq!(
        (back.host, back.agent_version, back.host_tags),
        (metadata.host, metadata.agent_version, metadata.host_tags)
    );
    assert_eq!((back.raw["os"].as_str(), back.agent_checks), (Some("linux"), metadata.agent_checks));
}

fn any_series() -> impl Strategy<Value = Series> {
    let kind = prop_oneof![Just(Kind::Gauge), Just(Kind::Count), Just(Kind::Rate)];
    let points = prop::collection::vec((0_i64..4_000_000_000, -1e300..1e300_f64), 1..5);
    (
        "[a-z][a-z_.]{0,9}",
        "[a-z0-9-]{0,5}",
        prop::collection::vec("[a-z][a-z:]{0,5}", 0..4),
        kind,
        0_u32..4000,
        points,
    )
        .prop_map(|(metric, host, mut tags, kind, interval_s, points)| {
            tags.retain(|t| !t.starts_with("host:"));
            let points = points.into_iter().map(|(t, v)| (t * 1000, v)).collect();
            Series { metric, host, tags, kind, interval_s, points }
        })
}

proptest! {
    /// What the agent forwards is what the server would have stored without it.
    #[test]
    fn series_go_round(series in prop::collection::vec(any_series(), 0..6)) {
        let direct = oriel_model::Submission { series: series.clone(), ..Default::default() };
        let (_, want, _) = batch(|b| { direct.build(b); Ok(()) });
        let (done, got, refused) = batch(|b| datadog::series_v2_protobuf(&datadog::encode::series_v2(&series), b));
        prop_assert!(done.is_ok() && refused.is_empty());
        prop_assert_eq!(batch_lines(&got), batch_lines(&want));
    }

    #[test]
    fn any_bytes_end_in_an_answer(body in prop::collection::vec(any::<u8>(), 0..300)) {
        lines(|b| datadog::series_v2_protobuf(&body, b));
        lines(|b| datadog::sketches(&body, b));
        lines(|b| datadog::series_v1(&body, NOW, b));
        let _ = datadog::intake(&body, NOW);
    }
}
