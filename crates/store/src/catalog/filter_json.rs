//! Filters as JSON, so that a store reopens without whoever parsed them.
//!
//! The forms here are the catalog's own: the model may change its types, and what was written stays readable.

use oriel_model::{Bound, Bounds, Core, Field, Filter, Glob, GlobPart, Pattern, Test, Word, Words};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FilterForm {
    All,
    And(Vec<FilterForm>),
    Or(Vec<FilterForm>),
    Not(Box<FilterForm>),
    Is(FieldForm, TestForm),
    Words(Vec<WordForm>),
    Anywhere(Vec<WordForm>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FieldForm {
    Core(String),
    Attr(String),
    Tag(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TestForm {
    Exists,
    Equals(String),
    Glob(Vec<PartForm>),
    Range { low: Option<BoundForm>, high: Option<BoundForm> },
    Cidr(Vec<String>),
    Regex(String),
    Words(Vec<WordForm>),
}

#[derive(Serialize, Deserialize)]
struct BoundForm {
    text: String,
    number: Option<f64>,
    inclusive: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PartForm {
    Literal(String),
    Any,
    One,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WordForm {
    Token(String),
    Glob(Vec<PartForm>),
}

/// Filters nest as deep as people write brackets; serde_json itself stops at 128.
pub(super) fn to_json(filter: &Filter) -> String {
    serde_json::to_string(&filter_form(filter)).unwrap_or_else(|_| "\"all\"".into())
}

/// The reverse of [`to_json`]; what is wrong when it is not.
pub(super) fn from_json(text: &str) -> Result<Filter, String> {
    let form: FilterForm = serde_json::from_str(text).map_err(|e| e.to_string())?;
    filter(form)
}

fn filter_form(filter: &Filter) -> FilterForm {
    match filter {
        Filter::All => FilterForm::All,
        Filter::And(all) => FilterForm::And(all.iter().map(filter_form).collect()),
        Filter::Or(any) => FilterForm::Or(any.iter().map(filter_form).collect()),
        Filter::Not(not) => FilterForm::Not(Box::new(filter_form(not))),
        Filter::Is(field, test) => FilterForm::Is(field_form(field), test_form(test)),
        Filter::Words(words) => FilterForm::Words(words.0.iter().map(word_form).collect()),
        Filter::Anywhere(words) => FilterForm::Anywhere(words.0.iter().map(word_form).collect()),
    }
}

fn field_form(field: &Field) -> FieldForm {
    match field {
        Field::Core(core) => FieldForm::Core(core.as_str().into()),
        Field::Attr(path) => FieldForm::Attr(path.to_string()),
        Field::Tag(key) => FieldForm::Tag(key.to_string()),
    }
}

fn test_form(test: &Test) -> TestForm {
    let bound = |bound: &Bound| BoundForm {
        text: bound.text.to_string(),
        number: bound.number,
        inclusive: bound.inclusive,
    };
    match test {
        Test::Exists => TestForm::Exists,
        Test::Equals(text) => TestForm::Equals(text.to_string()),
        Test::Glob(glob) => TestForm::Glob(parts_form(glob)),
        Test::Range(Bounds { low, high }) => {
            TestForm::Range { low: low.as_ref().map(bound), high: high.as_ref().map(bound) }
        }
        Test::Cidr(nets) => TestForm::Cidr(nets.iter().map(ToString::to_string).collect()),
        Test::Regex(pattern) => TestForm::Regex(pattern.0.as_str().into()),
        Test::Words(words) => TestForm::Words(words.0.iter().map(word_form).collect()),
    }
}

fn parts_form(glob: &Glob) -> Vec<PartForm> {
    let part = |part: &GlobPart| match part {
        GlobPart::Literal(text) => PartForm::Literal(text.to_string()),
        GlobPart::Any => PartForm::Any,
        GlobPart::One => PartForm::One,
    };
    glob.parts.iter().map(part).collect()
}

fn word_form(word: &Word) -> WordForm {
    match word {
        Word::Token(text) => WordForm::Token(text.to_string()),
        Word::Glob(glob) => WordForm::Glob(parts_form(glob)),
    }
}

fn filter(form: FilterForm) -> Result<Filter, String> {
    let each = |forms: Vec<FilterForm>| forms.into_iter().map(filter).collect::<Result<Vec<_>, _>>();
    Ok(match form {
        FilterForm::All => Filter::All,
        FilterForm::And(all) => Filter::And(each(all)?),
        FilterForm::Or(any) => Filter::Or(each(any)?),
        FilterForm::Not(not) => Filter::Not(Box::new(filter(*not)?)),
        FilterForm::Is(of, what) => Filter::Is(field(of)?, test(what)?),
        FilterForm::Words(words) => Filter::Words(Words(words.into_iter().map(word).collect())),
        FilterForm::Anywhere(words) => Filter::Anywhere(Words(words.into_iter().map(word).collect())),
    })
}

fn field(form: FieldForm) -> Result<Field, String> {
    match form {
        FieldForm::Core(name) => {
            let core = Core::ALL.into_iter().find(|core| core.as_str() == name);
            core.map(Field::Core).ok_or_else(|| format!("there is no core field {name}"))
        }
        FieldForm::Attr(path) => Ok(Field::attr(&path)),
        FieldForm::Tag(key) => Ok(Field::tag(&key)),
    }
}

fn test(form: TestForm) -> Result<Test, String> {
    let bound =
        |form: BoundForm| Bound { text: form.text.into(), number: form.number, inclusive: form.inclusive };
    Ok(match form {
        TestForm::Exists => Test::Exists,
        TestForm::Equals(text) => Test::Equals(text.into()),
        TestForm::Glob(parts) => Test::Glob(glob(parts)),
        TestForm::Range { low, high } => Test::Range(Bounds { low: low.map(bound), high: high.map(bound) }),
        TestForm::Cidr(nets) => {
            let nets: Result<Vec<_>, _> = nets.iter().map(|net| net.parse()).collect();
            Test::Cidr(nets.map_err(|_| "a network is not one".to_owned())?)
        }
        TestForm::Regex(text) => {
            let regex = regex::Regex::new(&text).map_err(|e| e.to_string())?;
            Test::Regex(Pattern(Arc::new(regex)))
        }
        TestForm::Words(words) => Test::Words(Words(words.into_iter().map(word).collect())),
    })
}

fn glob(parts: Vec<PartForm>) -> Glob {
    let part = |form: PartForm| match form {
        PartForm::Literal(text) => GlobPart::Literal(text.into()),
        PartForm::Any => GlobPart::Any,
        PartForm::One => GlobPart::One,
    };
    Glob { parts: parts.into_iter().map(part).collect() }
}

fn word(form: WordForm) -> Word {
    match form {
        WordForm::Token(text) => Word::Token(text.into()),
        WordForm::Glob(parts) => Word::Glob(glob(parts)),
    }
}

#[cfg(test)]
mod tests;
