//! What is written is read back, and damage is an error, never a panic.

use super::*;
use proptest::prelude::*;

#[test]
fn every_wire_type() {
    let mut w = Writer::default();
    w.int(1, -1);
    w.double(2, 1.5);
    w.text(3, "é");
    w.packed_signed(4, [-1_i64, 0, 300].into_iter());
    w.varint(5, 0);
    w.text(6, "");
    let bytes = w.finish();
    let mut fields = Fields::new(&bytes);
    assert_eq!(fields.next().unwrap().map(|(n, v)| (n, v.int())), Some((1, -1)));
    assert_eq!(fields.next().unwrap().map(|(n, v)| (n, v.double())), Some((2, 1.5)));
    assert_eq!(fields.next().unwrap(), Some((3, Value::Bytes("é".as_bytes()))));
    let (_, packed) = fields.next().unwrap().unwrap();
    let mut list = Vec::new();
    repeated(packed, &mut list).unwrap();
    repeated(Value::Varint(1), &mut list).unwrap();
    assert_eq!(list.into_iter().map(unzigzag).collect::<Vec<_>>(), [-1, 0, 300, -1]);
    assert_eq!(fields.next().unwrap(), None);
}

#[test]
fn damage_is_told_apart() {
    let of = |bytes: &[u8]| Fields::new(bytes).next().unwrap_err();
    assert_eq!(of(&[0x0a, 5, 1]), Malformed::Cut);
    assert_eq!(of(&[0x08, 0x80]), Malformed::Cut);
    assert_eq!(of(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]), Malformed::Varint);
    assert_eq!(of(&[0x0b]), Malformed::WireType(3));
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut fields = Fields::new(&bytes);
        while let Ok(Some(_)) = fields.next() {}
    }

    #[test]
    fn zigzag_goes_both_ways(n in any::<i64>()) {
        prop_assert_eq!(unzigzag(zigzag(n)), n);
    }
}
