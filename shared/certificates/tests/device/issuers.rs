//! Who signed a certificate.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA256,
    PKCS_ECDSA_P521_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_ED25519, PKCS_RSA_SHA256, PKCS_RSA_SHA384,
    PKCS_RSA_SHA512, SignatureAlgorithm,
};
use sci_certificates::{InvalidCertificate as I, NotSigned as N, inspect, is_signed_by};

use crate::forge::{self, CN, SOUND, extensions, name, tlv};

/// A CA: its key, its certificate, and the parameters of both.
struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Ca {
    fn new(pair: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::default();
        let dn = &mut params.distinguished_name;
        dn.push(DnType::CommonName, "Prüf-CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        change(&mut params);
        let pem = params.self_signed(&pair).unwrap().pem();
        let issuer = Issuer::new(params, pair);
        Self { issuer, pem }
    }

    fn ec() -> Self {
        Self::new(KeyPair::generate().unwrap(), |_| ())
    }

    /// A device's certificate of this CA.
    fn sign(&self) -> rcgen::Certificate {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "SN0042");
        params.is_ca = IsCa::ExplicitNoCa;
        params.signed_by(&pair, &self.issuer).unwrap()
    }
}

#[test]
fn every_accepted_algorithm_is_verified() {
    let algorithms: [&'static SignatureAlgorithm; 8] = [
        &PKCS_RSA_SHA256,
        &PKCS_RSA_SHA384,
        &PKCS_RSA_SHA512,
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_ECDSA_P521_SHA256,
        &PKCS_ECDSA_P521_SHA384,
        &PKCS_ECDSA_P521_SHA512,
    ];
    for algorithm in algorithms {
        let ca = Ca::new(KeyPair::generate_for(algorithm).unwrap(), |_| ());
        let device = ca.sign().pem();
        assert!(inspect(&device).is_ok());
        assert!(is_signed_by(&device, &ca.pem).is_ok(), "{algorithm:?}");
        // The root signed itself, but is no device.
        assert!(is_signed_by(&ca.pem, &ca.pem).is_ok());
        assert_eq!(inspect(&ca.pem), Err(I::IsACa));
    }
}

/// The other hashes for P-256 and P-384, and the habits of another implementation.
#[test]
fn openssl_agrees() {
    let ca = include_str!("openssl/ca.pem");
    let device = include_str!("openssl/device.pem");
    let validity = is_signed_by(device, ca).unwrap();
    assert!(validity.not_before < validity.not_after);
    assert_ne!(validity, inspect(device).unwrap().validity);
    for [ca, device] in [
        [
            include_str!("openssl/p256-sha384-ca.pem"),
            include_str!("openssl/p256-sha384.pem"),
        ],
        [
            include_str!("openssl/p256-sha512-ca.pem"),
            include_str!("openssl/p256-sha512.pem"),
        ],
        [
            include_str!("openssl/p384-sha256-ca.pem"),
            include_str!("openssl/p384-sha256.pem"),
        ],
        [
            include_str!("openssl/p384-sha512-ca.pem"),
            include_str!("openssl/p384-sha512.pem"),
        ],
    ] {
        assert!(is_signed_by(device, ca).is_ok());
    }
    // RSASSA-PSS and SHA-1 by the same CA.
    for other in [
        include_str!("openssl/pss.pem"),
        include_str!("openssl/sha1.pem"),
    ] {
        assert_eq!(is_signed_by(other, ca), Err(N::Algorithm));
    }
}

#[test]
fn another_key_of_the_same_name_is_no_issuer() {
    let (ours, theirs) = (Ca::ec(), Ca::ec());
    let device = theirs.sign().pem();
    assert!(is_signed_by(&device, &theirs.pem).is_ok());
    assert_eq!(is_signed_by(&device, &ours.pem), Err(N::Signature));
    // Nor is a key of another kind.
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let rsa = Ca::new(rsa, |_| ());
    assert_eq!(is_signed_by(&device, &rsa.pem), Err(N::Algorithm));
    assert_eq!(
        is_signed_by(&rsa.sign().pem(), &ours.pem),
        Err(N::Algorithm)
    );
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let p384 = Ca::new(p384, |_| ());
    assert_eq!(
        is_signed_by(&p384.sign().pem(), &ours.pem),
        Err(N::Signature)
    );
}

#[test]
fn the_names_are_equal_byte_for_byte() {
    let ca = Ca::ec();
    let device = ca.sign().pem();
    for other in ["Prüf-ca", "Prüf-CA ", "Other"] {
        let other = Ca::new(KeyPair::generate().unwrap(), |params| {
            params.distinguished_name.push(DnType::CommonName, other);
        });
        assert_eq!(is_signed_by(&device, &other.pem), Err(N::Name));
        assert_eq!(is_signed_by(&other.sign().pem(), &ca.pem), Err(N::Name));
    }
}

#[test]
fn only_a_ca_signs() {
    let not_a_ca = |change: fn(&mut CertificateParams)| {
        let ca = Ca::new(KeyPair::generate().unwrap(), change);
        is_signed_by(&ca.sign().pem(), &ca.pem).err()
    };
    assert_eq!(
        not_a_ca(|params| params.is_ca = IsCa::NoCa),
        Some(N::NotACa)
    );
    let explicit = not_a_ca(|params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(explicit, Some(N::NotACa));
    let usages = not_a_ca(|params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    assert_eq!(usages, Some(N::KeyUsage));
    assert_eq!(not_a_ca(|params| params.key_usages.clear()), None);
    // Room for no further CA is room enough for a device.
    let last = not_a_ca(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    assert_eq!(last, None);
    let critical = not_a_ca(|params| {
        let mut unknown = CustomExtension::from_oid_content(&[2, 5, 29, 30], vec![0x30, 0]);
        unknown.set_criticality(true);
        params.custom_extensions.push(unknown);
    });
    assert_eq!(critical, Some(N::Ca(I::ExtensionCritical)));

    // A device with a certificate of the CA makes itself one for another device.
    let ca = Ca::ec();
    let pair = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "SN0042");
    params.is_ca = IsCa::ExplicitNoCa;
    let pem = params.signed_by(&pair, &ca.issuer).unwrap().pem();
    let device = Ca {
        issuer: Issuer::new(params, pair),
        pem,
    };
    assert_eq!(
        is_signed_by(&device.sign().pem(), &device.pem),
        Err(N::NotACa)
    );
    assert_eq!(is_signed_by(&device.sign().pem(), &ca.pem), Err(N::Name));
}

#[test]
fn a_weak_or_malformed_certificate_is_refused_on_either_side() {
    let ca = Ca::ec();
    let device = ca.sign().pem();
    let two = format!("{device}{device}");
    let refusal = N::Certificate(I::TrailingText);
    assert_eq!(is_signed_by(&two, &ca.pem), Err(refusal));
    assert_eq!(refusal.code(), "certificate-trailing-text");
    assert_eq!(refusal.to_string(), I::TrailingText.to_string());
    let refusal = N::Ca(I::TrailingText);
    assert_eq!(
        is_signed_by(&device, &format!("{0}{0}", ca.pem)),
        Err(refusal)
    );
    assert_eq!(refusal.code(), "ca-invalid");
    assert_eq!(
        refusal.to_string(),
        "of the CA: something follows the PEM block of the certificate"
    );
    let weak = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let weak = Ca::new(weak, |_| ());
    assert_eq!(
        is_signed_by(&weak.sign().pem(), &weak.pem),
        Err(N::Ca(I::KeyAlgorithm))
    );
    let mut ca = SOUND.clone();
    ca.subject = tlv(0x30, &tlv(0x31, &[]));
    ca.extensions = extensions(&[]);
    let refusal = is_signed_by(&device, &forge::pem(&ca.der()));
    assert_eq!(refusal, Err(N::Ca(I::NotACertificate)));
    // A name alone signs nothing.
    let mut claimed = SOUND.clone();
    let own = Ca::new(KeyPair::generate().unwrap(), |params| {
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "Test CA");
    });
    claimed.issuer = name(&[(CN, "Test CA")]);
    let refusal = is_signed_by(&forge::pem(&claimed.der()), &own.pem);
    assert_eq!(refusal, Err(N::Signature));
}

#[test]
fn no_changed_bit_passes() {
    let ca = Ca::ec();
    let sound = ca.sign();
    let sound = sound.der();
    assert!(is_signed_by(&forge::pem(sound), &ca.pem).is_ok());
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut changed = sound.to_vec();
            changed[place] ^= 1 << bit;
            let refusal = is_signed_by(&forge::pem(&changed), &ca.pem);
            assert!(refusal.is_err(), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn every_reason_has_its_code_and_text() {
    let reasons = [N::Name, N::NotACa, N::KeyUsage, N::Algorithm, N::Signature];
    let codes = reasons.map(N::code);
    assert_eq!(
        codes,
        [
            "ca-name",
            "ca-not-a-ca",
            "ca-key-usage",
            "ca-algorithm",
            "ca-signature"
        ]
    );
    for reason in reasons {
        let text = reason.to_string();
        assert!(text.starts_with("the ") && !text.ends_with('.'), "{text}");
    }
}
