//! Values: any bits come back; damaged bytes never panic.

use super::*;
use proptest::prelude::*;

fn round_trip(values: &[f64], effort: Effort) {
    let mut blob = Vec::new();
    encode(values, effort, &mut blob).unwrap();
    let mut back = vec![1.0; 3];
    decode(&blob, values.len(), &mut back).unwrap();
    let bits = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(values), bits(&back));
}

/// Bits of any kind: payloads of NaN, infinities, both zeros, whole numbers, decimals.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-1000i64..1000).prop_map(|v| v as f64),
        (-1000i64..1000).prop_map(|v| v as f64 / 100.0),
        Just(f64::from_bits(0x7ff0_0000_0000_0002)),
        Just(-0.0),
        Just(0.0),
        Just((1i64 << 53) as f64),
        Just(i64::MIN as f64),
        Just(i64::MAX as f64),
    ]
}

proptest! {
    #[test]
    fn store_13_values_are_bit_exact(values in prop::collection::vec(any_value(), 1..600)) {
        round_trip(&values, Effort::Fast);
        round_trip(&values, Effort::Full);
    }

    #[test]
    fn store_13_whole_numbers_are_bit_exact(
        start in -(1i64 << 53)..(1i64 << 53),
        steps in prop::collection::vec(0i64..100_000, 1..500),
    ) {
        let values: Vec<f64> = steps
            .iter()
            .scan(start, |at, step| {
                *at += step;
                Some(*at as f64)
            })
            .collect();
        round_trip(&values, Effort::Full);
    }

    #[test]
    fn damaged_values_are_an_error_or_other_numbers_never_a_panic(
        values in prop::collection::vec(any_value(), 1..300),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut blob = Vec::new();
        encode(&values, Effort::Full, &mut blob).unwrap();
        let mut out = Vec::new();
        let _ = decode(&blob[..cut.index(blob.len())], values.len(), &mut out);
        let at = at.index(blob.len());
        blob[at] ^= flip;
        if decode(&blob, values.len(), &mut out).is_ok() {
            prop_assert_eq!(out.len(), values.len());
        }
    }
}

#[test]
fn a_constant_takes_nine_bytes() {
    let mut blob = Vec::new();
    encode(&[f64::from_bits(0x7ff0_0000_0000_0002); 240], Effort::Fast, &mut blob).unwrap();
    assert_eq!(blob.len(), 9);
}

#[test]
fn nothing_to_encode_or_decode_is_an_error() {
    assert!(encode(&[], Effort::Fast, &mut Vec::new()).is_err());
    assert!(decode(&[], 1, &mut Vec::new()).is_err());
    assert!(decode(&[9, 0], 1, &mut Vec::new()).is_err());
    assert!(decode(&[0, 0], 1, &mut Vec::new()).is_err());
}
