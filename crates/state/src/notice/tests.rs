//! The road of a notice: new, rendered with its deliveries, sent or failed, and the order of those of one group.

use super::{DeliveryOutcome, DeliveryQuery, NewDelivery, RenderedNotice, StoredNotice};
use crate::{EvaluationCommit, NoticeRow, State};
use oriel_model::{Clock as _, ManualClock, OrgId};
use std::sync::Arc;

const ORG: OrgId = OrgId(1);

async fn open() -> (tempfile::TempDir, Arc<ManualClock>, State) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(1_000));
    let state = State::open(folder.path(), Arc::clone(&clock) as Arc<dyn oriel_model::Clock>).await.unwrap();
    (folder, clock, state)
}

async fn owe(state: &State, monitor: i64, key: &str, at_ms: i64) {
    let row =
        NoticeRow { key: key.to_owned(), monitor, group: "host:a".into(), at_ms, body: "{}".to_owned() };
    let commit = EvaluationCommit { notices: vec![row], ..EvaluationCommit::default() };
    state.commit_evaluation(ORG, &commit).await.unwrap();
}

async fn keep(state: &State, notice: &StoredNotice, content: &str, delivery: NewDelivery) {
    let chart = Some("cG5n".to_owned());
    let rendered = RenderedNotice { notice, content: content.to_owned(), chart, deliveries: vec![delivery] };
    state.keep_rendered(&[rendered]).await.unwrap();
}

fn to(handle: &str) -> NewDelivery {
    NewDelivery { handle: handle.to_owned(), channel: "email".to_owned(), error: None }
}

async fn monitor(state: &State) -> i64 {
    {
        let new = crate::NewMonitor {
            id: None,
            body: serde_json::json!({"name": "m"}),
            author: "admin".to_owned(),
        };
        state.create_monitor(ORG, new).await.unwrap().id
    }
}

#[tokio::test]
async fn a_notice_is_rendered_once_and_its_deliveries_go_in_order() {
    let (_folder, clock, state) = open().await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, "k1", 10).await;
    owe(&state, monitor, "k2", 20).await;
    for notice in state.new_notices(10).await.unwrap() {
        keep(&state, &notice, "{\"subject\":1}", to("@a@x.org")).await;
        // Once more, as after a crash between two looks: nothing doubles.
        keep(&state, &notice, "other", to("@a@x.org")).await;
    }
    assert!(state.new_notices(10).await.unwrap().is_empty());
    assert_eq!(state.notice(ORG, "k1").await.unwrap().content.as_deref(), Some("{\"subject\":1}"));
    assert_eq!(state.notice_chart(ORG, "k1").await.unwrap().as_deref(), Some("cG5n"));
    let due = state.due_deliveries(10).await.unwrap();
    assert_eq!(due.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), ["k1"], "the older one goes first");
    let later = DeliveryOutcome::Later { next_ms: 2_000, error: "down".to_owned() };
    state.keep_attempt(&due[0], &later).await.unwrap();
    assert!(state.due_deliveries(10).await.unwrap().is_empty());
    assert_eq!(state.next_delivery_ms().await.unwrap(), Some(2_000), "the younger one waits for the older");
    clock.set(2_000);
    let due = state.due_deliveries(10).await.unwrap();
    assert_eq!((due[0].key.as_str(), due[0].attempts, due[0].error.as_deref()), ("k1", 1, Some("down")));
    assert!(state.is_still_due(&due[0]).await.unwrap());
    state.keep_attempt(&due[0], &DeliveryOutcome::Sent).await.unwrap();
    assert!(!state.is_still_due(&due[0]).await.unwrap());
    assert!(state.retry_delivery(ORG, "k1", "@a@x.org").await.is_err(), "what was sent is not sent again");
    let due = state.due_deliveries(10).await.unwrap();
    assert_eq!(due[0].key, "k2");
    state.keep_attempt(&due[0], &DeliveryOutcome::Failed { error: "no".to_owned() }).await.unwrap();
    let failed = DeliveryQuery { state: Some("failed".to_owned()), ..DeliveryQuery::default() };
    assert_eq!(state.deliveries(ORG, &failed, 10).await.unwrap().len(), 1);
    state.retry_delivery(ORG, "k2", "@a@x.org").await.unwrap();
    assert_eq!(state.due_deliveries(10).await.unwrap().len(), 1);
    assert!(state.deliveries(OrgId(2), &DeliveryQuery::default(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_nobody_can_be_told_has_failed_at_once_and_old_notices_go() {
    let (_folder, clock, state) = open().await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, "k1", 10).await;
    let notice = state.new_notices(10).await.unwrap().remove(0);
    let unknown = NewDelivery { error: Some("nobody is @slack-x".to_owned()), ..to("@slack-x") };
    keep(&state, &notice, "{}", unknown).await;
    assert!(state.due_deliveries(10).await.unwrap().is_empty());
    let figures = state.delivery_figures(0).await.unwrap();
    assert_eq!((figures.len(), figures[0].failed, figures[0].waiting, figures[0].oldest_ms), (1, 1, 0, None));
    clock.set(20 + super::NOTICES_KEPT_MS);
    assert_eq!(state.prune_notices().await.unwrap(), 1);
    assert!(state.notice(ORG, "k1").await.is_err());
    assert!(state.deliveries(ORG, &DeliveryQuery::default(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waits_is_hurried_by_a_newer_notice_of_its_group_by_its_handle_and_by_a_clock_put_right() {
    let (_folder, clock, state) = open().await;
    let monitor = monitor(&state).await;
    owe(&state, monitor, "k1", 10).await;
    let new = state.new_notices(10).await.unwrap().remove(0);
    keep(&state, &new, "{}", to("@a@x.org")).await;
    let wait = async |ms: i64| {
        let due = state.due_deliveries(10).await.unwrap();
        assert_eq!(due.len(), 1, "it was due");
        let later = DeliveryOutcome::Later { next_ms: clock.now_ms() + ms, error: "down".to_owned() };
        state.keep_attempt(&due[0], &later).await.unwrap();
        assert!(state.due_deliveries(10).await.unwrap().is_empty());
    };
    wait(3_600_000).await;
    let figures = state.delivery_figures(0).await.unwrap();
    assert_eq!(
        (figures[0].channel.as_str(), figures[0].waiting, figures[0].oldest_ms),
        ("email", 1, Some(10))
    );
    assert_eq!(state.hurry_deliveries(ORG, "@b@x.org").await.unwrap(), 0, "another's");
    assert_eq!(state.hurry_deliveries(ORG, "@a@x.org").await.unwrap(), 1);
    wait(3_600_000).await;
    // A newer notice of the same group waits for the older one, which is tried at once.
    owe(&state, monitor, "k2", 20).await;
    let new = state.new_notices(10).await.unwrap().remove(0);
    keep(&state, &new, "{}", to("@a@x.org")).await;
    assert_eq!(state.due_deliveries(10).await.unwrap()[0].key, "k1");
    wait(100 * 3_600_000).await;
    assert_eq!(state.hurry_deliveries_beyond(clock.now_ms() + 3 * 3_600_000).await.unwrap(), 1);
    assert_eq!(state.due_deliveries(10).await.unwrap()[0].key, "k1");
}
