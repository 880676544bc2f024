//! Searches of processes become filters.

use super::filter;

#[test]
fn words_phrases_and_their_connections() {
    let of = |search: &str| filter(search).unwrap().unwrap_or_default();
    assert_eq!(of(""), "");
    assert_eq!(of("*"), "");
    assert_eq!(of("Nginx"), "(process:*nginx* OR command:*nginx*)");
    assert_eq!(of("a user:root"), "(process:*a* OR command:*a*) AND user:root");
    assert_eq!(of("user:a OR (user:b !user:c)"), "(user:a OR ( user:b AND NOT user:c ))");
    assert_eq!(of("\"java  -jar\" -user:x"), "(process:*java*-jar* OR command:*java*-jar*) AND NOT user:x");
    assert!(filter("\"a").is_err());
    assert!(filter("a{b}").is_err());
}
