//! What policies are configured with.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::{
    Content, Error, Value,
    documents::{self, Node},
    violation::quote,
};

/// The parameters of a policy: a type of serde's that has a schema. `()` is none at all;
/// [`parameters!`](crate::parameters!) makes others.
pub trait Parameters: DeserializeOwned {
    /// Their schema, a [structural schema] of Kubernetes as JSON; `None` when there are none.
    ///
    /// [structural schema]: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
    fn schema() -> Option<String>;

    /// The parameters when nobody gives any.
    #[doc(hidden)]
    fn none() -> Option<Self> {
        None
    }

    /// Reads those that were given.
    #[doc(hidden)]
    fn read(given: Value) -> Result<Self, Error> {
        given.parse()
    }
}

/// A type that a parameter can have.
pub trait Property: DeserializeOwned {
    /// Its schema as JSON, without the braces around it.
    fn schema() -> String;

    /// A value of it as JSON, for defaults.
    fn json(&self) -> String;

    /// What it is when it is not given and has no default.
    fn absent() -> Option<Self> {
        None
    }

    /// Makes one of the value that was given and what that is; `None` when it is something else. What `parameters!` takes
    /// does without serde, which makes a component larger by a third.
    fn read(given: Value, content: Content) -> Option<Self> {
        let _ = content;
        given.parse().ok()
    }
}

/// Declares the parameters of a policy: a struct with serde's `Deserialize`, and its schema.
///
/// The comments become descriptions. A parameter without a default has to be given, unless it is an `Option`. Outside of
/// Rust names are in camel case: `allowTags`.
///
/// ```
/// use magtape_sdk::{Parameters, parameters};
///
/// parameters! {
///     /// Where images may come from.
///     pub struct Registries {
///         /// What an image has to start with, such as `registry.example.com/`.
///         registries: Vec<String>,
///         /// Whether images may be named by a tag alone.
///         allow_tags: bool = true,
///     }
/// }
///
/// let schema = Registries::schema().unwrap();
/// assert!(schema.contains(r#""required":["registries"]"#) && schema.contains(r#""allowTags":{"type":"boolean""#));
/// ```
#[macro_export]
macro_rules! parameters {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident : $type:ty $(= $default:expr)? ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        $visibility struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        const _: () = {
            use $crate::serde;

            #[derive(serde::Deserialize)]
            #[serde(crate = "serde", rename_all = "camelCase", deny_unknown_fields)]
            struct Given {
                $( #[serde(default)] $field: ::std::option::Option<$type>, )*
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    let given = Given::deserialize(deserializer)?;
                    ::std::result::Result::Ok(Self {
                        $( $field: match given.$field.or_else(|| $crate::parameters!(@otherwise $type $(, $default)?)) {
                            ::std::option::Option::Some(value) => value,
                            ::std::option::Option::None => {
                                return ::std::result::Result::Err(serde::de::Error::missing_field(stringify!($field)));
                            }
                        }, )*
                    })
                }
            }

            impl $crate::Parameters for $name {
                fn schema() -> ::std::option::Option<::std::string::String> {
                    ::std::option::Option::Some($crate::schema_of(&[$(
                        $crate::Field::new::<$type>(
                            stringify!($field),
                            concat!($($doc),*),
                            $crate::parameters!(@default $type $(, $default)?),
                        )
                    ),*]))
                }

                fn read(given: $crate::Value) -> ::std::result::Result<Self, $crate::Error> {
                    let mut given = $crate::Given::new(given);
                    let read = Self {
                        $( $field: given.take(
                            stringify!($field),
                            $crate::parameters!(@otherwise $type $(, $default)?),
                        )?, )*
                    };
                    given.end()?;
                    ::std::result::Result::Ok(read)
                }
            }
        };
    };
    (@otherwise $type:ty) => { <$type as $crate::Property>::absent() };
    (@otherwise $type:ty, $default:expr) => { ::std::option::Option::<$type>::Some($default) };
    (@default $type:ty) => { ::std::option::Option::<$type>::None };
    (@default $type:ty, $default:expr) => { ::std::option::Option::<$type>::Some($default) };
}

/// One parameter, for `parameters!`.
#[doc(hidden)]
pub struct Field {
    name: &'static str,
    schema: String,
    about: &'static str,
    default: Option<String>,
    required: bool,
}

// === impl Field ===

impl Field {
    #[doc(hidden)]
    pub fn new<T: Property>(name: &'static str, about: &'static str, default: Option<T>) -> Self {
        let required = default.is_none() && T::absent().is_none();
        Self { name, schema: T::schema(), about, default: default.map(|value| value.json()), required }
    }

    /// `"allowTags":{"type":"boolean","default":true,"description":"…"}`
    fn write(&self, name: &str, text: &mut String) {
        add(text, &[name, ":{", &self.schema]);
        if let Some(default) = &self.default {
            add(text, &[r#","default":"#, default]);
        }
        // A comment's lines begin with a blank each.
        let about = quoted(self.about.strip_prefix(' ').unwrap_or(self.about));
        add(text, &[r#","description":"#, &about, "}"]);
    }
}

/// The parameters that were given, until they are taken.
#[doc(hidden)]
pub struct Given(Vec<(String, Node, Content)>);

// === impl Given ===

impl Given {
    #[doc(hidden)]
    pub fn new(parameters: Value) -> Self {
        Self(documents::members(parameters.node(), ""))
    }

    /// Takes one out, or what it is otherwise.
    #[doc(hidden)]
    pub fn take<T: Property>(&mut self, name: &str, otherwise: Option<T>) -> Result<T, Error> {
        let name = camel_case(name);
        let missing = || Error::from(["parameter ", &name, " is missing"].concat());
        let Some((node, content)) = self.find(&name) else { return otherwise.ok_or_else(missing) };
        T::read(Value::new(node), content)
            .ok_or_else(|| Error::from(["parameter ", &name, " has to be {", &T::schema(), "}"].concat()))
    }

    /// A null is as good as nothing.
    fn find(&mut self, name: &str) -> Option<(Node, Content)> {
        let place = self.0.iter().position(|(key, ..)| key == name)?;
        let (_, node, content) = self.0.swap_remove(place);
        (content != Content::Null).then_some((node, content))
    }

    /// Makes sure that none is left: it would be one of a misspelt name.
    #[doc(hidden)]
    pub fn end(self) -> Result<(), Error> {
        match self.0.first() {
            Some((name, ..)) => Err(Error::from(["there is no parameter ", name].concat())),
            None => Ok(()),
        }
    }
}

/// The schema of an object with these parameters.
#[doc(hidden)]
pub fn schema_of(fields: &[Field]) -> String {
    let mut text = String::from(r#"{"type":"object","properties":{"#);
    let mut required = String::new();
    for (index, field) in fields.iter().enumerate() {
        let name = quoted(&camel_case(field.name));
        comma(index, &mut text);
        field.write(&name, &mut text);
        if field.required {
            comma(required.len(), &mut required);
            add(&mut required, &[&name]);
        }
    }
    let (begin, end) = if required.is_empty() { ("", "}") } else { (r#","required":["#, "]}") };
    add(&mut text, &["}", begin, &required, end]);
    text
}

/// It stays a function, since `push_str` would be inlined for each of them.
#[inline(never)]
fn add(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
}

/// Every one but the first has a comma before it.
fn comma(before: usize, text: &mut String) {
    if before > 0 {
        add(text, &[","]);
    }
}

fn camel_case(name: &str) -> String {
    let mut text = name.to_owned();
    while let Some(place) = text.find('_') {
        text.remove(place);
        if let Some(letter) = text.get_mut(place..=place) {
            letter.make_ascii_uppercase();
        }
    }
    text
}

fn quoted(value: &str) -> String {
    let mut text = String::new();
    quote(value, &mut text);
    text
}

// === impl Parameters ===

impl Parameters for () {
    fn schema() -> Option<String> {
        None
    }

    fn none() -> Option<Self> {
        Some(())
    }
}

// === impl Property ===

impl Property for String {
    fn schema() -> String {
        r#""type":"string""#.to_owned()
    }

    fn json(&self) -> String {
        quoted(self)
    }

    fn read(_: Value, content: Content) -> Option<Self> {
        content.into_string()
    }
}

impl Property for bool {
    fn schema() -> String {
        r#""type":"boolean""#.to_owned()
    }

    fn json(&self) -> String {
        (if *self { "true" } else { "false" }).to_owned()
    }

    fn read(_: Value, content: Content) -> Option<Self> {
        content.as_bool()
    }
}

impl Property for i64 {
    fn schema() -> String {
        r#""type":"integer","format":"int64""#.to_owned()
    }

    fn json(&self) -> String {
        self.to_string()
    }

    fn read(_: Value, content: Content) -> Option<Self> {
        content.as_i64()
    }
}

impl<T: Property> Property for Vec<T> {
    fn schema() -> String {
        [r#""type":"array","items":{"#, &T::schema(), "}"].concat()
    }

    fn json(&self) -> String {
        let mut text = String::from("[");
        for (index, item) in self.iter().enumerate() {
            comma(index, &mut text);
            text.push_str(&item.json());
        }
        text.push(']');
        text
    }

    fn read(given: Value, content: Content) -> Option<Self> {
        let Content::Array(_) = content else { return None };
        let mut items = Vec::new();
        for (node, content) in documents::elements(given.node(), "") {
            items.push(T::read(Value::new(node), content)?);
        }
        Some(items)
    }
}

impl<T: Property> Property for BTreeMap<String, T> {
    fn schema() -> String {
        [r#""type":"object","additionalProperties":{"#, &T::schema(), "}"].concat()
    }

    fn json(&self) -> String {
        let mut text = String::from("{");
        for (index, (key, value)) in self.iter().enumerate() {
            comma(index, &mut text);
            quote(key, &mut text);
            text.push(':');
            text.push_str(&value.json());
        }
        text.push('}');
        text
    }

    fn read(given: Value, content: Content) -> Option<Self> {
        let Content::Object(_) = content else { return None };
        let mut map = BTreeMap::new();
        // To collect them would sort them first, and a sort of std's makes a component larger by a quarter.
        for (key, node, content) in documents::members(given.node(), "") {
            map.insert(key, T::read(Value::new(node), content)?);
        }
        Some(map)
    }
}

impl<T: Property> Property for Option<T> {
    fn schema() -> String {
        T::schema() + r#","nullable":true"#
    }

    fn json(&self) -> String {
        self.as_ref().map_or_else(|| "null".to_owned(), Property::json)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(given: Value, content: Content) -> Option<Self> {
        if content == Content::Null { Some(None) } else { T::read(given, content).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Case;

    crate::parameters! {
        /// All there is.
        struct Everything {
            /// Must be
            /// given.
            name: String,
            is_it: bool = true,
            how_many: i64 = -1,
            some_words: Vec<String> = vec!["a \"b\"".to_owned()],
            by_name: BTreeMap<String, Vec<i64>> = BTreeMap::from([("x".to_owned(), vec![1])]),
            perhaps: Option<String>,
        }
    }

    #[test]
    fn a_schema_says_all_there_is() {
        let schema: serde_json::Value = serde_json::from_str(&Everything::schema().unwrap()).unwrap();
        assert_eq!(schema["required"], json!(["name"]));
        assert_eq!(schema["properties"]["name"], json!({"type": "string", "description": "Must be given."}));
        assert_eq!(schema["properties"]["isIt"]["default"], json!(true));
        assert_eq!(schema["properties"]["howMany"]["default"], json!(-1));
        assert_eq!(schema["properties"]["someWords"]["default"], json!(["a \"b\""]));
        assert_eq!(schema["properties"]["byName"]["default"], json!({"x": [1]}));
        assert_eq!(schema["properties"]["perhaps"]["nullable"], json!(true));
    }

    #[test]
    fn defaults_hold_and_what_is_missing_is_named() {
        let read = |given: serde_json::Value| serde_json::from_value::<Everything>(given);
        let given = read(json!({"name": "n", "howMany": 2})).unwrap();
        assert_eq!((given.name.as_str(), given.is_it, given.how_many), ("n", true, 2));
        assert_eq!((given.some_words.len(), given.by_name.len(), given.perhaps), (1, 1, None));
        assert!(read(json!({})).unwrap_err().to_string().contains("name"));
        assert!(read(json!({"name": "n", "how_many": 2})).unwrap_err().to_string().contains("how_many"));
    }

    #[test]
    fn what_is_given_is_read_without_serde() {
        let read = |given: &str| {
            let case = Case::object("{}").parameters(given);
            case.with(|_| Everything::read(Value::new(documents::parameters())))
        };
        let given =
            read("{name: n, isIt: false, someWords: [a, b], byName: {y: [2, 3]}, perhaps: p}").unwrap();
        assert_eq!((given.name.as_str(), given.is_it, given.how_many), ("n", false, -1));
        assert_eq!(
            (given.some_words, given.perhaps),
            (vec!["a".to_owned(), "b".to_owned()], Some("p".to_owned()))
        );
        assert_eq!(given.by_name, BTreeMap::from([("y".to_owned(), vec![2, 3])]));
        assert_eq!(
            read("{name: n, isIt: null, perhaps: null}").map(|given| (given.is_it, given.perhaps)),
            Ok((true, None))
        );
        for (wrong, named) in [
            ("{}", "name is missing"),
            ("{name: n, is_it: true}", "no parameter is_it"),
            ("{name: n, howMany: 1.5}", "howMany"),
            ("{name: n, someWords: {a: b}}", "someWords"),
            ("{name: n, byName: {x: [a]}}", "byName"),
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
    }
}
