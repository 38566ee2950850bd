//! Policies as users of MagTape, OPA and Gatekeeper have them: as Rego, in ConfigMaps, in bundles, as templates.

mod bundles;
mod constraints;
pub mod examples;
pub mod judge;
mod sets;
mod webhook;
