//! Bodies of every channel keep within their services' limits whatever the content; addresses that may not be reached.

use super::{
    ChannelSettings, MailSettings, MailTls, Message, is_public, mail, settings::*, webhook::Webhook,
};
use super::{discord, opsgenie, pagerduty, slack, sns, teams, telegram};
use crate::content::tests::{Fake, metric, notice};
use crate::content::{Content, Setting, render};
use crate::handle::Kind;
use crate::status::{Status, TransitionKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn content(message: &str, to: Status) -> Content {
    let (kind, from) = match to {
        Status::Ok => (TransitionKind::AlertRecovery, Status::Alert),
        _ => (TransitionKind::Alert, Status::Ok),
    };
    let setting = Setting {
        source: &Fake::default(),
        base_url: "https://oriel.example",
        token: "t".repeat(32),
        has_evidence: true,
        members: Vec::new(),
    };
    render(&notice(kind, from, to, metric(message)), &setting).0
}

fn chars(value: &Value) -> usize {
    value.as_str().unwrap().chars().count()
}

#[test]
fn long_messages_are_cut_to_what_services_take() {
    let long = content(&"größer als je zuvor ".repeat(5_000), Status::Alert);
    let none = ChannelSettings::default();
    let body = slack::body(&long, &none, true);
    let blocks = body["attachments"][0]["blocks"].as_array().unwrap();
    assert!(chars(&blocks[0]["text"]["text"]) <= 150 && chars(&blocks[1]["text"]["text"]) <= 3000);
    assert!(blocks.iter().any(|b| b["type"] == "image"));
    assert!(!slack::body(&long, &none, false).to_string().contains("image_url"));
    assert!(teams::body(&long).to_string().len() < 28_000);
    let event = pagerduty::body(&long, "k");
    assert!(chars(&event["payload"]["summary"]) <= 1024 && event.to_string().len() < 512_000);
    let (_, alert) = opsgenie::request(&long);
    assert!(chars(&alert["message"]) <= 130 && chars(&alert["description"]) <= 15_000);
    let message = Message { content: &long, chart: None, now_ms: 0 };
    let (_, body) = discord::body(&message, &none);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(chars(&body["embeds"][0]["description"]) <= 4096);
    let (method, _, body) = telegram::request(&message, "1");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(method == "sendMessage" && chars(&body["text"]) <= 4096);
    let with_chart = Message { chart: Some(b"png"), ..message };
    let (method, kind, body) = telegram::request(&with_chart, "1");
    assert!(method == "sendPhoto" && kind.starts_with("multipart/form-data; boundary=oriel-"));
    assert!(
        String::from_utf8_lossy(&body)
            .contains("filename=\"chart.png\"\r\nContent-Type: image/png\r\n\r\npng")
    );
}

#[test]
fn nobody_is_mentioned_by_a_value_and_links_are_written_as_slack_does() {
    let none = ChannelSettings::default();
    let made = content("<!channel> **b** [run](https://x.org/a?b=1) [no](javascript:x) a & b", Status::Alert);
    let text = slack::body(&made, &none, false)["attachments"][0]["blocks"][1]["text"]["text"].clone();
    assert_eq!(text, "&lt;!channel&gt; *b* <https://x.org/a?b=1|run> [no](javascript:x) a &amp; b");
}

#[test]
fn a_recovery_resolves_what_the_alert_opened() {
    let (alert, over) = (content("m", Status::Alert), content("m", Status::Ok));
    let (opened, closed) = (pagerduty::body(&alert, "k"), pagerduty::body(&over, "k"));
    assert_eq!((&opened["event_action"], &closed["event_action"]), (&json!("trigger"), &json!("resolve")));
    assert_eq!(opened["dedup_key"], closed["dedup_key"]);
    let (path, _) = opsgenie::request(&over);
    let alias = opsgenie::request(&alert).1["alias"].as_str().unwrap().to_owned();
    assert_eq!(path, format!("/v2/alerts/{alias}/close?identifierType=alias"));
}

#[test]
fn a_topic_says_its_region_and_a_subject_is_ascii() {
    assert_eq!(sns::region("arn:aws:sns:eu-west-1:123456789012:alerts"), Some("eu-west-1"));
    assert_eq!(sns::region("arn:aws:sqs:eu-west-1:1:x"), None);
    let settings = json!({ "topic_arn": "arn:aws:sns:eu-west-1:1:x.fifo", "access_key_id": "A", "secret_access_key": "S" });
    let settings = ChannelSettings::read(Kind::Sns, &settings, None).unwrap();
    let made = content("ü", Status::Alert);
    let request = sns::request(&Message { content: &made, chart: None, now_ms: 0 }, &settings).unwrap();
    assert_eq!(request.url, "https://sns.eu-west-1.amazonaws.com/");
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    assert!(form["Subject"].is_ascii() && form["Message"].contains('ü'));
    assert_eq!(form["MessageDeduplicationId"], made.key);
    assert!(
        request.headers.iter().any(|(k, v)| k == "authorization" && v.contains("eu-west-1/sns/aws4_request"))
    );
}

#[test]
fn a_payload_is_json_whatever_the_values_and_unknown_names_stay() {
    let made = content("quote \" back \\ line\nend", Status::Alert);
    let payload = r#"{"m": "$EVENT_MSG", "rows": $LOGS_SAMPLE, "host": "$TAGS[host]", "team": "$TAGS[team]", "x": "$NOPE $5", "s": "$SECURITY_RULE_NAME"}"#;
    let webhook = Webhook {
        url: "https://x.org/?q=$EVENT_TITLE".to_owned(),
        payload: Some(payload.to_owned()),
        ..Webhook::default()
    };
    let request = webhook.request(&made, 1_000).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["m"], "quote \" back \\ line\nend");
    assert_eq!(
        (&body["host"], &body["team"], &body["x"], &body["s"]),
        (&json!("web-1"), &json!("shop"), &json!("$NOPE $5"), &json!(""))
    );
    assert_eq!(body["rows"]["rows"].as_array().unwrap().len(), 1);
    assert!(request.url.starts_with("https://x.org/?q=%5BTriggered%5D"), "{}", request.url);
    assert!(!request.headers.iter().any(|(k, _)| k == "x-oriel-signature"), "no secret, no signature");
    let wrong = Webhook { payload: Some("not json".to_owned()), is_form: true, ..webhook };
    assert!(wrong.request(&made, 0).unwrap_err().contains("form"));
}

#[test]
fn settings_are_checked_kept_and_read_back_without_their_secrets() {
    let read = |kind, given: Value, old: Option<&ChannelSettings>| ChannelSettings::read(kind, &given, old);
    let first = read(Kind::PagerDuty, json!({ "routing_key": "secret", "region": "eu" }), None).unwrap();
    assert_eq!(first.readable(Kind::PagerDuty), json!({ "routing_key": { "set": true }, "region": "eu" }));
    assert_eq!(first.base_url("https://events.pagerduty.com", "/v2"), "https://events.eu.pagerduty.com/v2");
    let second = read(Kind::PagerDuty, json!({ "routing_key": { "set": true } }), Some(&first)).unwrap();
    assert_eq!((second.get("routing_key"), second.get("region")), ("secret", ""));
    assert!(!format!("{first:?}").contains("secret"));
    for (kind, given, message) in [
        (Kind::Slack, json!({}), "settings.url is missing"),
        (Kind::Slack, json!({ "url": "ftp://x" }), "settings.url: is not a URL"),
        (
            Kind::Slack,
            json!({ "url": "https://x.org", "colour": "red" }),
            "settings.colour: slack has no such setting",
        ),
        (Kind::Email, json!({ "to": "nobody" }), "not a list of addresses"),
        (
            Kind::Sns,
            json!({ "topic_arn": "x", "access_key_id": "a", "secret_access_key": "s" }),
            "not the ARN",
        ),
        (Kind::Webhook, json!({ "url": "https://x.org", "custom_headers": "[]" }), "settings.custom_headers"),
    ] {
        let error = read(kind, given, None).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    // Every field of every kind is one that a form can show.
    for kind in Kind::ALL {
        let all: &[ChannelField] = kind.fields();
        assert!(all.iter().any(|f| f.is_required) && all.iter().all(|f| !f.label.is_empty()));
    }
}

#[test]
fn mail_settings_come_from_a_url_or_a_form() {
    let read =
        MailSettings::of_url("smtp://me%40x.org:p%40ss+w@mail.x.org:2525?from=o@x.org&tls=starttls").unwrap();
    assert_eq!((read.host.as_str(), read.port, read.tls), ("mail.x.org", 2525, MailTls::Starttls));
    assert_eq!((read.user.as_str(), read.password.as_str()), ("me@x.org", "p@ss+w"));
    assert_eq!(MailSettings::of_url("smtps://mail.x.org?from=o@x.org").unwrap().tls, MailTls::Tls);
    assert!(MailSettings::of_url("http://mail.x.org").is_err());
    assert!(!read.readable().to_string().contains("p@ss") && !format!("{read:?}").contains("p@ss"));
    let given = json!({ "host": "mail.x.org", "from": "o@x.org", "password": { "set": true } });
    let kept = MailSettings::read(&given, Some(&read)).unwrap();
    assert_eq!((kept.password.as_str(), kept.user.as_str()), ("p@ss+w", ""));
    let wrong = MailSettings::read(&json!({ "host": "", "from": "o" }), None).unwrap_err().to_string();
    assert!(wrong.contains("host:") && wrong.contains("from:"), "{wrong}");
}

#[test]
fn a_mail_is_the_same_each_time_but_for_its_boundaries() {
    let made = content("m", Status::Alert);
    let settings =
        MailSettings { host: "x".to_owned(), from: "o@x.org".to_owned(), ..MailSettings::default() };
    let message = Message { content: &made, chart: Some(b"png"), now_ms: 0 };
    let text = |at_ms| {
        let mail = mail::compose(&settings, &["a@x.org".to_owned()], &Message { now_ms: at_ms, ..message });
        String::from_utf8(mail.unwrap().formatted()).unwrap()
    };
    let head = |mail: String| {
        let kept = mail.lines().take_while(|l| !l.is_empty()).filter(|l| !l.contains("boundary"));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(head(text(0)), head(text(1_000_000)));
    assert!(text(0).contains(&format!("Message-ID: <{}@x.org>", made.key)));
}

#[test]
fn addresses_of_the_server_itself_and_of_its_networks_are_not_public() {
    for address in [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1",
        "fec0::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in [
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "198.20.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "::ffff:8.8.8.8",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}
