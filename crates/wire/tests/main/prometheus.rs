//! Prometheus, rule by rule.

use crate::support::*;
use oriel_model::{Limits, MetricBatchBuilder, OrgId, TimeRange, Unresolved};
use oriel_wire::prometheus::{self, declared};
use proptest::prelude::*;

fn text(body: &str) -> Vec<String> {
    lines(|b| prometheus::text(body.as_bytes(), NOW, b).map(drop))
}

#[test]
fn kinds_come_from_the_name_or_the_type_line() {
    assert_eq!(
        text("a_total 1\na 2\nb_bucket{le=\"1\"} 3\nb_sum 4\nb_count 5\n"),
        [
            "cumulative a_total{}@ now=1",
            "gauge a{}@ now=2",
            "cumulative b_bucket{le:1}@ now=3",
            "cumulative b_sum{}@ now=4",
            "cumulative b_count{}@ now=5",
        ]
    );
    assert_eq!(
        text(
            "# TYPE a_total gauge\na_total 1\n# TYPE c counter\nc 2\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\n# TYPE open counter\nopen_total 1\n# TYPE u untyped\nu_total 1"
        ),
        [
            "gauge a_total{}@ now=1",
            "cumulative c{}@ now=2",
            "gauge s{quantile:0.5}@ now=1",
            "cumulative s_sum{}@ now=1",
            "cumulative open_total{}@ now=1",
            "cumulative u_total{}@ now=1",
        ]
    );
}

#[test]
fn labels_are_byte_exact_and_host_fills_the_slot() {
    assert_eq!(
        text(
            "m{host=\"H-1\",instance=\"a:9100\",Path=\"/A b\",empty=\"\",q=\"a\\\"b\\\\c\\nd\",br=\"}{\",é=\"ü\",} 1 1700000000123\n"
        ),
        ["gauge m{Path:/A b,br:}{,instance:a:9100,q:a\"b\\c\nd,é:ü}@H-1 1700000000.123=1"]
    );
    assert_eq!(text("m { a = \"b\" , c=\"d\" } 1 5"), ["gauge m{a:b,c:d}@ 0.005=1"]);
    assert_eq!(text("{\"my.metric\",a=\"b\"} 1 5"), ["gauge my.metric{a:b}@ 0.005=1"]);
    assert_eq!(text("m{} 1 5\nm 2 6"), ["gauge m{}@ 0.005=1", "gauge m{}@ 0.006=2"]);
}

#[test]
fn numbers_as_exporters_write_them() {
    let (_, batch, _) = batch(|b| {
        prometheus::text(
            b"m 1.793648e+06 1\nm +2 2\nm -3 3\nm 1e3 -4\nm 0.1 5\nm 123456789012345678 6",
            NOW,
            b,
        )
        .map(drop)
    });
    assert_eq!(batch.values, [1_793_648.0, 2.0, -3.0, 1000.0, 0.1, 123_456_789_012_345_678.0]);
    assert_eq!(batch.ts, [1, 2, 3, -4, 5, 6]);
    let (resolver, limits) = (Unresolved::default(), Limits::default());
    let mut b =
        MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::all(), ("t", "")).allow_non_finite();
    prometheus::text(b"m NaN 1\nm +Inf 2\nm -Inf 3", NOW, &mut b).unwrap();
    let (batch, refused) = b.finish();
    assert!(refused.is_empty() && batch.values[0].is_nan());
    assert_eq!(batch.values[1..], [f64::INFINITY, f64::NEG_INFINITY]);
}

#[test]
fn exemplars_are_left_out_and_bad_lines_refused_alone() {
    assert_eq!(
        text(
            "a_bucket{le=\"1\"} 17 # {trace_id=\"x}\"} 0.67 1.5\nb_total 3 1000 # {id=\"y\"} 1\nc_total 4 # {id=\"z\"} 1"
        ),
        ["cumulative a_bucket{le:1}@ now=17", "cumulative b_total{}@ 1=3", "cumulative c_total{}@ now=4"]
    );
    let bad = [
        "m",
        "m{",
        "m{a=\"b\"",
        "m{a=b} 1",
        "m{a=\"b\"} x",
        "m 1 x",
        "m 1 1.5",
        "m 1 2 3",
        "{a=\"b\"} 1",
        "m\"} 1",
        "m=x 1",
        "m\u{0} 1",
        "m{a=\"b\"c=\"d\"} 1",
        "m{=\"b\"} 1",
    ];
    for line in bad {
        let got = text(&format!("good 1 1\n{line}\ngood 2 2\n"));
        assert_eq!(got.len(), 2, "{line}: {got:?}");
        assert_eq!(got[0], "gauge good{}@ 0.001=1 0.002=2", "{line}");
        assert!(got[1].starts_with("refused "), "{line}: {got:?}");
    }
}

#[test]
fn comments_tell_of_the_metrics() {
    let body = b"# HELP a What it\\nis.\n# TYPE a counter\n# UNIT a bytes\n# something else\n#EOF\na_total 1";
    let mut told = Vec::new();
    lines(|b| {
        told = prometheus::text(body, NOW, b)?;
        Ok(())
    });
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&*told[0].metric, told[0].kind, &*told[0].help, &*told[0].unit),
        ("a", "counter", "What it\nis.", "bytes")
    );
}

/// A field of wire type 2.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn label(name: &str, value: &str) -> Vec<u8> {
    field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat())
}

fn sample(value: u64, time_ms: u8) -> Vec<u8> {
    field(2, &[&[0x09], value.to_le_bytes().as_slice(), &[0x10, time_ms]].concat())
}

/// Prometheus marks the end of a series with this NaN.
const STALE: u64 = 0x7ff0_0000_0000_0002;

#[test]
fn store_13_remote_write_keeps_values_to_the_bit() {
    let one = [
        label("__name__", "up"),
        label("host", "h"),
        label("job", "j"),
        sample(1.0_f64.to_bits(), 5),
        sample(STALE, 6),
    ];
    let two = [label("__name__", "x_total"), sample(2.5_f64.to_bits(), 7)];
    let body = [field(1, &one.concat()), field(1, &two.concat()), field(1, &one.concat())].concat();
    let (resolver, limits) = (Unresolved::default(), Limits::default());
    let mut b =
        MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::all(), ("t", "")).allow_non_finite();
    prometheus::remote_write(&body, &|_| None, &mut b).unwrap();
    let (batch, refused) = b.finish();
    assert!(refused.is_empty());
    assert_eq!(batch.series.len(), 2);
    assert_eq!(batch.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>()[..2], [1.0_f64.to_bits(), STALE]);
    assert_eq!(
        batch_lines(&batch),
        ["gauge up{job:j}@h 0.005=1 0.006=NaN 0.005=1 0.006=NaN", "cumulative x_total{}@ 0.007=2.5"]
    );
}

#[test]
fn remote_write_types_come_from_earlier_metadata() {
    let series = |name: &str| field(1, &[label("__name__", name), sample(0, 1)].concat());
    let body = [series("jobs"), series("queue_count"), series("lat_count")].concat();
    let types = |family: &str| match family {
        "jobs" => Some(declared("counter")),
        "queue_count" => Some(declared("gauge")),
        "lat" => Some(declared("histogram")),
        _ => None,
    };
    assert_eq!(
        lines(|b| prometheus::remote_write(&body, &types, b).map(drop)),
        ["cumulative jobs{}@ 0.001=0", "gauge queue_count{}@ 0.001=0", "cumulative lat_count{}@ 0.001=0"]
    );
    let metadata =
        field(3, &[&[0x08, 3], field(2, b"lat").as_slice(), &field(4, b"help"), &field(5, b"s")].concat());
    let mut told = Vec::new();
    lines(|b| {
        told = prometheus::remote_write(&metadata, &types, b)?;
        Ok(())
    });
    assert_eq!(
        (&*told[0].metric, told[0].kind, &*told[0].help, &*told[0].unit),
        ("lat", "histogram", "help", "s")
    );
}

#[test]
fn remote_write_refuses_what_it_cannot_hold() {
    let nameless = field(1, &[label("job", "j"), sample(0, 1)].concat());
    let histogram = field(1, &[label("__name__", "h"), field(4, &[]), sample(0, 1)].concat());
    let got = lines(|b| prometheus::remote_write(&[nameless, histogram].concat(), &|_| None, b).map(drop));
    assert_eq!(got[0], "gauge h{}@ 0.001=0");
    assert!(
        got[1].starts_with("refused bad_name") && got[2].starts_with("refused unsupported_type"),
        "{got:?}"
    );
    let got = lines(|b| prometheus::remote_write(b"\x0a\xff", &|_| None, b).map(drop));
    assert!(got[0].starts_with("error: the body is not valid remote write"), "{got:?}");
}

proptest! {
    #[test]
    fn any_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..300)) {
        lines(|b| prometheus::text(&body, NOW, b).map(drop));
        lines(|b| prometheus::remote_write(&body, &|_| None, b).map(drop));
    }

    /// Escaping and reading give the label back, whatever is in it.
    #[test]
    fn labels_go_round(value in "[^\r]{0,20}", time in 0_i64..1_000_000_000_000) {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let got = text(&format!("m{{l=\"{escaped}\"}} 1.5 {time}\nm{{l=\"{escaped}\"}} 2"));
        let tag = if value.is_empty() { String::new() } else { format!("l:{value}") };
        prop_assert_eq!(got, [format!("gauge m{{{tag}}}@ {}=1.5 now=2", time as f64 / 1000.0)]);
    }
}
