//! Monitors on Oriel itself, made once at the first start of an organisation. From then on they are monitors like others: people
//! add handles, change or delete them, and what was deleted does not come back.

use oriel_model::OrgId;
use oriel_state::{NewMonitor, Result, State};
use serde_json::Value;
use std::collections::BTreeSet;

const DOCUMENTS: &str = include_str!("../../monitors/oriel.json");
/// The setting that keeps the names of those that were made.
const MADE: &str = "built_in_monitors";

/// A test reads them, so they are never none.
fn documents() -> Vec<Value> {
    serde_json::from_str(DOCUMENTS).unwrap_or_default()
}

/// Makes those that this organisation never had.
pub(crate) async fn make(state: &State, org: OrgId) -> Result<()> {
    let made = state.setting(org, MADE).await?;
    let mut made: BTreeSet<String> =
        made.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let before = made.len();
    for document in documents() {
        let name = document["name"].as_str().unwrap_or_default().to_owned();
        if made.insert(name) {
            state
                .create_monitor(org, NewMonitor { id: None, body: document, author: "oriel".to_owned() })
                .await?;
        }
    }
    if made.len() != before {
        state.set_setting(org, MADE, &serde_json::to_string(&made).unwrap_or_default()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
