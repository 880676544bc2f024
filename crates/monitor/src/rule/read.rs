//! Reading a document's fields: numbers also from text, every error kept with the field's name, unknown fields left alone.

use serde_json::Value;

/// One object of the document; children hand their errors to the same list.
pub(super) struct Reader<'a> {
    document: &'a Value,
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// A field of an object and the list of errors.
pub(super) struct Fields<'a, 'r> {
    value: &'a Value,
    prefix: String,
    errors: &'r mut Vec<String>,
}

static NULL: Value = Value::Null;

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        let mut errors = Vec::new();
        if !document.is_object() {
            errors.push("a monitor is a JSON object".to_owned());
        }
        Self { document, errors, warnings: Vec::new() }
    }

    pub(super) fn error(&mut self, message: impl Into<String>) {
        self.errors.push(message.into());
    }

    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(message.into());
    }

    fn fields(&mut self) -> Fields<'a, '_> {
        Fields { value: self.document, prefix: String::new(), errors: &mut self.errors }
    }

    pub(super) fn child(&mut self, name: &str) -> Fields<'a, '_> {
        let value = self.document.get(name).unwrap_or(&NULL);
        let prefix = format!("{name}.");
        if !value.is_object() && !value.is_null() {
            self.errors.push(format!("{name} must be an object"));
        }
        Fields { value, prefix, errors: &mut self.errors }
    }

    /// A part of the document, unread.
    pub(super) fn raw(&self, pointer: &str) -> &'a Value {
        self.document.pointer(pointer).unwrap_or(&NULL)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.fields().text(name)
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        self.fields().texts(name).unwrap_or_default()
    }

    pub(super) fn whole(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        self.fields().whole(name, min, max)
    }
}

impl<'a, 'r> Fields<'a, 'r> {
    /// A null field is an absent one.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|v| !v.is_null())
    }

    pub(super) fn error(&mut self, message: impl Into<String>) {
        self.errors.push(message.into());
    }

    fn wrong(&mut self, name: &str, want: &str) {
        self.errors.push(format!("{}{name} must be {want}", self.prefix));
    }

    pub(super) fn child(self, name: &str) -> Fields<'a, 'r> {
        let value = self.value.get(name).unwrap_or(&NULL);
        let prefix = format!("{}{name}.", self.prefix);
        Fields { value, prefix, errors: self.errors }
    }

    pub(super) fn raw(&self, name: &str) -> &'a Value {
        self.value.get(name).unwrap_or(&NULL)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.wrong(name, "text");
                None
            }
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let found = match self.get(name)? {
            Value::Array(all) => all.iter().map(|v| v.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        if found.is_none() {
            self.wrong(name, "a list of texts");
        }
        found
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => {
                self.wrong(name, "true or false");
                None
            }
        }
    }

    /// A number, or text that is one.
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        let found = match self.get(name)? {
            Value::Number(n) => n.as_f64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let found = found.filter(|n: &f64| n.is_finite());
        if found.is_none() {
            self.wrong(name, "a number");
        }
        found
    }

    pub(super) fn whole(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let number = self.number(name)?;
        if number.fract() != 0.0 || number < min as f64 || number > max as f64 {
            self.wrong(name, &format!("a whole number from {min} to {max}"));
            return None;
        }
        Some(number as i64)
    }
}
