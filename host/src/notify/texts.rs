//! Cuts texts to what a receiver takes, at a whole violation where that is possible.

/// What is put between the texts of violations, as in the message of a denial.
const BETWEEN: &str = ", ";

/// Room for ", … and 18446744073709551615 more violations".
const LAST: usize = 48;

/// As many of the texts as fit into `max_bytes`, joined as in the message of a denial, and a count of those that are left
/// out; `omitted` are left out already.
pub(super) fn fit<'t>(
    texts: impl ExactSizeIterator<Item = &'t str>,
    omitted: usize,
    max_bytes: usize,
) -> String {
    let count = texts.len();
    let texts: Vec<&str> = texts.collect();
    let whole = texts.join(BETWEEN);
    if omitted == 0 && whole.len() <= max_bytes {
        return whole;
    }
    let room = max_bytes.saturating_sub(LAST);
    let (mut told, mut number) = (String::new(), 0);
    for text in texts {
        let between = if number == 0 { "" } else { BETWEEN };
        if told.len() + between.len() + text.len() > room {
            break;
        }
        told = told + between + text;
        number += 1;
    }
    // Nothing is told of a violation only if there is none.
    if number == 0
        && let Some(first) = whole.get(..whole.floor_char_boundary(room))
    {
        told = format!("{first}…");
        number = 1;
    }
    match count.saturating_sub(number) + omitted {
        0 => told,
        more => format!("{told}{BETWEEN}… and {more} more violations"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_between_violations_and_counted() {
        let texts =
            |count: usize| (0..count).map(|number| format!("violation {number:04}")).collect::<Vec<_>>();
        for (count, omitted, expected) in [
            (0, 0, ""),
            (2, 0, "violation 0000, violation 0001"),
            (
                6,
                0,
                "violation 0000, violation 0001, violation 0002, violation 0003, violation 0004, violation 0005",
            ),
            (7, 0, "violation 0000, violation 0001, violation 0002, … and 4 more violations"),
            (1, 5, "violation 0000, … and 5 more violations"),
        ] {
            let texts = texts(count);
            let fitted = fit(texts.iter().map(String::as_str), omitted, 100);
            assert_eq!(fitted, expected);
        }
        let long = "ü".repeat(500);
        let fitted = fit([long.as_str(), "b"].into_iter(), 0, 100);
        assert_eq!(fitted, format!("{}…, … and 1 more violations", "ü".repeat(26)));
        let huge = texts(5000);
        for max in [100, 1024, 16384] {
            assert!(fit(huge.iter().map(String::as_str), usize::MAX / 2, max).len() <= max);
        }
    }
}
