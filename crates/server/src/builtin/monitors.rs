//! Monitors on Oriel itself, made once at the first start of an organisation. People add handles, change and mute them like any
//! other; they can't be deleted, since whatever else fails, that Oriel itself is in trouble must be told.

use oriel_model::OrgId;
use oriel_state::{Monitor, NewMonitor, Result, State};
use serde_json::Value;
use std::collections::BTreeMap;

const DOCUMENTS: &str = include_str!("../../monitors/oriel.json");
/// The setting that keeps those that were made.
const MADE: &str = "built_in_monitors";
const AUTHOR: &str = "oriel";
/// Why one stays.
pub(crate) const STAYS: &str =
    "is built in: it watches Oriel itself and stays; mute it, or change whom it tells";

/// Ids by the names that they were made with.
type Made = BTreeMap<String, i64>;

/// A test reads them, so they are never none.
fn documents() -> Vec<Value> {
    serde_json::from_str(DOCUMENTS).unwrap_or_default()
}

async fn made(state: &State, org: OrgId) -> Result<Made> {
    let text = state.setting(org, MADE).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Makes those that this organisation never had.
pub(crate) async fn make(state: &State, org: OrgId) -> Result<()> {
    let mut made = made(state, org).await?;
    let mut kept: Option<Vec<Monitor>> = None;
    let before = made.len();
    for document in documents() {
        let name = document["name"].as_str().unwrap_or_default().to_owned();
        if made.contains_key(&name) {
            continue;
        }
        // One that was made before a start that ended early.
        let all = match kept.take() {
            Some(all) => all,
            None => state.monitors(org).await?,
        };
        let found =
            all.iter().find(|m| m.author == AUTHOR && m.body["name"] == document["name"]).map(|m| m.id);
        kept = Some(all);
        let id = match found {
            Some(id) => id,
            None => {
                let new = NewMonitor { id: None, body: document, author: AUTHOR.to_owned() };
                state.create_monitor(org, new).await?.id
            }
        };
        made.insert(name, id);
    }
    if made.len() != before {
        state.set_setting(org, MADE, &serde_json::to_string(&made).unwrap_or_default()).await?;
    }
    Ok(())
}

/// Ids of an organisation's own, in the order of their names.
pub(crate) async fn ids(state: &State, org: OrgId) -> Result<Vec<i64>> {
    Ok(made(state, org).await?.into_values().collect())
}

#[cfg(test)]
mod tests;
