//! Applies the webhook configuration server-side: only what is written there belongs to MagTape, and what others have
//! made theirs is left to them.

use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
    core::Status,
};
use serde_json::{Value, json};

/// Whom the fields belong to.
const MANAGER: &str = "magtape";

/// What the clients call themselves with which the original wrote the same object. Its fields pass to this one.
const ORIGINAL: [&str; 2] = ["OpenAPI-Generator", "Swagger-Codegen"];

/// A webhook configuration that was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Fields of it belong to somebody else.
    #[error(
        "the ValidatingWebhookConfiguration {name} is not as its template says, since others have set fields of it \
         ({owners}); take them out of the template, or hand them over with kubectl apply --server-side \
         --force-conflicts --field-manager=magtape"
    )]
    Conflict {
        /// The object.
        name: String,
        /// Who, and which fields.
        owners: String,
    },
    /// The API server refuses, or does not answer.
    #[error("cannot patch the ValidatingWebhookConfiguration {name}, and it is tried again: {cause}")]
    Refused {
        /// The object.
        name: String,
        /// Why.
        cause: kube::Error,
    },
}

/// The kind of object.
pub fn resource() -> ApiResource {
    ApiResource::erase::<ValidatingWebhookConfiguration>(&())
}

/// Makes the object of that name have what `wanted` says. What else it has stays. Where others have set fields otherwise,
/// it gets the CAs alone.
///
/// # Errors
/// When others have set fields of it otherwise, or the API server refuses.
pub async fn apply(client: Client, name: &str, wanted: &Value) -> Result<(), ApplyError> {
    let api: Api<DynamicObject> = Api::all_with(client, &resource());
    let params = PatchParams::apply(MANAGER);
    let mut applied = api.patch(name, &params, &Patch::Apply(wanted)).await;
    if matches!(&applied, Err(kube::Error::Api(status)) if is_of_the_original(status)) {
        applied = api.patch(name, &params.force(), &Patch::Apply(wanted)).await;
    }
    let refused = |cause| ApplyError::Refused { name: name.to_owned(), cause };
    match applied {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 409 => {
            let owners = owners(&status);
            // The CAs are nobody else's, and the API server would soon know this webhook no more.
            if !owners.iter().any(|owner| owner.contains("caBundle")) {
                let params =
                    PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
                let patch = Patch::Strategic(bundles(wanted));
                api.patch(name, &params, &patch).await.map_err(refused)?;
            }
            Err(ApplyError::Conflict { name: name.to_owned(), owners: owners.join("; ") })
        }
        Err(cause) => Err(refused(cause)),
    }
}

/// What `wanted` says about the CAs, and nothing else.
pub fn bundles(wanted: &Value) -> Value {
    let webhooks = wanted.get("webhooks").and_then(Value::as_array).into_iter().flatten();
    let bundle = |webhook: &Value| {
        let ca = webhook.pointer("/clientConfig/caBundle");
        json!({"name": webhook.get("name"), "clientConfig": {"caBundle": ca}})
    };
    json!({"webhooks": webhooks.map(bundle).collect::<Vec<_>>()})
}

/// Whether nobody but the original stands against it.
fn is_of_the_original(status: &Status) -> bool {
    let owners = owners(status);
    let quoted = |owner: &String| ORIGINAL.iter().any(|name| owner.contains(&format!("\"{name}\"")));
    status.code == 409 && !owners.is_empty() && owners.iter().all(quoted)
}

/// `conflict with "MANAGER" …: FIELD` for each field.
fn owners(status: &Status) -> Vec<String> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.map(|cause| format!("{}: {}", cause.message, cause.field)).collect()
}

/// Whether `live` has all that `wanted` says, and perhaps more.
pub fn has(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| live.get(key).is_some_and(|live| has(live, wanted)))
        }
        // Webhooks and their conditions are found by name, and others may have some of their own.
        (Value::Array(live), Value::Array(wanted))
            if wanted.iter().all(|item| item.get("name").is_some()) =>
        {
            wanted.iter().all(|wanted| {
                live.iter().any(|live| live.get("name") == wanted.get("name") && has(live, wanted))
            })
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(live, wanted)| has(live, wanted))
        }
        _ => live == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_what_is_wanted_whatever_else_it_has() {
        let wanted = json!({"webhooks": [{"name": "a", "rules": [{"operations": ["CREATE"]}]}]});
        let webhook = |operations: Value| json!({"name": "a", "timeoutSeconds": 10, "rules": [{"operations": operations, "scope": "*"}]});
        for (live, expected) in [
            (json!({"kind": "x", "webhooks": [{"name": "b"}, webhook(json!(["CREATE"]))]}), true),
            (json!({"webhooks": [webhook(json!(["CREATE", "UPDATE"]))]}), false),
            (json!({"webhooks": [webhook(json!([]))]}), false),
            (json!({"webhooks": [{"name": "b"}]}), false),
            (json!({}), false),
        ] {
            assert_eq!(has(&live, &wanted), expected, "{live}");
        }
    }

    #[test]
    fn fields_pass_from_the_original_and_from_nobody_else() {
        let conflict = |managers: &[&str]| -> Status {
            let cause = |manager: &&str| json!({"message": format!("conflict with \"{manager}\" using v1"), "field": ".webhooks"});
            let causes: Vec<_> = managers.iter().map(cause).collect();
            serde_json::from_value(json!({"code": 409, "details": {"causes": causes}})).unwrap()
        };
        assert!(is_of_the_original(&conflict(&["OpenAPI-Generator", "Swagger-Codegen"])));
        assert!(!is_of_the_original(&conflict(&["OpenAPI-Generator", "kubectl"])));
        assert!(!is_of_the_original(&conflict(&[])));
    }
}
