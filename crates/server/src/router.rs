//! Every path in one table, and what surrounds each request: counting, headers that browsers need, compression of answers, and
//! a 500 in the usual form should a handler panic.

use crate::answer::Failure;
use crate::api::{
    dashboards, dependencies, events, hosts, metrics, monitors, pipelines, query, query_v2, row_aggregate,
    row_metrics, row_search, scalar, scrub, search, sql, tags, trace, validate, views,
};
use crate::app::App;
use crate::extract::API_BODY_BYTES;
use crate::intake::{
    agent, checks, distributions, events as event_intake, host, logs, otlp, prometheus, series,
};
use crate::{check, health, ui};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Answers under this size are not worth compressing: they fit one packet.
const COMPRESS_BYTES: u64 = 1400;

pub(crate) fn router(app: Arc<App>) -> Router {
    let compression = CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_BYTES).and(not_asset));
    intakes()
        .merge(reading())
        .merge(rows())
        .merge(crate::intake::apm::routes())
        .merge(configuring())
        .merge(processing())
        .merge(monitors())
        .merge(monitor_pages())
        .merge(channels())
        .merge(downtimes())
        .merge(slos())
        .merge(synthetics())
        .merge(pages())
        .fallback(agent::unknown)
        .method_not_allowed_fallback(agent::wrong_method)
        .layer(DefaultBodyLimit::max(API_BODY_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), surround))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(compression)
        .with_state(app)
}

fn intakes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/series", post(series::v1))
        .route("/api/v2/series", post(series::v2))
        .route("/api/v1/distribution_points", post(distributions::points))
        .route("/api/beta/sketches", post(distributions::sketches))
        .route("/api/v1/check_run", post(checks::check_run))
        .route("/api/v1/events", get(events::list).post(event_intake::create))
        .route("/api/v2/events", get(row_search::get_events).post(event_intake::create_v2))
        .route("/api/v1/events/{id}", get(events::one))
        .route("/api/v2/events/{id}", get(row_search::one_event))
        .route("/intake", post(host::intake))
        .route("/intake/", post(host::intake))
        .route("/api/v1/metadata", post(host::metadata))
        .route("/api/v2/logs", post(logs::v2))
        .route("/v1/input", post(logs::v1))
        .route("/v1/input/{key}", post(logs::v1))
        .route("/api/v1/import/jsonlines", post(logs::json_lines))
        .route("/v1/traces", post(otlp::traces))
        .route("/v1/logs", post(otlp::logs))
        .route("/v1/metrics", post(otlp::metrics))
        .route("/api/v1/import/prometheus", post(prometheus::text))
        .route("/api/v1/write", post(prometheus::remote_write))
        .route("/api/v1/validate", get(validate::validate))
        .route("/api/v1/oriel/compact", post(check::compact))
        .route("/health", get(health::health))
}

fn reading() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/query", get(query::query))
        .route("/api/v2/query/timeseries", post(query_v2::timeseries))
        .route("/api/v2/query/scalar", post(scalar::scalar))
        .route("/api/v1/metrics", get(metrics::active))
        .route("/api/v1/metrics/{name}", get(metrics::metadata).put(metrics::change_metadata))
        .route("/api/v2/metrics", get(metrics::list_v2))
        .route("/api/v2/metrics/{name}/all-tags", get(metrics::all_tags))
        .route("/api/v1/search", get(search::search))
}

/// Logs, spans, events and traces.
fn rows() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v2/logs/events", get(row_search::get_logs))
        .route("/api/v2/logs/events/search", post(row_search::search_logs))
        .route("/api/v2/logs/analytics/aggregate", post(row_aggregate::logs))
        .route("/api/v2/spans/events", get(row_search::get_spans))
        .route("/api/v2/spans/events/search", post(row_search::search_spans))
        .route("/api/v2/spans/analytics/aggregate", post(row_aggregate::spans))
        .route("/api/v2/events/search", post(row_search::search_events))
        .route("/api/v1/sql", post(sql::sql))
        .route("/api/v1/trace/{id}", get(trace::trace))
        .route("/api/v1/service_dependencies", get(dependencies::all))
        .route("/api/v1/service_dependencies/{service}", get(dependencies::one))
        .route("/api/ui/rows/search", post(ui::rows::search::search))
        .route("/api/ui/rows/aggregate", post(ui::rows::aggregate::aggregated))
        .route("/api/ui/rows/histogram", post(ui::rows::shapes::over_time))
        .route("/api/ui/rows/facets", post(ui::rows::shapes::values))
        .route("/api/ui/rows/heatmap", post(ui::rows::shapes::durations))
        .route("/api/ui/rows/compare", post(ui::rows::shapes::differences))
        .route("/api/ui/rows/patterns", post(ui::rows::patterns::patterns))
        .route("/api/ui/rows/complete", get(ui::complete::search))
        .route("/api/ui/rows/around", post(ui::rows::around::around))
        .route("/api/ui/rows/tail", get(ui::rows::tail::tail))
        .route("/api/ui/traces/{id}", get(ui::traces::one))
        .route("/api/ui/traces/{id}/spans/{span}", get(ui::traces::span))
        .route("/api/ui/services", get(ui::services::list))
        .route("/api/ui/services/{name}", get(ui::services::one))
        .route("/api/ui/services/{name}/resources/summary", get(ui::services::resource))
        .route("/api/ui/service-map", get(ui::services::service_map))
        .route("/api/ui/delete", post(ui::rows::delete::delete))
        .route("/api/ui/deletions", get(ui::rows::delete::deletions))
        .route("/api/ui/retention", get(ui::rows::delete::retention).put(ui::rows::delete::change_retention))
}

fn configuring() -> Router<Arc<App>> {
    let one_host = get(tags::of_host).post(tags::add).put(tags::replace).delete(tags::remove);
    let every_dashboard = get(dashboards::list).post(dashboards::create).delete(dashboards::delete_several);
    let one_dashboard = get(dashboards::one).put(dashboards::replace).delete(dashboards::delete);
    Router::new()
        .route("/api/v1/hosts", get(hosts::list))
        .route("/api/v1/hosts/totals", get(hosts::totals))
        .route("/api/v1/host/{host}/mute", post(hosts::mute))
        .route("/api/v1/host/{host}/unmute", post(hosts::unmute))
        .route("/api/v1/tags/hosts", get(tags::all))
        .route("/api/v1/tags/hosts/{host}", one_host)
        .route("/api/v1/dashboard", every_dashboard)
        .route("/api/v1/dashboard/lists/manual", get(dashboards::lists))
        .route("/api/v1/dashboard/{id}", one_dashboard)
}

/// What happens to rows before they are stored, and saved views.
fn processing() -> Router<Arc<App>> {
    let one_pipeline = get(pipelines::one).put(pipelines::replace).delete(pipelines::delete);
    let one_log_metric =
        get(row_metrics::one_log).patch(row_metrics::change_log).delete(row_metrics::delete_log);
    let one_span_metric =
        get(row_metrics::one_span).patch(row_metrics::change_span).delete(row_metrics::delete_span);
    Router::new()
        .route("/api/v1/logs/config/pipelines", get(pipelines::list).post(pipelines::create))
        .route("/api/v1/logs/config/pipelines/{id}", one_pipeline)
        .route("/api/v1/logs/config/pipeline-order", get(pipelines::order).put(pipelines::reorder))
        .route("/api/v2/logs/config/metrics", get(row_metrics::list_logs).post(row_metrics::create_log))
        .route("/api/v2/logs/config/metrics/{name}", one_log_metric)
        .route("/api/v2/apm/config/metrics", get(row_metrics::list_spans).post(row_metrics::create_span))
        .route("/api/v2/apm/config/metrics/{name}", one_span_metric)
        .route("/api/ui/pipelines/test", post(pipelines::test))
        .route("/api/ui/scrub", get(scrub::list).post(scrub::create))
        .route("/api/ui/scrub/{id}", put(scrub::replace).delete(scrub::delete))
        .route("/api/ui/views", get(views::list).post(views::create))
        .route("/api/ui/views/{id}", delete(views::delete))
}

/// What the pages of one monitor ask for.
fn monitor_pages() -> Router<Arc<App>> {
    use ui::monitors::{graph, history, one, preview, try_past, why};
    Router::new()
        .route("/api/ui/monitors/preview", post(preview::preview))
        .route("/api/ui/monitors/try", post(try_past::try_past))
        .route("/api/ui/monitors/{id}", get(one::one))
        .route("/api/ui/monitors/{id}/history", get(history::history))
        .route("/api/ui/monitors/{id}/why", get(why::why))
        .route("/api/ui/monitors/{id}/graph", get(graph::graph))
        .route("/api/ui/monitors/{id}/value", get(graph::value))
}

fn monitors() -> Router<Arc<App>> {
    use monitors::{mute, read, resolve, search};
    let one = get(read::one).put(monitors::replace).delete(monitors::delete);
    Router::new()
        .route("/api/v1/monitor", get(read::list).post(monitors::create))
        .route("/api/v1/monitor/{id}", one)
        .route("/api/v1/monitor/validate", post(monitors::validate))
        .route("/api/v1/monitor/{id}/validate", post(monitors::validate_change))
        .route("/api/v1/monitor/can_delete", get(monitors::can_delete))
        .route("/api/v1/monitor/search", get(search::monitors))
        .route("/api/v1/monitor/groups/search", get(search::groups))
        .route("/api/v1/monitor/{id}/mute", post(mute::mute))
        .route("/api/v1/monitor/{id}/unmute", post(mute::unmute))
        .route("/api/v1/monitor/mute_all", post(mute::mute_all))
        .route("/api/v1/monitor/unmute_all", post(mute::unmute_all))
        .route("/api/v1/monitor/bulk_resolve", post(resolve::bulk))
        .route("/api/ui/monitors", get(ui::monitors::list::list))
        .route("/api/ui/monitors/own", get(ui::monitors::own::read).post(ui::monitors::own::tell))
        .route("/api/ui/monitors/import", post(ui::monitors::import::import))
        .route("/api/ui/monitors/bulk", post(ui::monitors::bulk::bulk))
}

/// Where notices go, what was told, and charts of notices for who can't log in.
fn channels() -> Router<Arc<App>> {
    use ui::{channels, deliveries, mail, message};
    Router::new()
        .route("/api/ui/channels", get(channels::list).post(channels::create))
        .route("/api/ui/channels/{id}", put(channels::replace).delete(channels::delete))
        .route("/api/ui/channels/{id}/test", post(channels::test))
        .route("/api/ui/handles", get(channels::handles))
        .route("/api/ui/mail", get(mail::read).put(mail::change))
        .route("/api/ui/mail/test", post(mail::test))
        .route("/api/ui/deliveries", get(deliveries::list))
        .route("/api/ui/deliveries/{key}/{handle}/retry", post(deliveries::retry))
        .route("/api/ui/monitors/{id}/deliveries", get(deliveries::of_monitor))
        .route("/api/ui/notices/{key}", get(deliveries::notice))
        .route("/api/ui/monitors/message", post(message::message))
        .route("/snapshot/{name}", get(crate::snapshots::chart))
        .merge(crate::api::integrations::routes())
}

fn downtimes() -> Router<Arc<App>> {
    use crate::api::downtimes::{self, legacy, page};
    let one = get(downtimes::read).patch(downtimes::update).delete(downtimes::cancel);
    let legacy_one = get(legacy::one).put(legacy::change).delete(legacy::cancel);
    Router::new()
        .route("/api/v2/downtime", get(downtimes::list).post(downtimes::create))
        .route("/api/v2/downtime/{id}", one)
        .route("/api/v2/monitor/{id}/downtime_matches", get(downtimes::matching))
        .route("/api/v1/downtime", get(legacy::list).post(legacy::create))
        .route("/api/v1/downtime/cancel/by_scope", post(legacy::cancel_by_scope))
        .route("/api/v1/downtime/{id}", legacy_one)
        .route("/api/v1/monitor/{id}/downtimes", get(legacy::of_monitor))
        .route("/api/ui/downtimes", get(page::list))
        .route("/api/ui/downtimes/preview", post(page::preview))
}

fn slos() -> Router<Arc<App>> {
    use crate::api::slos::{self, corrections, history, search, status};
    let every = get(slos::list).post(slos::create).delete(slos::delete_several);
    let correction = get(corrections::read).patch(corrections::update).delete(corrections::delete);
    Router::new()
        .route("/api/v1/slo", every)
        .route("/api/v1/slo/", delete(slos::delete_several))
        .route("/api/v1/slo/bulk_delete", post(slos::bulk_delete))
        .route("/api/v1/slo/can_delete", get(slos::can_delete))
        .route("/api/v1/slo/search", get(search::search))
        .route("/api/v1/slo/correction", get(corrections::list).post(corrections::create))
        .route("/api/v1/slo/correction/{id}", correction)
        .route("/api/v1/slo/{id}", get(slos::read).put(slos::replace).delete(slos::delete))
        .route("/api/v1/slo/{id}/corrections", get(corrections::of_one))
        .route("/api/v1/slo/{id}/history", get(history::history))
        .route("/api/v2/slo/{id}/status", get(status::status))
        .route("/api/ui/slos", get(ui::slos::list))
        .route("/api/ui/slos/{id}", get(ui::slos::detail))
}

fn synthetics() -> Router<Arc<App>> {
    use crate::api::synthetics::{self, results, search};
    let one = get(synthetics::read).put(synthetics::replace).patch(synthetics::change);
    Router::new()
        .route("/api/v1/synthetics/tests", get(synthetics::list))
        .route("/api/v1/synthetics/tests/api", post(synthetics::create))
        .route("/api/v1/synthetics/tests/browser", post(synthetics::refuse))
        .route("/api/v1/synthetics/tests/mobile", post(synthetics::refuse))
        .route("/api/v1/synthetics/tests/delete", post(synthetics::delete))
        .route("/api/v1/synthetics/tests/trigger", post(synthetics::trigger::trigger))
        .route("/api/v1/synthetics/tests/search", get(search::search))
        .route("/api/v1/synthetics/settings/default_locations", get(search::default_locations))
        .route("/api/v1/synthetics/tests/uptimes", post(results::uptimes))
        .route("/api/v1/synthetics/tests/api/{id}", one.clone())
        .route("/api/v1/synthetics/tests/{id}", one)
        .route("/api/v1/synthetics/tests/{id}/status", put(synthetics::set_status))
        .route("/api/v1/synthetics/tests/{id}/results", get(results::list))
        .route("/api/v1/synthetics/tests/{id}/results/{result}", get(results::detail))
        .route("/api/v1/synthetics/locations", get(synthetics::locations))
        .route("/api/v1/oriel/synthetics", get(synthetics::for_agent))
        .route("/api/ui/synthetics", get(ui::synthetics::list))
        .route("/api/ui/synthetics/{id}/results", get(ui::synthetics::results))
}

fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/login", get(ui::login::link))
        .route("/api/ui/login", post(ui::login::login))
        .route("/api/ui/logout", post(ui::login::logout))
        .route("/api/ui/me", get(ui::me::me))
        .route("/api/ui/query", post(ui::query::query))
        .route("/api/ui/complete", get(ui::complete::complete))
        .route("/api/ui/metrics", get(ui::metrics::list))
        .route("/api/ui/metrics/{name}", get(ui::metrics::one))
        .route("/api/ui/tags", get(ui::metrics::tag_values))
        .route("/api/ui/hosts", get(ui::hosts::list))
        .route("/api/ui/hosts/{name}", get(ui::hosts::one))
        .route("/api/ui/checks", get(ui::hosts::checks))
        .route("/api/ui/setup", get(ui::setup::setup))
        .route("/api/ui/keys", get(ui::keys::list).post(ui::keys::create))
        .route("/api/ui/keys/{id}", delete(ui::keys::remove))
        .route("/api/ui/settings", get(ui::settings::settings))
}

/// Files that are compressed well already, or small.
fn not_asset(
    _: StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    !kind.starts_with("image/") && !kind.starts_with("font/")
}

/// Counts the request, and puts on the headers that keep browsers from being misled.
async fn surround(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    app.figures.request(&route, response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Nothing from elsewhere; inline styles, because chart and grid libraries set them.
const CSP: &str = "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; \
                   connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("without a text"), "a handler panicked");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the server made a mistake; see its log").into_response()
}
