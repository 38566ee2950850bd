use serde_json::Value;

use super::*;

/// What an image says, as JSON again.
fn read(view: View<'_>, address: u32) -> Value {
    let word = |offset| view.word(address + offset).unwrap();
    let text =
        |at, length| String::from_utf8(view.text(address + at, address + length).unwrap().to_vec()).unwrap();
    match view.byte(address).unwrap() {
        1 => Value::Null,
        2 => Value::Bool(view.byte(address + 1).unwrap() == 1),
        3 => serde_json::from_str(&text(8, 12)).unwrap(),
        4 => Value::String(text(8, 4)),
        5 => (0..word(8)).map(|number| read(view, view.word(word(4) + number * 8 + 4).unwrap())).collect(),
        6 => {
            let mut object = serde_json::Map::new();
            for bucket in 0..word(8) {
                let mut entry = view.word(word(4) + bucket * 4).unwrap();
                while entry != 0 {
                    let key = read(view, view.word(entry).unwrap());
                    let value = read(view, view.word(entry + 4).unwrap());
                    assert!(
                        object.insert(key.as_str().unwrap().to_owned(), value).is_none(),
                        "{key} is there twice"
                    );
                    entry = view.word(entry + 8).unwrap();
                }
            }
            assert_eq!(object.len(), word(12) as usize);
            Value::Object(object)
        }
        other => panic!("no type {other}"),
    }
}

fn view(image: &Image) -> View<'_> {
    View { memory: image.bytes(), base: BASE }
}

#[test]
fn an_image_says_what_the_text_says() {
    for text in [
        PROBE,
        "null",
        " [ ] ",
        "{\"a\":{}}",
        "\"\\u0000\\ud83d\\ude00\"",
        "-0.1e-5",
        "[[[1],2],{\"a\":[true]}]",
        r#"{"a":1,"a":2,"a":3,"b":1,"c":1,"d":1,"e":1}"#,
    ] {
        let image = Image::of(text.as_bytes()).unwrap();
        assert_eq!(read(view(&image), image.root()), serde_json::from_str::<Value>(text).unwrap(), "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused_where_it_is() {
    for (text, at) in [
        ("", 0),
        ("{\"a\":1,}", 7),
        ("[1 2]", 3),
        ("[1,]", 3),
        ("01", 1),
        ("1.", 2),
        ("-", 1),
        ("+1", 0),
        ("1e", 2),
        ("nul", 0),
        ("\"a", 2),
        ("\"\\x\"", 2),
        ("\"\\ud800\"", 7),
        ("\"\\ud800\\u0041\"", 13),
        ("\"\\udc00\"", 7),
        ("\"\n\"", 1),
        ("{1:2}", 1),
        ("{\"a\" 1}", 5),
        ("[1] 2", 4),
        ("\u{feff}1", 0),
    ] {
        let error = Image::of(text.as_bytes()).unwrap_err();
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        assert!(error.to_string().ends_with(&format!("at byte {at}")), "{text}: {error}");
    }
    assert!(Image::of(b"\"\xff\"").unwrap_err().to_string().contains("not UTF-8 at byte 1"));
    let deep = "[".repeat(129) + &"]".repeat(129);
    assert!(Image::of(deep.as_bytes()).unwrap_err().to_string().contains("nested too deep"));
}

#[test]
fn depth_is_counted_as_for_requests() {
    for (text, depth) in [("1", 0), ("{}", 1), ("[[],{\"a\":[1]}]", 3)] {
        assert_eq!(Image::of(text.as_bytes()).unwrap().depth(), depth);
    }
}

#[test]
fn an_extension_refers_to_the_image() {
    let image = Image::of(br#"{"request": {"uid": "u"}, "other": 1}"#).unwrap();
    let extension = image.extend(("review", "request"), ("parameters", br#"{"p": [1]}"#)).unwrap();
    let mut memory = image.bytes().to_vec();
    memory.resize((extension.start() - BASE) as usize, 0);
    memory.extend_from_slice(extension.bytes());
    let whole = read(View { memory: &memory, base: BASE }, extension.root());
    assert_eq!(whole, serde_json::json!({"review": {"uid": "u"}, "parameters": {"p": [1]}}));
    assert!(image.extend(("review", "none"), ("parameters", b"{}")).is_err());
    assert!(image.extend(("review", "request"), ("parameters", b"{")).is_err());
}

#[test]
fn a_layout_that_differs_anywhere_is_noticed() {
    let image = Image::of(PROBE.as_bytes()).unwrap();
    let mut memory = vec![0; BASE as usize];
    memory.extend_from_slice(image.bytes());
    assert!(holds(&memory, image.root(), &image));
    let root = image.root() as usize;
    // The type, the place of the buckets, their number, and the number of entries.
    for offset in [0, 4, 8, 12] {
        let mut other = memory.clone();
        other[root + offset] ^= 1;
        assert!(!holds(&other, image.root(), &image), "{offset}");
    }
    assert!(!holds(&memory, u32::MAX, &image));
    assert!(!holds(&[], 0, &image));
}
