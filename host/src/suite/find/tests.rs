use super::*;

/// What was found at each path below a folder with these files: kinds of work, and errors.
fn found(files: &[(&str, &str)], paths: &[&str]) -> (Vec<&'static str>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
    let found = find(&paths);
    let kinds = found.works.iter().map(|work| match work {
        Work::Rego(_) => "rego",
        Work::Gatekeeper(_) => "gatekeeper",
        Work::Table(_) => "table",
    });
    let root = format!("{}/", folder.path().display());
    let errors =
        found.errors.iter().map(|error| format!("{}: {}", error.place, error.reason).replace(&root, ""));
    (kinds.collect(), errors.collect())
}

const SUITE: &str = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\n";
const TABLE: &str = "policy: p\ncases: []\n";

#[test]
fn a_directory_is_searched_for_tests() {
    let files = [
        ("d/a/p.rego", "package p"),
        ("d/a/p_test.rego", "package p_test"),
        ("d/suite.yml", SUITE),
        ("d/b/table.yaml", TABLE),
        ("d/b/pod.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("d/b/broken.yaml", "a: [\n"),
        ("d/.git/table.yaml", TABLE),
    ];
    assert_eq!(found(&files, &["d"]), (vec!["rego", "table", "gatekeeper"], vec![]));
    // Only what looks like a test is complained of.
    let (kinds, errors) = found(&[("d/table.yaml", "policy: p\ncases: [\n")], &["d"]);
    assert!(kinds.is_empty() && errors[0].starts_with("d/table.yaml: line "), "{errors:?}");
}

#[test]
fn what_may_be_a_test_and_cannot_be_read_is_an_error() {
    for name in ["suite.yaml", "table.yml", "a/suite.json"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, [TABLE.as_bytes(), b"# caf\xe9\n"].concat()).unwrap();
        fs::write(folder.path().join("other.yaml"), TABLE).unwrap();
        let found = find(&[folder.path().to_owned()]);
        assert_eq!((found.works.len(), found.errors.len()), (1, 1), "{name}");
        assert_eq!(
            (&*found.errors[0].place, &*found.errors[0].reason),
            (path.to_str().unwrap(), "is not UTF-8")
        );
    }
}

#[test]
fn links_to_folders_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("table.yaml"), TABLE).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    assert_eq!(find(&[folder.path().to_owned()]).works.len(), 1);
}

#[test]
fn what_is_no_test_is_an_error() {
    let files = [("d/pod.yaml", "apiVersion: v1\nkind: Pod\n"), ("d/p.rego", "package p"), ("notes.txt", "")];
    for (path, expected) in [
        ("d", "holds no test: looked for *_test.rego"),
        ("d/pod.yaml", "is no test: looked for"),
        ("notes.txt", "is no test: looked for"),
        ("nowhere", "cannot be read: "),
    ] {
        let (kinds, errors) = found(&files, &[path]);
        assert!(kinds.is_empty(), "{path}: {kinds:?}");
        assert!(errors[0].contains(expected), "{errors:?}");
    }
}

#[test]
fn rego_files_of_one_folder_are_one_set_and_nothing_is_run_twice() {
    let files = [("a_test.rego", "package a"), ("b_test.rego", "package b"), ("c/c_test.rego", "package c")];
    let paths = ["a_test.rego", "b_test.rego", "a_test.rego"];
    assert_eq!(found(&files, &paths), (vec!["rego"], vec![]));
    let files = [("t.yaml", &*format!("{TABLE}---\n{SUITE}"))];
    assert_eq!(found(&files, &["t.yaml", "t.yaml"]), (vec!["table", "gatekeeper"], vec![]));
}
