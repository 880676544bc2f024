//! However a stream is cut into reads, the frames are the same.

use super::*;
use proptest::prelude::*;

fn framed(packets: &[Vec<u8>]) -> Vec<u8> {
    packets.iter().flat_map(|p| [&(p.len() as u32).to_le_bytes(), p.as_slice()].concat()).collect()
}

#[test]
fn a_frame_over_the_limit_ends_the_stream() {
    let mut frames = Frames::default();
    assert_eq!(frames.feed(&[0xff, 0xff, 0xff], |_| unreachable!("no frame yet")), Ok(()));
    assert_eq!(frames.feed(&[0xff], |_| unreachable!("too long")), Err(FrameTooLong(u32::MAX as usize)));
}

proptest! {
    #[test]
    fn cuts_do_not_matter(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..10),
        cuts in prop::collection::vec(1usize..30, 1..50),
    ) {
        let bytes = framed(&packets);
        let (mut frames, mut got, mut at) = (Frames::default(), Vec::new(), 0);
        for cut in cuts.into_iter().cycle() {
            if at >= bytes.len() {
                break;
            }
            let end = (at + cut).min(bytes.len());
            frames.feed(&bytes[at..end], |p| got.push(p.to_vec())).unwrap();
            at = end;
        }
        prop_assert_eq!(got, packets);
        prop_assert!(!frames.is_torn());
    }
}
