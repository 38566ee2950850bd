//! Makes typed values of places in a document, with one call of the host for each object and array.

use std::vec::IntoIter;

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::StringDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{Content, Value};
use crate::{
    Error,
    documents::{self, Node},
};

/// A value and what it is.
struct Reader {
    node: Node,
    content: Content,
}

struct Elements(IntoIter<(Node, Content)>);

struct Members {
    rest: IntoIter<(String, Node, Content)>,
    value: Option<Reader>,
}

/// A variant of an enum.
struct Enum {
    name: String,
    variant: Variant,
}

/// What is behind the name of a variant.
struct Variant(Option<Reader>);

pub(super) fn parse<'de, T: Deserialize<'de>>(value: Value) -> Result<T, Error> {
    let content = value.read("").ok_or_else(|| Error::new("there is no value"))?;
    T::deserialize(Reader { node: value.node(), content })
}

fn named(name: String) -> StringDeserializer<Error> {
    name.into_deserializer()
}

// === impl Reader ===

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.content {
            Content::Null => visitor.visit_unit(),
            Content::Boolean(value) => visitor.visit_bool(value),
            Content::Integer(value) => visitor.visit_i64(value),
            Content::Number(value) => visitor.visit_f64(value),
            Content::Text(value) => visitor.visit_string(value),
            Content::Array(_) => visitor.visit_seq(Elements(documents::elements(self.node, "").into_iter())),
            Content::Object(_) => {
                let rest = documents::members(self.node, "").into_iter();
                visitor.visit_map(Members { rest, value: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.content {
            Content::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Content::Text(name) = self.content {
            return visitor.visit_enum(Enum { name, variant: Variant(None) });
        }
        match documents::members(self.node, "").into_iter().next() {
            Some((name, node, content)) if self.content == Content::Object(1) => {
                visitor.visit_enum(Enum { name, variant: Variant(Some(Reader { node, content })) })
            }
            _ => Err(Error::new("expected a string or an object with one member")),
        }
    }

    /// Nothing is read of what is not wanted.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier
    }
}

// === impl Elements ===

impl<'de> SeqAccess<'de> for Elements {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|(node, content)| seed.deserialize(Reader { node, content })).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

// === impl Members ===

impl<'de> MapAccess<'de> for Members {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, node, content)) = self.rest.next() else { return Ok(None) };
        self.value = Some(Reader { node, content });
        seed.deserialize(named(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().ok_or_else(|| Error::new("a value was asked for before its key"))?;
        seed.deserialize(value)
    }
}

// === impl Enum ===

impl<'de> EnumAccess<'de> for Enum {
    type Error = Error;
    type Variant = Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Variant), Error> {
        Ok((seed.deserialize(named(self.name))?, self.variant))
    }
}

// === impl Variant ===

impl<'de> VariantAccess<'de> for Variant {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.0.is_some() { Err(Error::new("expected a string")) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }
}

impl Variant {
    fn content(self) -> Result<Reader, Error> {
        self.0.ok_or_else(|| Error::new("expected an object with one member"))
    }
}
