//! Policies that are wrong: each is named with its place, and the others judge all the same.

use std::{fs, path::Path, process::Command};

use magtape_testing::tools::Tool;
use tempfile::TempDir;

use crate::dialects::{
    examples::{ADDRESSES, LATEST, LIVENESS, REGISTRY, REPOS, example},
    judge::{Check, Report, files, folder, program, root},
};

/// A file of testing/broken.
struct Fault {
    file: &'static str,
    /// What it needs to be wrong in this way only.
    with: &'static [&'static str],
    /// Where OPA finds the fault; nothing where the text names a field instead.
    places: &'static [&'static str],
    text: &'static str,
}

const fn fault(file: &'static str, places: &'static [&'static str], text: &'static str) -> Fault {
    Fault { file, with: &[], places, text }
}

const fn with_template(file: &'static str, text: &'static str) -> Fault {
    Fault { file, with: &["template-good.yaml"], places: &[], text }
}

const FAULTS: &[Fault] = &[
    fault("syntax-error.rego", &["8:1"], "rego_parse_error: unexpected } token: expected \",\" or \")\""),
    fault("type-error.rego", &["8:2"], "rego_type_error: minus: invalid argument(s)"),
    fault("unknown-builtin.rego", &["7:2"], "rego_type_error: undefined function no_such_function"),
    fault(
        "http-send.rego",
        &["7:12"],
        "undefined function http.send; policies do not get it: a policy has no network, and an answer to the API \
         server must not wait for one",
    ),
    fault("wrong-arity.rego", &["7:2"], "rego_type_error: startswith: arity mismatch"),
    fault("recursive-rule.rego", &["10:1", "12:1"], "is recursive: data.kubernetes.admission."),
    fault("missing-import.rego", &["9:2"], "undefined function data.lib.missing.helper"),
    fault("unsafe-variable.rego", &["7:9"], "rego_unsafe_var_error: var nmae is unsafe"),
    fault("unsafe-variable-v0.rego", &["6:12"], "rego_unsafe_var_error: var nmae is unsafe"),
    fault("no-entrypoints.rego", &[], "is no policy: looked for"),
    fault("annotation-unknown-severity.rego", &[], "annotation custom.severity: unknown severity \"URGENT\""),
    fault("template-without-rego.yaml", &[], "spec.targets[0]: has code for K8sNativeValidation only"),
    fault("template-broken-rego.yaml", &["5:40"], "unexpected ) token: expected \",\" or \"]\""),
    with_template(
        "constraint-wrong-parameters.yaml",
        "spec.parameters.names: must be a list, is the string \"web\"",
    ),
    with_template(
        "constraint-without-template.yaml",
        "there is no ConstraintTemplate of kind K8sNobodyDefinedThis",
    ),
    with_template(
        "constraint-unknown-action.yaml",
        "spec.enforcementAction: must be deny, warn, dryrun or scoped",
    ),
    fault("configmap-one-broken-key.yaml", &["16:49"], "unexpected identifier token: expected \":\""),
];

const GOOD: &str = "testing/examples/opa/untrusted-registry.rego";
const POD: &str = "testing/examples/opa/objects/pod-both-denied.yaml";
const NGINX: &str = "pod-both-denied: HIGH OPA image nginx is not from registry.example.com";

fn broken(file: &str) -> String {
    format!("testing/broken/{file}")
}

/// The errors as a person reads them, each in one line.
fn errors(report: &Report) -> Vec<String> {
    let errors = report.json["errors"].as_array().unwrap_or_else(|| panic!("{}", report.stderr));
    let text = |field: &serde_json::Value| field.as_str().unwrap().to_owned();
    errors.iter().map(|error| format!("{}: {}", text(&error["place"]), text(&error["error"]))).collect()
}

// === impl Fault ===

impl Fault {
    /// What is wrong with what was said of it.
    fn check(&self) -> Result<(), String> {
        let policies = [&[self.file], self.with].concat().into_iter().map(broken);
        let policies: Vec<String> = policies.chain([GOOD.to_owned()]).collect();
        let report = Check::with(&policies).of(&[POD]);
        let errors = errors(&report);
        let told = |place: &str| {
            let is_it = |error: &&String| error.contains(self.text) && error.contains(place);
            errors.iter().filter(is_it).any(|error| report.stderr.contains(error.lines().next().unwrap()))
        };
        let file = broken(self.file);
        let places: Vec<String> = self.places.iter().map(|place| format!(":{place}: ")).collect();
        match () {
            () if report.code != 2 => Err(format!("ended with {}", report.code)),
            () if report.found() != [NGINX] => Err(format!("let the others find {:?}", report.found())),
            () if !errors.iter().all(|error| error.starts_with(&file)) => Err(format!("has {errors:?}")),
            () if !told(&file) || !places.iter().all(|place| told(place)) => Err(format!("has {errors:?}")),
            () => Ok(()),
        }
    }
}

#[test]
fn every_fault_is_named_with_its_place_and_the_others_judge() {
    let wrong: Vec<String> = FAULTS
        .iter()
        .filter_map(|fault| fault.check().err().map(|how| format!("{} {how}", fault.file)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_a_fault_and_the_places_are_those_of_the_table() {
    let table = fs::read_to_string(root().join("testing/broken/README.md")).unwrap();
    let is_fault = |name: &str| !["README.md", "template-good.yaml"].contains(&name);
    let mut named: Vec<&str> = FAULTS.iter().map(|fault| fault.file).collect();
    named.sort_unstable();
    assert_eq!(files("testing/broken", is_fault), named);
    for fault in FAULTS {
        let row = table.lines().find(|line| line.starts_with(&format!("| [{}]", fault.file))).unwrap();
        let place = row.rsplit('|').nth(1).unwrap();
        assert!(fault.places.iter().all(|listed| place.contains(listed)), "{row}");
        assert!(!fault.places.is_empty() || !place.contains("Rego"), "{row}");
    }
}

#[test]
fn a_whole_folder_of_them_still_has_what_is_in_order() {
    let report = Check::with(&["testing/broken", GOOD]).of(&[POD, "testing/samples/job-report.json"]);
    assert_eq!(report.code, 2);
    let job = report.found().into_iter().find(|found| found.contains("ORG1004"));
    assert_eq!(
        job.unwrap(),
        "job-report: HIGH ORG1004 [FAIL] HIGH - Job \"monthly-report\" is refused (ORG1004)"
    );
    assert!(report.found().contains(&NGINX.to_owned()), "{:?}", report.found());
    let errors = errors(&report);
    for fault in FAULTS {
        let file = broken(fault.file);
        assert!(errors.iter().any(|error| error.starts_with(&file)), "{}: {errors:?}", fault.file);
    }
}

#[test]
fn a_webhook_does_not_start_without_one_of_its_policies() {
    // No address of this machine, so that it ends in any case.
    let output = Command::new(program())
        .args(["serve", "--self-signed", "--listen", "192.0.2.1:1", "--policies", GOOD])
        .args(["--policies", &broken("type-error.rego")])
        .current_dir(root())
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{log}");
    assert!(log.contains("testing/broken/type-error.rego:8:2: rego_type_error: minus"), "{log}");
    assert!(
        log.contains("1 of the policies could not be loaded; the webhook does not start without"),
        "{log}"
    );
}

#[test]
fn nine_of_ten_judge() {
    let policy = |number: usize| match number {
        5 => "package p5\n\ndeny contains {\n".to_owned(),
        _ => format!("package p{number}\n\ndeny contains \"by {number}\"\n"),
    };
    let all: Vec<(String, String)> =
        (0..10).map(|number| (format!("p{number}.rego"), policy(number))).collect();
    let policies = folder(&all.iter().map(|(name, text)| (name.as_str(), text)).collect::<Vec<_>>());
    let report = Check::with(&[policies.path()]).of(&[POD]);
    let expected: Vec<String> =
        (0..10).filter(|number| *number != 5).map(|number| format!("p{number}")).collect();
    assert_eq!((report.code, report.all("policy")), (2, expected.iter().map(String::as_str).collect()));
    assert!(errors(&report).iter().all(|error| error.contains("p5.rego:")), "{}", report.stderr);
}

/// A policy with this condition.
fn rule(condition: &str) -> String {
    format!("package p\n\ndeny contains \"found\" if {{ {condition} }}\n")
}

fn nested(depth: usize) -> String {
    rule(&format!("x := {}{}; is_array(x)", "[".repeat(depth), "]".repeat(depth)))
}

/// The type of the last variable is as large as two to the power of their number, and the compiler works out types.
fn doubled() -> String {
    let variables = (1..40).map(|number| format!("x{number} := [x{0}, x{0}]; ", number - 1));
    rule(&format!("x0 := [input.a]; {}x39 == 1", variables.collect::<String>()))
}

#[test]
fn what_no_compiler_should_be_given_is_an_error_like_any_other() {
    let big = format!("{}# {}\n", rule("true"), "x".repeat(2 * 1024 * 1024));
    let (deep, slow) = (nested(300_000), doubled());
    let all: [(&str, &[u8], &str); 8] = [
        ("big.rego", big.as_bytes(), "bytes, more than the 1048576 that Rego source may have"),
        ("deep.rego", deep.as_bytes(), "rego_parse_error: max parsing recursion depth exceeded"),
        ("empty.rego", b"", "rego_parse_error: empty module"),
        ("latin.rego", b"package p\n\ndeny contains \"\xff\"\n", "is not UTF-8"),
        (
            "nul.rego",
            b"package p\n\ndeny contains \"\0\"\n",
            ":3:15: rego_parse_error: illegal null character",
        ),
        ("slow.rego", slow.as_bytes(), "no answer: the Rego compiler"),
        ("spaces.rego", b" \n\n", "rego_parse_error: empty module"),
        ("zeroes.rego", &[0; 100], ":1:1: rego_parse_error: illegal null character"),
    ];
    let policies = folder(&all.map(|(name, bytes, _)| (name, bytes)));
    let report = Check::with(&[policies.path(), GOOD.as_ref()]).of(&[POD]);
    assert_eq!((report.code, report.found()), (2, vec![NGINX.to_owned()]));
    for (name, _, text) in all {
        let told = errors(&report).iter().any(|error| error.contains(name) && error.contains(text));
        assert!(told, "{name}: {text}: {}", report.stderr);
    }
    assert!(report.stderr.len() < 16 * 1024, "{} bytes were said", report.stderr.len());
}

/// OPA takes it, and so does the host: what counts is that neither falls over.
#[test]
fn three_thousand_brackets_are_a_value() {
    let policies = folder(&[("brackets.rego", nested(3000))]);
    let report = Check::with(&[policies.path()]).of(&[POD]);
    assert_eq!((report.code, report.found()), (1, vec!["pod-both-denied: HIGH OPA found".to_owned()]));
}

#[test]
fn a_compiler_that_is_none_is_named() {
    let wasm = "policies-rego/dist/mt1001-liveness-probe.wasm";
    let dist = root().join(wasm);
    for (compiler, expected) in [
        ("/nowhere/compiler.wasm", "MAGTAPE_REGO_COMPILER names /nowhere/compiler.wasm, which is no file"),
        ("testing", "MAGTAPE_REGO_COMPILER names testing, which is no file"),
        ("README.md", "the Rego compiler README.md does not start: "),
        (dist.to_str().unwrap(), "mt1001-liveness-probe.wasm does not start: "),
    ] {
        let report = Check::with(&[GOOD, wasm]).env("MAGTAPE_REGO_COMPILER", compiler).of(&[POD]);
        let error = errors(&report).join("\n");
        assert!(error.starts_with(GOOD) && error.contains(expected), "{error}");
        assert_eq!(
            (report.code, report.all("policy")),
            (2, vec!["policy-liveness-probe"]),
            "modules need none"
        );
    }
}

/// The program where no compiler is to be found, with nothing on its PATH but this.
fn alone(folder: &TempDir, path: &Path, policies: &[&str]) -> Check {
    let copy = folder.path().join("magtape");
    if !copy.exists() {
        fs::copy(program(), &copy).unwrap();
    }
    Check::by(&copy, policies)
        .env("MAGTAPE_REGO_COMPILER", "")
        .env("MAGTAPE_CACHE", folder.path().join("cache"))
        .env("PATH", path)
}

#[test]
fn without_a_compiler_one_reads_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let report = alone(&folder, Path::new(""), &[GOOD]).of(&[POD]);
    assert_eq!(report.code, 2);
    let text =
        "is Rego source: the Rego compiler is not here: `cargo xtask rego-compiler` builds it; looked for ";
    assert!(report.stderr.contains(&format!("error: {GOOD}: {text}")), "{}", report.stderr);
    assert!(
        report.stderr.ends_with("no policy could be loaded, so nothing was judged\n"),
        "{}",
        report.stderr
    );
}

#[test]
fn an_opa_on_the_path_compiles_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let opa = Tool::Opa.built().unwrap();
    let path = opa.parent().unwrap();
    for (policy, objects, found) in [
        ("opa/untrusted-registry.rego", "opa", REGISTRY),
        ("opa/annotated.rego", "opa", ADDRESSES),
        ("magtape/liveness-probe.rego", "magtape", LIVENESS),
        ("magtape/latest-tag.rego", "magtape", LATEST),
        ("gatekeeper", "gatekeeper/allowed-repos", REPOS),
    ] {
        let report = alone(&folder, path, &[&example(policy)]).of(&[example(&format!("{objects}/objects"))]);
        report.is_whole();
        assert_eq!(report.found(), found, "{policy}: {}", report.stderr);
    }
    for fault in FAULTS.iter().filter(|fault| fault.file.ends_with(".rego")) {
        let report = alone(&folder, path, &[&broken(fault.file)]).of(&[POD]);
        let told = |place: &&str| report.stderr.contains(&format!("{}:{place}: ", broken(fault.file)));
        assert!(report.code == 2 && fault.places.iter().all(told), "{}: {}", fault.file, report.stderr);
    }
}
