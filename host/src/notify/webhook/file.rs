//! Reads the file of receivers and routes. Whatever in it is not understood is an error, with its place; no error shows a
//! URL.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Credentials, Format, Route, Webhook, route::Outcome, secret};
use crate::{
    notify::{Client, Endpoint, Location, Network, Secret},
    policy::Glob,
    shorten, yaml,
};

/// Far more than a file with all that is allowed has.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Each receiver has a task, a queue and connections.
const MAX_RECEIVERS: usize = 16;

/// Each route is looked at for each notification.
const MAX_ROUTES: usize = 100;

/// Names are in logs and metrics.
const MAX_NAME_CHARS: usize = 40;

/// Names that other sinks have.
const TAKEN: [&str; 3] = ["events", "slack", "slack-namespace"];

/// Why a file of receivers cannot be used: where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {place}{cause}")]
pub struct ReceiverError {
    path: String,
    place: String,
    cause: String,
}

/// What is wrong, and where in the document.
struct Wrong {
    place: String,
    cause: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenReceiver {
    name: String,
    format: Option<String>,
    url: Option<String>,
    url_file: Option<PathBuf>,
    bearer_token_file: Option<PathBuf>,
    signing_key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    networks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRoute {
    receivers: Vec<String>,
    #[serde(default)]
    namespaces: Vec<String>,
    #[serde(default)]
    severities: Vec<String>,
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    outcomes: Vec<String>,
}

/// A route, and to whom it leads.
struct Leading {
    to: Vec<String>,
    route: Route,
}

/// Reads the receivers of a file, each with its routes.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(path: &Path) -> Result<Vec<Webhook>, ReceiverError> {
    let wrong = |Wrong { place, cause }| ReceiverError { path: path.display().to_string(), place, cause };
    document(path).and_then(|document| receivers(&document)).map_err(wrong)
}

fn document(path: &Path) -> Result<Value, Wrong> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| Wrong::at("", error))?;
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(|error| Wrong::at("", error))?;
    // Where it is wrong is enough: the text of the error may show a part of the document.
    yaml::parse(&text).map_err(|error| {
        Wrong::at("", format!("line {}, column {} is not YAML", error.line(), error.column()))
    })
}

fn receivers(document: &Value) -> Result<Vec<Webhook>, Wrong> {
    let sections =
        document.as_object().ok_or_else(|| Wrong::at("", "it has to have receivers and routes"))?;
    if let Some(unknown) = sections.keys().find(|key| !matches!(key.as_str(), "receivers" | "routes")) {
        return Err(Wrong::at(
            "",
            format!("unknown section {}: there are receivers and routes", short(unknown)),
        ));
    }
    let routes = each(sections, "routes", MAX_ROUTES, route)?;
    let mut receivers = each(sections, "receivers", MAX_RECEIVERS, receiver)?;
    let mut names = BTreeSet::new();
    for (number, receiver) in receivers.iter_mut().enumerate() {
        let place = format!("receivers[{number}].name: ");
        if !names.insert(receiver.name.clone()) {
            return Err(Wrong { place, cause: "another receiver has it".to_owned() });
        }
        let leading = routes.iter().filter(|leading| leading.to.contains(&receiver.name));
        receiver.routes = leading.map(|leading| leading.route.clone()).collect();
        if receiver.routes.is_empty() {
            return Err(Wrong { place, cause: "no route leads to it; add one, or leave it out".to_owned() });
        }
    }
    for (number, leading) in routes.iter().enumerate() {
        if let Some(unknown) = leading.to.iter().find(|name| !names.contains(*name)) {
            return Err(Wrong::at(
                &format!("routes[{number}]"),
                format!("there is no receiver {}", short(unknown)),
            ));
        }
    }
    Ok(receivers)
}

/// What each item of a section means.
fn each<T>(
    sections: &Map<String, Value>,
    name: &str,
    most: usize,
    read: impl Fn(&Value) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let items =
        sections.get(name).and_then(Value::as_array).filter(|items| (1..=most).contains(&items.len()));
    let items = items.ok_or_else(|| Wrong::at(name, format!("has to be a list of 1 to {most}")))?;
    let within = |(number, item)| {
        read(item)
            .map_err(|wrong| Wrong { place: format!("{name}[{number}]{}", wrong.place), cause: wrong.cause })
    };
    items.iter().enumerate().map(within).collect()
}

/// The fields of an item. What has another type may be a URL, and is not shown.
fn fields<T: DeserializeOwned>(item: &Value, known: &str) -> Result<T, Wrong> {
    T::deserialize(item).map_err(|error| {
        let error = error.to_string();
        let is_named = error.starts_with("missing field") || error.starts_with("unknown field");
        let cause = if is_named { error } else { "something has another type".to_owned() };
        Wrong { place: ": ".to_owned(), cause: format!("{cause}; there are {known}") }
    })
}

fn receiver(item: &Value) -> Result<Webhook, Wrong> {
    let written: WrittenReceiver = fields(
        item,
        "name, format, url or urlFile, bearerTokenFile, signingKeyFile, caFile, all of them texts, and networks, a list of texts",
    )?;
    let in_field = |field: &str, cause: String| Wrong { place: format!(".{field}: "), cause };
    if !is_name(&written.name) {
        let cause = format!(
            "has to be lower case letters, digits and -, at most {MAX_NAME_CHARS}, and none of {}",
            TAKEN.join(", ")
        );
        return Err(in_field("name", cause));
    }
    let networks: Result<Vec<Network>, _> = written.networks.iter().map(|network| network.parse()).collect();
    let networks = networks.map_err(|error| in_field("networks", error.to_string()))?;
    let client = Client::new(written.ca_file.as_deref(), &networks);
    let credentials = Credentials {
        bearer_token: written.bearer_token_file.clone(),
        signing_key: written.signing_key_file.clone(),
    };
    credentials
        .headers(b"")
        .map_err(|fault| in_field("bearerTokenFile or signingKeyFile", fault.to_string()))?;
    Ok(Webhook {
        format: format(written.format.as_deref())
            .ok_or_else(|| in_field("format", "has to be cloudevents, teams or alertmanager".to_owned()))?,
        client: client.map_err(|error| in_field("caFile", error.to_string()))?,
        at: location(&written).map_err(|cause| in_field("url or urlFile", cause))?,
        name: written.name,
        credentials,
        routes: Vec::new(),
    })
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME_CHARS).contains(&name.len()) && name.bytes().all(is_plain) && !TAKEN.contains(&name)
}

fn format(text: Option<&str>) -> Option<Format> {
    match text {
        None | Some("cloudevents") => Some(Format::CloudEvents),
        Some("teams") => Some(Format::Teams),
        Some("alertmanager") => Some(Format::Alertmanager),
        Some(_) => None,
    }
}

fn location(written: &WrittenReceiver) -> Result<Location, String> {
    match (&written.url, &written.url_file) {
        (Some(url), None) => Endpoint::parse(url).map(Location::Url).map_err(|error| error.to_string()),
        (None, Some(path)) => {
            let url: Secret = secret(path, "URL").map_err(|fault| fault.to_string())?;
            let checked = Endpoint::parse(url.expose()).map_err(|error| error.to_string());
            checked.map(|_| Location::File(path.clone()))
        }
        _ => Err("one of the two has to be there".to_owned()),
    }
}

fn route(item: &Value) -> Result<Leading, Wrong> {
    let written: WrittenRoute = fields(
        item,
        "receivers and, if they are to be told of less than everything, namespaces, severities, policies, codes and outcomes, all of them lists of texts",
    )?;
    if written.receivers.is_empty() {
        return Err(Wrong { place: ".receivers: ".to_owned(), cause: "names none".to_owned() });
    }
    let globs = |field, texts| {
        parsed(field, texts, Glob::parse, "a name in which * stands for any run of characters")
    };
    let route = Route {
        namespaces: globs("namespaces", &written.namespaces)?,
        severities: parsed("severities", &written.severities, |text| text.parse().ok(), "LOW, MED or HIGH")?,
        policies: globs("policies", &written.policies)?,
        codes: globs("codes", &written.codes)?,
        outcomes: parsed("outcomes", &written.outcomes, Outcome::parse, "denied, warned or failed")?,
    };
    Ok(Leading { to: written.receivers, route })
}

fn parsed<T>(
    field: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Option<T>,
    known: &str,
) -> Result<Vec<T>, Wrong> {
    let one = |text: &String| {
        let cause = || format!("has {}; an entry is {known}", short(text));
        parse(text).ok_or_else(|| Wrong { place: format!(".{field}: "), cause: cause() })
    };
    texts.iter().map(one).collect()
}

/// As much of a name as an error shows.
fn short(text: &str) -> String {
    format!("{:?}", shorten::first(text, 40))
}

// === impl Wrong ===

impl Wrong {
    fn at(place: &str, cause: impl ToString) -> Self {
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        Self { place, cause: cause.to_string() }
    }
}
