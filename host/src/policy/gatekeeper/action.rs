//! What a violation of a constraint leads to, and where
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points>).

use super::{error::GatekeeperError, field::Field};
use crate::verdict::Enforcement;

/// The points that Gatekeeper knows besides `*`, all of them. Those that this host is not are left to Gatekeeper.
const POINTS: [&str; 4] =
    ["validation.gatekeeper.sh", "gator.gatekeeper.sh", "audit.gatekeeper.sh", "vap.k8s.io"];

/// Where a constraint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnforcementPoint {
    /// By the API server, at admission: `validation.gatekeeper.sh`.
    Webhook,
    /// By people, on the command line: `gator.gatekeeper.sh`.
    Cli,
}

/// What a violation leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// The same everywhere.
    Everywhere(Enforcement),
    /// Several, each at the points that are named with it; `*` is all.
    Scoped(Vec<(Enforcement, Vec<String>)>),
}

// === impl EnforcementPoint ===

impl EnforcementPoint {
    /// Gatekeeper's name of it.
    pub fn name(self) -> &'static str {
        match self {
            EnforcementPoint::Webhook => "validation.gatekeeper.sh",
            EnforcementPoint::Cli => "gator.gatekeeper.sh",
        }
    }
}

// === impl Actions ===

impl Actions {
    /// Reads `enforcementAction` and `scopedEnforcementActions` of a constraint's `spec`. Gatekeeper lets actions
    /// that it does not know pass and then does nothing.
    pub(super) fn parse(spec: &Field<'_>) -> Result<Self, GatekeeperError> {
        let action = spec.get("enforcementAction")?;
        match action.text()? {
            None | Some("") => Ok(Actions::Everywhere(Enforcement::Deny)),
            Some("scoped") => scoped(&spec.get("scopedEnforcementActions")?),
            Some(name) => {
                let known = enforcement(name).ok_or_else(|| action.must_be("deny, warn, dryrun or scoped"));
                known.map(Actions::Everywhere)
            }
        }
    }

    /// The action at that point, the strongest if there are several; `None` if the constraint is not asked there.
    pub fn at(&self, point: EnforcementPoint) -> Option<Enforcement> {
        match self {
            Actions::Everywhere(action) => Some(*action),
            Actions::Scoped(scopes) => {
                let is_here = |name: &String| name == "*" || name == point.name();
                let here = scopes.iter().filter(|(_, points)| points.iter().any(is_here));
                here.map(|(action, _)| *action).max_by_key(|action| strength(*action))
            }
        }
    }
}

fn scoped(field: &Field<'_>) -> Result<Actions, GatekeeperError> {
    let scopes = field.items()?;
    if scopes.is_empty() {
        return Err(field.wrong("must name at least one action, because enforcementAction is scoped"));
    }
    scopes.iter().map(scope).collect::<Result<_, _>>().map(Actions::Scoped)
}

fn scope(field: &Field<'_>) -> Result<(Enforcement, Vec<String>), GatekeeperError> {
    field.only(&["action", "enforcementPoints"])?;
    let action = field.get("action")?;
    let known = action.text()?.and_then(enforcement).ok_or_else(|| action.must_be("deny, warn or dryrun"))?;
    let points = field.get("enforcementPoints")?;
    let names = points.items()?.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    if names.is_empty() {
        return Err(points.wrong("must name at least one enforcement point, or *"));
    }
    Ok((known, names))
}

fn point(field: &Field<'_>) -> Result<String, GatekeeperError> {
    field.only(&["name"])?;
    let name = field.get("name")?;
    let known = name.text()?.filter(|name| *name == "*" || POINTS.contains(name));
    known.map(str::to_owned).ok_or_else(|| name.must_be(&format!("* or one of {}", POINTS.join(", "))))
}

fn enforcement(name: &str) -> Option<Enforcement> {
    let all = [Enforcement::Deny, Enforcement::Warn, Enforcement::DryRun];
    all.into_iter().find(|known| known.as_str() == name)
}

fn strength(action: Enforcement) -> u8 {
    match action {
        Enforcement::Deny => 2,
        Enforcement::Warn => 1,
        Enforcement::DryRun => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn actions(spec: Value) -> Result<Actions, GatekeeperError> {
        let document = json!({ "spec": spec });
        Actions::parse(&Field::document(&document)?.get("spec")?)
    }

    fn scoped(scopes: &[(&str, &[&str])]) -> Value {
        let points = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Value>();
        let scopes = scopes
            .iter()
            .map(|(action, names)| json!({"action": action, "enforcementPoints": points(names)}));
        json!({"enforcementAction": "scoped", "scopedEnforcementActions": scopes.collect::<Value>()})
    }

    #[test]
    fn the_strongest_action_at_a_point_holds() {
        use Enforcement::{Deny, DryRun, Warn};
        let (webhook, cli, audit) =
            ("validation.gatekeeper.sh", "gator.gatekeeper.sh", "audit.gatekeeper.sh");
        for (spec, at_webhook, at_cli) in [
            (json!({}), Some(Deny), Some(Deny)),
            (json!({"enforcementAction": ""}), Some(Deny), Some(Deny)),
            (json!({"enforcementAction": "warn"}), Some(Warn), Some(Warn)),
            (
                json!({"enforcementAction": "dryrun", "scopedEnforcementActions": []}),
                Some(DryRun),
                Some(DryRun),
            ),
            (scoped(&[("warn", &[audit, webhook]), ("deny", &["*"])]), Some(Deny), Some(Deny)),
            (scoped(&[("warn", &[webhook]), ("dryrun", &["*"])]), Some(Warn), Some(DryRun)),
            (scoped(&[("deny", &[cli]), ("warn", &[audit])]), None, Some(Deny)),
            (scoped(&[("deny", &["vap.k8s.io"])]), None, None),
        ] {
            let actions = actions(spec.clone()).unwrap();
            assert_eq!(actions.at(EnforcementPoint::Webhook), at_webhook, "{spec}");
            assert_eq!(actions.at(EnforcementPoint::Cli), at_cli, "{spec}");
        }
    }

    #[test]
    fn what_would_do_nothing_is_refused() {
        let points = "validation.gatekeeper.sh, gator.gatekeeper.sh, audit.gatekeeper.sh, vap.k8s.io";
        let path = "spec.scopedEnforcementActions";
        for (spec, expected) in [
            (
                json!({"enforcementAction": "Deny"}),
                "spec.enforcementAction: must be deny, warn, dryrun or scoped, is the string \"Deny\""
                    .to_owned(),
            ),
            (
                json!({"enforcementAction": true}),
                "spec.enforcementAction: must be a string, is true".to_owned(),
            ),
            (
                json!({"enforcementAction": "scoped"}),
                format!("{path}: must name at least one action, because enforcementAction is scoped"),
            ),
            (
                scoped(&[("scoped", &["*"])]),
                format!("{path}[0].action: must be deny, warn or dryrun, is the string \"scoped\""),
            ),
            (
                scoped(&[("deny", &[])]),
                format!("{path}[0].enforcementPoints: must name at least one enforcement point, or *"),
            ),
            (
                scoped(&[("deny", &["Validation.Gatekeeper.Sh"])]),
                format!(
                    "{path}[0].enforcementPoints[0].name: must be * or one of {points}, is the string \
                     \"Validation.Gatekeeper.Sh\""
                ),
            ),
        ] {
            assert_eq!(actions(spec).unwrap_err().to_string(), expected);
        }
    }
}
