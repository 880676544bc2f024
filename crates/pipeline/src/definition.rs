//! Pipelines as people write them: the JSON of Datadog's `/api/v1/logs/config/pipelines`.
//!
//! What is not written is as there: `is_enabled` and the other switches are off unless they are set. Fields that nobody here
//! knows are left alone: whoever keeps the document keeps it whole.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Kinds of processors that are built in.
pub(crate) const KINDS: [&str; 15] = [
    "grok-parser",
    "date-remapper",
    "status-remapper",
    "service-remapper",
    "message-remapper",
    "attribute-remapper",
    "url-parser",
    "user-agent-parser",
    "category-processor",
    "arithmetic-processor",
    "string-builder-processor",
    "lookup-processor",
    "trace-id-remapper",
    "span-id-remapper",
    "pipeline",
];

/// Pipelines inside of pipelines; the product people know allows one level.
const DEPTH_MAX: usize = 4;

/// One pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PipelineDefinition {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub is_enabled: bool,
    #[serde(default)]
    pub filter: Option<FilterDefinition>,
    #[serde(default)]
    pub processors: Vec<ProcessorDefinition>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterDefinition {
    #[serde(default)]
    pub query: String,
}

/// One processor of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessorDefinition {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub is_enabled: bool,
    #[serde(flatten)]
    pub kind: ProcessorKind,
}

/// What a processor does, by its `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ProcessorKind {
    GrokParser {
        #[serde(default = "message")]
        source: String,
        grok: GrokDefinition,
        #[serde(default)]
        samples: Vec<String>,
    },
    DateRemapper {
        sources: Vec<String>,
    },
    StatusRemapper {
        sources: Vec<String>,
    },
    ServiceRemapper {
        sources: Vec<String>,
    },
    MessageRemapper {
        sources: Vec<String>,
    },
    TraceIdRemapper {
        #[serde(default)]
        sources: Vec<String>,
    },
    SpanIdRemapper {
        #[serde(default)]
        sources: Vec<String>,
    },
    AttributeRemapper(RemapDefinition),
    UrlParser {
        sources: Vec<String>,
        target: String,
        #[serde(default)]
        normalize_ending_slashes: Option<bool>,
    },
    UserAgentParser {
        sources: Vec<String>,
        target: String,
        #[serde(default)]
        is_encoded: bool,
    },
    CategoryProcessor {
        target: String,
        categories: Vec<CategoryDefinition>,
    },
    ArithmeticProcessor {
        target: String,
        expression: String,
        #[serde(default)]
        is_replace_missing: bool,
    },
    StringBuilderProcessor {
        target: String,
        template: String,
        #[serde(default)]
        is_replace_missing: bool,
    },
    LookupProcessor {
        source: String,
        target: String,
        lookup_table: Vec<String>,
        #[serde(default)]
        default_lookup: Option<String>,
    },
    Pipeline {
        #[serde(default)]
        filter: Option<FilterDefinition>,
        #[serde(default)]
        processors: Vec<ProcessorDefinition>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GrokDefinition {
    #[serde(default)]
    pub support_rules: String,
    pub match_rules: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RemapDefinition {
    pub sources: Vec<String>,
    pub target: String,
    #[serde(default)]
    pub source_type: Option<Holder>,
    #[serde(default)]
    pub target_type: Option<Holder>,
    #[serde(default)]
    pub target_format: Option<Format>,
    #[serde(default)]
    pub preserve_source: bool,
    #[serde(default)]
    pub override_on_conflict: bool,
}

/// What a remapper reads from or writes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    #[default]
    Attribute,
    Tag,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Auto,
    String,
    Integer,
    Double,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CategoryDefinition {
    #[serde(default)]
    pub filter: FilterDefinition,
    pub name: String,
}

fn message() -> String {
    "message".to_owned()
}

impl PipelineDefinition {
    /// Reads a pipeline; the error names the processor that is not as it should be.
    pub fn from_json(json: &Json) -> Result<Self> {
        if !json.is_object() {
            return Err(Error::Form(
                "a pipeline is a JSON object with \"name\" and \"processors\"".to_owned(),
            ));
        }
        if !json.get("name").is_some_and(Json::is_string) {
            return Err(Error::Form("the pipeline has no \"name\"; add one".to_owned()));
        }
        check_processors(json, "processors", 0)?;
        serde_json::from_value(json.clone()).map_err(|e| Error::Form(format!("the pipeline: {e}")))
    }
}

impl ProcessorDefinition {
    /// The word of its `type`.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            ProcessorKind::GrokParser { .. } => "grok-parser",
            ProcessorKind::DateRemapper { .. } => "date-remapper",
            ProcessorKind::StatusRemapper { .. } => "status-remapper",
            ProcessorKind::ServiceRemapper { .. } => "service-remapper",
            ProcessorKind::MessageRemapper { .. } => "message-remapper",
            ProcessorKind::TraceIdRemapper { .. } => "trace-id-remapper",
            ProcessorKind::SpanIdRemapper { .. } => "span-id-remapper",
            ProcessorKind::AttributeRemapper(_) => "attribute-remapper",
            ProcessorKind::UrlParser { .. } => "url-parser",
            ProcessorKind::UserAgentParser { .. } => "user-agent-parser",
            ProcessorKind::CategoryProcessor { .. } => "category-processor",
            ProcessorKind::ArithmeticProcessor { .. } => "arithmetic-processor",
            ProcessorKind::StringBuilderProcessor { .. } => "string-builder-processor",
            ProcessorKind::LookupProcessor { .. } => "lookup-processor",
            ProcessorKind::Pipeline { .. } => "pipeline",
        }
    }
}

/// Reads each processor by itself, so that an error can say which one it is.
fn check_processors(parent: &Json, at: &str, depth: usize) -> Result<()> {
    if depth >= DEPTH_MAX {
        return Err(Error::Form(format!("{at}: pipelines are nested more than {DEPTH_MAX} deep")));
    }
    let list = match parent.get("processors") {
        None | Some(Json::Null) => return Ok(()),
        Some(Json::Array(list)) => list,
        Some(_) => return Err(Error::Form(format!("\"{at}\" is not a list"))),
    };
    for (i, processor) in list.iter().enumerate() {
        let at = format!("{at}[{i}]");
        let kind = processor.get("type").and_then(Json::as_str);
        let kind = kind.ok_or_else(|| Error::Form(format!("{at} has no \"type\"; add one")))?;
        if !KINDS.contains(&kind) {
            return Err(Error::Unsupported(kind.to_owned()));
        }
        if kind == "pipeline" {
            check_processors(processor, &format!("{at}.processors"), depth + 1)?;
            continue;
        }
        let read: std::result::Result<ProcessorDefinition, _> = serde_json::from_value(processor.clone());
        read.map_err(|e| Error::Form(format!("{at} ({kind}): {e}")))?;
    }
    Ok(())
}
