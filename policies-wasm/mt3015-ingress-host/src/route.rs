//! What an Ingress serves.

use magtape_sdk::{Value, Violation};

/// A host and a path, and where in the Ingress they are.
pub(crate) struct Route {
    /// Empty for every host.
    host: String,
    /// Without a slash at its end, which makes no difference to a prefix; but never empty.
    path: String,
    field: String,
}

/// The routes of an Ingress whose hosts are wanted. Paths of others are not read: there can be thousands of
/// Ingresses.
pub(crate) fn routes(ingress: Value, wanted: &dyn Fn(&str) -> bool) -> Vec<Route> {
    let mut routes = Vec::new();
    for (index, rule) in ingress.elements("/spec/rules").enumerate() {
        let host = rule.string("/host").unwrap_or_default();
        if wanted(&host) {
            let place = ["spec.rules[", &index.to_string(), "]"].concat();
            add(&rule, &host, &place, &mut routes);
        }
    }
    routes
}

fn add(rule: &Value, host: &str, place: &str, routes: &mut Vec<Route>) {
    let before = routes.len();
    for (index, path) in rule.elements("/http/paths").enumerate() {
        let path = path.string("/path").unwrap_or_default();
        let field = [place, ".http.paths[", &index.to_string(), "].path"].concat();
        routes.push(Route::new(host, &path, field));
    }
    // A rule without paths sends all of its host to the default backend.
    if routes.len() == before {
        routes.push(Route::new(host, "/", [place, ".host"].concat()));
    }
}

/// Compares routes with those of another Ingress. Those that have a rival there leave the list, since one
/// says enough.
pub(crate) fn judge(
    own: &mut Vec<Route>,
    name: &str,
    other: Value,
    wildcards: bool,
    violations: &mut Vec<Violation>,
) {
    let theirs = routes(other, &|host| own.iter().any(|route| overlap(&route.host, host, wildcards)));
    own.retain(|route| {
        let mut theirs = theirs.iter();
        let rival =
            theirs.find(|their| their.path == route.path && overlap(&route.host, &their.host, wildcards));
        if let Some(rival) = rival {
            violations.push(route.violation(rival, name));
        }
        rival.is_none()
    });
}

/// Whether one request can be meant for both hosts.
fn overlap(one: &str, other: &str, wildcards: bool) -> bool {
    one == other || (wildcards && (covers(one, other) || covers(other, one)))
}

/// `*.example.com` stands for one label: `www.example.com`, but not `a.b.example.com`.
fn covers(wide: &str, host: &str) -> bool {
    let label = wide.strip_prefix('*').and_then(|parent| host.strip_suffix(parent));
    wide.is_empty() || label.is_some_and(|label| label.bytes().all(|byte| byte != b'.'))
}

// === impl Route ===

impl Route {
    fn new(host: &str, mut path: &str, field: String) -> Self {
        while let Some(shorter) = path.strip_suffix('/') {
            path = shorter;
        }
        let path = if path.is_empty() { "/" } else { path };
        Self { host: host.to_owned(), path: path.to_owned(), field }
    }

    fn violation(&self, rival: &Route, name: &str) -> Violation {
        let (link, their_host) =
            if rival.host == self.host { ("", String::new()) } else { (" as ", rival.called()) };
        let (path, host) = (&self.path, self.called());
        let message =
            ["Path \"", path, "\" of ", &host, " is served by Ingress ", name, link, &their_host].concat();
        Violation::new(message).field(self.field.as_str())
    }

    /// The host as a message shows it.
    fn called(&self) -> String {
        if self.host.is_empty() { "every host".to_owned() } else { ["host \"", &self.host, "\""].concat() }
    }
}
