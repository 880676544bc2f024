//! Tokens of texts that people write and programs log.

use super::*;

fn list(text: &str) -> Vec<String> {
    tokens(text).iter().map(ToString::to_string).collect()
}

#[test]
fn store_33_runs_of_letters_digits_and_underscore() {
    assert_eq!(list("GET /api/v1/user_id=42, OK!"), ["get", "api", "v1", "user_id", "42", "ok"]);
    assert!(list(" -- ").is_empty());
}

#[test]
fn store_33_folds_one_character_to_one() {
    assert_eq!(list("Straße ÄRGER ΣΊΣΥΦΟΣ"), ["straße", "ärger", "σίσυφοσ"]);
}

#[test]
fn store_33_cjk_characters_stand_alone() {
    assert_eq!(list("エラーabc漢字 x"), ["エ", "ラ", "ー", "abc", "漢", "字", "x"]);
}

#[test]
fn store_33_long_tokens_are_hashed() {
    let long = "a".repeat(65);
    let found = list(&format!("{long} b"));
    assert_eq!(found[0].len(), 32);
    assert_eq!(found, list(&format!("{} B", long.to_uppercase())));
}
