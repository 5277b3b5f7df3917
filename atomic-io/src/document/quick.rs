//! A scalar whose value is beyond doubt, as a deserializer. It behaves as `serde_yaml` does.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;

pub(crate) enum Quick<'a> {
    Text(Cow<'a, str>),
    /// The number and the text it stands as, because a plain number may be read as a string.
    Unsigned(u64, &'a str),
    Negative(i64, &'a str),
}

impl Quick<'_> {
    fn text(&self) -> &str {
        match self {
            Quick::Text(text) => text,
            Quick::Unsigned(_, text) | Quick::Negative(_, text) => text,
        }
    }
}

impl<'de> Deserializer<'de> for Quick<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Quick::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Quick::Text(Cow::Borrowed(text)) => visitor.visit_str(text),
            Quick::Unsigned(n, _) => visitor.visit_u64(n),
            Quick::Negative(n, _) => visitor.visit_i64(n),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text: StrDeserializer<'_, Error> = self.text().into_deserializer();
        visitor.visit_enum(text)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
