//! What a crate and its policy may be called.

/// Kubernetes' bound on a label of a DNS name.
const MAX_CHARS: usize = 63;

/// Words of Rust that a crate of the 2024 edition cannot have as its name
/// (<https://doc.rust-lang.org/reference/keywords.html>), and crates that are there already.
const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum extern \
                     false final fn for gen if impl in let loop macro magtape-sdk match mod move mut override priv \
                     proc-macro pub ref return self static std struct super test trait true try type typeof unsafe \
                     unsized use virtual where while yield";

/// Whether it is a label of a DNS name, and Rust takes it for a crate.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub(super) fn check(name: &str) -> Result<(), String> {
    let known = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || name.ends_with('-') || !name.chars().all(known) || name.len() > MAX_CHARS {
        return Err(format!(
            "is no name for a policy: lower case letters, digits and -, at most {MAX_CHARS} of them, with a letter first \
             and no - at the end"
        ));
    }
    if TAKEN.split(' ').any(|taken| taken == name) {
        return Err("is no name for a crate, because Rust has it; choose another".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_for_kubernetes_and_for_rust() {
        for name in ["a", "team-label", "x2", &"a".repeat(63)] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for name in ["", "-a", "a-", "2x", "Team", "team_label", "a b", "a/b", "..", "ü", &"a".repeat(64)] {
            assert!(check(name).unwrap_err().starts_with("is no name for a policy"), "{name}");
        }
        for name in ["fn", "test", "core", "magtape-sdk"] {
            assert!(check(name).unwrap_err().contains("Rust has it"), "{name}");
        }
    }
}
