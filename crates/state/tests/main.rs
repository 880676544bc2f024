//! The state's promises, over a real file in a folder of its own.

// Outside of `#[test]` functions clippy takes a test crate for production code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its world is not as it says"
)]

use oriel_model::{ManualClock, OrgId};
use oriel_state::{
    DEFAULT_ORG, DocumentKind, EvaluationCommit, Fixed, GroupRow, HostUpdate, IntakeRun, KeyKind,
    MetricMetadata, Mute, NewDashboard, NewMonitor, NoticeRow, SeenRow, State, TRANSITIONS_KEPT_MS,
    TransitionRow,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

const NOW: i64 = 1_700_000_000_000;

async fn open() -> (State, Arc<ManualClock>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let state = State::open(dir.path(), clock.clone()).await.unwrap();
    (state, clock, dir)
}

#[tokio::test]
async fn a_first_start_makes_credentials_once_and_keeps_none_in_clear() {
    let (state, clock, dir) = open().await;
    let made = state.bootstrap(&Fixed::default()).await.unwrap();
    let (api, app) = (made.api_key.unwrap(), made.app_key.unwrap());
    let (password, link) = (made.admin_password.unwrap(), made.login_token.unwrap());
    assert_eq!((api.len(), app.len()), (32, 40));
    assert_eq!(state.find_key(KeyKind::Api, &api).unwrap().org, DEFAULT_ORG);
    assert!(state.find_key(KeyKind::App, &api).is_none(), "a key is of one kind");
    assert_eq!(state.authenticate("admin", &password).await.unwrap().unwrap().name, "admin");
    assert!(state.authenticate("admin", "wrong").await.unwrap().is_none());
    assert!(state.authenticate("nobody", &password).await.unwrap().is_none());

    let again = state.bootstrap(&Fixed::default()).await.unwrap();
    assert!(!again.first_start && again.api_key.is_none() && again.admin_password.is_none());
    state.close().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&api, &app, &password, &link] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "a secret is in the file as it is");
        }
    }
    let reopened = State::open(dir.path(), clock).await.unwrap();
    assert!(reopened.find_key(KeyKind::App, &app).is_some(), "keys survive a restart");
}

#[tokio::test]
async fn credentials_of_the_environment_win() {
    let (state, _, _dir) = open().await;
    state.bootstrap(&Fixed::default()).await.unwrap();
    let fixed = Fixed {
        api_key: Some("key-of-the-environment".into()),
        app_key: Some("app-of-the-environment".into()),
        admin_password: Some("a password".into()),
    };
    let made = state.bootstrap(&fixed).await.unwrap();
    assert!(made.api_key.is_none() && made.app_key.is_none() && made.admin_password.is_none());
    assert!(state.find_key(KeyKind::Api, "key-of-the-environment").is_some());
    assert!(state.find_key(KeyKind::App, "app-of-the-environment").is_some());
    assert!(state.authenticate("admin", "a password").await.unwrap().is_some());
    state.bootstrap(&fixed).await.unwrap();
    assert_eq!(state.keys(DEFAULT_ORG).await.unwrap().len(), 4, "a repeated start adds nothing");
}

#[tokio::test]
async fn a_login_link_works_once_and_sessions_end() {
    let (state, clock, _dir) = open().await;
    let link = state.bootstrap(&Fixed::default()).await.unwrap().login_token.unwrap();
    let session = state.redeem_login_link(&link).await.unwrap().unwrap();
    assert!(state.redeem_login_link(&link).await.unwrap().is_none(), "a link is used up");
    let found = state.session(&session.token).await.unwrap().unwrap();
    assert_eq!((found.user.name.as_str(), found.user.org_name.as_str()), ("admin", "default"));
    assert_eq!(found.csrf, session.csrf);
    assert!(state.bootstrap(&Fixed::default()).await.unwrap().login_token.is_none(), "somebody logged in");

    clock.advance(session.life_s * 1000 + 1);
    assert!(state.session(&session.token).await.unwrap().is_none(), "it runs out");
    let admin = state.user("admin").await.unwrap().unwrap();
    let late = state.make_login_link(admin.id, 1000).await.unwrap();
    clock.advance(2000);
    assert!(state.redeem_login_link(&late).await.unwrap().is_none(), "a late link does nothing");
    let other = state.start_session(admin.id).await.unwrap();
    state.end_session(&other.token).await.unwrap();
    assert!(state.session(&other.token).await.unwrap().is_none());
}

#[tokio::test]
async fn keys_are_listed_with_hints_and_deleted_for_good() {
    let (state, clock, _dir) = open().await;
    state.bootstrap(&Fixed::default()).await.unwrap();
    clock.advance(5);
    let key = state.make_key(DEFAULT_ORG, KeyKind::Api, "ci").await.unwrap();
    state.find_key(KeyKind::Api, &key.key).unwrap();
    let listed = state.keys(DEFAULT_ORG).await.unwrap();
    assert_eq!(listed[0].name, "ci");
    assert_eq!(listed[0].hint, key.key[28..]);
    assert_eq!(listed[0].last_used_ms, Some(NOW + 5));
    state.delete_key(DEFAULT_ORG, &key.id).await.unwrap();
    assert!(state.find_key(KeyKind::Api, &key.key).is_none());
    assert!(state.delete_key(DEFAULT_ORG, &key.id).await.is_err());
}

#[tokio::test]
async fn a_dashboard_comes_back_as_it_was_posted() {
    let (state, clock, _dir) = open().await;
    let posted: Value =
        serde_json::from_str(include_str!("../../../tests/acceptance/dashboard.json")).unwrap();
    let mut posted = posted;
    posted["zebra"] = json!({"nobody": ["knows", 1.50, null], "a": 18_446_744_073_709_551_615_u64});
    posted["widgets"][0]["definition"]["later"] = json!({"z": 1, "a": 2});
    let new = |body: &Value| NewDashboard { body: body.clone(), author: "admin".into() };
    let kept = state.create_dashboard(DEFAULT_ORG, new(&posted)).await.unwrap();
    let read = state.dashboard(DEFAULT_ORG, &kept.id).await.unwrap();
    assert_eq!(read.body.to_string(), posted.to_string(), "fields, order and numbers are kept");

    let mut changed = read.body.clone();
    changed["title"] = json!("another");
    changed["id"] = json!("of-an-other-place");
    clock.advance(1000);
    let replaced = state.replace_dashboard(DEFAULT_ORG, &kept.id, changed).await.unwrap();
    assert_eq!((replaced.id, replaced.created_ms, replaced.modified_ms), (kept.id.clone(), NOW, NOW + 1000));
    assert!(replaced.body.get("id").is_none());
    state.delete_dashboard(DEFAULT_ORG, &kept.id).await.unwrap();
    assert!(state.dashboard(DEFAULT_ORG, &kept.id).await.is_err());
    for bad in [
        json!([]),
        json!({"widgets": []}),
        json!({"title": "x"}),
        json!({"title": "x", "widgets": [], "layout_type": "odd"}),
    ] {
        let refused = state.create_dashboard(DEFAULT_ORG, new(&bad)).await.unwrap_err();
        assert_eq!(refused.code(), oriel_model::Code::Invalid, "{bad}");
    }
}

#[tokio::test]
async fn metadata_of_metrics_merges_over_built_in_units() {
    let (state, _, _dir) = open().await;
    let cases = [
        ("system.cpu.user", Some("percent"), None),
        ("system.cpu.context_switches", None, None),
        ("system.mem.used", Some("mebibyte"), None),
        ("system.mem.pct_usable", Some("fraction"), None),
        ("system.disk.total", Some("kibibyte"), None),
        ("system.net.bytes_rcvd", Some("byte"), Some("second")),
        ("system.load.1", None, None),
        ("postgresql.table.count", Some("table"), None),
        ("postgresql.rows_fetched", Some("row"), Some("second")),
        ("my_metric", None, None),
    ];
    for (metric, unit, per) in cases {
        let known = state.metric_metadata(DEFAULT_ORG, metric);
        assert_eq!((known.unit.as_deref(), known.per_unit.as_deref()), (unit, per), "{metric}");
    }
    let change =
        MetricMetadata { kind: Some("gauge".into()), unit: Some("second".into()), ..Default::default() };
    state.change_metric_metadata(DEFAULT_ORG, "my_metric", change).await.unwrap();
    let change = MetricMetadata { description: Some("what it is".into()), ..Default::default() };
    let merged = state.change_metric_metadata(DEFAULT_ORG, "my_metric", change).await.unwrap();
    assert_eq!((merged.unit.as_deref(), merged.description.as_deref()), (Some("second"), Some("what it is")));
    assert_eq!(state.metric_metadata(DEFAULT_ORG, "my_metric"), merged);
    let bad = MetricMetadata { kind: Some("histogramme".into()), ..Default::default() };
    assert!(state.change_metric_metadata(DEFAULT_ORG, "my_metric", bad).await.is_err());
}

#[tokio::test]
async fn hosts_remember_what_they_said() {
    let (state, clock, _dir) = open().await;
    state.touch_hosts(DEFAULT_ORG, &[("web-1".to_owned(), NOW)]).await.unwrap();
    clock.advance(1000);
    let update = HostUpdate {
        agent_version: Some("7.60.0".into()),
        meta: Some(json!({"gohai": "{}", "systemStats": {"cpuCores": 4}})),
        agent_checks: Some(vec![json!({"name": "cpu", "status": "ok"})]),
    };
    state.update_host(DEFAULT_ORG, "web-1", update).await.unwrap();
    let more = HostUpdate { meta: Some(json!({"extra": 1})), ..Default::default() };
    state.update_host(DEFAULT_ORG, "web-1", more).await.unwrap();
    state
        .mute_host(DEFAULT_ORG, "web-1", Some(Mute { end_s: Some(5), message: "quiet".into() }))
        .await
        .unwrap();
    let host = state.host(DEFAULT_ORG, "web-1").await.unwrap().unwrap();
    assert_eq!((host.first_ms, host.last_ms), (NOW, NOW + 1000));
    assert_eq!(host.meta, json!({"gohai": "{}", "systemStats": {"cpuCores": 4}, "extra": 1}));
    assert_eq!((host.agent_version.as_str(), host.agent_checks.len()), ("7.60.0", 1));
    assert_eq!(host.mute.unwrap().message, "quiet");
    let times = [("web-1".to_owned(), 5), ("web-2".to_owned(), NOW - 7)];
    state.touch_hosts(DEFAULT_ORG, &times).await.unwrap();
    let seen: Vec<i64> = state.hosts(DEFAULT_ORG).await.unwrap().iter().map(|h| h.last_ms).collect();
    assert_eq!(seen, [NOW + 1000, NOW - 7], "history does not make a host look silent");
    state.mute_host(DEFAULT_ORG, "web-1", None).await.unwrap();
    assert!(state.hosts(DEFAULT_ORG).await.unwrap()[0].mute.is_none());
}

#[tokio::test]
async fn unknown_agent_paths_are_counted_within_a_bound() {
    let (state, _, _dir) = open().await;
    for _ in 0..3 {
        state.count_agent_path("/api/v2/sbom").await.unwrap();
    }
    for n in 0..600 {
        state.count_agent_path(&format!("/api/v9/{n}")).await.unwrap();
    }
    let paths = state.agent_paths().await.unwrap();
    assert_eq!((paths[0].path.as_str(), paths[0].count), ("/api/v2/sbom", 3));
    assert_eq!(paths.len(), 500);
    state.count_agent_path("/api/v2/sbom").await.unwrap();
    assert_eq!(state.agent_paths().await.unwrap()[0].count, 4, "known ones go on past the bound");
}

#[tokio::test]
async fn documents_keep_their_order_and_their_fields() {
    let (state, _, _dir) = open().await;
    let kind = DocumentKind::Pipeline;
    let mut ids = Vec::new();
    for name in ["first", "second", "third"] {
        let body = json!({ "name": name, "unknown": { "kept": true } });
        ids.push(state.create_document(DEFAULT_ORG, kind, None, body).await.unwrap().id);
    }
    let names = |list: Vec<oriel_state::Document>| -> Vec<String> {
        list.iter().map(|d| d.body["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(state.documents(DEFAULT_ORG, kind).await.unwrap()), ["first", "second", "third"]);
    ids.rotate_left(1);
    state.order_documents(DEFAULT_ORG, kind, &ids).await.unwrap();
    assert_eq!(names(state.documents(DEFAULT_ORG, kind).await.unwrap()), ["second", "third", "first"]);
    assert!(state.order_documents(DEFAULT_ORG, kind, &ids[1..]).await.is_err(), "one is missing");
    let replaced = state.replace_document(DEFAULT_ORG, kind, &ids[0], json!({"name": "2nd"})).await.unwrap();
    assert_eq!(replaced.id, ids[0]);
    state.delete_document(DEFAULT_ORG, kind, &ids[1]).await.unwrap();
    assert_eq!(names(state.documents(DEFAULT_ORG, kind).await.unwrap()), ["2nd", "first"]);
    assert!(state.delete_document(DEFAULT_ORG, kind, &ids[1]).await.is_err());
    assert!(state.documents(OrgId(9), kind).await.unwrap().is_empty(), "another org has its own");
    assert_eq!(state.document_orgs(kind).await.unwrap(), [DEFAULT_ORG]);
    let metric = state.create_document(DEFAULT_ORG, DocumentKind::LogMetric, Some("a.b"), json!({})).await;
    assert_eq!(metric.unwrap().id, "a.b");
    let again = state.create_document(DEFAULT_ORG, DocumentKind::LogMetric, Some("a.b"), json!({})).await;
    assert_eq!(again.unwrap_err().code(), oriel_model::Code::Conflict);
}

fn monitor(id: Option<i64>, body: Value) -> NewMonitor {
    NewMonitor { id, body, author: "admin".into() }
}

#[tokio::test]
async fn monitors_are_kept_whole_without_what_the_server_owns() {
    let (state, clock, _dir) = open().await;
    let body =
        json!({"id": 10_000_001, "name": "busy", "overall_state": "Alert", "creator": {}, "odd": [1, "2"]});
    let made = state.create_monitor(DEFAULT_ORG, monitor(None, body)).await.unwrap();
    assert_eq!(made.body, json!({"name": "busy", "odd": [1, "2"]}));
    assert!(made.id != 10_000_001 && made.id > 0 && made.id < 1 << 31);
    assert_eq!(state.take_changed_monitors(), [(DEFAULT_ORG, made.id)]);
    assert!(state.take_changed_monitors().is_empty());

    clock.advance(1000);
    let replaced = state.replace_monitor(DEFAULT_ORG, made.id, json!({"name": "calm"})).await.unwrap();
    assert_eq!((replaced.created_ms, replaced.modified_ms), (NOW, NOW + 1000));
    assert_eq!(state.monitors(DEFAULT_ORG).await.unwrap(), [replaced]);
    assert_eq!(state.monitor_orgs().await.unwrap(), [DEFAULT_ORG]);
    assert!(state.monitor(OrgId(2), made.id).await.is_err(), "monitors are of one org");
    state.create_monitor(DEFAULT_ORG, monitor(Some(5), json!({}))).await.unwrap();
    let twice = state.create_monitor(DEFAULT_ORG, monitor(Some(5), json!({}))).await;
    assert!(matches!(twice, Err(oriel_state::Error::Exists { .. })));
    let text = state.create_monitor(DEFAULT_ORG, monitor(None, json!("text"))).await;
    assert!(matches!(text, Err(oriel_state::Error::Invalid(_))));
}

fn transition(monitor: i64, group: &str, at_ms: i64, body: &str) -> TransitionRow {
    TransitionRow { monitor, group: group.into(), at_ms, kind: "alert".into(), body: body.into() }
}

#[tokio::test]
async fn a_round_of_evaluations_is_written_at_once_and_only_of_monitors_that_are_there() {
    let (state, clock, dir) = open().await;
    state.create_monitor(DEFAULT_ORG, monitor(Some(7), json!({}))).await.unwrap();
    let group = |monitor, body: Option<&str>| GroupRow {
        monitor,
        group: "host:a".into(),
        body: body.map(str::to_owned),
    };
    let notice = |monitor, body: &str| NoticeRow {
        key: format!("key-{monitor}"),
        monitor,
        group: "host:a".into(),
        at_ms: NOW,
        body: body.into(),
    };
    let round = EvaluationCommit {
        groups: vec![group(7, Some("first")), group(8, Some("gone"))],
        transitions: vec![transition(7, "host:a", NOW, "t1"), transition(8, "host:a", NOW, "gone")],
        notices: vec![notice(7, "n1"), notice(8, "gone")],
        seen: vec![SeenRow { watch: "w".into(), body: Some("seen".into()) }],
        ..EvaluationCommit::default()
    };
    state.commit_evaluation(DEFAULT_ORG, &round).await.unwrap();
    state.close().await;
    let state = State::open(dir.path(), clock.clone()).await.unwrap();
    assert_eq!(
        state.monitor_groups(DEFAULT_ORG).await.unwrap(),
        [(7, "host:a".into(), "first".into())],
        "a monitor that was deleted meanwhile leaves nothing"
    );
    assert_eq!(state.monitor_seen(DEFAULT_ORG).await.unwrap(), [("w".into(), "seen".into())]);

    assert_eq!(state.groups_of_monitor(DEFAULT_ORG, 7).await.unwrap(), [("host:a".into(), "first".into())]);

    // The same notice again, as after a crash: the first stays.
    let again = EvaluationCommit {
        regrouped: vec![7],
        transitions: vec![transition(7, "host:a", NOW + 5, "t2"), transition(7, "host:b", NOW, "t3")],
        notices: vec![notice(7, "n2")],
        seen: vec![SeenRow { watch: "w".into(), body: None }],
        ..EvaluationCommit::default()
    };
    state.commit_evaluation(DEFAULT_ORG, &again).await.unwrap();
    assert!(state.monitor_groups(DEFAULT_ORG).await.unwrap().is_empty());
    assert!(state.monitor_seen(DEFAULT_ORG).await.unwrap().is_empty());
    let all = oriel_model::TimeRange::all();
    let of =
        async |group, limit| state.monitor_transitions((DEFAULT_ORG, 7), all, group, limit).await.unwrap();
    assert_eq!(of(None, 9).await, ["t2", "t1", "t3"]);
    assert_eq!(of(Some("host:a"), 1).await, ["t2"]);
    let before = async |at_ms| state.monitor_transitions_before(DEFAULT_ORG, 7, at_ms).await.unwrap();
    assert_eq!(before(NOW + 5).await, ["t1", "t3"]);
    assert_eq!(before(NOW + 6).await, ["t2", "t3"]);
    assert_eq!(state.transitions_of_org(DEFAULT_ORG, all, 1).await.unwrap(), [(7, "t2".to_owned())]);

    clock.advance(TRANSITIONS_KEPT_MS + 3);
    assert_eq!(state.prune_transitions().await.unwrap(), 2);
    state.delete_monitor(DEFAULT_ORG, 7).await.unwrap();
    assert!(of(None, 9).await.is_empty());
    assert!(state.delete_monitor(DEFAULT_ORG, 7).await.is_err());
}

#[tokio::test]
async fn runs_of_the_intake_grow_ride_with_rounds_and_are_pruned() {
    let (state, clock, dir) = open().await;
    let run =
        |from_ms, to_ms| IntakeRun { from_ms: NOW + from_ms, to_ms: NOW + to_ms, reason: "down".to_owned() };
    assert_eq!(state.intake_runs().await.unwrap(), [], "a fresh install has none");
    state.save_intake_runs(&[run(0, 10)]).await.unwrap();
    state.save_intake_runs(&[run(0, 20), run(500, 500)]).await.unwrap();
    state.close().await;
    let state = State::open(dir.path(), clock.clone()).await.unwrap();
    assert_eq!(state.intake_runs().await.unwrap(), [run(0, 20), run(500, 500)]);
    let mut round = EvaluationCommit { intake: Some(run(500, 600)), ..EvaluationCommit::default() };
    assert!(round.is_empty(), "a beat alone makes no round");
    round.seen = vec![SeenRow { watch: "w".into(), body: Some("seen".into()) }];
    state.commit_evaluation(DEFAULT_ORG, &round).await.unwrap();
    assert_eq!(state.intake_runs().await.unwrap(), [run(0, 20), run(500, 600)]);
    clock.advance(TRANSITIONS_KEPT_MS + 100);
    assert_eq!(state.prune_intake_runs().await.unwrap(), 1);
    assert_eq!(state.intake_runs().await.unwrap(), [run(500, 600)]);
}
