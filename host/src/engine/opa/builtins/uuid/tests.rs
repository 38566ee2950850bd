use super::*;
use crate::engine::opa::builtins::cases::{check, state};

/// Text, and what OPA 1.22.0 reads in it.
#[rustfmt::skip]
const ROWS: &[(&str, Option<&str>)] = &[
    (r#""00000000-0000-4000-8000-000000000000""#, Some(r#"{"variant":"RFC4122","version":4}"#)),
    (r#""{00000000-0000-4000-8000-000000000000}""#, Some(r#"{"variant":"RFC4122","version":4}"#)),
    (r#""(00000000-0000-4000-8000-000000000000)""#, Some(r#"{"variant":"RFC4122","version":4}"#)),
    (r#""6bea8ef2d3d33cd184e09bab06a52ece""#, Some(r#"{"variant":"RFC4122","version":3}"#)),
    (r#""6BEA8EF2-D3D3-3CD1-84E0-9BAB06A52ECE""#, Some(r#"{"variant":"RFC4122","version":3}"#)),
    (r#""URN:uuid:000003e8-48b9-21ee-b200-325096b39f47""#, Some(r#"{"clocksequence":12800,"domain":"Person","id":1000,"macvariables":"local:unicast","nodeid":"32-50-96-b3-9f-47","time":1693566990121469600,"variant":"RFC4122","version":2}"#)),
    (r#""000003e8-48b9-21ee-b201-325096b39f47""#, Some(r#"{"clocksequence":12801,"domain":"Group","id":1000,"macvariables":"local:unicast","nodeid":"32-50-96-b3-9f-47","time":1693566990121469600,"variant":"RFC4122","version":2}"#)),
    (r#""000003e8-48b9-21ee-b202-315096b39f47""#, Some(r#"{"clocksequence":12802,"domain":"Org","id":1000,"macvariables":"global:multicast","nodeid":"31-50-96-b3-9f-47","time":1693566990121469600,"variant":"RFC4122","version":2}"#)),
    (r#""000003e8-48b9-21ee-b2ff-335096b39f47""#, Some(r#"{"clocksequence":13055,"domain":"Domain255","id":1000,"macvariables":"local:multicast","nodeid":"33-50-96-b3-9f-47","time":1693566990121469600,"variant":"RFC4122","version":2}"#)),
    (r#""f81d4fae-7dec-11d0-a765-00a0c91e6bf6""#, Some(r#"{"clocksequence":10085,"macvariables":"global:unicast","nodeid":"00-a0-c9-1e-6b-f6","time":854991792216875000,"variant":"RFC4122","version":1}"#)),
    (r#""00000000-0000-1000-0000-000000000000""#, Some(r#"{"clocksequence":0,"macvariables":"global:unicast","nodeid":"00-00-00-00-00-00","time":6227451273709551616,"variant":"Reserved","version":1}"#)),
    (r#""ffffffff-ffff-1fff-ffff-ffffffffffff""#, Some(r#"{"clocksequence":16383,"macvariables":"local:multicast","nodeid":"ff-ff-ff-ff-ff-ff","time":-7607606781572612196,"variant":"Future","version":1}"#)),
    (r#""ffffffff-ffff-7fff-dfff-ffffffffffff""#, Some(r#"{"variant":"Microsoft","version":7}"#)),
    (r#""00000000-0000-0000-0000-000000000000""#, Some(r#"{"variant":"Reserved","version":0}"#)),
    (r#""{6bea8ef2d3d33cd184e09bab06a52ece}""#, None),
    (r#""urn:uuix:000003e8-48b9-21ee-b200-325096b39f47""#, None),
    (r#""00000000-0000-4000-8000-00000000000g""#, None),
    (r#""00000000_0000-4000-8000-000000000000""#, None),
    (r#""00000000-0000-4000-8000-0000000000é""#, None),
    (r#""""#, None),
    (r#""123""#, None),
];

#[test]
fn a_uuid_tells_what_is_in_it() {
    for (text, want) in ROWS {
        check("uuid.parse", &[(&[text], *want)]);
    }
    check("uuid.parse", &[(&["1"], None)]);
}

#[test]
fn a_random_uuid_stays_the_same_in_one_evaluation() {
    let mut state = state();
    let first = rfc4122(&mut state, &["a".into()]).unwrap();
    let parsed = parse(&mut state, std::slice::from_ref(&first)).unwrap();
    assert_eq!(parsed.dump(), r#"{"variant":"RFC4122","version":4}"#);
    assert_eq!(rfc4122(&mut state, &["a".into()]), Ok(first.clone()));
    assert_ne!(rfc4122(&mut state, &[1.into()]), Ok(first));
}
