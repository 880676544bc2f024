//! Making and hashing secrets. Random ones (keys, tokens) are at least 128 bits and are kept as SHA-256; passwords are
//! people's and are kept as argon2id with the crate's default cost.

use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rand::RngExt;
use sha2::{Digest, Sha256};

/// Random lower-case hexadecimal text of `bytes` random bytes.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::rng().fill(&mut buffer[..]);
    hex(&buffer)
}

/// A random positive id below 2^53, so that it survives JSON readers that know only doubles.
pub(crate) fn random_id() -> i64 {
    i64::from_be_bytes(rand::rng().random::<[u8; 8]>()) & ((1 << 53) - 1) | 1
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// SHA-256 of a secret, raw.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// SHA-256 of a secret as text, the form of the tables.
pub(crate) fn digest_hex(secret: &str) -> String {
    hex(&digest(secret))
}

pub(crate) async fn hash_password(password: String) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|h: argon2::password_hash::phc::PasswordHash| h.to_string())
    });
    hashed.await.map_err(|e| Error::Hash(e.to_string()))?.map_err(|e| Error::Hash(e.to_string()))
}

pub(crate) async fn verify_password(password: String, hashed: String) -> bool {
    let verified = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hashed)
            .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
    });
    verified.await.unwrap_or(false)
}
