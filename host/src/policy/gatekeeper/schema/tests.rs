use serde_json::json;

use super::*;

const SCHEMA: &str = "spec.crd.spec.validation.openAPIV3Schema";

/// Reads the schema of a template of version v1.
fn structural(schema: &Value) -> Result<Schema, GatekeeperError> {
    of_validation(&json!({ "openAPIV3Schema": schema }), false)
}

fn of_validation(validation: &Value, legacy_unless_said: bool) -> Result<Schema, GatekeeperError> {
    let document = json!({"spec": {"crd": {"spec": {"validation": validation}}}});
    let validation = Field::document(&document)?.find(&["spec", "crd", "spec", "validation"])?;
    Schema::parse(&validation, legacy_unless_said)
}

fn apply(schema: &Value, parameters: &Value) -> Result<(Value, Vec<String>), GatekeeperError> {
    structural(schema).unwrap().apply(Some(parameters))
}

/// What is said of parameters that do not fit.
fn fault(schema: &Value, parameters: &Value) -> String {
    apply(schema, parameters).unwrap_err().to_string()
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

#[test]
fn types_are_those_of_kubernetes() {
    for (schema, fitting, others) in [
        (json!({"type": "string"}), vec![json!("")], vec![json!(1), json!(true)]),
        (
            json!({"type": "integer"}),
            vec![json!(1), json!(-1), json!(2.0), json!(i64::MAX)],
            vec![json!(1.5), json!("1"), json!(1e300), json!(u64::MAX)],
        ),
        (json!({"type": "number"}), vec![json!(1), json!(1.5)], vec![json!("1")]),
        (json!({"type": "boolean"}), vec![json!(false)], vec![json!("false"), json!(0)]),
        (
            json!({"type": "array", "items": {"type": "string"}}),
            vec![json!([]), json!(["a"])],
            vec![json!([1])],
        ),
        (json!({"type": "object"}), vec![json!({})], vec![json!([])]),
        (
            json!({"x-kubernetes-int-or-string": true}),
            vec![json!(1), json!("10%")],
            vec![json!(1.5), json!([])],
        ),
        (
            json!({
                "x-kubernetes-int-or-string": true,
                "anyOf": [{"type": "integer"}, {"type": "string"}],
            }),
            vec![json!(1), json!("10%")],
            vec![json!(true)],
        ),
        (json!({"x-kubernetes-preserve-unknown-fields": true}), vec![json!({"a": [1]}), json!(1)], vec![]),
    ] {
        for value in fitting {
            assert_eq!(apply(&schema, &value), Ok((value.clone(), vec![])), "{schema} {value}");
        }
        for value in others {
            assert!(apply(&schema, &value).is_err(), "{schema} {value}");
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let field = |schema: Value| object(json!({ "a": schema }));
    for (schema, parameters, expected) in [
        (
            object(json!({ "repos": strings })),
            json!({"repos": ["a", 3]}),
            "spec.parameters.repos[1]: must be a string, is the number 3",
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
            json!({}),
            "spec.parameters.a: is required, and missing",
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
            json!({"a": null}),
            "spec.parameters.a: is required, and missing",
        ),
        (
            field(json!({"type": "array", "items": {"type": "string"}})),
            json!({"a": [null]}),
            "spec.parameters.a[0]: must be a string, is null",
        ),
        (
            field(json!({"type": "string", "enum": ["x", "y"]})),
            json!({"a": "z"}),
            "spec.parameters.a: must be one of \"x\", \"y\", is the string \"z\"",
        ),
        (
            field(json!({"type": "string", "pattern": "^[a-z]+$"})),
            json!({"a": "A"}),
            "spec.parameters.a: must be a string that matches ^[a-z]+$, is the string \"A\"",
        ),
        (
            field(json!({"type": "string", "minLength": 2})),
            json!({"a": "ä"}),
            "spec.parameters.a: must be at least 2 characters long, is the string \"ä\"",
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer", "maximum": 3}}),
            json!({"a.b/c": 4}),
            "spec.parameters[\"a.b/c\"]: must be at most 3, is the number 4",
        ),
        (
            json!({"type": "object", "additionalProperties": false}),
            json!({"a": 1}),
            "spec.parameters.a: is not allowed by the schema",
        ),
    ] {
        assert_eq!(fault(&schema, &parameters), expected);
    }
}

#[test]
fn limits_are_counted_as_kubernetes_does() {
    for (limits, inside, outside) in [
        (
            json!({"type": "integer", "minimum": 1, "maximum": 3}),
            vec![json!(1), json!(3)],
            vec![json!(0), json!(4)],
        ),
        (
            json!({
                "type": "number",
                "minimum": 1,
                "exclusiveMinimum": true,
                "maximum": 2,
                "exclusiveMaximum": true,
            }),
            vec![json!(1.5)],
            vec![json!(1), json!(2), json!(1.0)],
        ),
        (
            json!({"type": "integer", "maximum": i64::MAX - 1}),
            vec![json!(i64::MAX - 1)],
            vec![json!(i64::MAX)],
        ),
        (json!({"type": "integer", "multipleOf": 5}), vec![json!(0), json!(-10)], vec![json!(6)]),
        (json!({"type": "number", "multipleOf": 0.1}), vec![json!(0.3), json!(2)], vec![json!(0.35)]),
        (json!({"type": "string", "maxLength": 2}), vec![json!("äö")], vec![json!("abc")]),
        (
            json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2}),
            vec![json!([1])],
            vec![json!([]), json!([1, 2, 3])],
        ),
        (
            json!({"type": "array", "items": {"type": "integer"}, "uniqueItems": true}),
            vec![json!([2, 1])],
            vec![json!([1, 2, 1])],
        ),
        (
            json!({
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": true,
                "minProperties": 1,
                "maxProperties": 2,
            }),
            vec![json!({"a": 1})],
            vec![json!({}), json!({"a": 1, "b": 2, "c": 3})],
        ),
        (json!({"type": "number", "enum": [1, 2.5]}), vec![json!(1.0), json!(2.5)], vec![json!(2)]),
    ] {
        for value in inside {
            assert!(apply(&limits, &value).is_ok(), "{limits} {value}");
        }
        for value in outside {
            assert!(apply(&limits, &value).is_err(), "{limits} {value}");
        }
    }
}

#[test]
fn alternatives_say_why_none_fits() {
    let with = |name: &str, conditions: Value| {
        let mut schema = object(json!({"a": {"type": "integer"}, "b": {"type": "integer"}}));
        schema[name] = conditions;
        schema
    };
    let either = json!([{"required": ["a"]}, {"required": ["b"]}]);
    for (schema, parameters, expected) in [
        (with("anyOf", either.clone()), json!({"a": 1, "b": 1}), ""),
        (
            with("anyOf", either.clone()),
            json!({}),
            "spec.parameters: fits no alternative of anyOf (spec.parameters.a: is required, and missing, or \
             spec.parameters.b: is required, and missing)",
        ),
        (with("oneOf", either.clone()), json!({"a": 1}), ""),
        (
            with("oneOf", either.clone()),
            json!({"a": 1, "b": 1}),
            "spec.parameters: fits 2 alternatives of oneOf, and must fit one",
        ),
        (with("allOf", either), json!({"b": 1}), "spec.parameters.a: is required, and missing"),
        (
            with("not", json!({"properties": {"a": {"minimum": 5}}})),
            json!({"a": 6}),
            "spec.parameters: fits the schema of not, and must not",
        ),
    ] {
        let found = apply(&schema, &parameters).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(found, expected, "{schema}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let parameters: Value = (0..12).map(|number| (format!("field{number:02}"), json!(1))).collect();
    let error = apply(&schema, &parameters).unwrap_err();
    assert_eq!(error.problems().len(), 10);
    assert!(
        error.to_string().ends_with("spec.parameters.field09: must be a string, is the number 1; and 2 more")
    );
}

#[test]
fn unknown_fields_are_dropped_and_told() {
    let inner = object(json!({"known": {"type": "integer"}}));
    let unknown = json!({"known": 1, "other": 2});
    for (schema, expected, dropped) in [
        (inner.clone(), json!({"known": 1}), vec!["spec.parameters.in.other"]),
        (
            json!({"type": "array", "items": inner}),
            json!([{"known": 1}]),
            vec!["spec.parameters.in[0].other"],
        ),
        (json!({"type": "object"}), json!({}), vec!["spec.parameters.in.known", "spec.parameters.in.other"]),
        (json!({"type": "object", "additionalProperties": true}), unknown.clone(), vec![]),
        (json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}), unknown.clone(), vec![]),
        (json!({"x-kubernetes-preserve-unknown-fields": true}), unknown.clone(), vec![]),
    ] {
        let given = if schema["type"] == "array" { json!([unknown]) } else { unknown.clone() };
        let (value, notes) = apply(&object(json!({ "in": schema })), &json!({ "in": given })).unwrap();
        let dropped: Vec<String> = dropped
            .iter()
            .map(|field| format!("{field}: the schema does not know this field, it is dropped"))
            .collect();
        assert_eq!((value, notes), (json!({ "in": expected }), dropped), "{schema}");
    }
}

#[test]
fn known_fields_are_pruned_even_in_what_keeps_others() {
    let schema = json!({
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {"in": object(json!({"known": {"type": "integer"}}))},
    });
    let (value, _) = apply(&schema, &json!({"in": {"x": 1}, "other": {"x": 1}})).unwrap();
    assert_eq!(value, json!({"in": {}, "other": {"x": 1}}));
}

#[test]
fn defaults_take_the_place_of_what_is_absent() {
    let schema = object(json!({
        "mode": {"type": "string", "default": "strict"},
        "limits": {
            "type": "object",
            "default": {},
            "properties": {"cpu": {"type": "integer", "default": 2}, "memory": {"type": "string"}},
        },
        "list": {"type": "array", "items": object(json!({"a": {"type": "integer", "default": 1}}))},
        "maybe": {"type": "string", "nullable": true, "default": "x"},
        "plain": {"type": "string"},
    }));
    for (given, expected) in [
        (json!({}), json!({"mode": "strict", "limits": {"cpu": 2}, "maybe": "x"})),
        (
            json!({
                "mode": null,
                "maybe": null,
                "plain": null,
                "list": [{}, {"a": 2}],
                "limits": {"memory": "1"},
            }),
            json!({
                "mode": "strict",
                "maybe": null,
                "list": [{"a": 1}, {"a": 2}],
                "limits": {"memory": "1", "cpu": 2},
            }),
        ),
    ] {
        assert_eq!(apply(&schema, &given).unwrap().0, expected);
    }
    assert_eq!(
        structural(&schema).unwrap().apply(None).unwrap().0,
        json!({}),
        "defaults need an object to be in"
    );
    let rooted =
        json!({"type": "object", "default": {}, "properties": {"a": {"type": "integer", "default": 1}}});
    assert_eq!(structural(&rooted).unwrap().apply(None).unwrap().0, json!({"a": 1}));
    assert_eq!(apply(&rooted, &json!(null)).unwrap().0, json!({"a": 1}));
}

#[test]
fn without_a_schema_parameters_are_unknown() {
    let none = json!(null);
    let (value, notes) = of_validation(&none, false).unwrap().apply(Some(&json!({"a": 1}))).unwrap();
    assert_eq!(value, json!({}));
    assert_eq!(notes, ["spec.parameters: the schema does not know this field, it is dropped"]);
    let (value, notes) = of_validation(&none, true).unwrap().apply(Some(&json!({"a": {"b": 1}}))).unwrap();
    assert_eq!((value, notes.len()), (json!({"a": {"b": 1}}), 0));
    assert_eq!(of_validation(&none, false).unwrap().apply(None).unwrap().0, json!({}));
}

#[test]
fn legacy_schemas_need_no_types_and_keep_unknown_fields() {
    let schema = json!({"properties": {
        "labels": {"type": "array", "items": {"properties": {"key": {"type": "string"}}}},
        "names": {"type": "array", "items": "string"},
        "any": {"type": "array"},
    }});
    let parameters = json!({
        "labels": [{"key": "a", "extra": 1}],
        "names": ["a", 1],
        "any": [{"x": 1}],
        "other": {"x": 1},
    });
    let legacy = of_validation(&json!({ "openAPIV3Schema": schema }), true).unwrap();
    assert_eq!(legacy.apply(Some(&parameters)), Ok((parameters, vec![])));
    let wrong = legacy.apply(Some(&json!({"labels": [{"key": 1}]}))).unwrap_err().to_string();
    assert_eq!(wrong, "spec.parameters.labels[0].key: must be a string, is the number 1");
    let said = json!({"openAPIV3Schema": schema, "legacySchema": false});
    assert!(of_validation(&said, true).is_err());
    assert!(of_validation(&json!({"openAPIV3Schema": schema, "legacySchema": true}), false).is_ok());
}

#[test]
fn what_is_no_schema_is_named() {
    let field = |schema: Value| object(json!({ "a": schema }));
    for (schema, expected) in [
        (json!({}), ".type: must be the type, unless legacySchema is true, is missing"),
        (json!("x"), ": must be an object, is the string \"x\""),
        (field(json!({})), ".properties.a.type: must be the type, unless legacySchema is true, is missing"),
        (field(json!(null)), ".properties.a: must be a schema, is missing"),
        (
            field(json!({"type": "strnig"})),
            ".properties.a.type: must be array, boolean, integer, number, object or string, is the string \"strnig\"",
        ),
        (field(json!({"type": ["string"]})), ".properties.a.type: must be a string, is a list"),
        (
            field(json!({"type": "array"})),
            ".properties.a.items: must be the schema of the list's elements, is missing",
        ),
        (
            field(json!({"type": "array", "items": [{"type": "string"}]})),
            ".properties.a.items: must be an object, is a list",
        ),
        (
            field(json!({"type": "string", "maxLength": -1})),
            ".properties.a.maxLength: must be a whole number, 0 or more, is the number -1",
        ),
        (
            field(json!({"type": "integer", "exclusiveMinimum": 3})),
            ".properties.a.exclusiveMinimum: must be true or false, is the number 3",
        ),
        (
            field(json!({"type": "integer", "multipleOf": 0})),
            ".properties.a.multipleOf: must be more than 0, is the number 0",
        ),
        (
            field(json!({"type": "string", "enum": "a"})),
            ".properties.a.enum: must be a list, is the string \"a\"",
        ),
        (
            field(json!({"type": "string", "required": true})),
            ".properties.a.required: must be a list, is true",
        ),
    ] {
        assert_eq!(structural(&schema).unwrap_err().to_string(), format!("{SCHEMA}{expected}"));
    }
}

#[test]
fn what_a_schema_cannot_have_is_named() {
    let field = |schema: Value| object(json!({ "a": schema }));
    for (schema, expected) in [
        (
            field(json!({"type": "string", "pattern": "("})),
            ".properties.a.pattern: \"(\" is no regular expression in Go's syntax, or too large",
        ),
        (field(json!({"$ref": "#/x"})), ".properties.a.$ref: is not supported"),
        (
            field(json!({"type": "object", "additionalProperties": 1})),
            ".properties.a.additionalProperties: must be true, false or a schema, is the number 1",
        ),
        (
            field(json!({"type": "string", "default": 1})),
            ".properties.a.default: must be a string, is the number 1",
        ),
        (
            field(json!({"type": "object", "default": {"x": 1}})),
            ".properties.a.default: must not have fields that the schema does not know",
        ),
        (
            json!({"type": "object", "anyOf": [{"required": "a"}]}),
            ".anyOf[0].required: must be a list, is the string \"a\"",
        ),
    ] {
        assert_eq!(structural(&schema).unwrap_err().to_string(), format!("{SCHEMA}{expected}"));
    }
}

#[test]
fn rules_that_are_not_checked_are_noted() {
    let schema = json!({"type": "object", "x-kubernetes-validations": [{"rule": "self.a > 1"}]});
    let (_, notes) = apply(&schema, &json!({})).unwrap();
    assert_eq!(notes, [format!("{SCHEMA}.x-kubernetes-validations: these rules are not checked")]);
}

#[test]
fn whoever_wrote_it_it_ends() {
    let mut deep = json!({"x-kubernetes-preserve-unknown-fields": true});
    for _ in 0..60 {
        let (any_of, not) = (json!([deep]), json!({ "not": deep }));
        deep = json!({"x-kubernetes-preserve-unknown-fields": true, "anyOf": any_of, "not": not});
        if serde_json::to_string(&deep).unwrap().len() > 100_000 {
            break;
        }
    }
    let error = apply(&json!({"type": "array", "items": deep}), &json!(vec![1; 10_000])).unwrap_err();
    assert_eq!(error.to_string(), "spec.parameters: takes too many steps to check by the schema");

    let large = object(json!({"a": {"type": "string", "default": "x".repeat(50_000)}}));
    let large = json!({"type": "array", "items": large});
    let error = apply(&large, &json!(vec![json!({}); 10_000])).unwrap_err();
    assert_eq!(error.to_string(), "spec.parameters: would get too many defaults");

    let many: Value = (0..6_000).map(|number| (format!("a{number}"), json!({"type": "string"}))).collect();
    assert!(structural(&object(many)).unwrap_err().to_string().ends_with("is one schema more than 5000"));

    let patterns: Value = (0..3_000)
        .map(|number| (format!("a{number}"), json!({"type": "string", "pattern": "(a|b|é){400}"})))
        .collect();
    let error = structural(&object(patterns)).unwrap_err().to_string();
    assert!(error.ends_with("is one pattern too many"), "{error}");

    let mut nested = json!(1);
    for _ in 0..MAX_DEPTH {
        nested = json!([nested]);
    }
    let error = fault(&json!({"x-kubernetes-preserve-unknown-fields": true}), &nested);
    assert_eq!(error, "spec.parameters: is nested deeper than 128 levels");
}
