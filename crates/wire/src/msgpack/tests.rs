//! Each form of each type, forged lengths, and round trips of JSON.

use super::*;
use proptest::prelude::*;

#[test]
fn numbers_of_any_width_are_one() {
    let forms: [&[u8]; 8] = [
        &[0x07],
        &[0xcc, 7],
        &[0xcd, 0, 7],
        &[0xce, 0, 0, 0, 7],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xd0, 7],
        &[0xd1, 0, 7],
        &[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0],
    ];
    for form in forms {
        assert_eq!(Reader::new(form).uint(), Ok(7), "{form:?}");
        assert_eq!(Reader::new(form).int(), Ok(7), "{form:?}");
    }
    assert_eq!(Reader::new(&[0xff]).number(), Ok(Number::Int(-1)));
    assert_eq!(Reader::new(&[0xff]).uint(), Ok(u64::MAX));
    assert_eq!(
        Reader::new(&[0xcf, 0xff, 0, 0, 0, 0, 0, 0, 1]).number(),
        Ok(Number::Uint(0xff00_0000_0000_0001))
    );
}

#[test]
fn a_forged_length_is_told_before_anything_is_made_of_it() {
    assert_eq!(Reader::new(&[0xdd, 0xff, 0xff, 0xff, 0xff]).array(), Err(Malformed::Cut));
    assert_eq!(Reader::new(&[0xdf, 0, 0, 0, 2, 0xc0, 0xc0, 0xc0]).map(), Err(Malformed::Cut));
    assert_eq!(Reader::new(&[0xdb, 0xff, 0xff, 0xff, 0xff, b'x']).text(), Err(Malformed::Cut));
    assert_eq!(Reader::new(&[0xa3, b'a', b'b']).text(), Err(Malformed::Cut));
    assert_eq!(Reader::new(&[0xc1]).skip(), Err(Malformed::Unexpected(0xc1, "a value")));
}

#[test]
fn passing_over_a_deep_value_takes_no_stack_and_json_has_a_bound() {
    let mut deep = vec![0x91; 1_000_000];
    deep.push(0xc0);
    assert_eq!(Reader::new(&deep).skip(), Ok(()));
    assert_eq!(Reader::new(&deep).json(), Err(Malformed::TooDeep));
}

#[test]
fn nil_is_an_empty_text_array_and_map() {
    assert_eq!(Reader::new(&[0xc0]).text(), Ok(&[][..]));
    assert_eq!(Reader::new(&[0xc0]).array(), Ok(0));
    assert_eq!(Reader::new(&[0xc0]).map(), Ok(0));
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-1e9..1e9_f64).prop_map(Json::from),
        ".{0,40}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::Array),
            prop::collection::btree_map(".{0,10}", inner, 0..8)
                .prop_map(|m| Json::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_comes_back_as_it_went(json in json()) {
        let mut bytes = Vec::new();
        from_json(&json, &mut bytes);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.json(), Ok(json));
        prop_assert!(reader.is_empty());
        let mut again = Reader::new(&bytes);
        prop_assert_eq!(again.value().map(<[u8]>::len), Ok(bytes.len()));
    }

    #[test]
    fn whatever_comes_ends_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Reader::new(&bytes).json();
        let mut reader = Reader::new(&bytes);
        while reader.skip().is_ok() && !reader.is_empty() {}
    }
}
