//! What Datadog has around monitors and Oriel does not serve: said by name, so that nobody takes silence for success.

use crate::answer::Failure;
use crate::auth::Reader;
use axum::extract::OriginalUri;
use axum::http::StatusCode;

/// The path after `/api/v2/monitor/`, what it is, and what to do instead.
const ABSENT: [(&str, &str); 3] = [
    ("policy", "monitor configuration policies are not served; check tags where monitors are made"),
    (
        "notification_rule",
        "monitor notification rules are not served; put the handles into the monitors' messages",
    ),
    ("template", "monitor templates are not served; export a monitor and post it again"),
];

pub(crate) async fn absent(_: Reader, OriginalUri(uri): OriginalUri) -> Failure {
    let place = uri.path().trim_start_matches("/api/v2/monitor/");
    let found = ABSENT.iter().find(|(word, _)| place.starts_with(word));
    let message = found.map_or("this is not served", |(_, message)| message);
    Failure::new(StatusCode::NOT_IMPLEMENTED, message)
}
