//! `/api/v1/logs/config/pipelines` and `/api/v1/logs/config/pipeline-order`: documents in Datadog's form, kept whole and compiled
//! when they change; and the pages' test bench.

use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::{Editor, Reader};
use crate::extract::{Path, Payload, read_json};
use crate::processing::{parse, pipeline_of};
use crate::rows::json::page_row;
use axum::extract::State;
use oriel_model::{OrgId, Row, RowBatchBuilder, Signal, TimeRange};
use oriel_pipeline::{PipelineDefinition, Pipelines};
use oriel_state::{Document, DocumentKind};
use oriel_store::{ListedRow, RowId};
use oriel_wire::logs::{Defaults, Form, decode};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const KIND: DocumentKind = DocumentKind::Pipeline;
/// What the server owns; what is posted of it is not believed.
const OWNED: [&str; 3] = ["id", "type", "is_read_only"];

/// `GET /api/v1/logs/config/pipelines`: an array, as the clients insist.
pub(crate) async fn list(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    let documents = app.state.documents(reader.org, KIND).await?;
    Ok(ok(&documents.into_iter().map(whole).collect::<Vec<_>>()))
}

/// `POST /api/v1/logs/config/pipelines`.
pub(crate) async fn create(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let body = checked(&body)?;
    let document = app.state.create_document(editor.org, KIND, None, body).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&whole(document)))
}

/// `GET /api/v1/logs/config/pipelines/{id}`.
pub(crate) async fn one(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<String>) -> Answer {
    Ok(ok(&whole(app.state.document(reader.org, KIND, &id).await?)))
}

/// `PUT /api/v1/logs/config/pipelines/{id}`.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    editor: Editor,
    Path(id): Path<String>,
    body: Payload,
) -> Answer {
    let body = checked(&body)?;
    let document = app.state.replace_document(editor.org, KIND, &id, body).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&whole(document)))
}

/// `DELETE /api/v1/logs/config/pipelines/{id}`.
pub(crate) async fn delete(State(app): State<Arc<App>>, editor: Editor, Path(id): Path<String>) -> Answer {
    app.state.delete_document(editor.org, KIND, &id).await?;
    app.processing.reload(&app.state, editor.org).await?;
    Ok(ok(&json!({})))
}

#[derive(Deserialize)]
struct Order {
    pipeline_ids: Vec<String>,
}

/// `GET /api/v1/logs/config/pipeline-order`.
pub(crate) async fn order(State(app): State<Arc<App>>, reader: Reader) -> Answer {
    order_of(&app, reader.org).await
}

/// `PUT /api/v1/logs/config/pipeline-order`.
pub(crate) async fn reorder(State(app): State<Arc<App>>, editor: Editor, body: Payload) -> Answer {
    let order: Order = read_json(&body)?;
    app.state.order_documents(editor.org, KIND, &order.pipeline_ids).await?;
    app.processing.reload(&app.state, editor.org).await?;
    order_of(&app, editor.org).await
}

async fn order_of(app: &App, org: OrgId) -> Answer {
    let documents = app.state.documents(org, KIND).await?;
    let ids: Vec<String> = documents.into_iter().map(|d| d.id).collect();
    Ok(ok(&json!({ "pipeline_ids": ids })))
}

#[derive(Deserialize)]
struct Bench {
    /// A definition that need not be stored; without one, all that are.
    #[serde(default)]
    pipeline: Option<Json>,
    /// A line, or a log as JSON (as text or as it is).
    sample: Json,
}

/// `POST /api/ui/pipelines/test`: what each processor does to one log.
pub(crate) async fn test(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer {
    let bench: Bench = read_json(&body)?;
    let definitions = match bench.pipeline.filter(|p| !p.is_null()) {
        Some(pipeline) => {
            // On the bench a pipeline runs whether or not it is switched on.
            vec![PipelineDefinition { is_enabled: true, ..PipelineDefinition::from_json(&pipeline)? }]
        }
        None => {
            let documents = app.state.documents(reader.org, KIND).await?;
            documents.iter().filter_map(|d| pipeline_of(d).ok()).collect()
        }
    };
    let mut row = sample(&app, reader.org, &bench.sample)?;
    let scrubbed =
        app.processing.of(reader.org).is_some_and(|p| p.scrubber.apply_quietly(&mut row, Signal::Logs));
    let pipelines = Pipelines::compile(&definitions, &parse(Signal::Logs))?;
    let explained = pipelines.explain(row);
    let listed = ListedRow { id: RowId { time_ns: explained.row.time_ns, hash: 0 }, row: explained.row };
    Ok(ok(&json!({ "steps": explained.steps, "row": page_row(&listed), "scrubbed": scrubbed })))
}

/// The row that the sample would be had it been sent.
fn sample(app: &App, org: OrgId, sample: &Json) -> Answer<Row> {
    let (text, form) = match sample {
        Json::String(text) if !text.trim_start().starts_with(['{', '[']) => (text.clone(), Form::Lines),
        Json::String(text) => (text.clone(), Form::Json),
        json => (json.to_string(), Form::Json),
    };
    let defaults = Defaults { now_ns: app.now_ms().saturating_mul(1_000_000), ..Defaults::default() };
    let build = |text: &str, form: Form| -> Option<Row> {
        let mut builder = RowBatchBuilder::new(org, Signal::Logs, &app.limits, TimeRange::all());
        decode(text.as_bytes(), form, &defaults, &mut builder).ok()?;
        let (batch, _) = builder.finish();
        (!batch.is_empty()).then(|| batch.row(0))
    };
    // A line that only begins like JSON is a line.
    let row = build(&text, form).or_else(|| build(&text, Form::Lines));
    row.ok_or_else(|| Failure::invalid("the sample holds no log; give a line, or an object with \"message\""))
}

/// Reads, compiles, and takes out what is ours.
fn checked(body: &[u8]) -> Answer<Json> {
    let mut body: Json = read_json(body)?;
    let definition = PipelineDefinition::from_json(&body)?;
    Pipelines::compile(&[definition], &parse(Signal::Logs))?;
    if let Json::Object(fields) = &mut body {
        for name in OWNED {
            fields.shift_remove(name);
        }
    }
    Ok(body)
}

/// The document with what the server owns, and with what clients expect to find.
fn whole(document: Document) -> Json {
    let mut body = document.body;
    if let Json::Object(fields) = &mut body {
        fields.insert("id".to_owned(), json!(document.id));
        fields.insert("type".to_owned(), json!("pipeline"));
        fields.insert("is_read_only".to_owned(), json!(false));
        fields.entry("is_enabled").or_insert(json!(false));
        fields.entry("filter").or_insert(json!({ "query": "*" }));
        fields.entry("processors").or_insert(json!([]));
    }
    body
}
