//! Containers of this machine by their log files: Docker's `json-file` driver, and what the container runtime interface writes for
//! pods.

use super::envelope::Envelope;
use super::files::Wanted;
use super::glob::FILES_MAX;
use super::record::Record;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DOCKER: &str = "/var/lib/docker/containers";
const PODS: &str = "/var/log/pods";
/// A container's description: Docker's have some kilobytes.
const DESCRIPTION_BYTES_MAX: u64 = 1 << 20;
/// The label by which a container says what its logs are: `[{"source":"nginx","service":"web"}]`.
const LABEL: &str = "com.datadoghq.ad.logs";

/// What is known of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Container {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) service: String,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
}

impl Container {
    /// What the container says of itself wins over the image's name, and the configuration over both.
    pub(crate) fn describe(&self, record: &mut Record) {
        let short = short_image(&self.image);
        let or = |text: &mut String, own: &str| {
            if text.is_empty() {
                text.push_str(if own.is_empty() { short } else { own });
            }
        };
        or(&mut record.service, &self.service);
        or(&mut record.source, &self.source);
        record.tags.extend(self.tags.iter().cloned());
    }
}

/// The log files of the containers that a source wants.
pub(crate) fn find(path: Option<&str>, image: Option<&str>, name: Option<&str>) -> Vec<Wanted> {
    let roots = match path {
        Some(path) => vec![PathBuf::from(path)],
        None => vec![PathBuf::from(DOCKER), PathBuf::from(PODS)],
    };
    let all = roots.iter().flat_map(|root| [docker(root), pods(root)].concat());
    let wanted = |container: &Container| {
        image.is_none_or(|i| container.image == i || short_image(&container.image) == i)
            && name.is_none_or(|n| container.name == n)
    };
    all.filter(|w| w.container.as_deref().is_none_or(wanted)).take(FILES_MAX).collect()
}

/// `ROOT/ID/ID-json.log` beside `config.v2.json`.
fn docker(root: &Path) -> Vec<Wanted> {
    let mut out = Vec::new();
    for folder in folders(root) {
        let id = name_of(&folder);
        let path = folder.join(format!("{id}-json.log"));
        if path.is_file() {
            let container = Some(Arc::new(described(&folder.join("config.v2.json"), &id)));
            out.push(Wanted { path, envelope: Envelope::DockerJson, container });
        }
    }
    out
}

/// `ROOT/NAMESPACE_POD_UID/CONTAINER/N.log`.
fn pods(root: &Path) -> Vec<Wanted> {
    let mut out = Vec::new();
    for folder in folders(root) {
        let pod = name_of(&folder);
        let mut parts = pod.splitn(3, '_');
        let (Some(namespace), Some(pod), Some(uid)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        for inner in folders(&folder) {
            let name = name_of(&inner);
            let mut tags = vec![format!("kube_namespace:{namespace}"), format!("pod_name:{pod}")];
            tags.extend([format!("kube_container_name:{name}"), format!("pod_uid:{uid}")]);
            let (service, source) = (name.clone(), name.clone());
            let container =
                Container { id: uid.to_owned(), image: name.clone(), name, service, source, tags };
            let container = Arc::new(container);
            let logs = entries(&inner).into_iter().filter(|p| p.extension().is_some_and(|e| e == "log"));
            out.extend(logs.filter(|p| p.is_file()).map(|path| Wanted {
                path,
                envelope: Envelope::Cri,
                container: Some(Arc::clone(&container)),
            }));
        }
    }
    out
}

fn described(file: &Path, id: &str) -> Container {
    let is_small = std::fs::metadata(file).is_ok_and(|m| m.len() <= DESCRIPTION_BYTES_MAX);
    let text = if is_small { std::fs::read(file).unwrap_or_default() } else { Vec::new() };
    let json: Value = serde_json::from_slice(&text).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let image = text(&json["Config"]["Image"]);
    let name = text(&json["Name"]).trim_start_matches('/').to_owned();
    let labels = &json["Config"]["Labels"];
    let own: Value = labels[LABEL].as_str().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    let mut tags = vec![format!("container_id:{id}")];
    for (key, value) in [("container_name", &name), ("docker_image", &image)] {
        if !value.is_empty() {
            tags.push(format!("{key}:{value}"));
        }
    }
    tags.push(format!("short_image:{}", short_image(&image)));
    let compose = text(&labels["com.docker.compose.service"]);
    if !compose.is_empty() {
        tags.push(format!("compose_service:{compose}"));
    }
    let unified = text(&labels["com.datadoghq.tags.service"]);
    let said = [text(&own[0]["service"]), unified, compose];
    let service = said.into_iter().find(|s| !s.is_empty()).unwrap_or_default();
    for key in ["env", "version"] {
        let value = text(&labels[format!("com.datadoghq.tags.{key}").as_str()]);
        if !value.is_empty() {
            tags.push(format!("{key}:{value}"));
        }
    }
    Container { id: id.to_owned(), name, image, service, source: text(&own[0]["source"]), tags }
}

/// `registry/team/nginx:1.2@sha256:…` is `nginx`.
fn short_image(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(['@', ':']).next().unwrap_or(last)
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    entries(dir).into_iter().filter(|p| p.is_dir()).collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<PathBuf> = read.flatten().map(|e| e.path()).take(FILES_MAX * 4).collect();
    out.sort();
    out
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
