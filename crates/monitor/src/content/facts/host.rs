//! `{{host.ip}}`, `{{host.metadata_platform}}`, and every tag of the host: `{{host.datacenter}}`.

use super::Facts;
use crate::template::Fact;
use serde_json::Value as Json;

impl Facts<'_> {
    pub(super) fn of_host(&self, rest: &str) -> Option<Fact> {
        let name = self.host()?;
        if rest == "name" {
            return Some(Fact::Text(name.to_owned()));
        }
        let metadata = rest.strip_prefix("metadata_").or_else(|| rest.strip_prefix("metadata."));
        if let Some(key) = metadata.or((rest == "ip").then_some("ip")) {
            let found = self.host.as_ref().and_then(|host| metadata_of(host, key));
            return Some(found.map_or(Fact::Nothing, fact));
        }
        match self.host_tag(rest) {
            Some(value) => Some(Fact::Text(value)),
            None => self.is_host_tag(rest).then_some(Fact::Nothing),
        }
    }

    /// The values of a tag of this host, `a,b` when there are several.
    fn host_tag(&self, key: &str) -> Option<String> {
        let tags = self.host.as_ref()?.get("tags")?.as_array()?;
        let of_key = |tag: &Json| Some(tag.as_str()?.strip_prefix(key)?.strip_prefix(':')?.to_owned());
        let mut values: Vec<String> = tags.iter().filter_map(of_key).collect();
        values.sort_unstable();
        values.dedup();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// Whether any host has the tag.
    fn is_host_tag(&self, key: &str) -> bool {
        self.setting.source.host_tag_keys(self.notice.org()).iter().any(|known| known == key)
    }
}

/// Agents say what a host is in `meta`: its kind of machine in `systemStats`, addresses and numbers of the hardware in `gohai`.
fn metadata_of(host: &Json, key: &str) -> Option<Json> {
    let path = format!("/{}", key.replace('.', "/"));
    let meta = host.get("meta");
    let plain = host.get(key).or_else(|| host.pointer(&path)).filter(|v| !v.is_object());
    let of_meta = |pointer: &str| meta.and_then(|meta| meta.pointer(pointer));
    let found = plain.or_else(|| of_meta(&format!("/systemStats/{key}"))).or_else(|| of_meta(&path));
    if let Some(found) = found {
        return Some(found.clone());
    }
    let gohai = meta?.get("gohai")?;
    let gohai: Json = gohai.as_str().map_or_else(|| Some(gohai.clone()), |t| serde_json::from_str(t).ok())?;
    let pointers: &[&str] = match key {
        "ip" => &["/network/ipaddress"],
        "processor" => &["/cpu/model_name", "/platform/processor"],
        "machine" => &["/platform/machine"],
        "platform" => &["/platform/os"],
        _ => &[],
    };
    pointers.iter().find_map(|pointer| gohai.pointer(pointer)).cloned()
}

fn fact(json: Json) -> Fact {
    match json {
        Json::String(text) => Fact::Text(text),
        Json::Number(n) => n.as_f64().map_or(Fact::Nothing, Fact::Number),
        Json::Null => Fact::Nothing,
        other => Fact::Text(other.to_string()),
    }
}
