//! Every encoding, frames in a row, bombs and damage.

use super::*;
use std::io::Write;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}

fn raw(data: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}

fn zst(data: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(data, 1).unwrap()
}

fn framed(data: &[u8]) -> Vec<u8> {
    let mut e = snap::write::FrameEncoder::new(Vec::new());
    e.write_all(data).unwrap();
    e.into_inner().unwrap()
}

fn block(data: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(data).unwrap()
}

#[test]
fn every_encoding_and_two_frames_in_a_row() {
    let (a, b) = (b"hello ".as_slice(), b"world".as_slice());
    let whole = b"hello world".as_slice();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("identity", whole.to_vec()),
        ("", whole.to_vec()),
        ("gzip", gzip(whole)),
        ("GZIP", [gzip(a), gzip(b)].concat()),
        ("deflate", zlib(whole)),
        ("deflate", [zlib(a), zlib(b)].concat()),
        ("deflate", raw(whole)),
        ("zstd", [zst(a), zst(b)].concat()),
        ("zstd1", zst(whole)),
        ("snappy", block(whole)),
        ("snappy", framed(whole)),
        ("gzip, zstd", zst(&gzip(whole))),
    ];
    for (encoding, body) in cases {
        assert_eq!(decode(Some(encoding), &body, 100).unwrap(), whole, "{encoding}");
    }
    assert!(matches!(decode(None, whole, 100).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let zeros = vec![0; 1 << 20];
    let bodies =
        [("gzip", gzip(&zeros)), ("deflate", zlib(&zeros)), ("zstd", zst(&zeros)), ("snappy", block(&zeros))];
    for (encoding, body) in bodies {
        assert_eq!(decode(Some(encoding), &body, 1000), Err(Error::TooLarge { limit: 1000 }), "{encoding}");
        assert_eq!(decode(Some(encoding), &body, 1 << 20).unwrap().len(), 1 << 20, "{encoding}");
    }
    assert_eq!(decode(None, &zeros, 10), Err(Error::TooLarge { limit: 10 }));
    // Says 4 GiB, is nothing.
    assert!(decode(Some("snappy"), b"\xff\xff\xff\xff\x0f\0", 8 << 30).is_err());
}

#[test]
fn a_raw_stream_that_begins_like_zlib_is_read() {
    // A stored block of 29 bytes; its first two, 0x08 and 0x1d, are method 8 and a multiple of 31.
    let stored = [&[0x08, 0x1d, 0x00, 0xe2, 0xff], [7; 0x1d].as_slice()].concat();
    assert!(is_zlib(&stored));
    let closed = [stored.as_slice(), &[0x01, 0x00, 0x00, 0xff, 0xff]].concat();
    assert_eq!(decode(Some("deflate"), &closed, 100).unwrap(), [7; 0x1d].as_slice());
}

#[test]
fn damage_is_named() {
    for encoding in ["gzip", "deflate", "zstd", "snappy"] {
        let error = decode(Some(encoding), b"\xffnot compressed at all", 1 << 20).unwrap_err();
        assert!(matches!(error, Error::BadCompression { .. }), "{encoding}: {error}");
    }
    let cut = &gzip(b"hello world")[..15];
    assert!(decode(Some("gzip"), cut, 1000).is_err());
    assert!(matches!(decode(Some("br"), b"", 1000), Err(Error::UnknownEncoding(_))));
}
