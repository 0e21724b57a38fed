//! What the gateway reads out of an X.509 certificate.

use std::fmt::Write as _;

use iot_policy::certificate::{AlternativeName, NameAttribute, Names};
use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// The fields of a certificate that decide or that policies can see.
#[derive(Debug, Clone)]
pub struct Facts {
    /// First second of validity, epoch milliseconds.
    pub not_before_ms: u64,
    /// Last second of validity, epoch milliseconds.
    pub not_after_ms: u64,
    /// As `iot-policy` wants it; its id is the registry's certificate id.
    pub for_policies: iot_policy::Certificate,
}

/// The id AWS IoT gives a certificate: SHA-256 of the DER in lower-case hexadecimal.
#[must_use]
pub fn certificate_id(der: &[u8]) -> String {
    let mut id = String::with_capacity(64);
    for byte in Sha256::digest(der) {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// Reads a DER certificate.
///
/// # Errors
/// A fragment of text that says what cannot be read.
pub fn read(der: &[u8]) -> Result<Facts, String> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|e| format!("not an X.509 certificate: {e}"))?;
    if !rest.is_empty() {
        return Err(format!("{} bytes follow the certificate", rest.len()));
    }
    let validity = certificate.validity();
    let mut subject = names(certificate.subject());
    if let Ok(Some(extension)) = certificate.subject_alternative_name() {
        alternatives(&mut subject, &extension.value.general_names);
    }
    let mut issuer = names(certificate.issuer());
    for extension in certificate.extensions() {
        if let x509_parser::extensions::ParsedExtension::IssuerAlternativeName(names) = extension.parsed_extension() {
            alternatives(&mut issuer, &names.general_names);
        }
    }
    Ok(Facts {
        not_before_ms: milliseconds(validity.not_before.timestamp()),
        not_after_ms: milliseconds(validity.not_after.timestamp()),
        for_policies: iot_policy::Certificate {
            id: certificate_id(der),
            serial_number: Some(format!("{:x}", certificate.tbs_certificate.serial)),
            subject,
            issuer,
        },
    })
}

fn milliseconds(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)
}

fn names(name: &X509Name<'_>) -> Names {
    let mut names = Names::default();
    for attribute in name.iter_attributes() {
        let Some(kind) = attribute_kind(&attribute.attr_type().to_id_string()) else { continue };
        let Ok(value) = attribute.as_str() else { continue };
        names.attributes.entry(kind).or_default().push(value.to_owned());
    }
    names
}

/// Source of the object identifiers: X.520 and RFC 3739 (pseudonym).
fn attribute_kind(oid: &str) -> Option<NameAttribute> {
    use NameAttribute as A;
    Some(match oid {
        "2.5.4.3" => A::CommonName,
        "2.5.4.4" => A::Surname,
        "2.5.4.5" => A::SerialNumber,
        "2.5.4.6" => A::Country,
        "2.5.4.8" => A::State,
        "2.5.4.10" => A::Organization,
        "2.5.4.11" => A::OrganizationalUnit,
        "2.5.4.12" => A::Title,
        "2.5.4.42" => A::GivenName,
        "2.5.4.43" => A::Initials,
        "2.5.4.44" => A::GenerationQualifier,
        "2.5.4.46" => A::DistinguishedNameQualifier,
        "2.5.4.65" => A::Pseudonym,
        _ => return None,
    })
}

fn alternatives(into: &mut Names, names: &[GeneralName<'_>]) {
    use AlternativeName as A;
    for name in names {
        let (kind, value) = match name {
            GeneralName::RFC822Name(text) => (A::RFC822Name, (*text).to_owned()),
            GeneralName::DNSName(text) => (A::DNSName, (*text).to_owned()),
            GeneralName::URI(text) => (A::UniformResourceIdentifier, (*text).to_owned()),
            GeneralName::DirectoryName(name) => (A::DirectoryName, name.to_string()),
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(address) => (A::IPAddress, address),
                None => continue,
            },
            _ => continue,
        };
        into.alternatives.entry(kind).or_default().push(value);
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(sixteen).to_string())
}
