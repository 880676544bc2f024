//! The tag field: what becomes a tag, and what says something else.

use oriel_model::normalise_tag;

/// A tag field read: tags as Datadog stores them, and the host when a tag names one (empty: no host).
#[derive(Debug, Default, PartialEq)]
pub(super) struct TagField {
    pub(super) host: Option<String>,
    pub(super) tags: Vec<String>,
}

pub(super) fn read(field: &[u8]) -> TagField {
    let mut out = TagField::default();
    for tag in field.split(|&b| b == b',') {
        let lossy = String::from_utf8_lossy(tag);
        let tag = lossy.trim();
        if let Some(host) = strip_prefix(tag, "host:") {
            out.host = Some(host.trim().to_owned());
        } else if strip_prefix(tag, "dd.internal.").is_none()
            && strip_prefix(tag, "jmx_check_name:").is_none()
        {
            let tag = normalise_tag(tag);
            if !tag.is_empty() {
                out.tags.push(tag.into_owned());
            }
        }
    }
    out
}

/// The rest after a prefix, whatever the case of its letters.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}
