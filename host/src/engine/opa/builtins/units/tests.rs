use super::*;
use crate::engine::opa::builtins::cases::{check, state};

/// Amount, and what OPA 1.22.0 makes of it.
#[rustfmt::skip]
const AMOUNTS_ARE_EXACT: &[(&str, Option<&str>)] = &[
    (r#""10""#, Some("10")),
    (r#""1.5""#, Some("1.5000000000")),
    (r#""100m""#, Some("0.1000000000")),
    (r#""1500m""#, Some("1.5000000000")),
    (r#""0.5m""#, Some("0.0005000000")),
    (r#""1m""#, Some("0.0010000000")),
    (r#""3k""#, Some("3000")),
    (r#""3K""#, Some("3000")),
    (r#""3ki""#, Some("3072")),
    (r#""3Ki""#, Some("3072")),
    (r#""3KI""#, Some("3072")),
    (r#""2M""#, Some("2000000")),
    (r#""2Mi""#, Some("2097152")),
    (r#""2mi""#, Some("2097152")),
    (r#""1g""#, Some("1000000000")),
    (r#""1Gi""#, Some("1073741824")),
    (r#""1.5Ti""#, Some("1649267441664")),
    (r#""2t""#, Some("2000000000000")),
    (r#""1P""#, Some("1000000000000000")),
    (r#""1Pi""#, Some("1125899906842624")),
    (r#""1e""#, Some("1000000000000000000")),
    (r#""1E""#, Some("1000000000000000000")),
    (r#""1Ei""#, Some("1152921504606846976")),
    (r#""1e3""#, Some("1000")),
    (r#""1E3k""#, Some("1000000")),
    (r#""1e-3""#, Some("0.0010000000")),
    (r#""1.5e+2Mi""#, Some("157286400")),
    (r#""0""#, Some("0")),
    (r#""-0""#, Some("0")),
    (r#""0.0Gi""#, Some("0")),
    (r#""-5m""#, Some("-0.0050000000")),
    (r#""+5k""#, Some("5000")),
    (r#"".5""#, Some("0.5000000000")),
    (r#""5.""#, Some("5")),
    (r#""007""#, Some("7")),
    (r#""0.12345678905""#, Some("0.1234567891")),
    (r#""0.12345678904""#, Some("0.1234567890")),
    (r#""9.99999999995""#, Some("10.0000000000")),
    (r#""-0.00000000001""#, Some("-0.0000000000")),
    (r#""1e-20""#, Some("0.0000000000")),
    (r#""12345678901234567890123""#, Some("12345678901234567890123")),
    (r#""10000000000000000000.5""#, Some("10000000000000000000.5000000000")),
    (r#""\"10\"k""#, Some("10000")),
    (r#""1e0000005""#, None),
    (r#""1e00000005""#, None),
    (r#""1e1000000""#, None),
    (r#""k""#, None),
    (r#""""#, None),
    (r#""1 k""#, None),
    (r#""1kb""#, None),
    (r#""1B""#, None),
    (r#""1x""#, None),
    (r#""1.2.3""#, None),
    (r#""1e5e5""#, None),
    (r#""1e+""#, None),
    (r#""--1""#, None),
    (r#""1-2""#, None),
    (r#""0x10""#, None),
    (r#""1_000""#, None),
    (r#""1Ki""#, None),
    (r#""1kİ""#, Some("1024")),
];

#[test]
fn amounts_are_exact() {
    for (amount, want) in AMOUNTS_ARE_EXACT {
        check("units.parse", &[(&[amount], *want)]);
    }
}

/// Amount, and what OPA 1.22.0 makes of it.
#[rustfmt::skip]
const BYTES_ROUND_AS_FLOATS_OF_64_BITS: &[(&str, Option<&str>)] = &[
    (r#""10""#, Some("10")),
    (r#""1.9""#, Some("1")),
    (r#""1kb""#, Some("1000")),
    (r#""1KB""#, Some("1000")),
    (r#""1k""#, Some("1000")),
    (r#""1Kib""#, Some("1024")),
    (r#""1ki""#, Some("1024")),
    (r#""1m""#, Some("1000000")),
    (r#""1M""#, Some("1000000")),
    (r#""1MiB""#, Some("1048576")),
    (r#""2gb""#, Some("2000000000")),
    (r#""1.5Gi""#, Some("1610612736")),
    (r#""1tib""#, Some("1099511627776")),
    (r#""1p""#, Some("1000000000000000")),
    (r#""1Eib""#, Some("1152921504606846976")),
    (r#""1e""#, Some("1000000000000000000")),
    (r#""1E""#, Some("1000000000000000000")),
    (r#""1e3""#, Some("1000")),
    (r#""1e3kb""#, Some("1000000")),
    (r#""0.1e1k""#, Some("1000")),
    (r#""-1.5k""#, Some("-1500")),
    (r#""-0.5""#, Some("0")),
    (r#""0""#, Some("0")),
    (r#""18446744073709551615""#, Some("18446744073709551615")),
    (r#""18446744073709551617""#, Some("18446744073709551616")),
    (r#""0.3eb""#, Some("300000000000000000")),
    (r#""12345678901234567890eib""#, Some("14233598694204363376410106750713200640")),
    (r#""1e30""#, Some("1000000000000000000024696061952")),
    (r#""1e40kib""#, Some("10239999999999999999778494558484742409289728")),
    (r#""\"1\"kb""#, Some("1000")),
    (r#""1Kb""#, Some("1000")),
    (r#""""#, None),
    (r#""kb""#, None),
    (r#""1b""#, None),
    (r#""1ib""#, None),
    (r#""1 kb""#, None),
    (r#""1x""#, None),
    (r#""1bb""#, None),
    (r#""1.2.3""#, None),
    (r#""1e1000000""#, None),
];

#[test]
fn bytes_round_as_floats_of_64_bits() {
    for (amount, want) in BYTES_ROUND_AS_FLOATS_OF_64_BITS {
        check("units.parse_bytes", &[(&[amount], *want)]);
    }
}

#[test]
fn an_amount_with_too_many_digits_ends_the_evaluation() {
    let mut strict = State { max_output_bytes: 1000, ..state() };
    for amount in ["1e1001", "1e999999Ei"] {
        assert!(matches!(parse(&mut strict, &[amount.into()]), Err(BuiltinError::Limit(_))), "{amount}");
        let bytes = parse_bytes(&mut strict, &[format!("{amount}b").into()]);
        assert!(matches!(bytes, Err(BuiltinError::Limit(_) | BuiltinError::Undefined(_))), "{amount}");
    }
    let digits = Value::from("9".repeat(100_001));
    assert!(matches!(parse(&mut strict, std::slice::from_ref(&digits)), Err(BuiltinError::Limit(_))));
    assert!(matches!(parse_bytes(&mut strict, &[digits]), Err(BuiltinError::Limit(_))));
    assert!(matches!(parse(&mut strict, &[1.into()]), Err(BuiltinError::Undefined(_))));
}

#[test]
fn the_factor_of_a_thousandth_is_the_float() {
    let exact = format!("{:.60}", 0.001_f64);
    assert_eq!(exact.trim_start_matches(['0', '.']), MILLI.0);
}
