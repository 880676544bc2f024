//! Docker's and the runtime interface's lines.

use super::*;

fn open(envelope: Envelope, text: &str) -> Piece {
    envelope.open(Line { text: text.to_owned(), end: 9, is_cut: false })
}

#[test]
fn dockers_json_lines() {
    let piece = open(
        Envelope::DockerJson,
        r#"{"log":"hello\r\n","stream":"stderr","time":"2024-02-29T13:02:11.5Z"}"#,
    );
    let wanted = Piece {
        text: "hello".to_owned(),
        end: 9,
        time_ns: Some(1_709_211_731_500_000_000),
        status: Some("error"),
        goes_on: false,
    };
    assert_eq!(piece, wanted);
    let part = open(Envelope::DockerJson, r#"{"log":"first ","stream":"stdout","time":"x"}"#);
    assert!(part.goes_on && part.time_ns.is_none());
    assert_eq!(open(Envelope::DockerJson, "not json").text, "not json");
}

#[test]
fn lines_of_the_container_runtime_interface() {
    let piece = open(Envelope::Cri, "2024-06-05T15:02:11.123456789+02:00 stdout F two words");
    assert_eq!((piece.text.as_str(), piece.status, piece.goes_on), ("two words", Some("info"), false));
    assert_eq!(piece.time_ns, Some(1_717_592_531_123_456_789));
    assert!(open(Envelope::Cri, "2024-06-05T15:02:11Z stderr P part").goes_on);
    assert_eq!(open(Envelope::Cri, "2024-06-05T15:02:11Z stdout F").text, "");
    assert_eq!(open(Envelope::Cri, "plain text of no form at all").text, "plain text of no form at all");
}
