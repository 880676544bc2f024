//! Makes sure that the folder of the built pages exists, so that a binary can be built before the pages are, and asks to be
//! run again when its files change.

fn main() {
    let dist = std::path::Path::new("../../ui/dist");
    if let Err(e) = std::fs::create_dir_all(dist) {
        println!("cargo:warning=ui/dist can't be made ({e}); the binary will have no pages");
    }
    println!("cargo:rerun-if-changed=../../ui/dist");
    println!("cargo:rerun-if-changed=build.rs");
}
