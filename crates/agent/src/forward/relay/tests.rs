//! What is kept of a request, and how clients are answered.

use super::*;

fn request(headers: &[(&str, &str)]) -> IntakeRequest {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let mut request =
        IntakeRequest::post("/v0.4/traces", headers, Bytes::from_static(b"a body, a body, a body"));
    request.query = "a=b".to_owned();
    request
}

fn header<'h>(head: &'h RawHead, name: &str) -> Vec<&'h str> {
    head.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
}

#[test]
fn a_plain_body_is_compressed_and_the_host_named() {
    let plain =
        request(&[("content-type", "application/msgpack"), ("dd-api-key", "k"), ("datadog-meta-lang", "go")]);
    let kept = payload(&plain, "web-1").unwrap();
    let (head, body) = unpack(&kept.body).unwrap();
    assert_eq!(head.target, "/v0.4/traces?a=b");
    assert_eq!(header(&head, "x-oriel-host"), ["web-1"]);
    assert_eq!(header(&head, "content-encoding"), ["zstd"]);
    assert_eq!(header(&head, "datadog-meta-lang"), ["go"]);
    assert!(header(&head, "dd-api-key").is_empty(), "the server's key is the agent's own");
    assert_eq!(zstd::decode_all(body).unwrap(), &plain.body[..]);
}

#[test]
fn a_compressed_body_stays_as_it_is_and_a_named_host_too() {
    let packed = request(&[("content-encoding", "gzip"), ("x-oriel-host", "behind")]);
    let kept = payload(&packed, "web-1").unwrap();
    let (head, body) = unpack(&kept.body).unwrap();
    assert_eq!(header(&head, "content-encoding"), ["gzip"]);
    assert_eq!(header(&head, "x-oriel-host"), ["behind"]);
    assert_eq!(body, &packed.body[..]);
}

#[test]
fn damage_is_told() {
    let kept = payload(&request(&[]), "h").unwrap();
    assert!(unpack(&kept.body[..3]).is_none());
    assert!(unpack(&kept.body[..20]).is_none());
    assert!(unpack(&[0xff; 40]).is_none());
}
