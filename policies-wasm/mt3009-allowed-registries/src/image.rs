//! What the name of an image means, as container runtimes read it.

/// `registry.example.com:5000/team/app:1.2@sha256:…` without its tag and digest.
pub(crate) fn without_version(image: &str) -> &str {
    let mut end = image.len();
    for (index, byte) in image.bytes().enumerate() {
        match byte {
            b':' => end = index,
            // The colon before a slash began the port of a registry.
            b'/' => end = image.len(),
            b'@' => {
                end = end.min(index);
                break;
            }
            _ => {}
        }
    }
    image.get(..end).unwrap_or(image)
}

/// The registry that a name begins with, and the rest. Other names are those of Docker Hub: what stands
/// before their first slash cannot be a host.
pub(crate) fn registry(name: &str) -> Option<(&str, &str)> {
    let slash = name.bytes().position(|byte| byte == b'/')?;
    let (first, rest) = (name.get(..slash)?, name.get(slash + 1..)?);
    let host = first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':' | b'A'..=b'Z'));
    host.then_some((first, rest))
}

/// The name with what may be left out: `nginx` is `docker.io/library/nginx`.
pub(crate) fn full(name: &str) -> String {
    let path = match registry(name) {
        Some(("docker.io" | "index.docker.io", path)) => path,
        Some(_) => return name.to_owned(),
        None => name,
    };
    let library = if path.bytes().any(|byte| byte == b'/') { "" } else { "library/" };
    ["docker.io/", library, path].concat()
}

/// Whether a full name is in a registry, or below a path there. Only whole parts count: `example.com` does
/// not begin `example.com.evil.org`.
pub(crate) fn is_below(name: &str, registry: &str) -> bool {
    let registry = registry.strip_suffix('/').unwrap_or(registry);
    let rest = name.strip_prefix(registry).filter(|_| !registry.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
