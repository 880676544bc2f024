//! Patterns on a real folder.

use super::*;

#[test]
fn files_by_pattern() {
    let dir = tempfile::tempdir().unwrap();
    for path in ["a.log", "b.log", "b.log.1", ".hidden.log", "sub/c.log", "sub/deep/d.log", "sub/x1.txt"] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let names = |pattern: &str| -> Vec<String> {
        let found = find(&format!("{}/{pattern}", dir.path().display()));
        found.iter().map(|p| p.strip_prefix(dir.path()).unwrap().display().to_string()).collect()
    };
    assert_eq!(names("*.log"), ["a.log", "b.log"]);
    assert_eq!(names("b.log*"), ["b.log", "b.log.1"]);
    assert_eq!(names("?.log"), ["a.log", "b.log"]);
    assert_eq!(names("[!a].log"), ["b.log"]);
    assert_eq!(names("[ab].log.[0-9]"), ["b.log.1"]);
    assert_eq!(names("*/c.log"), ["sub/c.log"]);
    assert_eq!(names("**/*.log"), ["a.log", "b.log", "sub/c.log", "sub/deep/d.log"]);
    assert_eq!(names("a.log"), ["a.log"]);
    assert!(names("none.log").is_empty() && names("sub").is_empty());
    assert!(matches("/var/log/*.gz", Path::new("/var/log/x.gz")));
    assert!(!matches("/var/log/*.gz", Path::new("/var/log/sub/x.gz")));
    assert!(matches("/var/**/*.gz", Path::new("/var/log/sub/x.gz")));
}
