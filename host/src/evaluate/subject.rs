//! What a request is about, parsed only when a policy has to be chosen by the object itself.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use crate::{
    engine::opa::{Base, Image},
    json::{Document, Paths},
    policy::gatekeeper::Reviewed,
    review::Request,
};

/// A request with what has been read of it.
pub(super) struct Subject<'r> {
    pub(super) request: &'r Request,
    /// What policies can read of it.
    wanted: &'r Paths,
    parsed: OnceCell<Value>,
    /// One for each base that modules have, which is mostly the first.
    images: [OnceCell<Image>; Base::ALL.len()],
}

// === impl Subject ===

impl<'r> Subject<'r> {
    pub(super) fn new(request: &'r Request, wanted: &'r Paths) -> Self {
        Self { request, wanted, parsed: OnceCell::new(), images: Default::default() }
    }

    /// What Gatekeeper's match looks at. `namespaces` are the Namespace objects that are known.
    pub(super) fn reviewed<'s>(&'s self, namespaces: &'s Map<String, Value>) -> Reviewed<'s> {
        let request = self.parsed();
        let object = |field| request.get(field).filter(|object: &&Value| object.is_object());
        Reviewed {
            group: &self.request.kind.group,
            version: &self.request.kind.version,
            kind: &self.request.kind.kind,
            namespace: &self.request.namespace,
            object: object("object"),
            old_object: object("oldObject"),
            namespace_object: namespaces.get(&self.request.namespace),
        }
    }

    /// What policies can read of the review, as sandboxes have it in memory; written once for all that have the same
    /// base.
    pub(super) fn image(&self, base: Base) -> Option<&Image> {
        let (_, image) = Base::ALL.iter().zip(&self.images).find(|(other, _)| **other == base)?;
        Some(image.get_or_init(|| Image::pruned(self.request.document(), self.wanted, base)))
    }

    /// Gatekeeper's input: the request, and the constraint's parameters.
    pub(super) fn input(&self, parameters: &Document) -> String {
        [r#"{"review":"#, self.request.text(), r#","parameters":"#, parameters.text(), "}"].concat()
    }

    /// The text has been validated, so that it cannot be parsed means only that a number is beyond what a float
    /// holds; matching looks at no numbers, but at nothing instead of the object it must not look.
    fn parsed(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_str(self.request.text()).unwrap_or_default())
    }
}
