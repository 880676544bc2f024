//! Named texts become the fields of a struct, or a map. Each refusal names the parameter, its value and what is allowed.

use super::shown;
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt;
use std::num::IntErrorKind;
use std::str::FromStr;
use std::vec::IntoIter;

pub(super) fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Refused> {
    T::deserialize(Parameters { left: pairs.into_iter(), value: None })
}

/// Why parameters are refused.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self(format!("{} is none of {}", shown(variant), expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("{field} is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("{field} is given more than once"))
    }
}

struct Parameters {
    left: IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> Deserializer<'de> for Parameters {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        self.value = self.left.next();
        let name: Option<StringDeserializer<Refused>> =
            self.value.as_ref().map(|(name, _)| name.clone().into_deserializer());
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let (name, text) = self.value.take().unwrap_or_default();
        seed.deserialize(Text(text)).map_err(|Refused(why)| Refused(format!("{}: {why}", plain(&name))))
    }
}

/// A name as it is, or quoted where it is none.
fn plain(name: &str) -> String {
    let is_plain = name.len() <= 100 && name.chars().all(|c| c.is_ascii_graphic());
    if is_plain { name.to_owned() } else { shown(name) }
}

/// The value of one parameter.
struct Text(String);

impl Text {
    fn number<N: FromStr<Err = std::num::ParseIntError>>(&self, kind: &str) -> Result<N, Refused> {
        self.0.trim().parse().map_err(|e: std::num::ParseIntError| match e.kind() {
            IntErrorKind::PosOverflow => Refused(format!("{} is too large", shown(&self.0))),
            IntErrorKind::NegOverflow => Refused(format!("{} is too small", shown(&self.0))),
            _ => Refused(format!("{} is not {kind}", shown(&self.0))),
        })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $kind:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(self.number($kind)?)
        }
    )*};
}

const WHOLE: &str = "a whole number";
const POSITIVE: &str = "a whole number from 0 on";

impl<'de> Deserializer<'de> for Text {
    type Error = Refused;

    numbers! {
        deserialize_i8 visit_i8 WHOLE;
        deserialize_i16 visit_i16 WHOLE;
        deserialize_i32 visit_i32 WHOLE;
        deserialize_i64 visit_i64 WHOLE;
        deserialize_u8 visit_u8 POSITIVE;
        deserialize_u16 visit_u16 POSITIVE;
        deserialize_u32 visit_u32 POSITIVE;
        deserialize_u64 visit_u64 POSITIVE;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_string(self.0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Refused(format!("{} is not a number", shown(&self.0)))),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(Refused(format!("{} is neither true nor false", shown(&self.0)))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
