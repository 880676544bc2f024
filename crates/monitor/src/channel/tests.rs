//! Bodies of every channel keep within their services' limits whatever the content; addresses that may not be reached.

use super::{
    ChannelSettings, MailSettings, MailTls, Message, is_public, mail, settings::*, webhook::Webhook,
};
use super::{discord, opsgenie, pagerduty, short, slack, sns, teams, telegram, unmarked};
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
        picture: Default::default(),
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
        let mail = mail::compose(&settings, "a@x.org", &Message { now_ms: at_ms, ..message });
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

/// What the services count: signs beyond the basic plane are two.
fn units(value: &Value) -> usize {
    value.as_str().unwrap().encode_utf16().count()
}

/// A notice whose every text is long, of letters that are written longer than they are counted.
fn hostile(sign: &str) -> Content {
    let long = |n: usize| sign.repeat(n);
    let mut made = content(&long(30_000), Status::Alert);
    made.subject = long(300);
    made.group = format!("host:{}", long(400));
    made.host = Some(long(3_000));
    made.monitor_name = long(3_000);
    made.group_tags = vec![("service".to_owned(), long(3_000))];
    made.tags = (0..60).map(|n| format!("tag{n}:{}", long(200))).collect();
    made.facts = (0..14).map(|n| (format!("Fact {n}"), long(3_000))).collect();
    for log in &mut made.logs {
        log.text = long(2_000);
    }
    let log = made.logs[0].clone();
    made.logs.resize(5, log);
    let difference = made.differences.first().cloned();
    made.differences.extend(difference.map(|mut d| {
        d.value = long(2_000);
        d
    }));
    made
}

#[test]
fn whatever_the_letters_no_service_is_sent_more_than_it_takes() {
    for sign in ["日", "🔥", "&", "<", "*", "\"", "\\", "`", "\u{1}", "a", "ü\n"] {
        let made = hostile(sign);
        let none = ChannelSettings::default();
        let slack = slack::body(&made, &none, true);
        for block in slack["attachments"][0]["blocks"].as_array().unwrap() {
            if let Some(text) = block["text"].as_object() {
                let most = if block["type"] == "header" { 150 } else { 3000 };
                assert!(units(&text["text"]) <= most && units(&text["text"]) > 0, "{sign}: {block}");
            }
            for field in block["fields"].as_array().into_iter().flatten() {
                assert!(units(&field["text"]) <= 2000, "{sign}: {field}");
            }
        }
        assert!(
            teams::body(&made).to_string().len() <= 28_000,
            "{sign}: {}",
            teams::body(&made).to_string().len()
        );
        let event = pagerduty::body(&made, "k");
        assert!(units(&event["payload"]["summary"]) <= 1024 && event.to_string().len() < 512_000, "{sign}");
        assert!(units(&event["payload"]["source"]) <= 255, "{sign}");
        let (_, alert) = opsgenie::request(&made);
        assert!(units(&alert["message"]) <= 130 && units(&alert["entity"]) <= 512, "{sign}");
        let details = alert["details"].as_object().unwrap();
        assert!(details.iter().map(|(k, v)| k.len() + units(v)).sum::<usize>() <= 8000, "{sign}");
        let message = Message { content: &made, chart: None, now_ms: 0 };
        let (_, body) = discord::body(&message, &none);
        let embed = serde_json::from_slice::<Value>(&body).unwrap()["embeds"][0].clone();
        let fields = embed["fields"].as_array().unwrap();
        assert!(fields.iter().all(|f| units(&f["value"]) <= 1024 && units(&f["name"]) <= 256), "{sign}");
        let of_fields: usize = fields.iter().map(|f| units(&f["value"]) + units(&f["name"])).sum();
        assert!(units(&embed["title"]) + units(&embed["description"]) + of_fields <= 6000, "{sign}");
        let seen = |text: &str| {
            let text = text.split_once("\n<a href").unwrap().0.replace("<b>", "").replace("</b>", "");
            let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
            signs.iter().fold(text, |t, (from, to)| t.replace(from, to)).encode_utf16().count() + 20
        };
        let (_, _, body) = telegram::request(&message, "1");
        let text = serde_json::from_slice::<Value>(&body).unwrap()["text"].as_str().unwrap().to_owned();
        assert!(seen(&text) <= 4096, "{sign}: {}", seen(&text));
        let (_, _, body) = telegram::request(&Message { chart: Some(b"png"), ..message }, "1");
        let body = String::from_utf8_lossy(&body).into_owned();
        let caption = body.split_once("name=\"caption\"\r\n\r\n").unwrap().1.split_once("\r\n--").unwrap().0;
        assert!(seen(caption) <= 1024, "{sign}: {}", seen(caption));
    }
}

#[test]
fn a_cut_is_between_signs_and_is_seen() {
    assert_eq!((short("größer", 6), short("größer", 5)), ("größer".to_owned(), "größ…".to_owned()));
    assert_eq!((short("🔥🔥", 4), short("🔥🔥🔥", 4)), ("🔥🔥".to_owned(), "🔥…".to_owned()));
    assert_eq!(unmarked("a*b[c](d)", 100), "a\\*b\\[c\\](d)");
    assert_eq!(unmarked("****", 5), "\\*\\*…");
    let entities = content(&"&".repeat(2_000), Status::Alert);
    let text = slack::body(&entities, &ChannelSettings::default(), false)["attachments"][0]["blocks"][1]["text"]["text"].clone();
    assert!(text.as_str().unwrap().trim_end_matches('…').replace("&amp;", "").is_empty(), "{text}");
}

#[test]
fn a_log_line_makes_no_links_and_calls_nobody() {
    let mut made = content("m", Status::Alert);
    let line = "@everyone <!channel> <@U1> [login](https://evil.org) *x* @durov";
    made.logs[0].text = line.to_owned();
    made.facts = vec![("Group".to_owned(), line.to_owned()), ("Value".to_owned(), line.to_owned())];
    made.subject = line.to_owned();
    let none = ChannelSettings::default();
    // A header is plain text, in which Slack looks for nothing.
    let mut slack = slack::body(&made, &none, false);
    assert_eq!(slack["attachments"][0]["blocks"][0]["text"].take()["type"], "plain_text");
    let slack = slack.to_string();
    assert!(
        !slack.contains("\"@everyone")
            && !slack.contains("<!channel")
            && !slack.contains("<@")
            && !slack.contains("<https://evil"),
        "{slack}"
    );
    for block in slack::body(&made, &none, false)["attachments"][0]["blocks"].as_array().unwrap() {
        if block["text"]["type"] == "mrkdwn" {
            assert_eq!(block["text"]["verbatim"], true, "Slack looks for @here in what is not verbatim");
        }
    }
    let teams = teams::body(&made)["attachments"][0]["content"]["body"].to_string();
    assert!(!teams.contains(" [login]("), "{teams}");
    let message = Message { content: &made, chart: None, now_ms: 0 };
    let body: Value = serde_json::from_slice(&discord::body(&message, &none).1).unwrap();
    assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
    assert!(!body["embeds"][0]["fields"].to_string().contains(" [login]("));
    let text: Value = serde_json::from_slice(&telegram::request(&message, "1").2).unwrap();
    let text = text["text"].as_str().unwrap();
    assert!(!text.contains("@durov") && text.contains("durov") && !text.contains("@everyone"), "{text}");
}

#[test]
fn bare_addresses_are_links_in_slack_as_they_were_before_it_took_texts_as_written() {
    let made = content("run http://x.org/a?b=1&c=2, or (https://y.org). xhttps://no.org h", Status::Alert);
    let text = slack::body(&made, &ChannelSettings::default(), false)["attachments"][0]["blocks"][1]["text"]
        ["text"]
        .clone();
    assert_eq!(text, "run <http://x.org/a?b=1&amp;c=2>, or (<https://y.org>). xhttps://no.org h");
}

#[test]
fn a_payload_s_own_variables_are_pieces_of_it_and_told_values_never_are() {
    let mut made = content("m", Status::Alert);
    made.group_tags = vec![("host".to_owned(), "x\", \"admin\": \"y".to_owned())];
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let webhook = Webhook {
        url: "https://x.org/$SECRET_PATH/$TAGS[host]".to_owned(),
        payload: Some(
            r#"{"own": $FIELDS, "text": "$FIELDS", "rows": "$LOGS_SAMPLE", "open": $LOGS_SAMPLE, "key": "$ALERT_ID_$DATE", "host": "$TAGS[host]", "q": "a\"$ID"}"#
                .to_owned(),
        ),
        custom_headers: Some(r#"{"X-Key": "$SECRET_PATH", "X-Host": "$EVENT_MSG"}"#.to_owned()),
        variables: BTreeMap::from([own("FIELDS", "{\"a\": [1]}"), own("SECRET_PATH", "T0/B0/x")]),
        ..Webhook::default()
    };
    made.message = "a\r\nX-Evil: 1".to_owned();
    let request = webhook.request(&made, 0).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((&body["own"], &body["text"]), (&json!({ "a": [1] }), &json!("{\"a\": [1]}")));
    assert_eq!(serde_json::from_str::<Value>(body["rows"].as_str().unwrap()).unwrap(), body["open"]);
    assert_eq!(body["key"], json!(format!("{}_{}", made.monitor, made.at_ms)));
    assert_eq!((&body["host"], body.get("admin")), (&json!("x\", \"admin\": \"y"), None));
    assert!(request.url.starts_with("https://x.org/T0/B0/x/x%22%2C%20%22admin"), "{}", request.url);
    assert!(request.headers.iter().all(|(_, v)| !v.contains(['\r', '\n'])), "{:?}", request.headers);
    let headers = |text: &str| super::webhook::headers(text);
    assert_eq!(headers(r#"{"X-A": "b", "Host": "x"}"#).unwrap().len(), 2);
    for wrong in [
        r#"{"Content-Length": "5"}"#,
        r#"{"a b": "c"}"#,
        r#"{"": "c"}"#,
        r#"{"X": "a\nb"}"#,
        "[]",
        r#"{"transfer-encoding": "chunked"}"#,
    ] {
        assert!(headers(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_mail_s_head_holds_what_we_put_there_whatever_the_tags_say() {
    let mut made = content(&"word ".repeat(10_000), Status::Alert);
    made.subject = "[Triggered] 🔥 x\r\nBcc: evil@x.org\r\n\r\nbody ".to_owned() + &"ü".repeat(250);
    made.text = "a".repeat(5_000);
    let settings =
        MailSettings { host: "x".to_owned(), from: "Orïel <o@x.org>".to_owned(), ..MailSettings::default() };
    let message = Message { content: &made, chart: Some(b"png"), now_ms: 0 };
    let mail = mail::compose(&settings, "ada@münchen.example", &message).unwrap();
    assert_eq!(mail.envelope().to()[0].to_string(), "ada@xn--mnchen-3ya.example");
    let text = String::from_utf8(mail.formatted()).unwrap();
    let head = text.split_once("\r\n\r\n").unwrap().0;
    assert!(text.is_ascii() && text.lines().all(|l| l.len() <= 998), "lines have an end");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "no line ends half");
    assert!(!head.to_lowercase().lines().any(|l| l.starts_with("bcc:")), "{head}");
    for name in [
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "List-Id: ",
        "Importance: high",
        "References: <episode-",
    ] {
        assert!(head.contains(name), "{name}: {head}");
    }
    assert!(mail::compose(&settings, "ada@", &message).is_err());
}
