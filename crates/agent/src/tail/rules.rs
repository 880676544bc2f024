//! `log_processing_rules` of a source: lines left out, texts masked, lines gathered into one log.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// Rules of one source.
const RULES_MAX: usize = 100;
/// One compiled expression.
const COMPILED_BYTES_MAX: usize = 2 << 20;

#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// In their order.
    steps: Vec<Step>,
    /// A line that it matches begins a log.
    pub(crate) multi_line: Option<Regex>,
}

#[derive(Clone, Debug)]
enum Step {
    Exclude(Regex),
    Include(Regex),
    /// The placeholder may name groups: `$1`.
    Mask(Regex, String),
}

impl Rules {
    pub(crate) fn compile(list: &Value) -> Result<Self, String> {
        let Some(list) = list.as_array() else { return Ok(Self::default()) };
        let mut rules = Self::default();
        for (i, rule) in list.iter().take(RULES_MAX).enumerate() {
            let text = |key: &str| rule.get(key).and_then(Value::as_str);
            let name = text("name").map_or_else(|| format!("rule {}", i + 1), |n| format!("rule {n:?}"));
            let pattern = text("pattern").ok_or_else(|| format!("{name} has no `pattern:`"))?;
            let regex = compile(pattern).map_err(|why| format!("{name}: {why}"))?;
            match text("type") {
                Some("exclude_at_match") => rules.steps.push(Step::Exclude(regex)),
                Some("include_at_match") => rules.steps.push(Step::Include(regex)),
                Some("mask_sequences") => {
                    let placeholder = text("replace_placeholder").unwrap_or_default().to_owned();
                    rules.steps.push(Step::Mask(regex, placeholder));
                }
                // The beginning of a line is meant, as the agent does.
                Some("multi_line") => {
                    rules.multi_line =
                        Some(compile(&format!("^(?:{pattern})")).map_err(|why| format!("{name}: {why}"))?);
                }
                other => {
                    return Err(format!(
                        "{name}: the type is {other:?}; write exclude_at_match, include_at_match, mask_sequences or multi_line"
                    ));
                }
            }
        }
        Ok(rules)
    }

    /// The text as it is sent; `None` when it is not.
    pub(crate) fn apply(&self, mut text: String) -> Option<String> {
        for step in &self.steps {
            match step {
                Step::Exclude(regex) if regex.is_match(&text) => return None,
                Step::Include(regex) if !regex.is_match(&text) => return None,
                Step::Exclude(_) | Step::Include(_) => {}
                Step::Mask(regex, placeholder) => {
                    if let std::borrow::Cow::Owned(masked) = regex.replace_all(&text, placeholder.as_str()) {
                        text = masked;
                    }
                }
            }
        }
        Some(text)
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).build().map_err(|e| {
        let text = e.to_string();
        format!("the pattern {pattern:?}: {}", text.lines().last().unwrap_or_default())
    })
}
