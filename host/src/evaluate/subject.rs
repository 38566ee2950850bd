//! What a request is about, parsed only when a policy has to be chosen by the object itself.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use crate::{engine::opa::Image, policy::gatekeeper::Reviewed, review::Request};

/// A request with what has been read of it.
pub(super) struct Subject<'r> {
    pub(super) request: &'r Request,
    parsed: OnceCell<Value>,
    image: OnceCell<Option<Image>>,
}

// === impl Subject ===

impl<'r> Subject<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        Self { request, parsed: OnceCell::new(), image: OnceCell::new() }
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

    /// The review as sandboxes have it in memory, read once for all policies. The text has been validated; should this
    /// reader not take it all the same, each sandbox reads it for itself.
    pub(super) fn image(&self) -> Option<&Image> {
        self.image.get_or_init(|| Image::of(self.request.document()).ok()).as_ref()
    }

    /// Gatekeeper's input: the request, and the constraint's parameters.
    pub(super) fn input(&self, parameters: &[u8]) -> Vec<u8> {
        [br#"{"review":"#, self.request.text(), br#","parameters":"#, parameters, b"}"].concat()
    }

    /// The text has been validated, so that it cannot be parsed means only that a number is beyond what a float
    /// holds; matching looks at no numbers, but at nothing instead of the object it must not look.
    fn parsed(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_slice(self.request.text()).unwrap_or_default())
    }
}
