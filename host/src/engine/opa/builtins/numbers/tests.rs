use super::*;
use crate::engine::opa::builtins::cases::{check, state};

#[test]
fn a_range_goes_up_or_down_by_steps() {
    check(
        "numbers.range_step",
        &[
            (&["0", "10", "2"], Some("[0,2,4,6,8,10]")),
            (&["0", "9", "2"], Some("[0,2,4,6,8]")),
            (&["0", "-4", "3"], Some("[0,-3]")),
            (&["1", "1", "5"], Some("[1]")),
            (&["1.0", "3e0", "100e-2"], Some("[1,2,3]")),
            (&["-0", "0.000", "1"], Some("[0]")),
            (&["1e20", "100000000000000000003", "2"], Some("[100000000000000000000,100000000000000000002]")),
            (&["0", "1", "1e30"], Some("[0]")),
            (&["0", "10", "0"], None),
            (&["0", "10", "-1"], None),
            (&["0", "10", "1.5"], None),
            (&["0.5", "1", "1"], None),
            (&["\"0\"", "1", "1"], None),
            (&["1e99999999999999999999", "1", "1"], None),
            (&["1e-5", "1", "1"], None),
        ],
    );
}

#[test]
fn an_endless_range_ends_the_evaluation() {
    for (first, last, step) in [
        ("0", "9223372036854775807", "1"),
        ("-9223372036854775808", "9223372036854775807", "1"),
        ("0", "1e999999", "1"),
        ("0", "100000", "1"),
    ] {
        let args = [first, last, step].map(|text| Value::parse(text).expect(text));
        let mut strict = State { max_output_bytes: 100_000, ..state() };
        assert!(matches!(range_step(&mut strict, &args), Err(BuiltinError::Limit(_))), "{first} {last}");
    }
}

#[test]
fn a_random_integer_stays_the_same_in_one_evaluation() {
    let mut state = state();
    let large = i64::MAX;
    let first = intn(&mut state, &["a".into(), large.into()]).unwrap();
    assert!((0..large).contains(&first.as_i64().unwrap()));
    assert_eq!(intn(&mut state, &["a".into(), large.into()]), Ok(first.clone()));
    assert_eq!(intn(&mut state, &["a".into(), (-large).into()]), Ok(first.clone()));
    assert_ne!(intn(&mut state, &["b".into(), large.into()]), Ok(first));
    assert_eq!(intn(&mut state, &["a".into(), 0.into()]), Ok(0.into()));
    assert_eq!(intn(&mut state, &["a".into(), 1.into()]), Ok(0.into()));
    for args in [["a".into(), "1".into()], [1.into(), 1.into()], ["a".into(), i64::MIN.into()]] {
        assert!(matches!(intn(&mut state, &args), Err(BuiltinError::Undefined(_))));
    }
}

#[test]
fn random_answers_do_not_pile_up() {
    let mut state = state();
    let failed = (0..20_000).position(|n: i64| intn(&mut state, &[n.to_string().into(), 10.into()]).is_err());
    assert_eq!(failed, Some(10_000));
}
