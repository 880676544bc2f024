//! DogStatsD, rule by rule; the captured packets are in `golden`.

use crate::support::*;
use proptest::prelude::*;

fn one(packet: &str) -> Vec<String> {
    statsd_lines(&[packet.as_bytes()])
}

#[test]
fn fields_come_in_any_order_and_unknown_ones_are_passed_over() {
    let expected = ["rate 10s a{x:1,y}@h0 now=0.4"];
    for packet in [
        "a:2|c|@0.5|#x:1,y",
        "a:2|c|#x:1,y|@0.5",
        "a:2|c|#y,x:1|c:in-1,ci-2|e:it-false,cn-a,pu-b|card:low|@0.5",
        "a:2|c|zz|@0.5|#x:1,y||",
        "a:2|c|#x:1,y,|@0.5\r\n\n",
    ] {
        assert_eq!(one(packet), expected, "{packet}");
    }
}

#[test]
fn packed_values_are_all_taken_and_empty_ones_passed_over() {
    assert_eq!(one("a:1:2::3|c"), ["rate 10s a{}@h0 now=0.6"]);
    assert_eq!(one("a:1:2:3|g"), ["gauge 10s a{}@h0 now=3"]);
    assert_eq!(one("a:1:x:3|c"), ["refused bad_value: a:1:x:3|c"]);
    assert_eq!(one("a::|c"), ["refused bad_value: a::|c"]);
    // A set's member may hold colons.
    assert_eq!(one("a:1:2|s\na:1:3|s"), ["gauge 10s a{}@h0 now=2"]);
}

#[test]
fn a_bad_rate_or_time_refuses_the_metric() {
    for (packet, reason) in [
        ("a:1|c|@x", "bad_value"),
        ("a:1|c|@0", "bad_value"),
        ("a:1|c|@-1", "bad_value"),
        ("a:1|c|@nan", "bad_value"),
        ("a:1|g|T0", "bad_timestamp"),
        ("a:1|g|T1.5", "bad_timestamp"),
        ("a:1|g|T", "bad_timestamp"),
        ("a:1|h|T1700000000", "unsupported_type"),
        ("a:1|s|T1700000000", "unsupported_type"),
        ("a:1|x", "unsupported_type"),
        ("a:1|", "unsupported_type"),
        ("a:1", "bad_syntax"),
        (":1|g", "bad_name"),
        ("123:1|g", "bad_name"),
    ] {
        assert_eq!(one(packet), [format!("refused {reason}: {packet}")]);
    }
}

#[test]
fn names_and_tags_take_datadogs_form() {
    assert_eq!(
        one("my-metric é:1|g|#Env:PROD,sp ace:x y"),
        ["gauge 10s my_metric__{env:prod,sp_ace:x_y}@h0 now=1"]
    );
    let packet = [b"a:1|g|#u:\xe9,".as_slice(), "v:é".as_bytes()].concat();
    assert_eq!(statsd_lines(&[&packet]), ["gauge 10s a{u:\u{fffd},v:é}@h0 now=1"]);
    let long = format!("a:1|g|#k:{}", "x".repeat(300));
    assert!(one(&long)[0].contains(&format!("{{k:{}}}", "x".repeat(198))));
    assert!(one(&format!("{}:1|g", "n".repeat(201)))[0].starts_with("refused name_too_long"));
    let many: Vec<String> = (0..200).map(|i| format!("t:{i}")).collect();
    assert!(one(&format!("a:1|g|#{}", many.join(",")))[0].starts_with("refused too_many_tags"));
}

#[test]
fn tags_with_a_meaning_are_no_tags() {
    assert_eq!(one("a:1|g|#host:web-1,x"), ["gauge 10s a{x}@web-1 now=1"]);
    assert_eq!(one("a:1|g|#host:,x"), ["gauge 10s a{x}@ now=1"]);
    assert_eq!(
        one("a:1|g|#dd.internal.entity_id:none,dd.internal.card:high,jmx_check_name:j,x"),
        ["gauge 10s a{x}@h0 now=1"]
    );
}

#[test]
fn events_by_bytes_then_by_utf16_units() {
    let event = |title: &str, text: &str| {
        format!("event {title:?} {text:?} @h0 now source=\"\" key=\"\" normal info []")
    };
    assert_eq!(one("_e{2,3}:é|abc"), [event("é", "abc")]);
    assert_eq!(one("_e{1,3}:é|abc"), [event("é", "abc")]);
    assert_eq!(one("_e{2,0}:😀|"), [event("😀", "")]);
    assert_eq!(one("_e{3,4}:a|b|c\\nd"), [event("a|b", "c\nd")]);
    assert_eq!(
        one("_e{1,1}:a|b|d:x|p:urgent|t:fatal|zz|h:|#host:t"),
        ["event \"a\" \"b\" @t now source=\"\" key=\"\" normal info []"]
    );
    for bad in ["_e{0,1}:|b", "_e{9,9}:a|b", "_e{1,1}a|b", "_e{1}:a|b", "_e{1,1}:a|bc", "_e{-1,1}:a|b", "_e{"]
    {
        assert!(one(bad)[0].starts_with("refused"), "{bad}: {:?}", one(bad));
    }
}

#[test]
fn checks_keep_bars_in_their_message() {
    assert_eq!(
        one("_sc|a.b|1|m:x | y|c:in-1|e:it-false|card:low"),
        ["check \"a.b\" Warning @h0 now \"x | y\" []"]
    );
    assert_eq!(
        one("_sc|a.b|3|#x:1,host:w|d:1700000000|m:m\\: n\\nz"),
        ["check \"a.b\" Unknown @w 1700000000 \"m: n\\nz\" [\"x:1\"]"]
    );
    for bad in ["_sc|a", "_sc||0", "_sc|a|4", "_sc|a|x"] {
        assert!(one(bad)[0].starts_with("refused"), "{bad}");
    }
}

#[test]
fn one_bad_line_costs_its_neighbours_nothing() {
    assert_eq!(
        one("a:1|g\nrubbish\nb:2|g"),
        ["gauge 10s a{}@h0 now=1", "gauge 10s b{}@h0 now=2", "refused bad_syntax: rubbish"]
    );
}

proptest! {
    #[test]
    fn any_bytes_are_taken(packet in prop::collection::vec(any::<u8>(), 0..300)) {
        statsd_lines(&[&packet]);
    }

    #[test]
    fn anything_like_a_line_is_taken(packet in "(_e\\{|_sc\\||[a-z.:]{1,5})[0-9,:|#@a-zT}é\\\\\n.-]{0,80}") {
        one(&packet);
    }
}
