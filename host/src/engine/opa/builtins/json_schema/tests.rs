use super::*;
use crate::engine::opa::builtins::cases::{Case, check, state};

#[test]
fn schemas_are_verified() {
    check(
        "json.verify_schema",
        &[
            (&[r#"{"type":"boolean"}"#], Some("[true,null]")),
            (&[r#""{\"type\": \"boolean\"}""#], Some("[true,null]")),
            (
                &[r#"{"type":"foo"}"#],
                Some(
                    r#"[false,"jsonschema: has a primitive type that is NOT VALID -- given: /foo/ Expected valid values are:[array boolean integer number null object string]"]"#,
                ),
            ),
            (
                &[r#"{"type":["string","string"]}"#],
                Some(r#"[false,"jsonschema: string type is duplicated"]"#),
            ),
            (&[r#""{""#], Some(r#"[false,"jsonschema: invalid JSON string"]"#)),
            (&["1"], Some(r#"[false,"jsonschema: wrong type, expected string or object"]"#)),
            (&[r#"{"minimum":"x"}"#], Some(r#"[false,"jsonschema: minimum must be of a Number"]"#)),
            (
                &[r#"{"minLength":2,"maxLength":1}"#],
                Some(r#"[false,"jsonschema: minLength cannot be greater than maxLength"]"#),
            ),
            (
                &[r#"{"multipleOf":0}"#],
                Some(r#"[false,"jsonschema: multipleOf must be strictly greater than 0"]"#),
            ),
            (&[r#"{"pattern":"("}"#], Some(r#"[false,"jsonschema: pattern must be a valid regex"]"#)),
            (&[r#"{"required":["a","a"]}"#], Some(r#"[false,"jsonschema: required items must be unique"]"#)),
            (
                &[r#"{"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMinimum":1}"#],
                Some(r#"[false,"jsonschema: Invalid type. Expected: boolean, given: exclusiveMinimum"]"#),
            ),
            (
                &[r##"{"$ref":"#/definitions/x"}"##],
                Some(r#"[false,"jsonschema: Object has no key 'definitions'"]"#),
            ),
            (
                &[r#"{"$ref":"http://example.com/s"}"#],
                Some(r#"[false,"jsonschema: remote reference loading disabled: http://example.com/s"]"#),
            ),
            (
                &[
                    r##"{"properties":{"a":{"$ref":"#/definitions/x"}},"definitions":{"x":{"type":"string"}}}"##,
                ],
                Some("[true,null]"),
            ),
            (&[r#"{"enum":[1,1.0]}"#], Some(r#"[false,"jsonschema: enum items must be unique"]"#)),
            (
                &[r#"{"items":1}"#],
                Some(
                    r#"[false,"jsonschema: Invalid type. Expected: Valid Schema/Array Of Schemas, given: items"]"#,
                ),
            ),
            (&["[]"], Some(r#"[false,"jsonschema: schema is invalid"]"#)),
        ],
    );
}

const ERRORS: &[Case<'_>] = &[
    (
        &[r#"{"id":"foo"}"#, r#"{"properties":{"id":{"type":"integer"}},"required":["id"]}"#],
        Some(
            r#"[false,[{"desc":"Invalid type. Expected: integer, given: string","error":"id: Invalid type. Expected: integer, given: string","field":"id","type":"invalid_type"}]]"#,
        ),
    ),
    (&[r#""{\"id\": 5}""#, r#"{"properties":{"id":{"type":"integer"}}}"#], Some("[true,[]]")),
    (
        &["{}", r#"{"required":["a","b"],"minProperties":1}"#],
        Some(
            r#"[false,[{"desc":"Must have at least 1 properties","error":"(Root): Must have at least 1 properties","field":"(Root)","type":"array_min_properties"},{"desc":"a is required","error":"(Root): a is required","field":"(Root)","type":"required"},{"desc":"b is required","error":"(Root): b is required","field":"(Root)","type":"required"}]]"#,
        ),
    ),
    (
        &[
            r#"{"a":[1,"x",1.0]}"#,
            r#"{"properties":{"a":{"items":{"type":["number","null"]},"uniqueItems":true,"maxItems":2}}}"#,
        ],
        Some(
            r#"[false,[{"desc":"Invalid type. Expected: [number,null], given: string","error":"a.1: Invalid type. Expected: [number,null], given: string","field":"a.1","type":"invalid_type"},{"desc":"Array must have at most 2 items","error":"a: Array must have at most 2 items","field":"a","type":"array_max_items"},{"desc":"array items[0,2] must be unique","error":"a: array items[0,2] must be unique","field":"a","type":"unique"}]]"#,
        ),
    ),
    (
        &[
            r#"{"a":"abc"}"#,
            r#"{"properties":{"a":{"pattern":"^b","minLength":4,"format":"ipv4","enum":["x",1.50]}}}"#,
        ],
        Some(
            r#"[false,[{"desc":"a must be one of the following: \"x\", 1.5","error":"a: a must be one of the following: \"x\", 1.5","field":"a","type":"enum"},{"desc":"Does not match format 'ipv4'","error":"a: Does not match format 'ipv4'","field":"a","type":"format"},{"desc":"String length must be greater than or equal to 4","error":"a: String length must be greater than or equal to 4","field":"a","type":"string_gte"},{"desc":"Does not match pattern '^b'","error":"a: Does not match pattern '^b'","field":"a","type":"pattern"}]]"#,
        ),
    ),
    (
        &[
            r#"{"a":7}"#,
            r#"{"properties":{"a":{"multipleOf":0.5,"maximum":6,"exclusiveMinimum":7,"const":8}}}"#,
        ],
        Some(
            r#"[false,[{"desc":"Must be less than or equal to 6","error":"a: Must be less than or equal to 6","field":"a","type":"number_lte"},{"desc":"Must be greater than 7","error":"a: Must be greater than 7","field":"a","type":"number_gt"},{"desc":"a does not match: 8","error":"a: a does not match: 8","field":"a","type":"const"}]]"#,
        ),
    ),
    (
        &[r#"{"a":7.25}"#, r#"{"properties":{"a":{"multipleOf":0.5,"exclusiveMaximum":1000000}}}"#],
        Some(
            r#"[false,[{"desc":"Must be a multiple of 0.5","error":"a: Must be a multiple of 0.5","field":"a","type":"multiple_of"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1,"b":2}"#, r#"{"additionalProperties":false,"properties":{"a":{}}}"#],
        Some(
            r#"[false,[{"desc":"Additional property b is not allowed","error":"(Root): Additional property b is not allowed","field":"(Root)","type":"additional_property_not_allowed"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1}"#, r#"{"anyOf":[{"required":["b"]},{"properties":{"a":{"type":"string"}}}]}"#],
        Some(
            r#"[false,[{"desc":"Must validate at least one schema (anyOf)","error":"(Root): Must validate at least one schema (anyOf)","field":"(Root)","type":"number_any_of"},{"desc":"b is required","error":"(Root): b is required","field":"(Root)","type":"required"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1}"#, r#"{"oneOf":[{},{"required":["a"]}]}"#],
        Some(
            r#"[false,[{"desc":"Must validate one and only one schema (oneOf)","error":"(Root): Must validate one and only one schema (oneOf)","field":"(Root)","type":"number_one_of"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1}"#, r#"{"not":{"required":["a"]},"allOf":[{"maxProperties":0}]}"#],
        Some(
            r#"[false,[{"desc":"Must have at most 0 properties","error":"(Root): Must have at most 0 properties","field":"(Root)","type":"array_max_properties"},{"desc":"Must validate all the schemas (allOf)","error":"(Root): Must validate all the schemas (allOf)","field":"(Root)","type":"number_all_of"},{"desc":"Must not validate the schema (not)","error":"(Root): Must not validate the schema (not)","field":"(Root)","type":"number_not"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1}"#, r#"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{}}"#],
        Some(
            r#"[false,[{"desc":"Must validate \"then\" as \"if\" was valid","error":"(Root): Must validate \"then\" as \"if\" was valid","field":"(Root)","type":"condition_then"},{"desc":"b is required","error":"(Root): b is required","field":"(Root)","type":"required"}]]"#,
        ),
    ),
    (
        &[r#"{"a":1}"#, r#"{"dependencies":{"a":["b","c"]},"propertyNames":{"minLength":2}}"#],
        Some(
            r#"[false,[{"desc":"Has a dependency on b","error":"(Root): Has a dependency on b","field":"(Root)","type":"missing_dependency"},{"desc":"Has a dependency on c","error":"(Root): Has a dependency on c","field":"(Root)","type":"missing_dependency"},{"desc":"Property name of \"a\" does not match","error":"(Root): Property name of \"a\" does not match","field":"(Root)","type":"invalid_property_name"},{"desc":"String length must be greater than or equal to 2","error":"(Root): String length must be greater than or equal to 2","field":"(Root)","type":"string_gte"}]]"#,
        ),
    ),
    (
        &["[1,2]", r#"{"items":[{"type":"string"}],"additionalItems":false,"contains":{"const":3}}"#],
        Some(
            r#"[false,[{"desc":"Invalid type. Expected: string, given: integer","error":"0: Invalid type. Expected: string, given: integer","field":"0","type":"invalid_type"},{"desc":"No additional items allowed on array","error":"(Root): No additional items allowed on array","field":"(Root)","type":"array_no_additional_items"},{"desc":"At least one of the items must match","error":"(Root): At least one of the items must match","field":"(Root)","type":"contains"},{"desc":"0 does not match: 3","error":"0: 0 does not match: 3","field":"0","type":"const"}]]"#,
        ),
    ),
    (
        &[r#"{"a":{"b":null}}"#, r#"{"patternProperties":{"^a":{"properties":{"b":false}}}}"#],
        Some(
            r#"[false,[{"desc":"False always fails validation","error":"a.b: False always fails validation","field":"a.b","type":"false"}]]"#,
        ),
    ),
    (
        &[r#"{"n":{"n":{"v":1}}}"#, r##"{"properties":{"n":{"$ref":"#"},"v":{"type":"string"}}}"##],
        Some(
            r#"[false,[{"desc":"Invalid type. Expected: string, given: integer","error":"n.n.v: Invalid type. Expected: string, given: integer","field":"n.n.v","type":"invalid_type"}]]"#,
        ),
    ),
    (&[r#"{"a":1}"#, r#"{"type":"unknown"}"#], None),
    (&["1", "{}"], None),
];

#[test]
fn errors_have_the_librarys_texts() {
    check("json.match_schema", ERRORS);
}

const FORMATS: &[Case<'_>] = &[
    (&[r#"{"x": "2024-02-29"}"#, r#"{"properties": {"x": {"format": "date"}}}"#], Some("[true,[]]")),
    (
        &[r#"{"x": "2023-02-29"}"#, r#"{"properties": {"x": {"format": "date"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'date'","error":"x: Does not match format 'date'","field":"x","type":"format"}]]"#,
        ),
    ),
    (&[r#"{"x": "1:02:03.5Z"}"#, r#"{"properties": {"x": {"format": "time"}}}"#], Some("[true,[]]")),
    (
        &[r#"{"x": "2024-01-01T10:00:00+25:00"}"#, r#"{"properties": {"x": {"format": "date-time"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'date-time'","error":"x: Does not match format 'date-time'","field":"x","type":"format"}]]"#,
        ),
    ),
    (&[r#"{"x": "Bob <b@c.d>"}"#, r#"{"properties": {"x": {"format": "email"}}}"#], Some("[true,[]]")),
    (
        &[r#"{"x": "a..b@c"}"#, r#"{"properties": {"x": {"format": "email"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'email'","error":"x: Does not match format 'email'","field":"x","type":"format"}]]"#,
        ),
    ),
    (&[r#"{"x": "a-b.c"}"#, r#"{"properties": {"x": {"format": "hostname"}}}"#], Some("[true,[]]")),
    (
        &[r#"{"x": "-a"}"#, r#"{"properties": {"x": {"format": "hostname"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'hostname'","error":"x: Does not match format 'hostname'","field":"x","type":"format"}]]"#,
        ),
    ),
    (
        &[r#"{"x": "550E8400-e29b-41d4-a716-446655440000"}"#, r#"{"properties": {"x": {"format": "uuid"}}}"#],
        Some("[true,[]]"),
    ),
    (
        &[r#"{"x": "x"}"#, r#"{"properties": {"x": {"format": "uri"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'uri'","error":"x: Does not match format 'uri'","field":"x","type":"format"}]]"#,
        ),
    ),
    (
        &[r#"{"x": "a\\b"}"#, r#"{"properties": {"x": {"format": "uri-reference"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'uri-reference'","error":"x: Does not match format 'uri-reference'","field":"x","type":"format"}]]"#,
        ),
    ),
    (
        &[r#"{"x": "/{a}/{"}"#, r#"{"properties": {"x": {"format": "uri-template"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'uri-template'","error":"x: Does not match format 'uri-template'","field":"x","type":"format"}]]"#,
        ),
    ),
    (
        &[r#"{"x": "/a~2"}"#, r#"{"properties": {"x": {"format": "json-pointer"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'json-pointer'","error":"x: Does not match format 'json-pointer'","field":"x","type":"format"}]]"#,
        ),
    ),
    (&[r#"{"x": "0#"}"#, r#"{"properties": {"x": {"format": "relative-json-pointer"}}}"#], Some("[true,[]]")),
    (
        &[r#"{"x": "("}"#, r#"{"properties": {"x": {"format": "regex"}}}"#],
        Some(
            r#"[false,[{"desc":"Does not match format 'regex'","error":"x: Does not match format 'regex'","field":"x","type":"format"}]]"#,
        ),
    ),
    (&[r#"{"x": "x"}"#, r#"{"properties": {"x": {"format": "unknown"}}}"#], Some("[true,[]]")),
];

#[test]
fn formats_are_gos() {
    check("json.match_schema", FORMATS);
}

#[test]
fn a_schema_that_is_its_own_reference_is_a_limit() {
    let args = ["{}", r##"{"$ref":"#"}"##].map(|text| Value::parse(text).unwrap());
    assert!(matches!(match_schema(&mut state(), &args), Err(BuiltinError::Limit(_))));
}
