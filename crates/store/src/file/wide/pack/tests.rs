//! What is packed comes back, and no bytes make a decoder panic.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn hybrid_comes_back(runs in prop::collection::vec((0u32..9, 1usize..40), 0..60)) {
        let values: Vec<u32> = runs.iter().flat_map(|&(v, n)| std::iter::repeat_n(v, n)).collect();
        let mut out = Vec::new();
        put_hybrid(&values, 4, &mut out);
        prop_assert_eq!(take_hybrid(&out, 4, values.len()).unwrap(), values);
    }

    #[test]
    fn hybrid_of_any_width(values in prop::collection::vec(any::<u32>(), 0..300), width in 1u32..=32) {
        let values: Vec<u32> = values.iter().map(|v| v >> (32 - width)).collect();
        let mut out = Vec::new();
        put_hybrid(&values, width, &mut out);
        prop_assert_eq!(take_hybrid(&out, width, values.len()).unwrap(), values);
    }

    #[test]
    fn deltas_come_back(values in prop::collection::vec(any::<i64>(), 0..300), shift in 0u32..64) {
        let values: Vec<i64> = values.iter().map(|v| v >> shift).collect();
        let mut out = Vec::new();
        put_delta(&values, &mut out);
        out.extend_from_slice(b"rest");
        let (back, rest) = take_delta(&out, values.len()).unwrap();
        prop_assert_eq!(back, values);
        prop_assert_eq!(rest, b"rest");
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200), n in 0usize..400, width in 0u32..40) {
        let _ = take_hybrid(&bytes, width, n);
        let _ = take_delta(&bytes, n);
        let mut with_head = vec![0x80, 0x01, 4];
        put_varint(n as u64, &mut with_head);
        with_head.extend_from_slice(&bytes);
        let _ = take_delta(&with_head, n);
    }
}
