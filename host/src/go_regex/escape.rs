//! Single characters: Go's escapes, and the text of a character for `regex-syntax`.

use super::syntax::SyntaxError;

const BAD_ESCAPE: SyntaxError = "invalid escape sequence";

/// A character so that `regex-syntax` takes it for itself, in a class or outside of one.
pub(super) fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.into() } else { format!(r"\x{{{:x}}}", u32::from(c)) }
}

/// Reads the escape that `text` begins with; gives the character and what follows.
pub(super) fn character(text: &str) -> Result<(char, &str), SyntaxError> {
    let after = text.strip_prefix('\\').ok_or(BAD_ESCAPE)?;
    let c = after.chars().next().ok_or("trailing backslash at end of expression")?;
    let rest = after.get(c.len_utf8()..).unwrap_or_default();
    let plain = match c {
        // One digit alone would be a reference to a group, except for zero.
        '1'..='7' if !rest.starts_with(|next| matches!(next, '0'..='7')) => return Err(BAD_ESCAPE),
        '0'..='7' => return octal(after),
        'x' => return hexadecimal(rest),
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return Err(BAD_ESCAPE),
    };
    Ok((plain, rest))
}

/// Up to three octal digits.
fn octal(text: &str) -> Result<(char, &str), SyntaxError> {
    let length = text.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, rest) = text.split_at_checked(length).ok_or(BAD_ESCAPE)?;
    let code = u32::from_str_radix(digits, 8).map_err(|_| BAD_ESCAPE)?;
    Ok((char::from_u32(code).ok_or(BAD_ESCAPE)?, rest))
}

/// Two hexadecimal digits, or any number of them in braces.
fn hexadecimal(text: &str) -> Result<(char, &str), SyntaxError> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(braced) => braced.split_once('}').ok_or(BAD_ESCAPE)?,
        None => text.split_at_checked(2).ok_or(BAD_ESCAPE)?,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BAD_ESCAPE);
    }
    let significant = digits.trim_start_matches('0');
    let code = if significant.is_empty() { Ok(0) } else { u32::from_str_radix(significant, 16) };
    let c = char::from_u32(code.map_err(|_| BAD_ESCAPE)?).ok_or(BAD_ESCAPE)?;
    Ok((c, rest))
}
