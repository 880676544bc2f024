//! What a machine can check of the house's rules: arrows between rooms, heads and sizes of files, words that are not names,
//! links of ARCHITECTURE.md. Each finding is a line that says where and what to do.

mod files;
mod links;
mod rooms;

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// All findings, in a stable order.
pub(crate) fn run(root: &Path) -> Vec<String> {
    let tracked = tracked_files(root);
    let mut findings = rooms::check(root);
    findings.extend(files::check(root, &tracked));
    findings.extend(links::check(root));
    findings
}

/// Files that git knows or would add.
fn tracked_files(root: &Path) -> Vec<String> {
    let out = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output();
    let Ok(out) = out else { return vec![] };
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines().map(str::to_owned).filter(|f| root.join(f).is_file()).collect()
}

#[cfg(test)]
mod tests;
