//! What a server's certificate says.

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::x509::X509Name;

#[derive(Clone, Debug, Default)]
pub(super) struct Certificate {
    /// Until it ends; negative when it has.
    pub(super) days_left: f64,
    /// By the names that assertions use: `issuer.CN`, `subject.altName` …
    properties: BTreeMap<String, String>,
}

impl Certificate {
    pub(super) fn read(der: &CertificateDer<'_>) -> Result<Self, String> {
        let (_, parsed) = x509_parser::parse_x509_certificate(der.as_ref())
            .map_err(|e| format!("the certificate can't be read: {e}"))?;
        let ends_s = parsed.validity().not_after.timestamp() as f64;
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let mut properties = BTreeMap::new();
        let mut put = |name: &str, value: String| properties.insert(name.to_owned(), value);
        put("serialNumber", hex(parsed.raw_serial(), ""));
        put("fingerprint256", hex(&Sha256::digest(der.as_ref()), ":"));
        put("validFrom", parsed.validity().not_before.to_string());
        put("validTo", parsed.validity().not_after.to_string());
        put("subject.altName", alternatives(&parsed));
        for (prefix, name) in [("issuer", parsed.issuer()), ("subject", parsed.subject())] {
            parts(name, |part, value| {
                put(&format!("{prefix}.{part}"), value);
            });
        }
        Ok(Self { days_left: (ends_s - now_s) / 86_400.0, properties })
    }

    pub(super) fn property(&self, name: &str) -> Option<String> {
        self.properties.get(name).cloned()
    }
}

/// Upper case, as browsers and openssl show it.
fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(between)
}

fn parts(name: &X509Name<'_>, mut found: impl FnMut(&str, String)) {
    let mut first = |part: &str, value: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>| {
        if let Some(text) = value.and_then(|v| v.as_str().ok()) {
            found(part, text.to_owned());
        }
    };
    first("CN", name.iter_common_name().next());
    first("C", name.iter_country().next());
    first("L", name.iter_locality().next());
    first("O", name.iter_organization().next());
    first("OU", name.iter_organizational_unit().next());
    first("ST", name.iter_state_or_province().next());
}

/// `DNS:shop.example, IP Address:192.0.2.1`
fn alternatives(certificate: &X509Certificate<'_>) -> String {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return String::new() };
    let shown = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(format!("DNS:{name}")),
        GeneralName::IPAddress(bytes) => Some(format!("IP Address:{}", address(bytes)?)),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(shown).collect::<Vec<_>>().join(", ")
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(std::net::IpAddr::from);
    four.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(std::net::IpAddr::from))
}
