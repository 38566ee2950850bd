//! What changes when this program takes the place of MagTape 2.4, of OPA with kube-mgmt, or of Gatekeeper, by the
//! objects that such an install is made of. It writes nothing, and judges nothing.
//!
//! `cluster` reads those objects where they run. `workloads`, `environment`, `webhooks`, `secrets`, `config_maps`,
//! `policies`, `gatekeeper` and `rights` look at one kind of object each, and know what it was to the programs before.
//! What policies say is not guessed: they have been compiled and loaded by the caller.

pub mod cluster;
mod config_maps;
mod environment;
mod findings;
mod gatekeeper;
mod json;
mod object;
mod policies;
mod rights;
mod secrets;
mod text;
mod webhooks;
mod workloads;

use std::collections::BTreeSet;

use crate::{report::Problem, source};

pub use findings::{Effect, Finding};
pub use json::write as write_json;
pub use object::Object;
pub use text::write as write_text;

use findings::Findings;

/// An install, as far as it is known.
#[derive(Debug, Default)]
pub struct Install {
    /// Its objects.
    pub objects: Vec<Object>,
    /// The namespaces that its webhook reads policies from.
    homes: BTreeSet<String>,
}

/// A policy of the install that could be loaded.
#[derive(Debug)]
pub struct Loaded {
    /// Where it came from; begins with the place of its object.
    pub origin: String,
    /// Its name.
    pub name: String,
    /// Its code.
    pub errcode: String,
    /// `LOW`, `MED` or `HIGH`.
    pub severity: &'static str,
    /// The kinds it looks at; empty means all.
    pub targets: BTreeSet<String>,
}

/// What came of compiling and loading all policies of an install.
#[derive(Debug, Default)]
pub struct Assessed {
    /// Those that could be loaded.
    pub loaded: Vec<Loaded>,
    /// Why others could not.
    pub problems: Vec<Problem>,
    /// What is worth saying of them.
    pub notes: Vec<Problem>,
    /// The names of the policies in the binary.
    pub shipped: BTreeSet<String>,
}

/// What this program reads of its environment.
pub struct Settings<'s> {
    /// The variables that mean something to it.
    pub honoured: BTreeSet<String>,
    /// Whether a variable takes a value.
    pub accepts: &'s dyn Fn(&str, &str) -> bool,
}

/// All that was found out.
#[derive(Debug, Default)]
pub struct Report {
    /// What changes and what does not, in the order of the objects.
    pub findings: Vec<Finding>,
    /// What could not be read, so that the answer is not complete.
    pub errors: Vec<Problem>,
}

// === impl Install ===

impl Install {
    /// An install whose webhook is in `namespace`, unless its objects say where it is.
    pub fn new(objects: Vec<Object>, namespace: &str) -> Self {
        let mut homes = workloads::homes(&objects, namespace);
        if homes.is_empty() {
            homes.insert(namespace.to_owned());
        }
        Self { objects, homes }
    }

    /// The policies, data, templates and constraints, wherever they are.
    pub fn sources(&self) -> source::Found {
        let mut found = source::Found::default();
        for object in &self.objects {
            source::config_map(&object.place, &object.value, &mut found);
        }
        found
    }

    /// What changes.
    pub fn examine(&self, assessed: &Assessed, settings: &Settings<'_>) -> Vec<Finding> {
        let mut findings = Findings::default();
        let level = environment::deny_level(self);
        for object in &self.objects {
            workloads::examine(object, level, &mut findings);
            environment::examine(object, settings, &mut findings);
            webhooks::examine(object, &mut findings);
            secrets::examine(object, self, &mut findings);
            config_maps::examine(object, self, &mut findings);
            policies::examine(object, assessed, &mut findings);
            gatekeeper::examine(object, &mut findings);
            rights::examine(object, &mut findings);
        }
        findings.into_inner()
    }

    /// Whether the object is where the webhook is; one without a namespace goes where it is applied.
    fn is_home(&self, object: &Object) -> bool {
        object.namespace().is_empty() || self.homes.contains(object.namespace())
    }

    /// The object of that kind and name beside `other`.
    fn beside<'i>(&'i self, other: &Object, kind: &str, name: &str) -> Option<&'i Object> {
        let is = |object: &&Object| {
            object.kind() == kind && object.name() == name && object.namespace() == other.namespace()
        };
        self.objects.iter().find(is)
    }
}

// === impl Report ===

impl Report {
    /// How many findings are of that effect.
    pub fn count(&self, effect: Effect) -> usize {
        self.findings.iter().filter(|finding| finding.effect == effect).count()
    }
}
