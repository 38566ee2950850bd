//! Whether a request is one of those that a constraint is about, by Gatekeeper's rules
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/howto#the-match-field>).

use serde_json::Value;

use super::{
    matching::{Match, Scope, Source},
    selector::{self, Labels},
};

/// What matchers look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reviewed<'r> {
    /// The API group of the request, for objects that do not say theirs.
    pub group: &'r str,
    /// The version of the request; no matcher looks at it.
    pub version: &'r str,
    /// The kind of the request, for objects that do not say theirs.
    pub kind: &'r str,
    /// The namespace of the request; empty if the object is in none.
    pub namespace: &'r str,
    /// The object as it would be.
    pub object: Option<&'r Value>,
    /// The object as it was.
    pub old_object: Option<&'r Value>,
    /// The Namespace that the object is in, when it is known.
    pub namespace_object: Option<&'r Value>,
}

/// One object of a request.
struct Subject<'r> {
    group: &'r str,
    kind: &'r str,
    name: &'r str,
    generate_name: &'r str,
    /// The namespace that it is in, or that it is.
    namespace: Option<&'r str>,
    labels: Labels<'r>,
    /// The Namespace that it is in.
    namespace_object: Option<&'r Value>,
}

// === impl Match ===

impl Match {
    /// Whether the object fits, as it would be or as it was. An object in no namespace fits every list of
    /// namespaces and every selector of them; a Namespace is taken to be in itself.
    ///
    /// # Errors
    /// When a Namespace has to be looked at and is not known, or when there is no object at all.
    pub fn admits(&self, reviewed: &Reviewed<'_>) -> Result<bool, String> {
        if *self == Self::default() {
            return Ok(true);
        }
        let objects = [reviewed.object, reviewed.old_object].into_iter().flatten();
        let mut objects = objects.filter(|object| !object.is_null()).peekable();
        if objects.peek().is_none() {
            return Err(
                "the request has neither object nor oldObject, and the constraint matches by them".into()
            );
        }
        for object in objects {
            if self.fits(&Subject::new(object, reviewed))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The selector of namespaces comes last: it alone cannot always be answered, and often need not be.
    fn fits(&self, subject: &Subject<'_>) -> Result<bool, String> {
        let fits = (self.kinds.is_empty()
            || self.kinds.iter().any(|kinds| kinds.has(subject.group, subject.kind)))
            && self.fits_scope(subject)
            && self.fits_namespace(subject.namespace)
            && self.labels.as_ref().is_none_or(|labels| labels.matches(&subject.labels))
            && self.fits_name(subject)
            && self.source != Source::Generated;
        if fits { self.fits_namespace_labels(subject) } else { Ok(false) }
    }

    fn fits_scope(&self, subject: &Subject<'_>) -> bool {
        let in_a_namespace = !subject.is_namespace() && subject.namespace.is_some();
        match self.scope {
            Scope::Any => true,
            Scope::Cluster => !in_a_namespace,
            Scope::Namespaced => in_a_namespace,
        }
    }

    fn fits_namespace(&self, namespace: Option<&str>) -> bool {
        let Some(namespace) = namespace else { return true };
        let listed = self.namespaces.is_empty() || self.namespaces.iter().any(|name| name.matches(namespace));
        listed && !self.excluded.iter().any(|name| name.matches(namespace))
    }

    fn fits_name(&self, subject: &Subject<'_>) -> bool {
        self.name
            .as_ref()
            .is_none_or(|name| name.matches(subject.name) || name.matches_generated(subject.generate_name))
    }

    fn fits_namespace_labels(&self, subject: &Subject<'_>) -> Result<bool, String> {
        let Some(selector) = &self.namespace_labels else { return Ok(true) };
        if subject.is_namespace() {
            return Ok(selector.matches(&subject.labels));
        }
        match (subject.namespace_object, subject.namespace) {
            (Some(namespace), _) => Ok(selector.matches(&selector::labels(namespace))),
            (None, None) => Ok(true),
            (None, Some(name)) => Err(format!(
                "spec.match.namespaceSelector looks at the labels of namespace {name:?}, which is not known: replicate \
                 Namespaces, or give it as data"
            )),
        }
    }
}

// === impl Subject ===

impl<'r> Subject<'r> {
    /// Gatekeeper goes by what the object says of itself; one that does not say is of the request's kind.
    fn new(object: &'r Value, reviewed: &Reviewed<'r>) -> Self {
        let version = text(object, "/apiVersion");
        let (group, kind) = match text(object, "/kind") {
            "" => (reviewed.group, reviewed.kind),
            kind => (version.split_once('/').map_or("", |(group, _)| group), kind),
        };
        let subject = Self {
            group,
            kind,
            name: text(object, "/metadata/name"),
            generate_name: text(object, "/metadata/generateName"),
            namespace: None,
            labels: selector::labels(object),
            namespace_object: reviewed.namespace_object.filter(|namespace| !namespace.is_null()),
        };
        Self { namespace: subject.place(object, reviewed.namespace), ..subject }
    }

    fn place(&self, object: &'r Value, requested: &'r str) -> Option<&'r str> {
        if self.is_namespace() {
            return Some(self.name);
        }
        let known = self.namespace_object.map_or("", |namespace| text(namespace, "/metadata/name"));
        let names = [known, requested, text(object, "/metadata/namespace")];
        names.into_iter().find(|name| !name.is_empty())
    }

    fn is_namespace(&self) -> bool {
        self.group.is_empty() && self.kind == "Namespace"
    }
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
