//! The attribute remapper: an attribute or tag under another name, as another type or as the other of the two.

use crate::definition::{Format, Holder, RemapDefinition};
use crate::place::{self, path_of};
use crate::{Error, Result};
use oriel_model::{Core, Field, Row, Value};

pub(crate) struct Remap {
    sources: Vec<String>,
    target: String,
    from: Holder,
    to: Holder,
    format: Format,
    preserve: bool,
    overriding: bool,
}

impl Remap {
    pub(crate) fn compile(of: &str, definition: &RemapDefinition) -> Result<Self> {
        let to = definition.target_type.unwrap_or_default();
        let format = definition.target_format.unwrap_or_default();
        if to == Holder::Tag && !matches!(format, Format::Auto | Format::String) {
            return Err(Error::Form(format!("{of}: a tag is always text; leave \"target_format\" out")));
        }
        Ok(Self {
            sources: super::bounded(&definition.sources)?,
            target: super::target_of(of, &definition.target)?,
            from: definition.source_type.unwrap_or_default(),
            to,
            format,
            preserve: definition.preserve_source,
            overriding: definition.override_on_conflict,
        })
    }

    /// Sources in order; a later one finds the target taken unless it may override.
    pub(crate) fn apply(&self, row: &mut Row) -> bool {
        let mut applied = false;
        for source in &self.sources {
            applied |= match self.from {
                Holder::Attribute => self.take_attribute(row, path_of(source)),
                Holder::Tag => self.take_tag(row, source),
            };
        }
        applied
    }

    fn take_attribute(&self, row: &mut Row, path: &str) -> bool {
        if self.to == Holder::Attribute && path == self.target {
            return self.recast(row);
        }
        let mut found = place::subtree(row, path);
        let is_reserved = found.is_empty();
        if is_reserved {
            let Some(core) = place::reserved(path).and_then(|c| row.value(&Field::Core(c))) else {
                return false;
            };
            found = vec![(String::new(), core)];
        }
        let mut applied = false;
        for (rest, value) in found {
            if !self.write(row, &rest, &value) {
                continue;
            }
            applied = true;
            if self.preserve {
                continue;
            }
            match place::reserved(path).filter(|_| is_reserved) {
                Some(core) => row.set_text(core, ""),
                None => drop(row.remove_attribute(&Field::attr(&format!("{path}{rest}")))),
            }
        }
        applied
    }

    fn take_tag(&self, row: &mut Row, key: &str) -> bool {
        if self.to == Holder::Tag && key == self.target {
            return false;
        }
        let Some(value) = place::read_tag(row, key) else { return false };
        if !self.write(row, "", &value) {
            return false;
        }
        if !self.preserve
            && row.remove_attribute(&Field::tag(key)).is_none()
            && let Some(core) = place::tag_core(key)
        {
            row.set_text(core, "");
        }
        true
    }

    /// Source and target are one attribute: only its type may change.
    fn recast(&self, row: &mut Row) -> bool {
        let Some(value) = row.attribute(&Field::attr(&self.target)).cloned() else { return false };
        row.set_attribute(Field::attr(&self.target), self.cast(&value));
        true
    }

    /// Writes unless the target is taken; whether it was written.
    fn write(&self, row: &mut Row, rest: &str, value: &Value) -> bool {
        let target = format!("{}{rest}", self.target);
        if self.to == Holder::Tag {
            return self.write_tag(row, &target, value);
        }
        // The reserved fields are targets too, so that a log can be given its host or source.
        if let Some(core) = place::reserved(&target)
            .filter(|c| matches!(c, Core::Host | Core::Source | Core::Env | Core::Version))
        {
            return self.write_core(row, core, value);
        }
        let field = Field::attr(&target);
        if row.attribute(&field).is_some() && !self.overriding {
            return false;
        }
        row.set_attribute(field, self.cast(value));
        true
    }

    fn write_core(&self, row: &mut Row, core: Core, value: &Value) -> bool {
        if !row.text(core).is_empty() && !self.overriding {
            return false;
        }
        row.set_text(core, value.text().unwrap_or_default());
        true
    }

    fn write_tag(&self, row: &mut Row, key: &str, value: &Value) -> bool {
        if let Some(core) = place::tag_core(key) {
            return self.write_core(row, core, value);
        }
        let field = Field::tag(key);
        if row.attribute(&field).is_some() && !self.overriding {
            return false;
        }
        let text = |v: &Value| Value::Text(v.text().unwrap_or_default().into());
        let value = match value {
            Value::List(list) => Value::List(list.iter().map(text).collect()),
            one => text(one),
        };
        row.set_attribute(field, value);
        true
    }

    /// The value in the wanted type; as it is when that can't be.
    fn cast(&self, value: &Value) -> Value {
        match self.format {
            Format::Auto => value.clone(),
            Format::String => value.text().map_or(Value::Null, |t| Value::Text(t.into())),
            Format::Integer => match value.number().filter(|x| x.abs() < 9e18) {
                Some(x) => match value {
                    Value::Int(_) | Value::Uint(_) => value.clone(),
                    // A text of digits keeps all of them.
                    Value::Text(t) => t.trim().parse().map_or(Value::Int(x as i64), Value::Int),
                    _ => Value::Int(x as i64),
                },
                None => value.clone(),
            },
            Format::Double => value.number().map_or_else(|| value.clone(), Value::Float),
        }
    }
}
