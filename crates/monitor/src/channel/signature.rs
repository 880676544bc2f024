//! The signature of webhooks. `X-Oriel-Timestamp` is seconds since the epoch; `X-Oriel-Signature` is `sha256=` and the hexadecimal
//! HMAC-SHA256, under the webhook's secret, of the timestamp, a full stop and the body. A receiver compares in constant time and
//! refuses old timestamps.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const TIMESTAMP_HEADER: &str = "x-oriel-timestamp";
pub const SIGNATURE_HEADER: &str = "x-oriel-signature";

/// The value of `X-Oriel-Signature`.
pub fn sign(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(timestamp_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    format!("sha256={}", digest.iter().map(|b| format!("{b:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_is_the_one_that_others_compute() {
        // python3: hmac.new(b"secret", b"1700000000.{}", "sha256").hexdigest()
        assert_eq!(
            sign("secret", 1_700_000_000, b"{}"),
            "sha256=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
        assert_ne!(sign("secret", 1, b"{}"), sign("other", 1, b"{}"));
    }
}
