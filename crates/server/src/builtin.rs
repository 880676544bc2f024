//! The dashboards that come with the server, in the same documents that people write. They are read-only.

pub(crate) mod monitors;

use oriel_state::Dashboard;

const DOCUMENTS: [(&str, &str); 3] = [
    ("system", include_str!("../dashboards/system.json")),
    ("postgres", include_str!("../dashboards/postgres.json")),
    ("oriel", include_str!("../dashboards/oriel.json")),
];

/// In the order in which lists show them.
pub(crate) fn all() -> Vec<Dashboard> {
    DOCUMENTS.iter().map(|(id, text)| dashboard(id, text)).collect()
}

pub(crate) fn find(id: &str) -> Option<Dashboard> {
    DOCUMENTS.iter().find(|(known, _)| *known == id).map(|(id, text)| dashboard(id, text))
}

fn dashboard(id: &str, text: &str) -> Dashboard {
    Dashboard {
        id: id.to_owned(),
        // A test reads each, so none is ever null.
        body: serde_json::from_str(text).unwrap_or_default(),
        author: "oriel".to_owned(),
        created_ms: 0,
        modified_ms: 0,
    }
}

#[cfg(test)]
mod tests;
