//! `/api/v1/integration` and `/api/v2/integration`: channels as Datadog's clients set them up.

pub(crate) mod services;
pub(crate) mod webhooks;

use crate::app::App;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<App>> {
    const WEBHOOKS: &str = "/api/v1/integration/webhooks/configuration/webhooks";
    const VARIABLES: &str = "/api/v1/integration/webhooks/configuration/custom-variables";
    const PAGERDUTY: &str = "/api/v1/integration/pagerduty/configuration/services";
    const OPSGENIE: &str = "/api/v2/integration/opsgenie/services";
    const SLACK: &str = "/api/v1/integration/slack/configuration/accounts/{account}/channels";
    let one_webhook = get(webhooks::one).put(webhooks::change).delete(webhooks::delete);
    let one_variable =
        get(webhooks::variable).put(webhooks::change_variable).delete(webhooks::delete_variable);
    let one_service =
        get(services::pagerduty).put(services::change_pagerduty).delete(services::delete_pagerduty);
    let one_team = get(services::opsgenie).patch(services::change_opsgenie).delete(services::delete_opsgenie);
    let one_channel = get(services::slack).patch(services::change_slack).delete(services::delete_slack);
    Router::new()
        .route(WEBHOOKS, post(webhooks::create).get(webhooks::list))
        .route(&format!("{WEBHOOKS}/{{name}}"), one_webhook)
        .route(VARIABLES, post(webhooks::create_variable))
        .route(&format!("{VARIABLES}/{{name}}"), one_variable)
        .route(PAGERDUTY, post(services::create_pagerduty))
        .route(&format!("{PAGERDUTY}/{{name}}"), one_service)
        .route(OPSGENIE, get(services::list_opsgenie).post(services::create_opsgenie))
        .route(&format!("{OPSGENIE}/{{id}}"), one_team)
        .route(SLACK, get(services::list_slack).post(services::create_slack))
        .route(&format!("{SLACK}/{{name}}"), one_channel)
}
