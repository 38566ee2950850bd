use crate::engine::opa::{
    builtins::{
        BuiltinError,
        cases::{call, check_recorded},
    },
    value::Value,
};

/// Name, arguments and answer, one call a line, as OPA 1.22.0 gives it; the keys were made for this file.
const ANSWERS: &str = include_str!("answers.tsv");

#[test]
fn answers_are_those_of_opa() {
    check_recorded(ANSWERS);
}

#[test]
fn certificates_have_a_greatest_size() {
    let line = ANSWERS.lines().next().unwrap();
    let fields: Vec<&str> = line.split('\t').collect();
    let (name, answer) = (fields[0], fields[2]);
    let Ok(Value::Array(args)) = Value::parse(fields[1]) else { panic!("{line}") };
    assert!(call(name, &args, answer.len()).is_ok());
    for limit in [answer.len() - 1, fields[1].len(), 10] {
        assert!(matches!(call(name, &args, limit), Err(BuiltinError::Limit(_))), "{limit}");
    }
}

#[test]
fn hostile_text_ends_soon() {
    let large = "A".repeat(1 << 17);
    let block = |kind: &str, der: &[u8]| {
        let digits = super::base64::encode(der);
        format!("-----BEGIN {kind}-----\n{digits}\n-----END {kind}-----\n")
    };
    // Sequences in sequences, an integer of 64 KiB, and a length beyond everything.
    let nested = [0x30, 0x80].repeat(1 << 14);
    let integer = [vec![0x30, 0x83, 1, 0, 4, 2, 0x83, 1, 0, 0], vec![0x7f; 1 << 16]].concat();
    let beyond = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff];
    for der in [nested.as_slice(), &integer, &beyond, &[]] {
        for kind in ["CERTIFICATE", "RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE REQUEST"]
        {
            let text = Value::from(block(kind, der));
            for name in [
                "crypto.x509.parse_certificates",
                "crypto.x509.parse_certificate_request",
                "crypto.parse_private_keys",
                "crypto.x509.parse_rsa_private_key",
            ] {
                let _ = call(name, std::slice::from_ref(&text), 1 << 24);
            }
            let _ = call("crypto.x509.parse_keypair", &[text.clone(), text], 1 << 24);
        }
    }
    for text in [large.clone(), "-----BEGIN A-----\na:b\n".repeat(1 << 12), format!("-----BEGIN {large}")] {
        let _ = call("crypto.x509.parse_certificates", &[text.as_str().into()], 1 << 24);
        let _ = call("crypto.parse_private_keys", &[text.into()], 1 << 24);
    }
}
