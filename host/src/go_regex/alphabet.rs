//! The names of character classes that Go 1.26 knows, with their members for `regex-syntax`.
//!
//! Go reads a name without blanks, hyphens and underscores and with only its first letter in upper case, and
//! then compares it with names some of which have underscores; those (`Old_Italic`) no text ever names.

/// `\d` and its kin: ASCII only.
pub(super) fn perl(kind: char) -> Option<&'static str> {
    Some(match kind {
        'd' => "0-9",
        'D' => "[^0-9]",
        's' => r"\t\n\f\r\x20",
        'S' => r"[^\t\n\f\r\x20]",
        'w' => "0-9A-Za-z_",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

pub(super) fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t\x20",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => r"\x20-~",
        "punct" => r"!-/:-@\[-`\{-~",
        "space" => r"\t\n\x0B\f\r\x20",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

/// The members of a class of Unicode's.
pub(super) fn unicode(name: &str) -> Option<String> {
    let name = canonical(name);
    match name.as_str() {
        "Any" => Some(r"\p{any}".to_owned()),
        "Assigned" => Some(r"\p{assigned}".to_owned()),
        "Ascii" => Some(r"\x00-\x7F".to_owned()),
        // Text has no surrogates.
        "Cs" | "Surrogate" => Some(r"[^\x00-\x{10FFFF}]".to_owned()),
        _ if is_in(CATEGORIES, &name) => Some(format!(r"\p{{gc={name}}}")),
        _ if is_in(SCRIPTS, &name) => Some(format!(r"\p{{sc={name}}}")),
        _ => None,
    }
}

fn canonical(name: &str) -> String {
    let mut letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
}

fn is_in(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == name)
}

const CATEGORIES: &str = "
    C Cc Cf Cn Co L Lc Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs
    Casedletter Closepunctuation Cntrl Combiningmark Connectorpunctuation Control Currencysymbol Dashpunctuation
    Decimalnumber Digit Enclosingmark Finalpunctuation Format Initialpunctuation Letter Letternumber Lineseparator
    Lowercaseletter Mark Mathsymbol Modifierletter Modifiersymbol Nonspacingmark Number Openpunctuation Other
    Otherletter Othernumber Otherpunctuation Othersymbol Paragraphseparator Privateuse Punct Punctuation Separator
    Spaceseparator Spacingmark Symbol Titlecaseletter Unassigned Uppercaseletter";

const SCRIPTS: &str = "
    Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid
    Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Dogra Duployan
    Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran
    Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha
    Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Medefaidrin Miao Modi Mongolian Mro
    Multani Myanmar Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic
    Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac Tagalog Tagbanwa Takri Tamil
    Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Yezidi Yi";
