//! Grok rules: `%{matcher:extract:filter}` among plain regular expressions, as the product people know writes them.
//!
//! A rule becomes one regular expression over the whole text (it must match from end to end), with a named group for each thing
//! extracted. The engine is linear in its input, so no rule can hang; look-around and back-references are refused with a reason.
//! Sizes of rules, of compiled expressions and of inputs are bounded.

mod filter;
mod java_date;
mod keyvalue;
mod matcher;
mod syntax;

use crate::definition::GrokDefinition;
use crate::place::path_of;
use crate::{Error, Result};
use filter::Filter;
use hashbrown::HashMap;
use matcher::Convert;
use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;
use syntax::{Piece, Token};

/// Rules of one parser, support rules included; ten are advised.
const RULES_MAX: usize = 200;
/// A rule with everything it refers to.
const EXPRESSION_BYTES_MAX: usize = 64 << 10;
/// A compiled expression; the crate's own default is ten times this, for one expression a process.
const COMPILED_BYTES_MAX: usize = 4 << 20;
/// Rules that refer to rules that refer to rules.
const DEPTH_MAX: usize = 16;
/// Longest text that is parsed: linear time is still time, and captures cost about 20 ns a byte.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// See the module's head.
pub(crate) struct Grok {
    rules: Vec<Rule>,
}

struct Rule {
    regex: Regex,
    extractions: Vec<Extraction>,
}

/// One `%{…}` that keeps something.
struct Extraction {
    group: usize,
    /// Empty: an object's fields go to the root.
    path: String,
    convert: Convert,
    filters: Vec<Filter>,
}

impl Grok {
    pub(crate) fn compile(of: &str, definition: &GrokDefinition) -> Result<Self> {
        let mut known: HashMap<String, Vec<Piece>> = HashMap::new();
        for (name, text) in lines(of, &definition.support_rules)? {
            let pieces = syntax::parse(text).map_err(|why| rule_error(of, name, why))?;
            known.insert(name.to_owned(), pieces);
        }
        let mut rules = Vec::new();
        for (name, text) in lines(of, &definition.match_rules)? {
            let pieces = syntax::parse(text).map_err(|why| rule_error(of, name, why))?;
            let rule = Rule::compile(&pieces, &known).map_err(|why| rule_error(of, name, why))?;
            rules.push(rule);
            // Rules may refer to those above them.
            known.insert(name.to_owned(), pieces);
            if known.len() > RULES_MAX {
                return Err(Error::TooMany { what: "grok rules", n: known.len(), max: RULES_MAX });
            }
        }
        if rules.is_empty() {
            return Err(Error::pattern(
                of,
                "\"match_rules\" has no rule; write one as: name %{data:message}",
            ));
        }
        Ok(Self { rules })
    }

    /// What the first rule that matches extracts, as paths and values. `near_ns` is a moment close to dates without a year.
    pub(crate) fn parse(&self, text: &str, near_ns: i64) -> Option<Vec<(String, Json)>> {
        if text.len() > INPUT_BYTES_MAX {
            return None;
        }
        self.rules.iter().find_map(|rule| rule.parse(text, near_ns))
    }
}

fn rule_error(of: &str, name: &str, why: String) -> Error {
    Error::pattern(format!("{of}, rule {name:?}"), why)
}

/// Lines `name pattern`; empty ones and those that begin with `#` are left out.
fn lines<'a>(of: &str, text: &'a str) -> Result<Vec<(&'a str, &'a str)>> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (name, pattern) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if !is_name || pattern.trim().is_empty() {
            let why = format!("the line {line:?} is no rule; write a name, a blank and a pattern");
            return Err(Error::pattern(of, why));
        }
        if out.iter().any(|(n, _)| *n == name) {
            return Err(Error::pattern(of, format!("two rules are called {name:?}; rename one")));
        }
        out.push((name, pattern.trim()));
    }
    if out.len() > RULES_MAX {
        return Err(Error::TooMany { what: "grok rules", n: out.len(), max: RULES_MAX });
    }
    Ok(out)
}

impl Rule {
    fn compile(pieces: &[Piece], known: &HashMap<String, Vec<Piece>>) -> std::result::Result<Self, String> {
        let mut writer = Writer { known, text: String::from(r"\A(?:"), drafts: Vec::new() };
        writer.pieces(pieces, 0)?;
        writer.text.push_str(r")\z");
        let regex = RegexBuilder::new(&writer.text)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|e| describe(&e))?;
        let names: Vec<Option<&str>> = regex.capture_names().collect();
        let place = |n: usize| names.iter().position(|name| *name == Some(group_name(n).as_str()));
        let extractions = writer.drafts.into_iter().enumerate().filter_map(|(n, draft)| {
            let (path, convert, filters) = draft;
            Some(Extraction { group: place(n)?, path, convert, filters })
        });
        let extractions = extractions.collect();
        Ok(Self { regex, extractions })
    }

    fn parse(&self, text: &str, near_ns: i64) -> Option<Vec<(String, Json)>> {
        let captures = self.regex.captures(text)?;
        let mut out: Vec<(String, Json)> = Vec::new();
        for extraction in &self.extractions {
            let Some(found) = captures.get(extraction.group) else { continue };
            let Some(value) = extraction.value(found.as_str(), near_ns) else { continue };
            let is_kept = value.is_object() || !extraction.path.is_empty();
            if is_kept && !out.iter().any(|(path, _)| !path.is_empty() && *path == extraction.path) {
                out.push((extraction.path.clone(), value));
            }
        }
        Some(out)
    }
}

impl Extraction {
    /// What is null or empty is not shown.
    fn value(&self, text: &str, near_ns: i64) -> Option<Json> {
        let mut value = self.convert.value(text, near_ns)?;
        for filter in &self.filters {
            value = filter.apply(value, near_ns)?;
        }
        (!value.is_null() && value.as_str() != Some("")).then_some(value)
    }
}

/// The group of the nth extraction; two underscores keep it apart from groups that people name.
fn group_name(n: usize) -> String {
    format!("__{n}")
}

/// A rule on its way to one expression.
struct Writer<'a> {
    known: &'a HashMap<String, Vec<Piece>>,
    text: String,
    drafts: Vec<(String, Convert, Vec<Filter>)>,
}

impl Writer<'_> {
    fn pieces(&mut self, pieces: &[Piece], depth: usize) -> std::result::Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!(
                "rules refer to rules more than {DEPTH_MAX} deep; does one refer to itself?"
            ));
        }
        for piece in pieces {
            match piece {
                Piece::Raw(text) => self.text.push_str(&syntax::expression(text)),
                Piece::Token(token) => self.token(token, depth)?,
            }
            if self.text.len() > EXPRESSION_BYTES_MAX {
                return Err(format!("with what it refers to it is longer than {EXPRESSION_BYTES_MAX} bytes"));
            }
        }
        Ok(())
    }

    fn token(&mut self, token: &Token, depth: usize) -> std::result::Result<(), String> {
        let filters =
            token.filters.iter().map(Filter::compile).collect::<std::result::Result<Vec<_>, _>>()?;
        let referred = self.known.get(&token.matcher.name).filter(|_| token.matcher.args.is_empty());
        let is_kept = !token.extract.is_empty() || !filters.is_empty();
        if is_kept {
            let group = group_name(self.drafts.len());
            self.text.push_str(&format!("(?P<{group}>"));
            // The place is taken before what is inside takes its own.
            self.drafts.push((path_of(&token.extract).to_owned(), Convert::Text, filters));
        } else {
            self.text.push_str("(?:");
        }
        let draft = self.drafts.len().wrapping_sub(1);
        match referred {
            Some(pieces) => self.pieces(pieces, depth + 1)?,
            None => {
                let (expression, convert) = matcher::compile(&token.matcher)?;
                self.text.push_str(&expression);
                if is_kept {
                    self.drafts[draft].1 = convert;
                }
            }
        }
        self.text.push(')');
        Ok(())
    }
}

/// The engine's own words in one line, with what to do where that is known.
fn describe(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    if text.contains("look-around") {
        return "look-ahead and look-behind are not supported; match the text itself instead".to_owned();
    }
    if text.contains("backreferences") {
        return "back-references are not supported; match the text itself instead".to_owned();
    }
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return "the pattern is too large when compiled; make its repetitions smaller".to_owned();
    }
    last
}
