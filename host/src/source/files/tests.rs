use std::{
    ffi::OsStr,
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    process::Command,
};

use serde_json::{Value, json};

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn found(path: &Path) -> Found {
    let mut found = Found::default();
    read(path, &mut found);
    found
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn data_lands_where_its_folder_says() {
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: \
                      {openpolicyagent.org/policy: rego}}\ndata: {p.rego: package m}\n";
    let folder = folder(&[
        ("p.rego", "package p"),
        ("data.json", "{\"a\": {\"x\": 1}}"),
        ("a/b/data.yaml", "y: [yes]"),
        ("c/data.yml", "z: 3"),
        ("d/data.yaml", config_map),
        ("d/other-data.json", "[]"),
    ]);
    let given = found(folder.path());
    assert!(given.errors.is_empty(), "{:?}", given.errors);
    let expected = json!({"a": {"x": 1, "b": {"y": ["yes"]}}, "c": {"z": 3}});
    assert_eq!(Value::Object(given.data), expected);
    let names: Vec<_> = given.rego.iter().map(|rego| rego.name.as_str()).collect();
    assert_eq!(names, ["m/p", "p"]);
    // Below the directory that is given, as OPA has it.
    assert_eq!(Value::Object(found(&folder.path().join("a")).data), json!({"b": {"y": ["yes"]}}));
}

#[test]
fn what_is_wrong_is_named() {
    for (files, named, expected) in [
        (
            &[("data.json", "{}")][..],
            "data.json",
            "data.json: holds no policy; a data document is given with --data",
        ),
        (
            &[("data.yaml", "a: 1")],
            "data.yaml",
            "data.yaml: holds no policy; a data document is given with --data",
        ),
        (&[("pod.json", "{}")], "pod.json", "pod.json: holds no policy: looked for ConfigMaps"),
        (&[("data.json", "[]")], "", "data.json: a data document must be a JSON object"),
        (&[("a/data.yaml", "- 1")], "", "a/data.yaml: a data document must be an object"),
        (&[("notes.txt", "")], "", ": holds no policy: looked for *.rego"),
        (&[("notes.txt", "")], "notes.txt", "notes.txt: is no policy: expected *.rego"),
    ] {
        let folder = folder(files);
        let errors = found(&folder.path().join(named)).errors;
        let error = errors[0].to_string().replace(&format!("{}/", folder.path().display()), "");
        assert!(errors.len() == 1 && error.starts_with(expected), "{errors:?}");
    }
}

#[test]
fn what_is_no_file_is_not_opened() {
    let folder = folder(&[("p.rego", "package p"), ("sub/q.rego", "package q")]);
    let path = |name: &str| folder.path().join(name);
    pipe(&path("pipe.rego"));
    pipe(&path("pipe.txt"));
    let _socket = UnixListener::bind(path("socket.wasm")).unwrap();
    symlink("/dev/null", path("device.yaml")).unwrap();
    symlink("pipe.rego", path("link.rego")).unwrap();
    symlink("p.rego", path("again.rego")).unwrap();
    symlink("sub", path("folder.rego")).unwrap();
    let given = found(folder.path());
    let names: Vec<_> = given.rego.iter().map(|rego| rego.name.as_str()).collect();
    assert_eq!(names, ["again", "p", "sub/q"]);
    let expected = ["device.yaml", "link.rego", "pipe.rego", "socket.wasm"];
    let expected = expected.map(|name| format!("{}: is no regular file", path(name).display()));
    assert_eq!(given.errors.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    for name in ["socket.wasm", "device.yaml"] {
        assert_eq!(found(&path(name)).errors[0].reason, "is no regular file");
    }
}

#[test]
fn a_pipe_may_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.rego");
    pipe(&path);
    let writer = path.clone();
    let writer = std::thread::spawn(move || fs::write(writer, "package p"));
    assert_eq!(found(&path).rego[0].text, "package p");
    writer.join().unwrap().unwrap();
}

#[test]
fn a_name_that_is_not_utf_8_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"caf\xe9.rego")), "package p").unwrap();
    let rego = &found(folder.path()).rego[0];
    assert_eq!(rego.name, "caf\u{fffd}");
    assert!(rego.origin.ends_with("/caf\u{fffd}.rego"), "{}", rego.origin);
}
