//! Which policy has which limits: one default, and exceptions by the policy's name.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Map, Value};

use crate::engine::Limits;

/// Memory that a module of OPA's needs to be set up at all, and all that a 32-bit guest can have.
const MEMORY_BYTES: std::ops::RangeInclusive<usize> = 1024 * 1024..=4 * 1024 * 1024 * 1024 - 64 * 1024;

/// Longer than any webhook may take.
const LONGEST: Duration = Duration::from_secs(30);

/// The limits of every policy.
#[derive(Clone, Debug, Default)]
pub struct PolicyLimits {
    default: Arc<Limits>,
    policies: BTreeMap<String, Arc<Limits>>,
}

// === impl PolicyLimits ===

impl PolicyLimits {
    /// The same limits for every policy.
    pub fn uniform(limits: &Arc<Limits>) -> Self {
        Self { default: Arc::clone(limits), policies: BTreeMap::new() }
    }

    /// Reads `{"default": {…}, "policies": {"NAME": {…}}}`; what is not said is as in the default, and what the
    /// default does not say is built in.
    ///
    /// # Errors
    /// Names the policy and the field that is unknown or out of range.
    pub fn parse(document: &Value) -> Result<Self, String> {
        let sections = document.as_object().ok_or("limits must be an object with default and policies")?;
        if let Some(unknown) = sections.keys().find(|key| !matches!(key.as_str(), "default" | "policies")) {
            return Err(format!("unknown section {unknown:?}: there are default and policies"));
        }
        let default = overlay(&Limits::default(), sections.get("default"), "default")?;
        let empty = Map::new();
        let policies = match sections.get("policies") {
            None => &empty,
            Some(policies) => policies.as_object().ok_or("policies must be an object by policy name")?,
        };
        let policy = |(name, limits): (&String, &Value)| {
            let limits = overlay(&default, Some(limits), &format!("policies.{name}"))?;
            Ok((name.clone(), Arc::new(limits)))
        };
        let policies = policies.iter().map(policy).collect::<Result<_, String>>()?;
        Ok(Self { default: Arc::new(default), policies })
    }

    /// The limits of a policy that is not named.
    pub fn default_limits(&self) -> &Arc<Limits> {
        &self.default
    }

    /// The limits of the policy of that name, if it has its own.
    pub fn own(&self, name: &str) -> Option<&Arc<Limits>> {
        self.policies.get(name)
    }

    /// The names of the policies that have limits of their own.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(String::as_str)
    }

    /// The most memory that any policy may have, for which the engine makes room.
    pub fn memory_bytes(&self) -> usize {
        let all = self.policies.values().map(|limits| limits.memory_bytes);
        all.fold(self.default.memory_bytes, usize::max)
    }
}

/// `base` with the fields that `over` has.
fn overlay(base: &Limits, over: Option<&Value>, place: &str) -> Result<Limits, String> {
    let Some(over) = over else { return Ok(base.clone()) };
    let over = over.as_object().ok_or_else(|| format!("{place} must be an object"))?;
    let mut merged = serde_json::to_value(base).map_err(|error| error.to_string())?;
    if let Some(fields) = merged.as_object_mut() {
        fields.extend(over.clone());
    }
    let limits: Limits = serde_json::from_value(merged).map_err(|error| format!("{place}: {error}"))?;
    if !MEMORY_BYTES.contains(&limits.memory_bytes) {
        return Err(format!(
            "{place}.memoryBytes must be from {} to {}",
            MEMORY_BYTES.start(),
            MEMORY_BYTES.end()
        ));
    }
    if limits.deadline.is_zero() || limits.deadline > LONGEST {
        return Err(format!("{place}.deadlineMilliseconds must be from 1 to {}", LONGEST.as_millis()));
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_has_its_own_over_the_default_over_what_is_built_in() {
        let limits = PolicyLimits::parse(&json!({
            "default": {"deadlineMilliseconds": 50},
            "policies": {"big": {"memoryBytes": 268_435_456}},
        }))
        .unwrap();
        let big = limits.own("big").unwrap();
        assert_eq!((big.deadline, big.memory_bytes), (Duration::from_millis(50), 268_435_456));
        assert_eq!(limits.default_limits().memory_bytes, Limits::default().memory_bytes);
        assert_eq!(limits.memory_bytes(), 268_435_456);
        assert!(limits.own("other").is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (document, expected) in [
            (json!([]), "limits must be an object"),
            (json!({"defaults": {}}), "unknown section \"defaults\""),
            (json!({"default": {"deadline": 1}}), "default: unknown field `deadline`"),
            (json!({"default": {"hostCalls": -1}}), "default: invalid value"),
            (json!({"policies": {"p": 1}}), "policies.p must be an object"),
            (json!({"policies": {"p": {"memoryBytes": 1}}}), "policies.p.memoryBytes must be from 1048576"),
            (
                json!({"default": {"deadlineMilliseconds": 0}}),
                "default.deadlineMilliseconds must be from 1 to 30000",
            ),
        ] {
            let error = PolicyLimits::parse(&document).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
