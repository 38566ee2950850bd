//! Builtins that this host will not have, with the reason that a user reads when a policy needs one.

/// Name and reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("graphql.is_valid", GRAPHQL),
    ("graphql.parse", GRAPHQL),
    ("graphql.parse_and_verify", GRAPHQL),
    ("graphql.parse_query", GRAPHQL),
    ("graphql.parse_schema", GRAPHQL),
    ("graphql.schema_is_valid", GRAPHQL),
    ("http.send", NETWORK),
    ("net.lookup_ip_addr", NETWORK),
    ("providers.aws.sign_req", "it would hand cloud credentials to a policy"),
    ("rego.parse_module", "it needs OPA's own parser, and policies judge objects, not Rego"),
];

const GRAPHQL: &str = "it needs OPA's own GraphQL parser, and the Kubernetes API has no GraphQL";
const NETWORK: &str = "a policy has no network, and an answer to the API server must not wait for one";
