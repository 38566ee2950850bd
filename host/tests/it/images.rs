//! The input as the host writes it into a sandbox, held against the input as the module itself reads it: whatever a
//! policy can see of the two must be the same.

use std::{path::Path, sync::Arc, time::Duration};

use magtape::{
    compile::{self, Compiler},
    engine::{
        Engine, Limits,
        opa::{Base, Entrypoint, Image, Module, value::Value},
    },
    json::{Document, Paths},
    manifest,
    policy::gatekeeper::EnforcementPoint,
    review::Request,
    source::{Embedded, Found, Rego},
};
use magtape_testing::tools::cache_folder;

const DOCUMENTS: usize = 100_000;

const BUDGET: Duration = Duration::from_secs(10);

/// Shows all that can be seen of the input: its values, the order in which it is visited, its texts and comparisons.
const MIRROR: &str = r#"
package mirror

import rego.v1

deny contains seen

seen := {
	"input": input,
	"order": [path | walk(input, [path, _])],
	"text": json.marshal(input),
	"shown": sprintf("%v", [input]),
	"types": [type_name(value) | walk(input, [_, value])],
	"true": [path | walk(input, [path, value]); value],
	"numbers": [next | walk(input, [_, value]); is_number(value); next := value + 1],
	"equal": [path | walk(input, [path, value]); value == input],
	"changed": object.union({"a": input}, {"b": input}),
	"filtered": [object.remove(value, ["a", "b"]) | walk(input, [_, value]); is_object(value)],
	"sets": [{element | some element in value} | walk(input, [_, value]); is_array(value)],
}
"#;

/// Reads parts of its input, in the ways that Rego has.
const READER: &str = r#"
package mirror

import rego.v1
import input.e0 as renamed

deny contains input.a0.b1
deny contains {"twice": input.a0.b1.c2, "deeper": input.a0.b2.c0}
deny contains {"each": key, "value": value} if some key, value in input.b0.a1
deny contains {"element": input.b0.c1[_].d1}
deny contains {"by key": input.b0.e1[input.a0.c1]}
deny contains {"got": object.get(input.c0, ["a1", "b1"], "nothing")}
deny contains {"there": "c0.d1"} if input.c0.d1
deny contains {"not there": "d0.a1"} if not input.d0.a1
deny contains {"false": "d0.b1"} if input.d0.b1 == false
deny contains {"null": "d0.c1"} if is_null(input.d0.c1)
deny contains {"renamed": renamed.a1.b2}
deny contains {"kind": kind(input.e0.c1)}
deny contains {"every": "f0.a1"} if every value in input.f0.a1 { is_string(value) }
deny contains {"set": {value | value := input.f0.b1[_]}}
deny contains {"same": "c1"} if input.e0.c1 == input.f0.c1
deny contains {"text": sprintf("%v", [input.f0.d1])}
deny contains {"count": count([path | walk(input.f0.e1, [path, _])])}
deny contains {"strange": input.f0["b.c"]["d1"]}

kind(value) := type_name(value)
"#;

const PRIVILEGED: &str = r#"{"request": {"kind": {"kind": "Pod"}, "operation": "CREATE",
    "object": {"spec": {"containers": [{"name": "app", "securityContext": {"privileged": true}}]}}}}"#;

struct Mirror {
    module: Module,
    base: Base,
    deny: Entrypoint,
    wanted: Paths,
}

// === impl Mirror ===

impl Mirror {
    fn new(policy: &str) -> Self {
        let rego = Rego { origin: "mirror.rego".into(), name: "mirror".into(), text: policy.into() };
        let cache = magtape::engine::ArtefactCache::open(&cache_folder().unwrap()).ok();
        let found = Found { rego: vec![rego], ..Found::default() };
        let mut output = compile::compile(found, &Compiler::new(cache, |_| {}), EnforcementPoint::Cli);
        assert!(output.problems.is_empty(), "{:?}", output.problems);
        let candidate = output.candidates.remove(0);
        let limits = Arc::new(Limits { deadline: BUDGET, result_bytes: 64 << 20, ..Limits::default() });
        let engine = Engine::new(limits.memory_bytes).unwrap();
        let module = Module::load(&engine, &limits, &candidate.wasm, b"{}").unwrap();
        let base = module.image_base().unwrap();
        let deny = module.entrypoints()["mirror/deny"];
        let mut wanted = Paths::none();
        candidate.reads.unwrap().paths().iter().for_each(|path| wanted.add(path));
        Self { module, base, deny, wanted }
    }

    fn by_text(&self, text: &str) -> Option<Value> {
        let mut run = self.module.start(Duration::ZERO, BUDGET).unwrap();
        run.set_input(text.as_bytes()).unwrap();
        run.evaluate(self.deny).unwrap()
    }

    fn by_image(&self, image: &Image) -> Option<Value> {
        let mut run = self.module.start(Duration::ZERO, BUDGET).unwrap();
        assert!(run.set_image(image, None));
        run.evaluate(self.deny).unwrap()
    }

    /// Whole and pruned.
    fn compare(&self, text: &str) {
        let document = Document::parse(text).unwrap();
        let by_text = self.by_text(text);
        let by_image = self.by_image(&Image::of(&document, self.base));
        assert_eq!(by_text, by_image, "as text (left) and as image (right): {text}");
        if !self.wanted.is_whole() {
            let by_parts = self.by_image(&Image::pruned(&document, &self.wanted, self.base));
            assert_eq!(by_text, by_parts, "as text (left) and as pruned image (right): {text}");
        }
    }
}

#[test]
fn a_policy_sees_the_same_in_an_image_as_in_text() {
    let mirror = Mirror::new(MIRROR);
    assert!(mirror.wanted.is_whole());
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..DOCUMENTS {
        let mut text = String::new();
        document(&mut random, 4, &mut text);
        mirror.compare(&text);
    }
}

#[test]
fn a_policy_answers_the_same_when_it_is_given_only_what_it_reads() {
    let reader = Mirror::new(READER);
    assert!(!reader.wanted.is_whole() && reader.wanted.below("g0").is_none());
    let mut random = fastrand::Rng::with_seed(8);
    for _ in 0..DOCUMENTS {
        reader.compare(&sections(&mut random));
    }
}

#[test]
fn the_samples_are_the_same_in_an_image_as_in_text() {
    let mirror = Mirror::new(MIRROR);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/samples");
    let documents = manifest::read(&[samples]).0;
    assert!(documents.len() > 15, "{}", documents.len());
    for request in documents.into_iter().filter_map(|document| document.request.ok()) {
        mirror.compare(request.document().text());
    }
}

/// Parts of a larger document are what Gatekeeper's rules are given.
#[test]
fn an_extension_is_the_same_as_its_text() {
    let mirror = Mirror::new(MIRROR);
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2_000 {
        let (mut request, mut parameters) = (String::new(), String::new());
        document(&mut random, 4, &mut request);
        document(&mut random, 3, &mut parameters);
        let whole = Document::parse(format!(r#"{{"x": [1], "request": {request}}}"#)).unwrap();
        let image = Image::of(&whole, mirror.base);
        let further = Document::parse(parameters.as_str()).unwrap();
        let extension = image.extend(("review", "request"), ("parameters", &further)).unwrap();
        let mut run = mirror.module.start(Duration::ZERO, BUDGET).unwrap();
        assert!(run.set_image(&image, Some(&extension)));
        let text = format!(r#"{{"review": {request}, "parameters": {parameters}}}"#);
        assert_eq!(run.evaluate(mirror.deny).unwrap(), mirror.by_text(&text), "{text}");
    }
}

/// Nobody's policy is slower than it need be because of how it was compiled.
#[test]
fn the_shipped_policies_take_images() {
    let limits = Arc::new(Limits::default());
    let engine = Engine::new(limits.memory_bytes).unwrap();
    for candidate in Embedded::Rego.policies() {
        let module = Module::load(&engine, &limits, &candidate.wasm, b"{}").unwrap();
        assert_eq!(module.image_base(), Some(Base::ALL[0]), "{}", candidate.origin);
    }
}

/// The more data a module comes with, the later images begin; where there is none, the input goes in as text.
#[test]
fn much_data_changes_no_answer() {
    let limits = Arc::new(Limits { memory_bytes: 512 << 20, ..Limits::default() });
    let engine = Engine::new(limits.memory_bytes).unwrap();
    let policy =
        Embedded::Rego.policies().into_iter().find(|policy| policy.origin.contains("mt2001")).unwrap();
    let document = Document::parse(PRIVILEGED).unwrap();
    for (numbers, base) in [
        (500, Some(0)),
        (4_000, Some(1)),
        (20_000, Some(2)),
        (80_000, Some(3)),
        (250_000, Some(4)),
        (1_200_000, None),
    ] {
        let base = base.map(|number: usize| Base::ALL[number]);
        let data = format!(r#"{{"much": [{}0]}}"#, "1,".repeat(numbers));
        let module = Module::load(&engine, &limits, &policy.wasm, data.as_bytes()).unwrap();
        assert_eq!(module.image_base(), base, "{numbers}");
        let mut run = module.start(Duration::ZERO, BUDGET).unwrap();
        let image = Image::of(&document, base.unwrap_or(Base::ALL[3]));
        assert_eq!(run.set_image(&image, None), base.is_some());
        if base.is_none() {
            run.set_input(PRIVILEGED.as_bytes()).unwrap();
        }
        let deny = module.entrypoints()["kubernetes/admission/policy_privileged_pod/deny"];
        assert!(
            format!("{:?}", run.evaluate(deny).unwrap()).contains("privileged Security Context"),
            "{numbers}"
        );
    }
}

/// An image that is larger than the memory which a sandbox starts with finds room all the same.
#[test]
fn a_large_image_makes_room_for_itself() {
    let mirror = Mirror::new(MIRROR);
    let text = format!("[{}0]", "[\"text\"],".repeat(30_000));
    let document = Document::parse(text.as_str()).unwrap();
    let mut run = mirror.module.start(Duration::ZERO, BUDGET).unwrap();
    assert!(run.set_image(&Image::of(&document, mirror.base), None));
    let tiny = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let policy = Embedded::Rego.policies().remove(0);
    let module =
        Module::load(&Engine::new(tiny.memory_bytes).unwrap(), &Arc::new(tiny), &policy.wasm, b"{}").unwrap();
    let mut run = module.start(Duration::ZERO, BUDGET).unwrap();
    assert!(!run.set_image(&Image::of(&document, module.image_base().unwrap()), None));
}

/// What the API server sends, through every shipped policy: as text, as a whole image, and as the parts that are read.
#[test]
fn recorded_reviews_are_judged_the_same_in_every_form() {
    let limits = Arc::new(Limits::default());
    let engine = Engine::new(limits.memory_bytes).unwrap();
    let reviews = magtape_testing::corpus::corpus().unwrap();
    assert!(reviews.len() >= 150, "{}", reviews.len());
    let mut violations = 0;
    for candidate in Embedded::Rego.policies() {
        let module = Module::load(&engine, &limits, &candidate.wasm, b"{}").unwrap();
        let base = module.image_base().unwrap();
        let mut wanted = Paths::none();
        candidate.reads.unwrap().paths().iter().for_each(|path| wanted.add(path));
        assert!(!wanted.is_whole(), "{}", candidate.origin);
        for review in &reviews {
            let request = Request::parse(review.clone()).unwrap();
            let document = request.document();
            let images = [Image::of(document, base), Image::pruned(document, &wanted, base)];
            for (name, &entrypoint) in module.entrypoints() {
                let mut run = module.start(Duration::ZERO, BUDGET).unwrap();
                run.set_input(document.text().as_bytes()).unwrap();
                let by_text = run.evaluate(entrypoint).unwrap();
                violations += usize::from(matches!(&by_text, Some(Value::Set(found)) if !found.is_empty()));
                for image in &images {
                    let mut run = module.start(Duration::ZERO, BUDGET).unwrap();
                    assert!(run.set_image(image, None));
                    assert_eq!(run.evaluate(entrypoint).unwrap(), by_text, "{name}: {}", document.text());
                }
            }
        }
    }
    assert!(violations > 100, "{violations}");
}

/// A random document with keys that a policy may look for.
pub fn sections(random: &mut fastrand::Rng) -> String {
    let mut text = "{".to_owned();
    for section in 'a'..='g' {
        text.push_str(&format!("\"{section}0\":"));
        match random.u8(..4) {
            0 => document(random, 3, &mut text),
            _ => list(random, 4, &mut text, '{', '}', true),
        }
        text.push(if section == 'g' { '}' } else { ',' });
    }
    text
}

/// A random document; keys are few, so that they meet.
fn document(random: &mut fastrand::Rng, depth: usize, text: &mut String) {
    match random.u8(0..if depth == 0 { 6 } else { 10 }) {
        0 => text.push_str("null"),
        1 => text.push_str("true"),
        2 => text.push_str("false"),
        3 => number(random, text),
        4 | 5 => string(random, text),
        6 | 7 => list(random, depth, text, '[', ']', false),
        _ => list(random, depth, text, '{', '}', true),
    }
}

fn list(random: &mut fastrand::Rng, depth: usize, text: &mut String, open: char, close: char, keys: bool) {
    const BLANKS: [&str; 4] = ["", " ", "\n", "\t\r "];
    let blank = BLANKS[random.usize(..BLANKS.len())];
    text.push(open);
    let length = if random.u8(..20) == 0 { random.usize(10..30) } else { random.usize(0..5) };
    for number in 0..length {
        if number > 0 {
            text.push(',');
        }
        text.push_str(blank);
        if keys {
            key(random, text);
            text.push(':');
            text.push_str(blank);
        }
        document(random, depth - 1, text);
    }
    text.push_str(blank);
    text.push(close);
}

fn key(random: &mut fastrand::Rng, text: &mut String) {
    match random.u8(..4) {
        0 => string(random, text),
        _ => text.push_str(&format!("\"{}{}\"", char::from(random.u8(b'a'..=b'f')), random.u8(..3))),
    }
}

fn number(random: &mut fastrand::Rng, text: &mut String) {
    const ODD: [&str; 10] = [
        "0",
        "-0",
        "1e3",
        "1.50",
        "-12.5e-7",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.1",
        "1E+2",
        "2.0",
    ];
    match random.bool() {
        true => text.push_str(ODD[random.usize(..ODD.len())]),
        false => text.push_str(&random.i32(..).to_string()),
    }
}

fn string(random: &mut fastrand::Rng, text: &mut String) {
    const PIECES: [&str; 12] = [
        "a",
        "Z",
        " ",
        "é",
        "😀",
        "\\n",
        "\\u00e9",
        "\\\"",
        "\\/",
        "\\u0000",
        "\u{2028}",
        "registry.example.com/",
    ];
    text.push('"');
    (0..random.usize(..6)).for_each(|_| text.push_str(PIECES[random.usize(..PIECES.len())]));
    text.push('"');
}
