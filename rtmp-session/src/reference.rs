//! References to URLs: RFC 3986, section 5. See ERTMP-93.

/// A URL, or the end of one. Its fragment is left out.
struct Reference<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

/// The URL that `reference` means where `base` is: section 5.2. `base` is whole.
pub(crate) fn resolve(base: &str, reference: &str) -> String {
    let (base, given) = (Reference::parse(base), Reference::parse(reference));
    let scheme = given.scheme.or(base.scheme);
    if given.scheme.is_some() || given.authority.is_some() {
        return recompose(scheme, given.authority, &without_dots(given.path), given.query);
    }
    if given.path.is_empty() {
        return recompose(scheme, base.authority, base.path, given.query.or(base.query));
    }
    let folder = match given.path.strip_prefix('/') {
        Some(_) => "",
        None => base.path.rfind('/').map_or("/", |slash| &base.path[..=slash]),
    };
    recompose(scheme, base.authority, &without_dots(&[folder, given.path].concat()), given.query)
}

impl<'a> Reference<'a> {
    fn parse(text: &'a str) -> Self {
        let text = text.split('#').next().unwrap_or_default();
        let (text, query) = text.split_once('?').map_or((text, None), |(text, query)| (text, Some(query)));
        let (scheme, text) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (authority, path) = match text.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, text),
        };
        Self { scheme, authority, path, query }
    }
}

/// Section 5.3.
fn recompose(scheme: Option<&str>, authority: Option<&str>, path: &str, query: Option<&str>) -> String {
    let mut url = String::new();
    for (before, part, behind) in [("", scheme, ":"), ("//", authority, ""), ("", Some(path), ""), ("?", query, "")] {
        url.extend(part.into_iter().flat_map(|part| [before, part, behind]));
    }
    url
}

/// Section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    let mut is_folder = false;
    for segment in path.split('/') {
        is_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            // The empty segment in front of the first slash stays.
            ".." if kept.len() > 1 => drop(kept.pop()),
            ".." => {}
            _ => kept.push(segment),
        }
    }
    if is_folder {
        kept.push("");
    }
    kept.join("/")
}

/// Section 3.1.
fn is_scheme(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter))
}
