//! The monitors that ship: each is whole, and each is made once.

use super::*;
use crate::api::monitors::catalog::BUILT_IN_TAG;
use oriel_model::ManualClock;
use oriel_monitor::rule::Rule;
use oriel_state::DEFAULT_ORG;
use std::sync::Arc;

#[test]
fn each_is_a_monitor_with_thresholds_and_a_message() {
    let all = documents();
    assert_eq!(all.len(), 6);
    for document in all {
        let rule = Rule::parse(&document).unwrap_or_else(|e| panic!("{}: {e}", document["name"]));
        assert!(rule.warnings.is_empty(), "{}: {:?}", rule.name, rule.warnings);
        assert_eq!(rule.tags, [BUILT_IN_TAG]);
        assert!(rule.message.contains("is_alert") && rule.message.contains("is_recovery"), "{}", rule.name);
    }
}

#[tokio::test]
async fn each_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let state = State::open(dir.path(), Arc::new(ManualClock::at(1_700_000_000_000))).await.unwrap();
    make(&state, DEFAULT_ORG).await.unwrap();
    let made = state.monitors(DEFAULT_ORG).await.unwrap();
    assert_eq!(made.len(), 6);
    assert_eq!(ids(&state, DEFAULT_ORG).await.unwrap().len(), 6);
    make(&state, DEFAULT_ORG).await.unwrap();
    assert_eq!(state.monitors(DEFAULT_ORG).await.unwrap().len(), 6);
    // A start that ended before it kept what it made.
    state.set_setting(DEFAULT_ORG, MADE, "{}").await.unwrap();
    make(&state, DEFAULT_ORG).await.unwrap();
    assert_eq!(state.monitors(DEFAULT_ORG).await.unwrap().len(), 6);
    let ids = ids(&state, DEFAULT_ORG).await.unwrap();
    assert!(made.iter().all(|m| ids.contains(&m.id)));
}
