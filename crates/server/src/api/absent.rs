//! What Datadog has around monitors and Oriel does not serve: said by name with what to do instead, so that nobody takes a path
//! for mistyped, or silence for success.

use crate::answer::Failure;
use axum::http::StatusCode;

/// The beginning of a path, and what to do instead.
const ABSENT: [(&str, &str); 15] = [
    (
        "/api/v2/monitor/policy",
        "monitor configuration policies are not served; check tags where monitors are made",
    ),
    (
        "/api/v2/monitor/notification_rule",
        "monitor notification rules are not served; put the handles into the monitors' messages",
    ),
    ("/api/v2/monitor/template", "monitor templates are not served; export a monitor and post it again"),
    (
        "/api/v1/synthetics/variables",
        "global variables of synthetic tests are not served; write their values into the tests",
    ),
    (
        "/api/v1/synthetics/private-locations",
        "private locations are not served; run an agent there and name its host in the test's locations",
    ),
    (
        "/api/v1/synthetics/ci",
        "batches of synthetic tests are not served; read /api/v1/synthetics/tests/{id}/results",
    ),
    (
        "/api/v1/synthetics/tests/trigger/ci",
        "batches of synthetic tests are not served; post to /api/v1/synthetics/tests/trigger",
    ),
    ("/api/v1/synthetics/tests/browser", "browser tests are not supported; api tests (http, tcp, ssl) are"),
    ("/api/v1/synthetics/tests/mobile", "mobile tests are not supported; api tests (http, tcp, ssl) are"),
    (
        "/api/v2/synthetics",
        "synthetic tests are served by the first version of this API, under /api/v1/synthetics/tests; suites, files, network tests and downtimes of tests are not served (mute a test's monitor)",
    ),
    (
        "/api/v2/slo/report",
        "reports of SLOs are not served; /api/v1/slo/{id}/history has the figures of any range",
    ),
    (
        "/api/v2/integration/opsgenie/accounts",
        "Opsgenie accounts are not served; each service has its key: /api/v2/integration/opsgenie/services",
    ),
    (
        "/api/v2/integration/slack",
        "Slack users are not bound to those of here: that is not served; a channel is set up with its incoming webhook under Settings, Notifications",
    ),
    (
        "/api/v2/integration/webhooks",
        "OAuth of webhooks is not served; give a token in custom_headers, from a secret variable",
    ),
    (
        "/api/v2/integration/ms-teams",
        "handles of Teams are not served here; a channel is set up with its workflow's URL under Settings, Notifications, or by POST /api/ui/channels",
    ),
];

/// Why a path that no route takes is not served, where that is known.
pub(crate) fn reason(path: &str) -> Option<Failure> {
    let is_under = |start: &str| path.strip_prefix(start).is_some_and(|r| r.is_empty() || r.starts_with('/'));
    let (_, message) = ABSENT.iter().find(|(start, _)| is_under(start))?;
    Some(Failure::new(StatusCode::NOT_IMPLEMENTED, *message))
}
