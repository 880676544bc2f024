//! Tags in their one canonical form, the only input of a series' identity besides name and host (STORE 1).
//!
//! Canonical: byte-sorted, exact duplicates removed, `k:a` and `k:b` both kept, an empty text absent; `k` is not `k:`.
//! A decoder applies its protocol's own naming rules *before* it comes here; nothing is lower-cased or cut in this file.

use std::fmt;
use std::sync::Arc;

/// The version of the canonical form; stored beside the identity key, so that a change can be told.
pub const CANONICAL_VERSION: u8 = 1;

/// A canonical tag list. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags(Arc<[Box<str>]>);

impl Tags {
    /// Sorts, removes exact duplicates and empty texts.
    pub fn canonical<I, S>(tags: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<Box<str>>,
    {
        let mut list: Vec<Box<str>> = tags.into_iter().map(Into::into).filter(|t| !t.is_empty()).collect();
        list.sort_unstable();
        list.dedup();
        Self(list.into())
    }

    pub fn empty() -> Self {
        Self(Arc::from([]))
    }

    /// Each tag as written, `key:value` or a bare `key`, in byte order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.iter().map(AsRef::as_ref)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of a key, in byte order. A bare tag `key` has no value and is not among them.
    pub fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.iter().filter_map(move |tag| match split(tag) {
            (k, Some(v)) if k == key => Some(v),
            _ => None,
        })
    }

    /// The first value of a key.
    pub fn value<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.values(key).next()
    }

    /// Length-prefixed bytes (u32 little-endian length, then the text, for each tag): the form that is hashed and logged.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for tag in self.iter() {
            out.extend_from_slice(&u32::try_from(tag.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(tag.as_bytes());
        }
    }

    /// The reverse of [`Tags::encode`]; `None` when the bytes are not such a list.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut list: Vec<Box<str>> = Vec::new();
        while !bytes.is_empty() {
            let (len, rest) = bytes.split_first_chunk::<4>()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            list.push(std::str::from_utf8(text).ok()?.into());
            bytes = rest;
        }
        Some(Self::canonical(list))
    }
}

/// Splits a tag at its first colon: `("key", Some("value"))`, or `("key", None)` for a bare tag.
pub(crate) fn split(tag: &str) -> (&str, Option<&str>) {
    match tag.split_once(':') {
        Some((k, v)) => (k, Some(v)),
        None => (tag, None),
    }
}

impl Tags {
    /// Splits a tag at its first colon: `("key", Some("value"))`, or `("key", None)` for a bare tag.
    pub fn split(tag: &str) -> (&str, Option<&str>) {
        split(tag)
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
