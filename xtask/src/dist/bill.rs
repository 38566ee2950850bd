//! The bill of materials, as CycloneDX 1.5 in JSON (<https://cyclonedx.org/docs/1.5/json/>). It has no serial number and no
//! time, so that the same parts make the same bytes.

use serde_json::{Value, json};

use super::parts::Part;

/// The bill of a program that is made of these crates, of which the first is its own, and of these modules.
pub(super) fn write(crates: &[Part], modules: &[Part]) -> String {
    let Some((program, crates)) = crates.split_first() else { return String::new() };
    let parts = || crates.iter().chain(modules);
    let uses = |part: &Part| json!({"ref": part.purl, "dependsOn": part.uses});
    // Who looks into the program finds the compiler's modules there too.
    let all = program.uses.iter().chain(modules.iter().map(|module| &module.purl)).collect::<Vec<_>>();
    let dependencies: Vec<_> =
        [json!({"ref": program.purl, "dependsOn": all})].into_iter().chain(parts().map(uses)).collect();
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(program, "application")},
        "components": parts().map(|part| component(part, "library")).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    format!("{bill:#}\n")
}

fn component(part: &Part, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    });
    if let (Some(licence), Some(fields)) = (&part.licence, component.as_object_mut()) {
        fields.insert("licenses".to_owned(), json!([{"expression": licence}]));
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, licence: Option<&str>, uses: &[&str]) -> Part {
        Part {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            purl: format!("pkg:cargo/{name}@1.0.0"),
            licence: licence.map(str::to_owned),
            folder: None,
            uses: uses.iter().map(|used| format!("pkg:cargo/{used}@1.0.0")).collect(),
        }
    }

    #[test]
    fn every_part_is_there_once_and_what_uses_it() {
        let crates = [part("program", None, &["one"]), part("one", Some("MIT OR Apache-2.0"), &[])];
        let text = write(&crates, &[part("module", None, &[])]);
        let bill: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.5")));
        assert_eq!(bill["metadata"]["component"]["type"], "application");
        let names: Vec<_> = bill["components"].as_array().unwrap().iter().map(|part| &part["name"]).collect();
        assert_eq!(names, ["one", "module"]);
        assert_eq!(bill["components"][0]["licenses"], json!([{"expression": "MIT OR Apache-2.0"}]));
        let used = &bill["dependencies"][0]["dependsOn"];
        assert_eq!(used, &json!(["pkg:cargo/one@1.0.0", "pkg:cargo/module@1.0.0"]));
    }
}
