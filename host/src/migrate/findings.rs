//! What was found out about an object.

use super::Object;

/// What becomes of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Something is lost, refused or does not work until somebody does something.
    NeedsAction,
    /// It works, and not as before.
    Changes,
    /// It has no effect any more, and may go.
    Ignored,
    /// It is as before.
    Same,
}

/// What becomes of one thing of an install.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What becomes of it.
    pub effect: Effect,
    /// The object, by kind, namespace and name.
    pub object: String,
    /// Where the object is.
    pub place: String,
    /// What is so, in a sentence without its full stop. Never has what a Secret holds.
    pub what: String,
    /// What to do about it, if there is something.
    pub action: Option<String>,
}

/// Findings, as they come.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

// === impl Effect ===

impl Effect {
    /// All of them, gravest first.
    pub const ALL: [Effect; 4] = [Effect::NeedsAction, Effect::Changes, Effect::Ignored, Effect::Same];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::NeedsAction => "needs action",
            Effect::Changes => "changes",
            Effect::Ignored => "ignored",
            Effect::Same => "same",
        }
    }
}

// === impl Findings ===

impl Findings {
    pub(super) fn same(&mut self, object: &Object, what: impl Into<String>) {
        self.add(Effect::Same, object, what.into(), None);
    }

    pub(super) fn ignored(&mut self, object: &Object, what: impl Into<String>) {
        self.add(Effect::Ignored, object, what.into(), None);
    }

    pub(super) fn changes(&mut self, object: &Object, what: impl Into<String>, action: impl Into<String>) {
        self.add(Effect::Changes, object, what.into(), Some(action.into()));
    }

    pub(super) fn needs_action(
        &mut self,
        object: &Object,
        what: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.add(Effect::NeedsAction, object, what.into(), Some(action.into()));
    }

    pub(super) fn into_inner(self) -> Vec<Finding> {
        self.0
    }

    fn add(&mut self, effect: Effect, object: &Object, what: String, action: Option<String>) {
        let action = action.filter(|action| !action.is_empty());
        self.0.push(Finding { effect, object: object.title(), place: object.place.clone(), what, action });
    }
}
