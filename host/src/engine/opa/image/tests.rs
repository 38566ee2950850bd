use serde_json::{Value, json};

use super::{
    proof::{PROBE, holds},
    *,
};

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

const BASE: Base = Base::ALL[1];

fn image(text: &str) -> Image {
    Image::of(&Document::parse(text).unwrap(), BASE)
}

fn view(image: &Image) -> View<'_> {
    View { memory: image.bytes(), base: BASE.0 }
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
        let image = image(text);
        assert_eq!(read(view(&image), image.root()), serde_json::from_str::<Value>(text).unwrap(), "{text}");
    }
}

#[test]
fn only_what_is_wanted_is_written() {
    let text = r#"{"a":{"b":{"c":1,"d":2},"e":3},"f":[{"g":4}],"h":5,"h":6,"\u0069":{"j":null}}"#;
    for (wanted, expected) in [
        (vec![], json!({})),
        (vec!["a.b"], json!({"a": {"b": {"c": 1, "d": 2}}})),
        (vec!["a.b.c", "a.e"], json!({"a": {"b": {"c": 1}, "e": 3}})),
        (vec!["f.g", "h"], json!({"f": [{"g": 4}], "h": 6})),
        (vec!["a.none", "i.j"], json!({"a": {}, "i": {"j": null}})),
    ] {
        let mut paths = Paths::none();
        wanted.iter().for_each(|path| paths.add(&path.split('.').collect::<Vec<_>>()));
        let image = Image::pruned(&Document::parse(text).unwrap(), &paths, BASE);
        assert_eq!(read(view(&image), image.root()), expected, "{wanted:?}");
    }
}

#[test]
fn an_extension_refers_to_the_image() {
    let image = image(r#"{"request": {"uid": "u"}, "other": 1}"#);
    let parameters = Document::parse(r#"{"p": [1]}"#).unwrap();
    let extension = image.extend(("review", "request"), ("parameters", &parameters)).unwrap();
    let mut memory = image.bytes().to_vec();
    memory.resize((extension.start() - BASE.0) as usize, 0);
    memory.extend_from_slice(extension.bytes());
    let whole = read(View { memory: &memory, base: BASE.0 }, extension.root());
    assert_eq!(whole, json!({"review": {"uid": "u"}, "parameters": {"p": [1]}}));
    assert!(image.extend(("review", "none"), ("parameters", &parameters)).is_none());
}

#[test]
fn a_layout_that_differs_anywhere_is_noticed() {
    let image = image(PROBE);
    let mut memory = vec![0; BASE.0 as usize];
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

#[test]
fn images_begin_behind_what_is_there() {
    for (heap_end, base) in
        [(0, Some(256 << 10)), (256 << 10, Some(256 << 10)), ((256 << 10) + 1, Some(1 << 20))]
    {
        assert_eq!(Base::behind(heap_end).map(Base::address), base);
    }
    assert_eq!(Base::behind(u32::MAX), None);
}
