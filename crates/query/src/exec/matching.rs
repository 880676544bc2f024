//! A matcher against a series and the tags its host has at one time. The store selects by tags that hold at *some* time of a
//! range; where a host's tags change inside it, this decides bucket by bucket.

use oriel_model::{SeriesDef, Tags};
use oriel_store::Matcher;

/// Whether a series matches while its host has these tags.
pub(super) fn matches(matcher: &Matcher, def: &SeriesDef, host_tags: &[&str]) -> bool {
    match matcher {
        Matcher::All => true,
        Matcher::And(parts) => parts.iter().all(|p| matches(p, def, host_tags)),
        Matcher::Or(parts) => parts.iter().any(|p| matches(p, def, host_tags)),
        Matcher::Not(inner) => !matches(inner, def, host_tags),
        Matcher::Bare(tag) => def.tags.iter().any(|t| t == tag) || host_tags.contains(&tag.as_str()),
        Matcher::Equals { key, value } => any_value(def, host_tags, key, |v| v == value),
        Matcher::Glob { key, pattern } => any_value(def, host_tags, key, |v| glob(pattern, v)),
    }
}

fn any_value(def: &SeriesDef, host_tags: &[&str], key: &str, accept: impl Fn(&str) -> bool) -> bool {
    if key == "host" && !def.host.is_empty() && accept(&def.host) {
        return true;
    }
    def.tags.values(key).any(&accept) || host_values(host_tags, key).any(accept)
}

/// The values that a host's tags give a key.
pub(super) fn host_values<'a>(host_tags: &'a [&str], key: &'a str) -> impl Iterator<Item = &'a str> {
    host_tags.iter().filter_map(move |tag| match Tags::split(tag) {
        (k, Some(v)) if k == key => Some(v),
        _ => None,
    })
}

/// `*` stands for any run.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
