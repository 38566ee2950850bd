//! The documents of an evaluation, as a policy asks for them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    super::{Fault, Limits},
    bindings::magtape::policy::documents::{Content, Host as _},
    host::{Documents, Host},
};
use crate::json::Document;

/// What a policy asks of this review, of parameters that are `{"p": [7]}`, and of `v1/pods`; of `v1/nodes` nothing is
/// known.
fn host(review: &str, limits: Limits) -> Host {
    let document = |text: &str| Arc::new(Document::parse(text).unwrap());
    let mut host = Host::new(&Arc::new(limits), &"test".into(), Duration::ZERO, Duration::from_secs(1));
    let kinds = [("v1/nodes", None), ("v1/pods", Some(document(r#"{"shop": {"cart": {"a": 1}}}"#)))];
    host.documents = Some(Documents {
        review: document(review),
        parameters: document(r#"{"p": [7]}"#),
        kinds: Arc::new(
            kinds.into_iter().map(|(kind, objects)| (kind.to_owned(), objects)).collect::<BTreeMap<_, _>>(),
        ),
    });
    host
}

fn of(review: &str) -> Host {
    host(review, Limits::default())
}

fn text(text: &str) -> Option<Content> {
    Some(Content::Text(text.to_owned()))
}

/// Content in a form that can be compared; the bindings have none.
fn seen(content: Option<Content>) -> String {
    content.map_or_else(|| "nothing".to_owned(), |content| format!("{content:?}"))
}

/// What `read` makes of the review's `pointer`.
fn read(review: &str, pointer: &str) -> String {
    seen(of(review).read(0, pointer.to_owned()).unwrap())
}

fn show(review: &str) -> Option<String> {
    of(review).show(0, String::new()).unwrap()
}

#[test]
fn pointers_lead_where_rfc_6901_says() {
    // The object of its section 5, with a key that is written with an escape.
    let review = r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6,
        " ": 7, "m~n": 8, "\u006f\ud83d\ude00": 9, "00": 10}"#;
    for (pointer, expected) in [
        ("/foo/0", text("bar")),
        ("/", Some(Content::Integer(0))),
        ("/a~1b", Some(Content::Integer(1))),
        ("/c%d", Some(Content::Integer(2))),
        ("/e^f", Some(Content::Integer(3))),
        ("/g|h", Some(Content::Integer(4))),
        ("/i\\j", Some(Content::Integer(5))),
        ("/k\"l", Some(Content::Integer(6))),
        ("/ ", Some(Content::Integer(7))),
        ("/m~0n", Some(Content::Integer(8))),
        ("/o😀", Some(Content::Integer(9))),
        ("/00", Some(Content::Integer(10))),
        ("/foo", Some(Content::Array(2))),
        ("", Some(Content::Object(12))),
        ("/foo/00", None),
        ("/foo/01", None),
        ("/foo/-", None),
        ("/foo/+1", None),
        ("/foo/2", None),
        ("/foo/4294967296", None),
        ("/foo/18446744073709551617", None),
        ("/foo/0/0", None),
        ("/foo/", None),
        ("//", None),
        ("foo", None),
        ("/a/b", None),
        ("/m~n", Some(Content::Integer(8))),
        ("/a~2b", None),
        ("/a~01b", None),
    ] {
        assert_eq!(read(review, pointer), seen(expected), "{pointer:?}");
    }
}

#[test]
fn of_keys_that_are_there_twice_the_last_one_counts() {
    let review = r#"{"a": 1, "b": {"c": 1}, "\u0061": 2, "b": {"d": 3}}"#;
    assert_eq!(read(review, "/a"), "Content::Integer(2)");
    assert_eq!(read(review, "/b/c"), "nothing");
    assert_eq!(read(review, "/b/d"), "Content::Integer(3)");
    assert_eq!(read(review, ""), "Content::Object(2)");
    assert_eq!(show(review).as_deref(), Some(r#"{"a": 2, "b": {"d": 3}}"#));
    let mut host = of(review);
    let members = host.members(0, String::new()).unwrap();
    let members: Vec<_> = members.into_iter().map(|one| (one.key, format!("{:?}", one.content))).collect();
    let expected = [("a", "Content::Integer(2)"), ("b", "Content::Object(1)")];
    assert_eq!(members, expected.map(|(key, content)| (key.to_owned(), content.to_owned())));
    let elements = host.elements(0, String::new()).unwrap();
    let elements: Vec<_> = elements.into_iter().map(|one| format!("{:?}", one.content)).collect();
    assert_eq!(elements, ["Content::Integer(2)", "Content::Object(1)"]);
}

#[test]
fn numbers_are_whole_ones_of_64_bits_or_the_nearest_double() {
    for (number, expected) in [
        ("0", "Integer(0)"),
        ("-0", "Integer(0)"),
        ("-9223372036854775808", "Integer(-9223372036854775808)"),
        ("9223372036854775807", "Integer(9223372036854775807)"),
        ("9223372036854775808", "Number(9.223372036854776e18)"),
        ("-9223372036854775809", "Number(-9.223372036854776e18)"),
        ("1.0", "Number(1.0)"),
        ("-0.0", "Number(-0.0)"),
        ("1e2", "Number(100.0)"),
        ("0.1", "Number(0.1)"),
        ("1e400", "Number(inf)"),
        ("-1e400", "Number(-inf)"),
        ("1e-400", "Number(0.0)"),
        ("5e-324", "Number(5e-324)"),
    ] {
        assert_eq!(read(number, ""), format!("Content::{expected}"), "{number}");
    }
}

/// As `%v` of OPA's `sprintf` shows them, which is not always JSON; the answers are OPA's.
#[test]
fn what_is_shown_is_as_opa_shows_it() {
    for (value, expected) in [
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0", "-0"),
        ("1E2", "100"),
        ("1e20", "1e+20"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1e-7", "1e-07"),
        ("123456789.5", "1.234567895e+08"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1e400", "1e400"),
        ("-1e400", "-1e400"),
        ("1e-400", "0"),
        ("5e-324", "5e-324"),
        ("null", "null"),
        ("true", "true"),
        (r#""a \"b\" \u00e9\n""#, "a \"b\" é\n"),
        (r#""\ud83d\ude00""#, "😀"),
        (r#"["a \"b\" \u00e9\n", 1.0, null, {}]"#, r#"["a \"b\" é\n", 1.0, null, {}]"#),
        (r#"["\u0000\u007f\u2028<>&\ud83d\ude00"]"#, r#"["\x00\x7f\u2028<>&😀"]"#),
        (r#"{"b": [], "a": {"d": 1, "c": "x"}}"#, r#"{"a": {"c": "x", "d": 1}, "b": []}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a": 2}"#),
        ("[-0, 1E2, 1e400, 100000000000000000000.0]", "[-0, 1E2, 1e400, 100000000000000000000.0]"),
    ] {
        assert_eq!(show(value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn json_is_as_it_came() {
    for value in ["1.0", "1e400", "-0", "null", r#""\u0061\n""#, "\"é\"", r#"{"b" : 1,"a":[ ]}"#, "\"\""] {
        assert_eq!(of(value).json(0, String::new()).unwrap().as_deref(), Some(value));
    }
    let review = r#"{"a": {"b": "\ud83d\ude00"}}"#;
    assert_eq!(of(review).json(0, "/a/b".to_owned()).unwrap().as_deref(), Some(r#""\ud83d\ude00""#));
    assert_eq!(of(review).json(0, "/a/c".to_owned()).unwrap(), None);
}

#[test]
fn nodes_stay_in_their_document() {
    let mut host = of(r#"{"a": {"b": [1, "two"]}}"#);
    let parameters = host.parameters().unwrap();
    let pods = host.lookup("v1/pods".to_owned()).unwrap().unwrap();
    assert_eq!(host.lookup("v1/nodes".to_owned()).unwrap(), None);
    for (from, pointer, expected) in [
        (0, "/a/b", "Content::Array(2)"),
        (parameters, "/p/0", "Content::Integer(7)"),
        (pods, "/shop/cart/a", "Content::Integer(1)"),
        (parameters, "/a", "nothing"),
        (pods, "/p", "nothing"),
        // Numbers that are no nodes: behind a document, of a kind of which nothing is known, of none.
        (100, "", "nothing"),
        (pods + 100, "", "nothing"),
        (pods - (1 << 26), "", "nothing"),
        (pods + (1 << 26), "", "nothing"),
        (u32::MAX, "", "nothing"),
    ] {
        assert_eq!(seen(host.read(from, pointer.to_owned()).unwrap()), expected, "{from} {pointer}");
        let found = host.find(from, pointer.to_owned()).unwrap();
        assert_eq!(found.is_some(), expected != "nothing", "{from} {pointer}");
        // A node that was found leads to the same place.
        let again = found.map(|found| seen(host.read(found, String::new()).unwrap()));
        assert!(again.is_none_or(|again| again == expected), "{from} {pointer}");
    }
    let cart = host.find(pods, "/shop/cart".to_owned()).unwrap().unwrap();
    let members = host.members(cart, String::new()).unwrap();
    assert_eq!((members.len(), members[0].key.as_str()), (1, "a"));
    assert_eq!(seen(host.read(members[0].node, String::new()).unwrap()), "Content::Integer(1)");
    let elements = host.elements(0, "/a/b".to_owned()).unwrap();
    assert_eq!(host.show(elements[1].node, String::new()).unwrap().as_deref(), Some("two"));
}

#[test]
fn what_is_no_list_has_no_elements_and_what_is_no_object_no_members() {
    for (value, elements, members) in [
        (r#"["b", "a"]"#, 2, 0),
        (r#"{"b": 1, "a": 2}"#, 2, 2),
        ("\"text\"", 0, 0),
        ("1", 0, 0),
        ("null", 0, 0),
        ("[]", 0, 0),
        ("{}", 0, 0),
    ] {
        let mut host = of(value);
        assert_eq!(host.elements(0, String::new()).unwrap().len(), elements, "{value}");
        assert_eq!(host.members(0, String::new()).unwrap().len(), members, "{value}");
        assert_eq!(host.elements(0, "/none".to_owned()).unwrap().len(), 0, "{value}");
    }
}

#[test]
fn members_are_in_the_order_of_their_keys() {
    let mut host = of(r#"{"é": 0, "b": 1, "\u0061": 2, "\ud83d\ude00": 3, "": 4, "B": 5}"#);
    let members = host.members(0, String::new()).unwrap();
    let keys: Vec<_> = members.iter().map(|member| member.key.as_str()).collect();
    assert_eq!(keys, ["", "B", "a", "b", "é", "😀"]);
}

/// The host works while no deadline can interrupt it, so what it works on is bounded.
#[test]
fn answers_are_bounded() {
    let limits = || Limits { builtin_bytes: 100, ..Limits::default() };
    let many = format!("[{}1]", "1,".repeat(100));
    let keys = (0..101).map(|key| format!("\"{key}\":1")).collect::<Vec<_>>().join(",");
    let object = format!("{{{keys}}}");
    for (value, call) in [(&many, "elements"), (&object, "elements"), (&object, "members"), (&many, "show")] {
        let mut host = host(value, limits());
        let none = String::new();
        let answer = match call {
            "elements" => host.elements(0, none).map(|_| ()),
            "members" => host.members(0, none).map(|_| ()),
            _ => host.show(0, none).map(|_| ()),
        };
        let fault = answer.unwrap_err().downcast::<Fault>().unwrap();
        assert_eq!(fault.kind(), "answer", "{call} of {value}");
        assert!(fault.to_string().contains("more than 100"), "{fault}");
    }
    let within = format!("[{}1]", "1,".repeat(99));
    assert_eq!(host(&within, limits()).elements(0, String::new()).unwrap().len(), 100);
    // What is copied is no larger than the document, and what is kept of it is the policy's own memory.
    let long = format!("\"{}\"", "a".repeat(101));
    assert_eq!(host(&long, limits()).show(0, String::new()).unwrap().unwrap().len(), 101);
    assert_eq!(host(&many, limits()).json(0, String::new()).unwrap(), Some(many));
}
