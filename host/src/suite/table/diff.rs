//! Holds messages against those that a case expects, and shows the difference line by line.

/// Whether both are the same texts; both are in order.
///
/// # Errors
/// Shows what is missing behind a `-` and what is too much behind a `+`.
pub(super) fn compare(expected: &[String], got: &[String]) -> Result<(), String> {
    let mut expected: Vec<&String> = expected.iter().collect();
    expected.sort_unstable();
    if expected.iter().copied().eq(got) {
        return Ok(());
    }
    let mut lines = vec!["the violations differ (- expected, + found):".to_owned()];
    let (mut expected, mut got) = (expected.into_iter().peekable(), got.iter().peekable());
    while let Some(line) = match (expected.peek(), got.peek()) {
        (Some(left), Some(right)) if *left == *right => {
            got.next();
            expected.next().map(|text| format!("  {text}"))
        }
        (Some(left), Some(right)) if *left > *right => got.next().map(|text| format!("+ {text}")),
        (Some(_), _) => expected.next().map(|text| format!("- {text}")),
        (None, _) => got.next().map(|text| format!("+ {text}")),
    } {
        lines.push(line);
    }
    Err(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_difference_is_shown_line_by_line() {
        for (expected, got, shown) in [
            (&["a"][..], &[][..], "- a"),
            (&[], &["a"], "+ a"),
            (&["c", "a"], &["a", "b"], "  a\n+ b\n- c"),
            (&["a", "a"], &["a"], "  a\n- a"),
        ] {
            let error = compare(&texts(expected), &texts(got)).unwrap_err();
            assert_eq!(error.split_once('\n').unwrap().1, shown);
        }
        assert_eq!(compare(&texts(&["b", "a"]), &texts(&["a", "b"])), Ok(()));
        assert_eq!(compare(&[], &[]), Ok(()));
    }
}
